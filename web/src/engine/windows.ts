import type { Window } from './protocol.ts';

/** Bytes of needed columns in a window from which on it is worth another worker's attention. */
export const WINDOW_BYTES_MIN = 2_000_000;

/**
 * Deals a file's row groups out into windows of neighbours, each worth at least `bytes_min` of reading.
 * Neighbours stay together because their bytes do.
 */
export function windowsOf(cost_bytes: ArrayLike<number>, bytes_min = WINDOW_BYTES_MIN): Window[] {
  const windows: Window[] = [];
  let first = 0;
  let cost = 0;
  for (let group = 0; group < cost_bytes.length; group += 1) {
    cost += cost_bytes[group] ?? 0;
    if (cost >= bytes_min) {
      windows.push({ first, end: group + 1 });
      first = group + 1;
      cost = 0;
    }
  }
  const last = windows.at(-1);
  if (first < cost_bytes.length || !last) {
    // A small rest goes to its neighbour; a file without row groups is one empty window.
    if (last && cost < bytes_min / 2) last.end = cost_bytes.length;
    else windows.push({ first, end: cost_bytes.length });
  }
  return windows;
}
