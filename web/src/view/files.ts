import { counts, type Entry, type FileStatus } from '../board/entry.ts';
import { pluginSentence, type LakeFile, type LakePlugin } from '../board/lake.ts';
import { bytes, count, percent, plural } from '../data/format.ts';
import { printable } from '../data/name.ts';
import { el, fill, say, type Child } from '../dom/element.ts';
import { Blocks } from './blocks.ts';

export interface FileActions {
  remove(id: number): void;
  retry(id: number): void;
  /** Counts the file without what can't be read of it. */
  skip(id: number): void;
  /** Shows what is in a file; of the lake's by its path. */
  look(file: number | string): void;
}

/** What a row is taken for until it is seen. */
const ROW_PX = 38;

const WORDS: Record<FileStatus, string> = {
  waiting: 'waiting',
  reading: 'counting',
  counted: 'counted',
  failed: 'failed',
  'left-out': 'left out',
  stopped: 'stopped',
};

interface Row {
  root: HTMLElement;
  size: HTMLElement;
  rows: HTMLElement;
  status: HTMLElement;
  reason: HTMLElement;
  retry: HTMLElement;
  skip: HTMLElement;
  shape: string;
}

/** Every file with its size, rows, and what became of it. */
export class FileList {
  readonly root: HTMLElement;
  readonly #title = el('h2', {});
  /** How the server's plugins are doing. */
  readonly #plugins = el('ul', { class: 'plugins', hidden: true });
  readonly #table = el(
    'table',
    { class: 'file-table' },
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, 'File'),
        el('th', { scope: 'col', class: 'number' }, 'Size'),
        el('th', { scope: 'col', class: 'number' }, 'Rows'),
        el('th', { scope: 'col' }, 'Status'),
        el('th', {}, el('span', { class: 'only-heard' }, 'Actions')),
      ),
    ),
  );
  readonly #blocks: Blocks;
  readonly #actions: FileActions;
  readonly #rows = new Map<number, Row>();
  #line: (index: number) => HTMLElement = () => el('tr', {});

  constructor(actions: FileActions) {
    this.#actions = actions;
    const frame = el(
      'div',
      { class: 'file-frame', tabindex: 0, role: 'region', 'aria-label': 'List of files' },
      this.#table,
    );
    this.#blocks = new Blocks(frame, this.#table, ROW_PX, (index) => this.#line(index));
    this.root = el(
      'section',
      { class: 'card files', 'aria-label': 'Files' },
      el('header', { class: 'card-head' }, this.#title),
      this.#plugins,
      frame,
    );
  }

  update(entries: Entry[]): void {
    say(this.#title, titleOf(entries));
    this.#plugins.hidden = true;
    this.#table.hidden = false;
    const ordered = inOrder(entries);
    this.#line = (index) => {
      const entry = ordered[index];
      return entry ? this.#row(entry).root : el('tr', {});
    };
    this.#blocks.count = ordered.length;
    const known = new Set(entries.map((entry) => entry.id));
    for (const id of this.#rows.keys()) if (!known.has(id)) this.#rows.delete(id);
  }

  /** The lake's files: the server vouches for them. */
  updateLake(files: LakeFile[], unlanded: number, plugins: LakePlugin[]): void {
    this.#rows.clear();
    this.#table.hidden = files.length === 0;
    const waiting = unlanded > 0 ? `, and ${plural(unlanded, 'event')} still in its log` : '';
    say(this.#title, `${plural(files.length, 'file')} in this server’s lake${waiting}`);
    this.#plugins.hidden = plugins.length === 0;
    const lines = plugins.map((plugin) =>
      el('li', { class: plugin.error ? 'failed' : '' }, pluginSentence(plugin)),
    );
    fill(this.#plugins, ...lines);
    this.#line = (index) => {
      const file = files[index];
      if (!file) return el('tr', {});
      return el(
        'tr',
        {},
        el('td', { class: 'name' }, this.#name(file.path, file.path)),
        el('td', { class: 'number' }, bytes(file.bytes)),
        el('td', { class: 'number' }, ...rowCount(file.rows)),
        el('td', {}, el('span', { class: 'state counted' }, 'landed')),
        el('td', {}),
      );
    };
    this.#blocks.count = files.length;
  }

  /** A file's name, which leads to what is in it. */
  #name(path: string, file: number | string): HTMLElement {
    const click = (): void => {
      this.#actions.look(file);
    };
    return el(
      'button',
      { class: 'file-name', type: 'button', title: `Look into ${path}`, click },
      ...named(path),
    );
  }

  #row(entry: Entry): Row {
    const known = this.#rows.get(entry.id);
    const row = known ?? this.#make(entry);
    const progress = entry.status === 'reading' ? ` ${percent(entry.done, 1)}` : '';
    const shape = `${entry.status}${progress}${entry.rows ?? ''}${entry.reason ?? ''}${entry.size_bytes ?? ''}${entry.damaged.length}`;
    if (row.shape === shape) return row;
    row.shape = shape;
    const partly = entry.status === 'counted' && entry.damaged.length > 0;
    row.root.className = partly ? 'counted hurt' : entry.status;
    row.status.className = `state ${partly ? 'failed' : entry.status}`;
    say(row.size, entry.size_bytes === undefined ? '–' : bytes(entry.size_bytes));
    fill(row.rows, ...rowCount(entry.rows));
    say(row.status, partly ? 'in part' : WORDS[entry.status] + progress);
    say(row.reason, entry.reason ?? '');
    row.reason.hidden = entry.reason === undefined;
    const hurt = entry.damaged.length > 0;
    row.retry.hidden = entry.status !== 'failed' && !hurt && entry.without.length === 0;
    row.skip.hidden = !hurt;
    row.skip.title = `Count it without row group ${entry.damaged.join(', ')}`;
    return row;
  }

  #make(entry: Entry): Row {
    const { id, path } = entry;
    const reason = el('p', { class: 'reason' });
    const size = el('td', { class: 'number' });
    const rows = el('td', { class: 'number' });
    const status = el('span', {});
    const retry = el(
      'button',
      {
        class: 'quiet',
        type: 'button',
        'aria-label': `Retry ${path}`,
        click: () => {
          this.#actions.retry(id);
        },
      },
      'Retry',
    );
    const skip = el(
      'button',
      {
        class: 'quiet',
        type: 'button',
        'aria-label': `Skip what can’t be read of ${path}`,
        click: () => {
          this.#actions.skip(id);
        },
      },
      'Skip',
    );
    const remove = el(
      'button',
      {
        class: 'quiet',
        type: 'button',
        'aria-label': `Remove ${path}`,
        title: 'Remove',
        click: () => {
          this.#actions.remove(id);
        },
      },
      '✕',
    );
    const root = el(
      'tr',
      {},
      el('td', { class: 'name' }, this.#name(path, id), reason),
      size,
      rows,
      el('td', {}, status),
      el('td', { class: 'actions' }, skip, retry, remove),
    );
    const row = { root, size, rows, status, reason, retry, skip, shape: '' };
    this.#rows.set(id, row);
    return row;
  }
}

/** The folder quietly, the file's own name in full ink. */
function named(path: string): HTMLElement[] {
  const cut = path.lastIndexOf('/') + 1;
  const folder = el('span', { class: 'folder' }, printable(path.slice(0, cut)));
  return [folder, el('bdi', {}, printable(path.slice(cut)))];
}

/** How many files there are, and how many of them are not in the answers. */
function titleOf(entries: Entry[]): string {
  const failed = entries.filter((entry) => entry.status === 'failed').length;
  const strays = entries.filter((entry) => entry.status === 'left-out').length;
  const parts = [plural(entries.length - strays, 'file')];
  if (failed > 0) parts.push(`${count(failed)} failed`);
  if (strays > 0) parts.push(`${count(strays)} left out`);
  return parts.join(', ');
}

/** A count of rows; the unit is for narrow screens, where no heading names it. */
function rowCount(rows: number | undefined): Child[] {
  if (rows === undefined) return [el('span', { class: 'no-rows' }, '–')];
  return [count(rows), el('span', { class: 'unit' }, rows === 1 ? ' row' : ' rows')];
}

/** What failed first, what was left out last. */
function inOrder(entries: Entry[]): Entry[] {
  const failed = entries.filter((entry) => entry.status === 'failed');
  const taken = entries.filter(counts);
  const strays = entries.filter((entry) => entry.status === 'left-out');
  return [...failed, ...taken, ...strays];
}
