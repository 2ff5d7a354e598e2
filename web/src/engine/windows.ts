import type { Window } from './protocol.ts';
import { workersHere } from './workers.ts';

/** Bytes of needed columns in a window from which on it is worth another worker's attention. */
export const WINDOW_BYTES_MIN = 2_000_000;
/** The same, where there are fewer workers: a reader is to see live counts. */
const WINDOWS_ENOUGH_MIN = 4;

/**
 * Windows of a file that give every worker enough to do: no row group is cut for more, for each window begins with
 * stepping over all rows before its own.
 */
export function windowsEnough(): number {
  return Math.max(WINDOWS_ENOUGH_MIN, workersHere());
}

/** Cuts the row groups from `first` up to, not including, `end` into windows: the core's part of it. */
export type Cut = (first: number, end: number) => Window[];

/** Deals a file's row groups out into windows; row groups that are left out end a window. */
export function windowsOf(rowGroups: number, left_out: readonly number[], cut: Cut): Window[] {
  const windows: Window[] = [];
  const out = new Set(left_out);
  let first = 0;
  while (first < rowGroups) {
    let end = first;
    while (end < rowGroups && !out.has(end)) end += 1;
    if (first < end) windows.push(...cut(first, end));
    first = end + 1;
  }
  // A file without row groups is one empty window.
  return windows.length > 0 ? windows : [{ first: 0, end: 0 }];
}

/** The same, the most costly window first: the longest work must not be what everybody waits for at the end. */
export function costliestFirst(windows: Window[], cost_bytes: ArrayLike<number>): Window[] {
  const shares = new Map<number, number>();
  for (const { first, rows } of windows) {
    if (rows) shares.set(first, (shares.get(first) ?? 0) + rows.end - rows.first);
  }
  const costs = new Map(
    windows.map((window) => {
      const { first, end, rows } = window;
      const part = rows ? (rows.end - rows.first) / (shares.get(first) ?? 1) : 1;
      let cost = 0;
      for (let group = first; group < end; group += 1) cost += (cost_bytes[group] ?? 0) * part;
      return [window, cost];
    }),
  );
  return [...windows].sort((a, b) => (costs.get(b) ?? 0) - (costs.get(a) ?? 0));
}
