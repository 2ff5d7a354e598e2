import { isAboutQuestion, type Column, type Outcome, type Problem } from '../data/answer.ts';
import type { Collection, Found } from '../data/collect.ts';
import type { Engine, EngineListener } from '../engine/engine.ts';
import type { Opened, Question, RunNotes, TextFormat, UnitProgress } from '../engine/protocol.ts';
import type { Board, Totals } from './board.ts';
import { counts, type Entry } from './entry.ts';

/** The files that were dropped, and the answers about them. */
export class FileBoard implements Board, EngineListener {
  readonly #engine: Engine;
  readonly #changed: () => void;
  readonly #entries = new Map<number, Entry>();
  /** A path is one file: the same file again changes nothing, a changed one takes its place. */
  readonly #byPath = new Map<string, number>();
  #questions: Question[] = [];
  #columns: Column[] = [];
  #next = 0;
  #began_ms = 0;

  outcomes = new Map<string, Outcome>();
  busy = false;
  stopped = false;
  elapsed_ms = 0;

  constructor(makeEngine: (listener: EngineListener) => Engine, changed: () => void) {
    this.#engine = makeEngine(this);
    this.#changed = changed;
  }

  get entries(): Entry[] {
    return [...this.#entries.values()];
  }

  get columns(): Column[] {
    return this.entries.find((entry) => counts(entry) && entry.columns.length > 0)?.columns ?? [];
  }

  get totals(): Totals {
    const totals = {
      files: 0,
      filesOpened: 0,
      filesDone: 0,
      part: 0,
      rows: 0,
      rowsDone: 0,
      bytesRead: 0,
      bytesTotal: 0,
    };
    let done = 0;
    for (const entry of this.#entries.values()) {
      if (!counts(entry)) continue;
      totals.bytesRead += entry.bytesRead;
      totals.files += 1;
      totals.filesOpened += entry.rows === undefined ? 0 : 1;
      totals.filesDone += entry.status === 'counted' ? 1 : 0;
      done += entry.done;
      totals.rows += entry.rows ?? 0;
      totals.rowsDone += Math.round((entry.rows ?? 0) * entry.done);
      totals.bytesTotal += entry.size_bytes ?? 0;
    }
    // Rows are the better measure, but only once all are known.
    const known = totals.filesOpened === totals.files && totals.rows > 0;
    totals.part = known ? totals.rowsDone / totals.rows : done / Math.max(totals.files, 1);
    return totals;
  }

  /** Takes new files and counts them; answers already known stay valid for the others. */
  add({ found, unreadable }: Collection): void {
    const times = new Map<string, number>();
    for (const item of found) {
      // Files of one drop are different files, even when folders that we can't see give them the same name.
      const time = (times.get(item.path) ?? 0) + 1;
      times.set(item.path, time);
      this.#take(time === 1 ? item : { ...item, path: `${item.path} (${time})` });
    }
    for (const path of unreadable) {
      const entry = this.#enter({ file: new File([], path), path, fromFolder: false });
      entry.status = 'failed';
      entry.reason = 'The browser could not open it.';
    }
    this.#count();
  }

  remove(id: number): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#byPath.delete(entry.path);
    this.#engine.forget(id);
    if (this.#entries.size === 0) this.outcomes.clear();
    this.#count();
  }

  clear(): void {
    this.#engine.stop();
    for (const entry of this.#entries.values()) this.#engine.forget(entry.id);
    this.#entries.clear();
    this.#byPath.clear();
    this.outcomes.clear();
    this.busy = false;
    this.stopped = false;
    this.#changed();
  }

  retry(id: number): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#engine.forget(id);
    this.#reset(entry);
    this.#count();
  }

  ask(questions: Question[]): void {
    this.#questions = questions;
    this.#count();
  }

  stop(): void {
    this.stopped = this.busy;
    this.busy = false;
    for (const entry of this.#entries.values()) {
      if (entry.status === 'reading' || entry.status === 'waiting') entry.status = 'stopped';
    }
    this.#engine.stop();
    this.#changed();
  }

  render(question: Question, format: TextFormat): Promise<string> {
    const skipped = this.entries
      .filter((entry) => entry.status === 'failed')
      .map((entry) => ({ file: entry.path, reason: entry.reason ?? '' }));
    const notes: RunNotes = { elapsed_ms: this.elapsed_ms, skipped };
    return this.#engine.render(question, format, notes);
  }

  begun(file: number, size_bytes: number): void {
    this.#update(file, (entry) => {
      entry.size_bytes = size_bytes;
    });
  }

  opened(file: number, opened: Opened): void {
    this.#update(file, (entry) => {
      entry.status = 'reading';
      entry.rows = opened.rows;
      entry.rowGroups = opened.rowGroups;
      entry.columns = this.#shared(opened.columns);
    });
  }

  progress(file: number, progress: UnitProgress, questions: number): void {
    this.#update(file, (entry) => {
      entry.status = 'reading';
      entry.bytesRead = progress.bytesRead;
      if (entry.rows) entry.done = Math.min(1, progress.rowsDone / (entry.rows * questions));
    });
  }

  counted(file: number, problems: Map<string, Problem>): void {
    this.#update(file, (entry) => {
      entry.status = 'counted';
      entry.done = 1;
      // It takes part in some answers; why not in the others stands beside it, unless the card says so.
      const problem = [...problems.values()].find((known) => !isAboutQuestion(known));
      entry.reason = problem && withoutName(problem.message, entry.path);
    });
  }

  failed(file: number, problem: Problem): void {
    this.#update(file, (entry) => {
      // A folder may hold anything; only a file that was named itself must be Parquet.
      const stray = entry.fromFolder && problem.kind === 'not-parquet';
      entry.status = stray ? 'left-out' : 'failed';
      entry.reason = stray ? 'Not a Parquet file.' : withoutName(problem.message, entry.path);
      entry.done = 0;
    });
  }

  answers(outcomes: Map<string, Outcome>, final: boolean): void {
    this.outcomes = outcomes;
    if (!this.stopped) this.elapsed_ms = performance.now() - this.#began_ms;
    if (final) this.busy = false;
    this.#changed();
  }

  #take(found: Found): void {
    const known = this.#entries.get(this.#byPath.get(found.path) ?? -1);
    if (!known) {
      this.#enter(found);
      return;
    }
    const { size, lastModified } = known.file;
    const same = size === found.file.size && lastModified === found.file.lastModified;
    if (same && known.status !== 'failed') return;
    known.file = found.file;
    this.#engine.forget(known.id);
    this.#reset(known);
  }

  #enter({ file, path, fromFolder }: Found): Entry {
    const entry: Entry = {
      id: this.#next,
      path,
      file,
      fromFolder,
      status: 'waiting',
      size_bytes: undefined,
      rows: undefined,
      rowGroups: undefined,
      columns: [],
      done: 0,
      bytesRead: 0,
      reason: undefined,
    };
    this.#next += 1;
    this.#entries.set(entry.id, entry);
    this.#byPath.set(path, entry.id);
    return entry;
  }

  #reset(entry: Entry): void {
    entry.status = 'waiting';
    entry.reason = undefined;
    entry.done = 0;
    entry.bytesRead = 0;
  }

  #count(): void {
    const taking = this.entries.filter(counts);
    this.#began_ms = performance.now();
    this.busy = taking.length > 0;
    this.stopped = false;
    for (const entry of taking) {
      if (entry.status === 'stopped') this.#reset(entry);
    }
    const tasks = taking.map(({ id, file, path }) => ({ file: id, blob: file, path }));
    this.#engine.count(tasks, this.#questions);
    this.#changed();
  }

  /** The same columns as the last file's are kept once: thousands of files of a folder have the same. */
  #shared(columns: Column[]): Column[] {
    const same =
      columns.length === this.#columns.length &&
      columns.every(({ name, type }, index) => {
        const known = this.#columns[index];
        return name === known?.name && type === known.type;
      });
    if (!same) this.#columns = columns;
    return this.#columns;
  }

  #update(file: number, change: (entry: Entry) => void): void {
    const entry = this.#entries.get(file);
    if (!entry) return;
    change(entry);
    this.#changed();
  }
}

/** The sentence without the file's name in front, which stands beside it anyway. */
function withoutName(message: string, path: string): string {
  const bare = message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
  return bare.charAt(0).toUpperCase() + bare.slice(1);
}
