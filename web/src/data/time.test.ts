import { expect, it } from 'vitest';
import { columnsOf, fittingBucket } from './time.ts';

it('takes the step that a span of time is best seen by', () => {
  expect(fittingBucket('2026-11-23T00:00:00Z', '2026-11-23T23:59:59.999Z')).toBe('hour');
  expect(fittingBucket('2026-11-01T00:00:00Z', '2026-11-23T00:00:00Z')).toBe('day');
  expect(fittingBucket('2026-01-01', '2026-11-23')).toBe('week');
  expect(fittingBucket('2016-01-01', '2026-11-23')).toBe('month');
  expect(fittingBucket(undefined, undefined)).toBe('day');
});

it('shows the hours in which nothing happened', () => {
  const rows = [
    ['2026-11-23T22:00:00Z', 5n],
    ['2026-11-24T01:00:00Z', 2n],
    [null, 1n],
  ];
  const columns = columnsOf(rows, 'hour', 100);
  expect(columns.map(({ first, count }) => [first, count])).toEqual([
    ['2026-11-23T22:00:00Z', 5n],
    ['2026-11-23T23:00:00Z', 0n],
    ['2026-11-24T00:00:00Z', 0n],
    ['2026-11-24T01:00:00Z', 2n],
  ]);
  expect(columns.every(({ first, last }) => first === last)).toBe(true);
});

it('writes what it adds as what is there', () => {
  const times = (rows: string[], bucket: 'hour' | 'day' | 'week' | 'month') =>
    columnsOf(
      rows.map((time) => [time, 1n]),
      bucket,
      100,
    ).map(({ first }) => first);
  expect(times(['2026-02-27', '2026-03-01'], 'day')).toEqual([
    '2026-02-27',
    '2026-02-28',
    '2026-03-01',
  ]);
  expect(times(['2026-11-16', '2026-11-30'], 'week')[1]).toBe('2026-11-23');
  expect(times(['2025-12-01', '2026-02-01'], 'month')[1]).toBe('2026-01-01');
  expect(times(['2026-11-23T22:00:00', '2026-11-24T00:00:00'], 'hour')[1]).toBe(
    '2026-11-23T23:00:00',
  );
});

it('shows several steps as one column where there are too many, and loses no row', () => {
  const rows = [
    ['0001-01-01', 1n],
    ['1970-01-01', 3n],
    ['1970-02-01', 4n],
    ['9999-12-01', 2n],
  ];
  const columns = columnsOf(rows, 'month', 500);
  expect(columns.length).toBeLessThanOrEqual(500);
  expect(columns.reduce((sum, { count }) => sum + count, 0n)).toBe(10n);
  expect(columns[0]?.count).toBe(1n);
  expect(columns.at(-1)).toMatchObject({ last: '9999-12-01', count: 2n });
});

it('has no columns where nothing tells a time', () => {
  expect(columnsOf([[null, 7n]], 'day', 10)).toEqual([]);
});
