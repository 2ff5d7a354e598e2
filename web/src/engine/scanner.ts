import { timeColumn, type Column, type Problem } from '../data/answer.ts';
import { Footer, Query, Scan, Step, type Partial } from '../wasm/questlog.js';
import { isCrash, problemOf } from './problems.ts';
import { feed } from './feed.ts';
import { Gate } from './gate.ts';
import { isLocal } from './job.ts';
import { pause } from './pause.ts';
import {
  question,
  type FromWorker,
  type Question,
  type Span,
  type Unit,
  type UnitResult,
  type Window,
} from './protocol.ts';
import { RangeReader } from './reader.ts';
import { isRemote } from './source.ts';
import { costliestFirst, WINDOW_BYTES_MIN, windowsOf, windowsEnough } from './windows.ts';

/** Rows counted between two looks at the clock. */
const ROWS_A_STEP = 65_536;
/** Work between two looks at the message queue: a stop is heard within this time. */
const WORK_MS_MAX = 40;
/** Time between two reports of progress. */
const REPORT_MS = 120;
/** A file larger than this is counted together with few others, because each may keep some MiB in memory. */
const SMALL_BYTES_MAX = 1024 * 1024;
/** Units of large files that are counted at the same time: one counts while the other reads. */
const LARGE_AT_ONCE = 2;
/** Footers kept for windows of the same file. */
const FOOTERS_MAX = 16;

/** A question that needs no column: enough to read a footer with. */
const ANY = question({ group_by: '"any"' });

type Post = (message: FromWorker) => void;

/**
 * Counts units of work in one wasm instance.
 *
 * Several units can be under way: while one waits for its bytes, another counts.
 */
export class Scanner {
  readonly #post: Post;
  readonly #queries = new Map<string, Query>();
  /** The columns that each question reads: after a trap the instance can't be asked any more. */
  readonly #columns = new Map<string, string[]>();
  /** Whether one question makes up another: asked for every file, the same for all. */
  readonly #makesUpKnown = new Map<string, boolean>();
  readonly #footers = new Map<number, Footer>();
  /** The latest file that was found to have columns of its own. */
  #like: { footer: Footer; folders: string; columns: Column[] } | undefined;
  readonly #clock = new WorkClock();
  readonly #large = new Gate(LARGE_AT_ONCE);
  #stoppedUpTo = -1;
  /** After a trap nothing of this instance can be trusted, whichever unit set it off. */
  #broken = false;

  constructor(post: Post) {
    this.#post = post;
  }

  /** Gives up every unit up to this number, as soon as the present step ends. */
  stop(unit: number): void {
    this.#stoppedUpTo = Math.max(this.#stoppedUpTo, unit);
  }

  /** Forgets a file that may have changed. */
  forget(file: number): void {
    this.#footers.delete(file);
  }

