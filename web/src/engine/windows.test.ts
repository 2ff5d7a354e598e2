import { expect, it } from 'vitest';
import { costliestFirst, windowsOf } from './windows.ts';

const whole = (first: number, end: number) => [{ first, end }];

it('has one empty window for a file without row groups', () => {
  expect(windowsOf(0, [], whole)).toEqual([{ first: 0, end: 0 }]);
});

it('goes around the row groups that are left out', () => {
  expect(windowsOf(5, [0, 3], whole)).toEqual([
    { first: 1, end: 3 },
    { first: 4, end: 5 },
  ]);
  expect(windowsOf(2, [0, 1], whole)).toEqual([{ first: 0, end: 0 }]);
  expect(windowsOf(2, [], whole)).toEqual([{ first: 0, end: 2 }]);
});

it('begins with what costs most, also of a row group that is cut by rows', () => {
  const windows = [
    { first: 0, end: 1 },
    { first: 1, end: 2, rows: { first: 0, end: 30 } },
    { first: 1, end: 2, rows: { first: 30, end: 40 } },
    { first: 2, end: 4 },
  ];
  // The row group that is cut costs 300 and 100.
  const [first, second, third, fourth] = windows;
  expect(costliestFirst(windows, [50, 400, 100, 70])).toEqual([second, fourth, third, first]);
});
