import { asCount, type Answer, type Cell } from './answer.ts';
import { count } from './format.ts';

/** A value of an axis; null is "no provider" or "no event type". */
export type Key = string | null;

/** Providers x events: events down, providers across, with totals that equal the rows read. */
export interface Matrix {
  events: Key[];
  providers: Key[];
  /** `counts[event][provider]`. */
  counts: bigint[][];
  byEvent: bigint[];
  byProvider: bigint[];
  total: bigint;
  /** Events that the last line stands for; 0 when each has a line of its own. */
  others: number;
}

/** Events that a matrix names; the others are one line, so that a million of them can't fill the page's memory. */
const EVENTS_NAMED_MAX = 200;

/**
 * Lays rows (provider, event_type, count) out as a matrix.
 * Both axes run from the most frequent to the least; what has no provider is always there, and last.
 */
export class MatrixMaker {
  readonly #byProvider = new Map<Key, bigint>([[null, 0n]]);
  readonly #byEvent = new Map<Key, bigint>();
  readonly #cells = new Map<Key, Map<Key, bigint>>();
  #total = 0n;

  add(rows: readonly Cell[][]): void {
    for (const row of rows) {
      const provider = key(row[0]);
      const event = key(row[1]);
      const count = asCount(row[2]);
      this.#total += count;
      this.#byProvider.set(provider, (this.#byProvider.get(provider) ?? 0n) + count);
      this.#byEvent.set(event, (this.#byEvent.get(event) ?? 0n) + count);
      const line = this.#cells.get(event) ?? new Map<Key, bigint>();
      line.set(provider, (line.get(provider) ?? 0n) + count);
      this.#cells.set(event, line);
    }
  }

  matrix(): Matrix {
    const all = mostFrequentFirst(this.#byEvent);
    const events = all.length > EVENTS_NAMED_MAX ? all.slice(0, EVENTS_NAMED_MAX) : all;
    const providers = mostFrequentFirst(this.#byProvider);
    const matrix: Matrix = {
      events,
      providers,
      counts: events.map((event) =>
        providers.map((provider) => this.#cells.get(event)?.get(provider) ?? 0n),
      ),
      byEvent: events.map((event) => this.#byEvent.get(event) ?? 0n),
      byProvider: providers.map((provider) => this.#byProvider.get(provider) ?? 0n),
      total: this.#total,
      others: all.length - events.length,
    };
    return matrix.others > 0 ? withRest(matrix) : matrix;
  }
}

/** With a last line for the events that have none of their own: what is missing to the totals. */
function withRest(matrix: Matrix): Matrix {
  const sum = (values: bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
  const rest = matrix.byProvider.map(
    (total, provider) => total - sum(matrix.counts.map((line) => line[provider] ?? 0n)),
  );
  return {
    ...matrix,
    events: [...matrix.events, `${count(matrix.others)} others`],
    counts: [...matrix.counts, rest],
    byEvent: [...matrix.byEvent, sum(rest)],
  };
}

/** The matrix of an answer: the one that came with it, or one of its rows. */
export function matrixOf(answer: Answer): Matrix {
  if (answer.matrix) return answer.matrix;
  const maker = new MatrixMaker();
  maker.add(answer.rows);
  return maker.matrix();
}

/** The first `events_max - 1` events as they are, the rest added up into one last line. */
export function folded(matrix: Matrix, events_max: number): Matrix {
  if (matrix.events.length <= events_max) return matrix;
  const kept = events_max - 1;
  return withRest({
    ...matrix,
    events: matrix.events.slice(0, kept),
    counts: matrix.counts.slice(0, kept),
    byEvent: matrix.byEvent.slice(0, kept),
    others: named(matrix) - kept + matrix.others,
  });
}

/** Events that are single ones: all but the line that stands for the others. */
export function named({ events, others }: Matrix): number {
  return others > 0 ? events.length - 1 : events.length;
}

function key(cell: Cell | undefined): Key {
  return cell === null || cell === undefined ? null : String(cell);
}

function mostFrequentFirst(counts: Map<Key, bigint>): Key[] {
  return [...counts]
    .sort(([a, countA], [b, countB]) => {
      if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
      if (countA !== countB) return countA > countB ? -1 : 1;
      return a < b ? -1 : 1;
    })
    .map(([name]) => name);
}
