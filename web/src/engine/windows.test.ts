import { expect, it } from 'vitest';
import { costliestFirst, windowsOf } from './windows.ts';

it('keeps neighbours together until they are worth a worker', () => {
  expect(windowsOf([5, 5, 5, 20, 1, 12], [], 10)).toEqual([
    { first: 0, end: 2 },
    { first: 2, end: 4 },
    { first: 4, end: 6 },
  ]);
});

it('gives a small rest to its neighbour', () => {
  expect(windowsOf([10, 10, 1], [], 10)).toEqual([
    { first: 0, end: 1 },
    { first: 1, end: 3 },
  ]);
});

it('covers every row group once', () => {
  for (let groups = 0; groups < 40; groups += 1) {
    const costs = Array.from({ length: groups }, (_, group) => (group * 7919) % 23);
    const windows = windowsOf(costs, [], 30);
    expect(windows[0]?.first).toBe(0);
    expect(windows.at(-1)?.end).toBe(groups);
    windows.slice(1).forEach((window, index) => {
      expect(window.first).toBe(windows[index]?.end);
    });
  }
});

it('has one empty window for a file without row groups', () => {
  expect(windowsOf([])).toEqual([{ first: 0, end: 0 }]);
});

it('goes around the row groups that are left out', () => {
  expect(windowsOf([9, 9, 9, 9, 9], [0, 3], 100)).toEqual([
    { first: 1, end: 3 },
    { first: 4, end: 5 },
  ]);
  expect(windowsOf([9, 9], [0, 1], 100)).toEqual([{ first: 0, end: 0 }]);
});

it('begins with what costs most', () => {
  const windows = windowsOf([10, 30, 20], [], 10);
  expect(costliestFirst(windows, [10, 30, 20]).map(({ first }) => first)).toEqual([1, 2, 0]);
});