  /** Works on one unit and reports everything about it; throws only when the instance is broken. */
  async scan(unit: Unit, whole?: Uint8Array): Promise<void> {
    try {
      const size_bytes = unit.source.size;
      if (!unit.window) this.#post({ type: 'begun', unit: unit.id, size_bytes });
      this.#checkStopped(unit);
      const reader = new RangeReader(unit.source, whole);
      // Footers don't wait for each other's rows: what they tell of a file is shown before it is counted.
      const footer = this.#footers.get(unit.file) ?? (await this.#open(unit, reader));
      const window = unit.window ?? this.#deal(unit, footer);
      reader.readsAhead = window.rows !== undefined && window.rows.first > 0;
      const work = (): Promise<FromWorker> => this.#scanned(unit, footer, window, reader);
      this.#post(await (size_bytes > SMALL_BYTES_MAX ? this.#large.pass(work) : work()));
    } catch (fault) {
      // The unit that broke the instance has told so; the others will be counted again elsewhere.
      if (this.#broken) return;
      if (fault instanceof Stopped) this.#post({ type: 'stopped', unit: unit.id });
      else this.#post({ type: 'failed', unit: unit.id, problem: told(fault) });
      this.#broken = fault instanceof Crashed || isCrash(fault);
      if (this.#broken) throw fault;
    }
  }

  async #scanned(
    unit: Unit,
    footer: Footer,
    window: Window,
    reader: RangeReader,
  ): Promise<FromWorker> {
    this.#checkStopped(unit);
    const result = await this.#counted(unit, footer, window, reader);
    // Thousands of small files would else leave their footers to a garbage collector that sees only a few bytes of each.
    const isKept = this.#footers.has(unit.file) || footer === this.#like?.footer;
    if (!isKept && !unit.window) footer.free();
    return result;
  }

  async #counted(
    unit: Unit,
    footer: Footer,
    window: Window,
    reader: RangeReader,
  ): Promise<FromWorker> {
    const results: UnitResult[] = [];
    let rowsDone = 0;
    const rows = rowsIn(window, footer);
    let waiting = this.#finerFirst(unit.questions);
    for (let asked = waiting.shift(); asked; asked = waiting.shift()) {
      const coarser = waiting.filter((other) => this.#makesUp(asked, other));
      const before = rowsDone;
      // Where nothing else will ask for the same bytes, they need not stay.
      reader.keeps = waiting.length > coarser.length;
      const report = (counted: number): void => {
        const progress = {
          rowsDone: before + counted * (1 + coarser.length),
          bytesRead: reader.bytesRead,
        };
        this.#post({ type: 'progress', unit: unit.id, progress });
      };
      try {
        const scan = this.#begin(unit, asked, footer, window);
        const partial = await this.#count(unit, scan, reader, report);
        results.push(...coarser.map((other) => this.#made(other, partial)));
        results.push({ question: asked.key, ok: true, partial: taken(partial) });
        waiting = waiting.filter((other) => !coarser.includes(other));
        rowsDone += rows * coarser.length;
      } catch (fault) {
        // Where the finer question has no answer, such as in a file without its columns, the coarser ones wait for their own turn.
        if (fault instanceof Stopped || this.#broken) throw fault;
        const columns = this.#columns.get(asked.key) ?? [];
        const problem = placed(problemOf(fault), unit, window, columns);
        if (isCrash(fault)) throw new Crashed(fault, problem);
        results.push({ question: asked.key, ok: false, problem });
      }
      rowsDone += rows;
    }
    const progress = { rowsDone, bytesRead: reader.bytesRead };
    return { type: 'scanned', unit: unit.id, progress, results };
  }

  /** What a finer question's groups say to a coarser question. */
  #made(coarser: Question, finer: Partial): UnitResult {
    try {
      const partial = taken(finer.regrouped(this.#query(coarser)));
      return { question: coarser.key, ok: true, partial };
    } catch (fault) {
      if (isCrash(fault)) throw fault;
      return { question: coarser.key, ok: false, problem: problemOf(fault) };
    }
  }

  /** The questions in an order in which what can be made of another one's groups comes after that. */
  #finerFirst(questions: Question[]): Question[] {
    const isMade = (asked: Question): boolean =>
      questions.some((other) => this.#makesUp(other, asked));
    const made = questions.filter(isMade);
    return [...questions.filter((asked) => !made.includes(asked)), ...made];
  }

  /** Whether the one question's partial makes up the other's, so that the rows are read once for both. */
  #makesUp(finer: Question, coarser: Question): boolean {
    if (finer.key === coarser.key) return false;
    const pair = `${finer.key} ${coarser.key}`;
    const known = this.#makesUpKnown.get(pair);
    if (known !== undefined) return known;
    try {
      const found = this.#query(finer).makesUp(this.#query(coarser));
      this.#makesUpKnown.set(pair, found);
      return found;
    } catch (fault) {
      // What is wrong with a question's words is told when it is counted.
      if (isCrash(fault)) throw fault;
      return false;
    }
  }

  /** Reads the footer, which needs no more of a query than that there is one. */
  async #open(unit: Unit, reader: RangeReader): Promise<Footer> {
    const scan = new Scan(this.#query(ANY), unit.path, unit.source.size);
    return this.#released(scan, async () => {
      for (;;) {
        const step = scan.advance(0);
        const footer = scan.footer();
        if (footer) {
          scan.free();
          return footer;
        }
        // A file can't be done before its footer is known.
        if (step === Step.Done) throw new Error('The file has no footer');
        await this.#feed(unit, scan, reader);
      }
    });
  }

  /** Tells what the footer says, offers windows to other workers and keeps the first. */
  #deal(unit: Unit, footer: Footer): Window {
    const { query, costs } = this.#costliest(unit, footer);
    // To find a row in the midst of a row group all before it is stepped over, which is too slow from afar.
    const enough = isRemote(unit.source) ? 1 : windowsEnough();
    const [own = { first: 0, end: 0 }, ...others] = windowsOf(
      footer.rowGroups(),
      unit.without,
      (first, end) =>
        query
          ? (footer.parts(query, first, end, WINDOW_BYTES_MIN, enough) as Window[])
          : [{ first, end }],
    );
    const windows = costliestFirst(others, costs);
    if (windows.length > 0) this.#remember(unit.file, footer);
    const columns = this.#columnsOf(footer, unit.path);
    this.#post({
      type: 'opened',
      unit: unit.id,
      opened: {
        rows: unit.without.reduce(
          (rows, group) => rows - footer.rowsOf(group, group + 1),
          footer.rows(),
        ),
        rowGroups: footer.rowGroups(),
        columns,
        span: spanOf(footer, columns),
        own,
        windows,
      },
    });
    return own;
  }

  /** What footer and folders say of a file's columns; the same list where they are those of the file before, as mostly in a folder. */
  #columnsOf(footer: Footer, path: string): Column[] {
    const folders = path.includes('=') ? Footer.folderColumns(path) : '';
    const like = this.#like;
    if (like?.folders === folders && footer.hasColumnsOf(like.footer)) return like.columns;
    const own = footer.columns() as Column[];
    // Where a file has a column of that name too, the folder's wins.
    const names = new Set(folders === '' ? [] : folders.split('\0'));
    const made = [...names].map((name): Column => ({ name, type: 'text', usable: true }));
    const columns = [...own.filter(({ name }) => !names.has(name)), ...made];
    this.#like = { footer, folders, columns };
    return columns;
  }

  /** The question that reads most of the file, and the bytes that it reads of each row group; none where it is too small to be dealt out. */
  #costliest(unit: Unit, footer: Footer): { query?: Query; costs: Float64Array } {
    let most: { query?: Query; costs: Float64Array } = { costs: new Float64Array() };
    if (unit.source.size < WINDOW_BYTES_MIN) return most;
    let most_bytes = -1;
    for (const asked of unit.questions) {
      try {
        const query = this.#query(asked);
        const costs = footer.costBytes(query);
        const bytes = costs.reduce((sum, cost) => sum + cost, 0);
        if (bytes > most_bytes) [most, most_bytes] = [{ query, costs }, bytes];
      } catch (fault) {
        // A question whose words are wrong costs nothing; what is wrong is told when it is counted.
        if (isCrash(fault)) throw fault;
      }
    }
    return most;
  }

  #begin(unit: Unit, asked: Question, footer: Footer, window: Window): Scan {
    const query = this.#query(asked);
    const { path, source } = unit;
    const { first, end, rows } = window;
    return rows
      ? Scan.withinRows(query, path, source.size, footer, first, rows.first, rows.end)
      : Scan.within(query, path, source.size, footer, first, end);
  }

  async #count(
    unit: Unit,
    scan: Scan,
    reader: RangeReader,
    report: (rows: number) => void,
  ): Promise<Partial> {
    return this.#released(scan, async () => {
      for (;;) {
        const step = scan.advance(ROWS_A_STEP);
        if (step === Step.Done) return scan.finish();
        if (step === Step.Need) await this.#feed(unit, scan, reader);
        if (this.#clock.mustReport()) report(scan.rowsDone());
        if (this.#clock.mustPause()) {
          await pause();
          this.#clock.resume();
          this.#checkStopped(unit);
        }
      }
    });
  }

  /** Gives a scan's memory back when its work fails; an instance that trapped can't even be asked to. */
  async #released<T>(scan: Scan, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (fault) {
      if (!this.#broken && !isCrash(fault)) scan.free();
      throw fault;
    }
  }

  /** Reads what the scan asks for, all ranges at once. */
  async #feed(unit: Unit, scan: Scan, reader: RangeReader): Promise<void> {
    await feed(scan, reader, () => {
      this.#checkStopped(unit);
    });
  }

  #checkStopped(unit: Unit): void {
    if (this.#broken || unit.id <= this.#stoppedUpTo) throw new Stopped();
  }

  #query({ key, words }: Question): Query {
    const known = this.#queries.get(key);
    if (known) return known;
    const query = new Query(words);
    this.#queries.set(key, query);
    this.#columns.set(key, query.columns());
    return query;
  }

  #remember(file: number, footer: Footer): void {
    const oldest = this.#footers.keys().next();
    if (this.#footers.size >= FOOTERS_MAX && !oldest.done) this.#footers.delete(oldest.value);
    this.#footers.set(file, footer);
  }
}

