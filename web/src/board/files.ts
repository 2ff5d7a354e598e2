import {
  isAboutQuestion,
  type Cell,
  type Column,
  type Outcome,
  type Problem,
  type QueryWords,
} from '../data/answer.ts';
import type { Collection, Found } from '../data/collect.ts';
import type { Order } from '../data/order.ts';
import { shellQuoted, type Matching } from '../data/words.ts';
import type { Engine, EngineListener } from '../engine/engine.ts';
import type { LookName, Looks } from '../engine/look.ts';
import type {
  Explanation,
  Opened,
  Question,
  RunNotes,
  Span,
  TextFormat,
  UnitProgress,
} from '../engine/protocol.ts';
import { isRemote, isSame, type Source } from '../engine/source.ts';
import { HOSTS_TOLD_MAX, type Board, type Totals } from './board.ts';
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
  /** All columns together, until a file comes or goes. */
  #union: Column[] | undefined;
  #next = 0;
  #began_ms = 0;
  /** What only goes on with what was asked before does not count as time to the answer. */
  #isTimed = true;

  outcomes = new Map<string, Outcome>();
  busy = false;
  stopped = false;
  elapsed_ms = 0;

  constructor(
    makeEngine: (listener: EngineListener) => Engine,
    changed: () => void,
    requested: (addresses: string[]) => void = () => undefined,
  ) {
    this.#engine = makeEngine(this);
    this.#changed = changed;
    this.requested = requested;
  }

  readonly requested: (addresses: string[]) => void;

  get entries(): Entry[] {
    return [...this.#entries.values()];
  }

  /** The columns of all files, as one table would have them. */
  get columns(): Column[] {
    if (this.#union) return this.#union;
    const shapes = new Set(this.entries.filter(counts).map(({ columns }) => columns));
    const byName = new Map<string, Column>();
    for (const column of [...shapes].flat()) {
      if (!byName.has(column.name)) byName.set(column.name, column);
    }
    this.#union = [...byName.values()];
    return this.#union;
  }

  get span(): Span | undefined {
    const spans = this.entries.flatMap((entry) => (counts(entry) ? (entry.span ?? []) : []));
    const [any] = spans;
    // Moments that are written in the same way sort as text.
    return any && spans.every(({ column }) => column === any.column)
      ? spans.reduce((all, { first, last }) => ({
          column: any.column,
          first: first < all.first ? first : all.first,
          last: last > all.last ? last : all.last,
        }))
      : undefined;
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
      // A byte that two questions needed at different times is not more of the file.
      totals.bytesRead += Math.min(entry.bytesBefore + entry.bytesRead, entry.size_bytes ?? 0);
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
    this.#union = undefined;
    this.#engine.forget(id);
    if (this.#entries.size === 0) this.outcomes.clear();
    this.#count();
  }

  clear(): void {
    this.#engine.stop();
    for (const entry of this.#entries.values()) this.#engine.forget(entry.id);
    this.#entries.clear();
    this.#byPath.clear();
    this.#union = undefined;
    this.outcomes.clear();
    this.busy = false;
    this.stopped = false;
    this.#changed();
  }

  /** Counts a file again, with everything that was left out of it. */
  retry(id: number): void {
    this.#again(id, () => []);
  }

  /** Counts a file without the row groups that can't be read. */
  skip(id: number): void {
    this.#again(id, ({ without, damaged }) => [...without, ...damaged]);
  }

  ask(questions: Question[], goesOn = false): void {
    this.#questions = questions;
    this.#count(goesOn);
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
    return this.#engine.wish('render', { question, format, notes });
  }

  rows(
    question: Question,
    order: Order | undefined,
    first: number,
    rows_max: number,
  ): Promise<Cell[][]> {
    return this.#engine.wish('rows', { question, ...(order && { order }), first, rows_max });
  }

  tabs(question: Question, order: Order | undefined): Promise<string> {
    return this.#engine.wish('tabs', { question, ...(order && { order }) });
  }

  explain(question: Question, matching: Matching): Promise<Explanation> {
    return this.#engine.wish('explain', { question, matching, top_max: HOSTS_TOLD_MAX });
  }

  /** The same for hosts that another source has counted. */
  explainHosts(hosts: (string | null)[], rows: bigint[], matching: Matching): Promise<Explanation> {
    return this.#engine.wish('explainHosts', { hosts, rows, matching, top_max: HOSTS_TOLD_MAX });
  }

  check(words: QueryWords): Promise<Problem | undefined> {
    return this.#engine.wish('check', { words });
  }

  sql(words: QueryWords): Promise<string> {
    const paths = this.entries.filter(counts).map(({ file, path }) => addressOrPath(file, path));
    return translated(this.#engine, words, paths, this.columns);
  }

  /** The same over files that another source has. */
  sqlOver(paths: string[], words: QueryWords): Promise<string> {
    return translated(this.#engine, words, paths, []);
  }

  get paths(): string {
    return commandPaths(this.entries);
  }

  look<Name extends LookName>(name: Name, ask: Looks[Name]['ask']): Promise<Looks[Name]['back']> {
    return this.#engine.look(name, ask);
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
      const columns = this.#shared(opened.columns);
      if (columns !== entry.columns) this.#union = undefined;
      entry.columns = columns;
      entry.span = opened.span;
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
      for (const [key, problem] of problems) entry.problems.set(key, problem);
      this.#tell(entry);
    });
  }

  failed(file: number, problem: Problem): void {
    this.#update(file, (entry) => {
      // A folder may hold anything; only a file that was named itself must be Parquet.
      const stray = entry.fromFolder && problem.kind === 'not-parquet';
      entry.status = stray ? 'left-out' : 'failed';
      entry.reason = stray ? 'Not a Parquet file.' : withoutName(problem.message, entry.path);
      entry.damaged = groupsOf([problem]);
      entry.done = 0;
      this.#union = undefined;
    });
  }

  answers(outcomes: Map<string, Outcome>, final: boolean): void {
    this.outcomes = outcomes;
    if (!this.stopped && this.#isTimed) this.elapsed_ms = performance.now() - this.#began_ms;
    if (final) this.busy = false;
    this.#changed();
  }

  #take(found: Found): void {
    const known = this.#entries.get(this.#byPath.get(found.path) ?? -1);
    if (!known) {
      this.#enter(found);
      return;
    }
    if (isSame(known.file, found.file) && known.status !== 'failed') return;
    known.file = found.file;
    known.version += 1;
    known.without = [];
    this.#engine.forget(known.id);
    this.#reset(known);
  }

  #enter({ file, path, fromFolder }: Found): Entry {
    const entry: Entry = {
      id: this.#next,
      path,
      file,
      version: 0,
      fromFolder,
      status: 'waiting',
      size_bytes: undefined,
      rows: undefined,
      rowGroups: undefined,
      columns: [],
      span: undefined,
      without: [],
      damaged: [],
      problems: new Map(),
      done: 0,
      bytesRead: 0,
      bytesBefore: 0,
      reason: undefined,
    };
    this.#next += 1;
    this.#entries.set(entry.id, entry);
    this.#byPath.set(path, entry.id);
    return entry;
  }

  /** What stands beside a file that takes part in some answers but not in others, unless the cards say so. */
  #tell(entry: Entry): void {
    const asked = this.#questions.flatMap(({ key }) => entry.problems.get(key) ?? []);
    const problem = asked.find((known) => !isAboutQuestion(known));
    entry.reason = problem ? withoutName(problem.message, entry.path) : leftOut(entry);
    entry.damaged = groupsOf(asked);
  }

  #reset(entry: Entry): void {
    entry.status = 'waiting';
    entry.reason = undefined;
    entry.problems.clear();
    entry.damaged = [];
    entry.done = 0;
    entry.bytesRead = 0;
    entry.bytesBefore = 0;
  }

  #again(id: number, without: (entry: Entry) => number[]): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.without = without(entry);
    this.#engine.forget(id);
    this.#reset(entry);
    this.#count();
  }

  #count(goesOn = false): void {
    const taking = this.entries.filter(counts);
    if (!goesOn) this.#began_ms = performance.now();
    this.#isTimed = !goesOn;
    this.busy = taking.length > 0;
    this.stopped = false;
    for (const entry of taking) {
      if (entry.status === 'stopped') this.#reset(entry);
      else if (entry.status === 'counted') this.#tell(entry);
      entry.bytesBefore += entry.bytesRead;
      entry.bytesRead = 0;
    }
    if (taking.some(({ status }) => status === 'waiting')) this.#markPartial();
    const tasks = taking.map(({ id, file, path, without }) => ({
      file: id,
      source: file,
      path,
      without,
    }));
    this.#engine.count(tasks, this.#questions);
    this.#changed();
  }

  /** Answers that are shown until new ones come are not of all files any more. */
  #markPartial(): void {
    for (const [key, outcome] of this.outcomes) {
      if (!outcome.ok) continue;
      // The answer about nothing is none.
      if (outcome.answer.scanned.rows === 0) this.outcomes.delete(key);
      else this.outcomes.set(key, { ...outcome, partial: true });
    }
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

