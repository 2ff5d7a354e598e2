import type { Column } from '../data/answer.ts';
import { Footer, Query, Scan, Step, type Partial } from '../wasm/questlog.js';
import { isCrash, problemOf } from './problems.ts';
import type { FromWorker, Question, Unit, UnitProgress, UnitResult, Window } from './protocol.ts';
import { RangeReader } from './reader.ts';
import { windowsOf } from './windows.ts';

/** Rows counted between two looks at the clock. */
const ROWS_A_STEP = 65_536;
/** Work between two looks at the message queue: a stop is heard within this time. */
const WORK_MS_MAX = 40;
/** Time between two reports of progress. */
const REPORT_MS = 120;
/** Footers kept for windows of the same file. */
const FOOTERS_MAX = 16;

type Post = (message: FromWorker, transfer?: Transferable[]) => void;

/** Counts units of work in one wasm instance. */
export class Scanner {
  readonly #post: Post;
  readonly #queries = new Map<string, Query>();
  readonly #footers = new Map<number, Footer>();
  #stoppedUpTo = -1;

  constructor(post: Post) {
    this.#post = post;
  }

  /** Gives up every unit up to this number, as soon as the present step ends. */
  stop(unit: number): void {
    this.#stoppedUpTo = Math.max(this.#stoppedUpTo, unit);
  }

  /** Forgets a file that may have changed. */
  forget(file: number): void {
    this.#footers.get(file)?.free();
    this.#footers.delete(file);
  }

  /** Works on one unit and reports everything about it; throws only when the instance is broken. */
  async scan(unit: Unit): Promise<void> {
    const reader = new RangeReader(unit.blob);
    const clock = new WorkClock();
    try {
      const footer = this.#footers.get(unit.file) ?? this.#open(unit, reader);
      const window = unit.window ?? this.#deal(unit, footer);
      const results: UnitResult[] = [];
      let rowsDone = 0;
      for (const question of unit.questions) {
        try {
          const scan = this.#begin(unit, question, footer, window);
          const progressed = (rows: number): UnitProgress => ({
            rowsDone: rowsDone + rows,
            bytesRead: reader.bytesRead,
          });
          const partial = await this.#count(unit, scan, reader, clock, progressed);
          rowsDone += footer.rowsOf(window.first, window.end);
          results.push({ question, ok: true, partial: bytesOf(partial) });
        } catch (fault) {
          if (fault instanceof Stopped || isCrash(fault)) throw fault;
          results.push({ question, ok: false, problem: problemOf(fault) });
        }
      }
      this.#post(
        {
          type: 'scanned',
          unit: unit.id,
          progress: { rowsDone, bytesRead: reader.bytesRead },
          results,
        },
        results.flatMap((result) => (result.ok ? [result.partial.buffer] : [])),
      );
    } catch (fault) {
      if (fault instanceof Stopped) this.#post({ type: 'stopped', unit: unit.id });
      else this.#post({ type: 'failed', unit: unit.id, problem: problemOf(fault) });
      if (isCrash(fault)) throw fault;
    }
  }

  /** Reads the footer, which needs no more of a query than that there is one. */
  #open(unit: Unit, reader: RangeReader): Footer {
    const scan = new Scan(new Query({ group_by: '"any"' }), unit.path, unit.blob.size);
    try {
      for (;;) {
        const step = scan.advance(0);
        const footer = scan.footer();
        if (footer) return this.#remember(unit.file, footer);
        // A file can't be done before its footer is known.
        if (step === Step.Done) throw new Error('The file has no footer');
        feed(scan, reader);
      }
    } finally {
      scan.free();
    }
  }

  /** Tells what the footer says, offers windows to other workers and keeps the first. */
  #deal(unit: Unit, footer: Footer): Window {
    const costs = unit.questions.map((question) => footer.costBytes(this.#query(question)));
    const groups = costs[0] ?? new Float64Array();
    const highest = groups.map((_, group) => Math.max(...costs.map((cost) => cost[group] ?? 0)));
    const [own = { first: 0, end: 0 }, ...windows] = windowsOf(highest);
    this.#post({
      type: 'opened',
      unit: unit.id,
      opened: {
        rows: footer.rows(),
        rowGroups: footer.rowGroups(),
        columns: footer.columns() as Column[],
        windows,
      },
    });
    return own;
  }

  #begin(unit: Unit, question: Question, footer: Footer, window: Window): Scan {
    const query = this.#query(question);
    return Scan.within(query, unit.path, unit.blob.size, footer, window.first, window.end);
  }

  async #count(
    unit: Unit,
    scan: Scan,
    reader: RangeReader,
    clock: WorkClock,
    progressed: (rows: number) => UnitProgress,
  ): Promise<Partial> {
    try {
      for (;;) {
        const step = scan.advance(ROWS_A_STEP);
        if (step === Step.Done) break;
        if (step === Step.Need) feed(scan, reader);
        if (clock.mustReport()) {
          this.#post({ type: 'progress', unit: unit.id, progress: progressed(scan.rowsDone()) });
        }
        if (clock.mustPause()) {
          await pause();
          clock.resume();
          if (unit.id <= this.#stoppedUpTo) throw new Stopped();
        }
      }
    } catch (fault) {
      // A trapped instance can't be called again, not even to free.
      if (!isCrash(fault)) scan.free();
      throw fault;
    }
    return scan.finish();
  }

  #query(question: Question): Query {
    const known = this.#queries.get(question.key);
    if (known) return known;
    const query = new Query(question.words);
    this.#queries.set(question.key, query);
    return query;
  }

  #remember(file: number, footer: Footer): Footer {
    const oldest = this.#footers.keys().next();
    if (this.#footers.size >= FOOTERS_MAX && !oldest.done) this.forget(oldest.value);
    this.#footers.set(file, footer);
    return footer;
  }
}

function feed(scan: Scan, reader: RangeReader): void {
  const needs = scan.needs();
  for (let at = 0; at + 1 < needs.length; at += 2) {
    const start = needs[at] ?? 0;
    scan.feed(start, reader.read(start, needs[at + 1] ?? 0));
  }
}

function bytesOf(partial: Partial): Uint8Array<ArrayBuffer> {
  const bytes = partial.toBytes();
  partial.free();
  return bytes as Uint8Array<ArrayBuffer>;
}

class Stopped extends Error {}

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

const channel = new MessageChannel();
let wake: (() => void) | undefined;
channel.port1.onmessage = () => wake?.();

/** Lets the messages that wait be heard; a timer would sleep 4 ms. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    wake = resolve;
    channel.port2.postMessage(null);
  });
}
