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
export const EVENTS_NAMED_MAX = 200;

/**
 * Lays counts out as a matrix: of each provider, of each event, and rows (provider, event_type, count) of the events that
 * are named. Both axes run from the most frequent to the least; what has no provider is always there, and last.
 */
export function matrixFrom(
  byProvider: ReadonlyMap<Key, bigint>,
  byEvent: ReadonlyMap<Key, bigint>,
  rows: readonly Cell[][],
): Matrix {
  const events = mostFrequentFirst(byEvent).slice(0, EVENTS_NAMED_MAX);
  const providers = mostFrequentFirst(new Map([[null, 0n], ...byProvider]));
  const cells = new Map<Key, Map<Key, bigint>>();
  for (const row of rows) {
    const line = cells.get(key(row[1])) ?? new Map<Key, bigint>();
    line.set(key(row[0]), asCount(row[2]));
    cells.set(key(row[1]), line);
  }
  const matrix: Matrix = {
    events,
    providers,
    counts: events.map((event) => providers.map((name) => cells.get(event)?.get(name) ?? 0n)),
    byEvent: events.map((event) => byEvent.get(event) ?? 0n),
    byProvider: providers.map((provider) => byProvider.get(provider) ?? 0n),
    total: [...byProvider.values()].reduce((sum, rows) => sum + rows, 0n),
    others: byEvent.size - events.length,
  };
  return matrix.others > 0 ? withRest(matrix) : matrix;
}

/** The counts in the last cells, added up by one of the others. */
export function countsBy(rows: readonly Cell[][], column: number): Map<Key, bigint> {
  const counts = new Map<Key, bigint>();
  for (const row of rows) {
    const name = key(row[column]);
    counts.set(name, (counts.get(name) ?? 0n) + asCount(row.at(-1)));
  }
  return counts;
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
  const { rows } = answer;
  return answer.matrix ?? matrixFrom(countsBy(rows, 0), countsBy(rows, 1), rows);
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

function mostFrequentFirst(counts: ReadonlyMap<Key, bigint>): Key[] {
  return [...counts]
    .sort(([a, countA], [b, countB]) => {
      if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
      if (countA !== countB) return countA > countB ? -1 : 1;
      return a < b ? -1 : 1;
    })
    .map(([name]) => name);
}
