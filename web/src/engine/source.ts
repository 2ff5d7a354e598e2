import { borrower } from './lend.ts';
import { streamed, STREAMED_BYTES_MIN } from './stream.ts';

/** A file behind an address, of which single ranges can be asked for. */
export interface Remote {
  readonly address: string;
  readonly name: string;
  readonly size: number;
  /** The server's name for this version of the file, where it has one that we may see. */
  readonly version: string | undefined;
}

/** Where a file's bytes come from: this machine, or a server that gives ranges of it. */
export type Source = File | Remote;

/** The source is not any more what it was when it was opened. */
export class FileChanged extends Error {}

/** The server that has the file did not give the range that it was asked for. */
export class RemoteFailed extends Error {}

export function isRemote(source: Source): source is Remote {
  return 'address' in source;
}

/** Whether both are the same version of the same file, as far as can be told without reading it. */
export function isSame(a: Source, b: Source): boolean {
  if (isRemote(a) || isRemote(b)) {
    return isRemote(a) && isRemote(b) && a.size === b.size && a.version === b.version;
  }
  return a.size === b.size && a.lastModified === b.lastModified;
}

/** The bytes from `start` up to, not including, `end`. */
export async function bytesOf(source: Source, start: number, end: number): Promise<Uint8Array> {
  const bytes = isRemote(source)
    ? await fetched(source, start, end)
    : await localBytes(source, start, end);
  // A file that shrank while it was read gives fewer bytes than its size promised.
  if (bytes.length !== end - start) throw new FileChanged();
  return bytes;
}

async function localBytes(file: File, start: number, end: number): Promise<Uint8Array> {
  const whole = start === 0 && end === file.size;
  const blob = whole ? file : file.slice(start, end);
  const bytes = end - start < STREAMED_BYTES_MIN ? undefined : await streamed(blob);
  if (bytes) return bytes;
  return new Uint8Array(await borrower.read(blob));
}

const CHANGED =
  'The file changed on its server while it was read; remove it and open its address again.';

async function fetched(remote: Remote, start: number, end: number): Promise<Uint8Array> {
  const response = await ranged(remote.address, start, end).catch(() => {
    throw new RemoteFailed(`The connection to ${hostOf(remote.address)} was lost; try again.`);
  });
  if (response.status === 416) throw new RemoteFailed(CHANGED);
  if (response.status !== 206) {
    // A whole file in the place of a range is never read.
    await response.body?.cancel();
    throw new RemoteFailed(`${hostOf(remote.address)} answered with status ${response.status}.`);
  }
  const version = versionOf(response);
  if (remote.version && version && version !== remote.version) throw new RemoteFailed(CHANGED);
  const size = sizeIn(response);
  if (size !== undefined && size !== remote.size) throw new RemoteFailed(CHANGED);
  return new Uint8Array(await response.arrayBuffer());
}

/** Asks for a range, and sends nothing that would tell who asks. */
export function ranged(address: string, start: number, end: number): Promise<Response> {
  return fetch(address, {
    headers: { range: `bytes=${start}-${end - 1}` },
    credentials: 'same-origin',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
  });
}

/** The whole file's size, out of `bytes 0-3/1234`; servers elsewhere may keep that header from us. */
export function sizeIn(response: Response): number | undefined {
  const [, size] = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  return size === undefined ? undefined : Number(size);
}

/** A strong ETag; weak ones promise nothing about single bytes. */
export function versionOf(response: Response): string | undefined {
  const tag = response.headers.get('etag');
  return tag === null || tag.startsWith('W/') ? undefined : tag;
}

export function hostOf(address: string): string {
  return new URL(address).host;
}
