import { asCount, type Answer, type Cell } from './answer.ts';

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
}

/**
 * Lays the answer's rows (provider, event_type, count) out as a matrix.
 * Both axes run from the most frequent to the least; what has no provider is always there, and last.
 */
export function matrixOf(answer: Answer): Matrix {
  const byProvider = new Map<Key, bigint>([[null, 0n]]);
  const byEvent = new Map<Key, bigint>();
  const cells = new Map<Key, Map<Key, bigint>>();
  let total = 0n;
  for (const row of answer.rows) {
    const provider = key(row[0]);
    const event = key(row[1]);
    const count = asCount(row[2]);
    total += count;
    byProvider.set(provider, (byProvider.get(provider) ?? 0n) + count);
    byEvent.set(event, (byEvent.get(event) ?? 0n) + count);
    const line = cells.get(event) ?? new Map<Key, bigint>();
    line.set(provider, (line.get(provider) ?? 0n) + count);
    cells.set(event, line);
  }
  const events = mostFrequentFirst(byEvent);
  const providers = mostFrequentFirst(byProvider);
  return {
    events,
    providers,
    counts: events.map((event) =>
      providers.map((provider) => cells.get(event)?.get(provider) ?? 0n),
    ),
    byEvent: events.map((event) => byEvent.get(event) ?? 0n),
    byProvider: providers.map((provider) => byProvider.get(provider) ?? 0n),
    total,
  };
}

/** The first `events_max - 1` events as they are, the rest added up into one line. */
export function folded(matrix: Matrix, events_max: number): { matrix: Matrix; rest: number } {
  if (matrix.events.length <= events_max) return { matrix, rest: 0 };
  const kept = events_max - 1;
  const tail = matrix.counts.slice(kept);
  const sum = (values: bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
  const restByProvider = matrix.providers.map((_, provider) =>
    sum(tail.map((line) => line[provider] ?? 0n)),
  );
  const rest = matrix.events.length - kept;
  return {
    rest,
    matrix: {
      ...matrix,
      events: [...matrix.events.slice(0, kept), `${rest} others`],
      counts: [...matrix.counts.slice(0, kept), restByProvider],
      byEvent: [...matrix.byEvent.slice(0, kept), sum(restByProvider)],
    },
  };
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
