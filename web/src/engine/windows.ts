import type { Window } from './protocol.ts';

/** Bytes of needed columns in a window from which on it is worth another worker's attention. */
export const WINDOW_BYTES_MIN = 2_000_000;

/**
 * Deals a file's row groups out into windows of neighbours, each worth at least `bytes_min` of reading.
 * Neighbours stay together because their bytes do; row groups that are left out end a window.
 */
export function windowsOf(
  cost_bytes: ArrayLike<number>,
  left_out: readonly number[] = [],
  bytes_min = WINDOW_BYTES_MIN,
): Window[] {
  const windows: Window[] = [];
  const out = new Set(left_out);
  let first = 0;
  while (first < cost_bytes.length) {
    let end = first;
    while (end < cost_bytes.length && !out.has(end)) end += 1;
    windows.push(...stretch(cost_bytes, first, end, bytes_min));
    first = end + 1;
  }
  // A file without row groups is one empty window.
  return windows.length > 0 ? windows : [{ first: 0, end: 0 }];
}

/** The same, the most costly window first: the longest work must not be what everybody waits for at the end. */
export function costliestFirst(windows: Window[], cost_bytes: ArrayLike<number>): Window[] {
  const costs = new Map(
    windows.map((window) => {
      let cost = 0;
      for (let group = window.first; group < window.end; group += 1) cost += cost_bytes[group] ?? 0;
      return [window, cost];
    }),
  );
  return [...windows].sort((a, b) => (costs.get(b) ?? 0) - (costs.get(a) ?? 0));
}

function stretch(
  cost_bytes: ArrayLike<number>,
  from: number,
  to: number,
  bytes_min: number,
): Window[] {
  const windows: Window[] = [];
  let first = from;
  let cost = 0;
  for (let group = from; group < to; group += 1) {
    cost += cost_bytes[group] ?? 0;
    if (cost >= bytes_min) {
      windows.push({ first, end: group + 1 });
      first = group + 1;
      cost = 0;
    }
  }
  const last = windows.at(-1);
  if (first < to) {
    // A small rest goes to its neighbour.
    if (last && cost < bytes_min / 2) last.end = to;
    else windows.push({ first, end: to });
  }
  return windows;
}