function rowsIn({ first, end, rows }: Window, footer: Footer): number {
  return rows ? rows.end - rows.first : footer.rowsOf(first, end);
}

/** From when to when the rows are, by the footer alone. */
function spanOf(footer: Footer, columns: Column[]): Span | undefined {
  const column = timeColumn(columns)?.name;
  if (column === undefined) return undefined;
  const [first, last] = footer.span(column);
  return first !== undefined && last !== undefined ? { column, first, last } : undefined;
}

/** The problem with the row group and columns that it happened in, where its sentence does not say so already. */
function placed(problem: Problem, unit: Unit, window: Window, columns: string[]): Problem {
  const { first, end } = window;
  if (end - first !== 1 || !isLocal(problem) || /row group \d/i.test(problem.message))
    return problem;
  const { path } = unit;
  const bare = problem.message.startsWith(`${path}: `)
    ? problem.message.slice(path.length + 2)
    : problem.message;
  const names = columns.map((name) => `\`${name}\``).join(' or ');
  const of = names === '' ? '' : `, column ${names}`;
  return { ...problem, message: `${path}: row group ${first}${of}: ${bare}` };
}

function told(fault: unknown): Problem {
  return fault instanceof Crashed ? fault.problem : problemOf(fault);
}

function taken(partial: Partial): Uint8Array<ArrayBuffer> {
  const bytes = partial.toBytes();
  partial.free();
  return bytes as Uint8Array<ArrayBuffer>;
}

class Stopped extends Error {}

/** A trap, with the place that it happened in. */
class Crashed extends Error {
  readonly kind = 'crash';
  readonly problem: Problem;

  constructor(cause: unknown, problem: Problem) {
    super(problem.message, { cause });
    this.problem = problem;
  }
}

/** Says when it is time to listen, and when to report. */
class WorkClock {
  #resumed = performance.now();
  #reported = performance.now();

  mustPause(): boolean {
    return performance.now() - this.#resumed > WORK_MS_MAX;
  }

  resume(): void {
    this.#resumed = performance.now();
  }

  mustReport(): boolean {
    const now = performance.now();
    if (now - this.#reported < REPORT_MS) return false;
    this.#reported = now;
    return true;
  }
}
