import { beforeEach, describe, expect, it } from 'vitest';
import type { Collection } from '../data/collect.ts';
import type { Engine, Task } from '../engine/engine.ts';
import { question } from '../engine/protocol.ts';
import { FileBoard } from './files.ts';

/** Notes what it is told and counts nothing. */
class Notebook implements Engine {
  tasks: Task[] = [];
  forgotten: number[] = [];

  count(tasks: Task[]): void {
    this.tasks = tasks;
  }

  forget(file: number): void {
    this.forgotten.push(file);
  }

  stop(): void {
    this.tasks = [];
  }

  look(): Promise<never> {
    return Promise.reject(new Error('nothing to see'));
  }

  wish(): Promise<never> {
    return Promise.reject(new Error('a notebook grants nothing'));
  }
}

function collection(...files: [path: string, text: string, modified?: number][]): Collection {
  const found = files.map(([path, text, modified = 1]) => ({
    file: new File([text], path, { lastModified: modified }),
    path,
    fromFolder: path.includes('/'),
  }));
  return { found, unreadable: [], cut: false };
}

const own = { first: 0, end: 1 };
const opened = { rows: 100, rowGroups: 1, columns: [], span: undefined, own, windows: [] };

describe('dropped files', () => {
  let notebook: Notebook;
  let board: FileBoard;

  beforeEach(() => {
    notebook = new Notebook();
    board = new FileBoard(
      () => notebook,
      () => undefined,
    );
    board.ask([question({ group_by: 'event_type' })]);
  });

  it('are one file each, however often they are dropped', () => {
    board.add(collection(['a.parquet', 'x'], ['b.parquet', 'y']));
    board.add(collection(['a.parquet', 'x']));
    expect(notebook.tasks.map((task) => task.path)).toEqual(['a.parquet', 'b.parquet']);
    expect(notebook.forgotten).toEqual([]);
  });

  it('of one drop are different files, even under the same name', () => {
    board.add(collection(['part-0.parquet', 'x'], ['part-0.parquet', 'xy']));
    expect(notebook.tasks.map((task) => task.path)).toEqual([
      'part-0.parquet',
      'part-0.parquet (2)',
    ]);
  });

  it('are counted anew when they have changed', () => {
    board.add(collection(['a.parquet', 'x']));
    board.counted(0, new Map());
    board.add(collection(['a.parquet', 'xyz', 2]));
    expect(notebook.forgotten).toEqual([0]);
    expect(board.entries).toMatchObject([{ status: 'waiting', done: 0 }]);
  });

  it('that fail say why and leave the others alone', () => {
    board.add(collection(['a.parquet', 'x'], ['b.parquet', 'y']));
    board.failed(0, { kind: 'corrupt', message: 'It ends too early.' });
    board.opened(1, opened);
    board.counted(1, new Map());
    expect(board.entries).toMatchObject([
      { status: 'failed', reason: 'It ends too early.' },
      { status: 'counted', rows: 100 },
    ]);
    expect(board.totals).toMatchObject({ files: 1, filesDone: 1, rows: 100, rowsDone: 100 });
    board.retry(0);
    expect(notebook.tasks.map((task) => task.file)).toEqual([0, 1]);
  });

  it('say which row groups can’t be read, and are counted without them, or wholly again', () => {
    board.add(collection(['a.parquet', 'x']));
    const problem = { kind: 'corrupt', message: 'a.parquet: row group 3: a page ends too early.' };
    board.failed(0, { ...problem, rowGroups: [3, 5] });
    expect(board.entries).toMatchObject([{ status: 'failed', damaged: [3, 5] }]);
    board.skip(0);
    expect(notebook.tasks).toMatchObject([{ file: 0, without: [3, 5] }]);
    board.counted(0, new Map());
    expect(board.entries[0]?.reason).toMatch(/Without row groups 3, 5/);
    board.retry(0);
    expect(notebook.tasks).toMatchObject([{ file: 0, without: [] }]);
  });

  it('are one table with the columns of them all', () => {
    board.add(collection(['a.parquet', 'x'], ['b.parquet', 'y']));
    const column = (name: string) => ({ name, type: 'text', usable: true });
    board.opened(0, { ...opened, columns: [column('Host')] });
    expect(board.columns.map(({ name }) => name)).toEqual(['Host']);
    board.opened(1, { ...opened, columns: [column('Host'), column('item')] });
    expect(board.columns.map(({ name }) => name)).toEqual(['Host', 'item']);
    board.remove(1);
    expect(board.columns.map(({ name }) => name)).toEqual(['Host']);
  });

  it('keep what is wrong with one answer while another is counted', () => {
    const providers = question({ group_by: 'provider(Host)' });
    board.ask([question({ group_by: 'event_type' }), providers]);
    board.add(collection(['a.parquet', 'x']));
    const problem = { kind: 'corrupt', message: 'a.parquet: row group 3: no page', rowGroups: [3] };
    board.counted(0, new Map([[providers.key, problem]]));
    board.ask([question({ group_by: 'event_type' }), providers, question({ group_by: 'item' })]);
    board.counted(0, new Map());
    expect(board.entries).toMatchObject([{ reason: 'Row group 3: no page', damaged: [3] }]);
    // Nothing is wrong with the file for who does not ask about it.
    board.ask([question({ group_by: 'event_type' })]);
    expect(board.entries).toMatchObject([{ reason: undefined, damaged: [] }]);
  });

  it('tell from when to when they are together', () => {
    board.add(collection(['a.parquet', 'x'], ['b.parquet', 'y']));
    const span = (first: string, last: string) => ({ column: 'timestamp', first, last });
    board.opened(0, { ...opened, span: span('2026-11-02T00:00:00Z', '2026-11-03T00:00:00Z') });
    board.opened(1, { ...opened, span: span('2026-11-01T00:00:00Z', '2026-11-02T12:00:00Z') });
    expect(board.span).toMatchObject({
      first: '2026-11-01T00:00:00Z',
      last: '2026-11-03T00:00:00Z',
    });
  });

  it('of a folder may be anything, but a named one must be Parquet', () => {
    board.add(collection(['lake/notes.txt', 'x'], ['notes.txt', 'x']));
    const problem = { kind: 'not-parquet', message: 'It is not a Parquet file.' };
    board.failed(0, problem);
    board.failed(1, problem);
    expect(board.entries.map((entry) => entry.status)).toEqual(['left-out', 'failed']);
  });

  it('keep what is known when the reader stops', () => {
    board.add(collection(['a.parquet', 'x'], ['b.parquet', 'y']));
    board.opened(0, opened);
    board.progress(0, { rowsDone: 50, bytesRead: 10 }, 1);
    board.stop();
    expect(board.stopped).toBe(true);
    expect(board.totals).toMatchObject({ rowsDone: 50, files: 2, filesOpened: 1, part: 0.25 });
    board.ask([question({ group_by: 'event_type' })]);
    expect(board.busy).toBe(true);
    expect(notebook.tasks).toHaveLength(2);
  });
});