/** The row groups that problems blame, each once. */
function groupsOf(problems: Iterable<Problem>): number[] {
  const groups = [...problems].flatMap(({ rowGroups }) => rowGroups ?? []);
  return [...new Set(groups)].sort((a, b) => a - b);
}

/** What stands beside a file that is not counted wholly because its reader wants it so. */
function leftOut({ without }: Entry): string | undefined {
  if (without.length === 0) return undefined;
  return `Without row group${without.length === 1 ? '' : 's'} ${without.join(', ')}, which can’t be read.`;
}

/** Files that a query in SQL names; with more of them it would be too long to read and to copy. */
const SQL_FILES_MAX = 1_000;

async function translated(
  engine: Engine,
  words: QueryWords,
  paths: string[],
  columns: readonly Column[],
): Promise<string> {
  const members = columns.flatMap(({ name, member }) => (member ? name : []));
  const named = paths.slice(0, SQL_FILES_MAX);
  const sql = await engine.wish('sql', { words, paths: named, members });
  const left = paths.length - named.length;
  return left > 0 ? `-- without ${left} more files, which would go into the list\n${sql}` : sql;
}

function addressOrPath(file: Source, path: string): string {
  return isRemote(file) ? file.address : path;
}

/** Files or folders that a command names one by one. */
const COMMAND_PATHS_MAX = 3;

/** What the command line is given for these files: the folders that they came in, or their names. */
function commandPaths(entries: readonly Entry[]): string {
  const taken = entries.filter(counts);
  const paths = taken.map(({ file, path, fromFolder }) =>
    fromFolder ? (path.split('/')[0] ?? path) : addressOrPath(file, path),
  );
  const named = [...new Set(paths)];
  const isNamed = named.length > 0 && named.length <= COMMAND_PATHS_MAX;
  const words = isNamed ? named.map(shellQuoted).join(' ') : '*.parquet';
  // Files are left out by name, but in a folder the command line meets those again that can't be read.
  const meetsBad = !isNamed || taken.some(({ fromFolder }) => fromFolder);
  const isBad = entries.some(({ status }) => status === 'failed');
  return meetsBad && isBad ? `${words} --skip-bad` : words;
}
