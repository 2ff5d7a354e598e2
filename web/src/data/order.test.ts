import { expect, it } from 'vitest';
import type { Cell } from './answer.ts';
import { ordered } from './order.ts';

const rows: Cell[][] = [
  ['b', 2n],
  [null, 10n],
  ['a', 9_007_199_254_740_993n],
  ['c', 3.5],
];
const names = (sorted: Cell[][]) => sorted.map((row) => row[0]);

it('orders numbers by size, whether they are whole or not', () => {
  expect(names(ordered(rows, { column: 1, descending: true }))).toEqual(['a', null, 'c', 'b']);
});

it('puts what is missing last, upwards and downwards', () => {
  expect(names(ordered(rows, { column: 0, descending: false }))).toEqual(['a', 'b', 'c', null]);
  expect(names(ordered(rows, { column: 0, descending: true }))).toEqual(['c', 'b', 'a', null]);
});

it('leaves the answer’s own order as it is', () => {
  expect(ordered(rows, undefined)).toBe(rows);
});
