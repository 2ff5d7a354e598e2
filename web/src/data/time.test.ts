import { expect, it } from 'vitest';
import { fittingBucket, withGaps } from './time.ts';

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
  expect(withGaps(rows, 'hour')).toEqual([
    ['2026-11-23T22:00:00Z', 5n],
    ['2026-11-23T23:00:00Z', 0n],
    ['2026-11-24T00:00:00Z', 0n],
    ['2026-11-24T01:00:00Z', 2n],
    [null, 1n],
  ]);
});

it('writes what it adds as what is there', () => {
  const times = (rows: string[], bucket: 'hour' | 'day' | 'month') =>
    withGaps(
      rows.map((time) => [time, 1n]),
      bucket,
    ).map(([time]) => time);
  expect(times(['2026-02-27', '2026-03-01'], 'day')).toEqual([
    '2026-02-27',
    '2026-02-28',
    '2026-03-01',
  ]);
  expect(times(['2025-12-01', '2026-02-01'], 'month')[1]).toBe('2026-01-01');
  expect(times(['2026-11-23T22:00:00', '2026-11-24T00:00:00'], 'hour')[1]).toBe(
    '2026-11-23T23:00:00',
  );
});

it('leaves alone what is no time', () => {
  expect(
    withGaps(
      [
        ['noon', 1n],
        ['night', 2n],
      ],
      'day',
    ),
  ).toHaveLength(2);
});
