import type { Source } from '../engine/source.ts';

/** A file that was dropped, chosen or pasted, or that an address names, with the path it had under the folder it came in. */
export interface Found {
  file: Source;
  path: string;
  /** Members of a folder that are not Parquet are left out; a file that was named itself gets an error. */
  fromFolder: boolean;
}

/** What one drop, choice or paste brought. */
export interface Collection {
  found: Found[];
  /** Paths that the browser could not open. */
  unreadable: string[];
  /** Whether there were more than `FILES_MAX` files. */
  cut: boolean;
}

/** Files taken from one drop at most; a home folder dropped by mistake must not hang the page. */
export const FILES_MAX = 50_000;

/** What was dropped or pasted: files, and folders with everything under them. */
export async function collectTransfer(transfer: DataTransfer): Promise<Collection> {
  // The entries must be taken before the first await: the transfer is emptied when its event ends.
  const items = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const collection: Collection = { found: [], unreadable: [], cut: false };
  for (const { entry, file } of items) {
    if (entry?.isDirectory) await walk(entry as FileSystemDirectoryEntry, collection);
    else if (file) take(collection, { file, path: file.name, fromFolder: false });
  }
  return inOrder(collection);
}

/** What a file or folder input holds. */
export function collectInput(files: Iterable<File>): Collection {
  const collection: Collection = { found: [], unreadable: [], cut: false };
  for (const file of files) {
    const fromFolder = file.webkitRelativePath !== '';
    const path = fromFolder ? file.webkitRelativePath : file.name;
    if (!fromFolder || !isHidden(path)) take(collection, { file, path, fromFolder });
  }
  return inOrder(collection);
}

/** Whether any part of the path begins with `_` or `.`: Spark's own bookkeeping, left out as Spark does. */
export function isHidden(path: string): boolean {
  // The folder that was chosen itself may be called anything.
  const below = path.split('/').slice(1);
  return below.some((part) => part.startsWith('_') || part.startsWith('.'));
}

/** A disk gives its files in any order; a reader wants them by name. */
function inOrder(collection: Collection): Collection {
  collection.found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return collection;
}

function take(collection: Collection, found: Found): void {
  if (collection.found.length < FILES_MAX) collection.found.push(found);
  else collection.cut = true;
}

async function walk(folder: FileSystemDirectoryEntry, collection: Collection): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    const entries = await portion(reader).catch(() => {
      collection.unreadable.push(folder.fullPath.slice(1));
      return [];
    });
    // A reader gives a folder in portions; an empty portion is its end.
    if (entries.length === 0 || collection.cut) return;
    for (const entry of entries) {
      const path = entry.fullPath.slice(1);
      if (isHidden(path)) continue;
      if (entry.isDirectory) {
        await walk(entry as FileSystemDirectoryEntry, collection);
        continue;
      }
      const file = await fileOf(entry as FileSystemFileEntry).catch(() => undefined);
      if (file) take(collection, { file, path, fromFolder: true });
      else collection.unreadable.push(path);
    }
  }
}

function portion(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => {
    reader.readEntries(resolve, reject);
  });
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });
}
