import { describe, expect, it } from 'vitest';
import {
  bytes,
  clock,
  compact,
  count,
  duration,
  exact,
  local,
  moment,
  percent,
  plural,
  spanOfTime,
  tabSeparated,
} from './format.ts';

describe('numbers for a reader', () => {
  it('keeps every digit of a count', () => {
    expect(count(9_007_199_254_740_993n)).toBe('9,007,199,254,740,993');
  });

  it('shortens only where asked to', () => {
    expect(compact(950)).toBe('950');
    expect(compact(9_130)).toBe('9.1K');
    expect(compact(230_769n)).toBe('231K');
  });

  it('never calls something nothing', () => {
    expect(percent(1, 1_000_000)).toBe('<0.1%');
    expect(percent(0, 1_000_000)).toBe('0%');
    expect(percent(0, 0)).toBe('0%');
    expect(percent(1, 3)).toBe('33.3%');
  });

  it('speaks of one thing and of many', () => {
    expect(plural(1, 'file')).toBe('1 file');
    expect(plural(2_000n, 'row')).toBe('2,000 rows');
  });

  it('takes the unit that fits', () => {
    expect(bytes(0)).toBe('0 B');
    expect(bytes(1_500)).toBe('1.5 kB');
    expect(bytes(999_700)).toBe('1 MB');
    expect(bytes(5_368_709_120)).toBe('5.4 GB');
    expect(duration(0.2)).toBe('1 ms');
    expect(duration(1_240)).toBe('1.2 s');
  });
});

describe('copying', () => {
  it('is exact, and leaves what is missing empty', () => {
    expect(exact(9_007_199_254_740_993n)).toBe('9007199254740993');
    expect(exact(null)).toBe('');
  });

  it('stays a table, whatever a value holds', () => {
    expect(tabSeparated(['a', 'n'], [['x\ty\nz', 1n]])).toBe('a\tn\nx y z\t1');
  });
});

describe('time', () => {
  it('spans from one moment to another, with the year', () => {
    expect(spanOfTime('2026-11-23T00:00:00Z', '2026-11-23T23:59:59.999Z')).toBe(
      'Nov 23, 2026, 00:00 – 23:59',
    );
    expect(spanOfTime('2025-12-31', '2026-01-02')).toBe('Dec 31, 2025 – Jan 2, 2026');
    expect(spanOfTime('2026-01-02', '2026-01-02')).toBe('Jan 2, 2026');
  });

  it('is the reader’s own too, where that differs from UTC', () => {
    const beside = new Date('2026-11-23T10:00:00Z').getTimezoneOffset() === 0 ? '' : 'your time';
    expect(local('2026-11-23T10:00:00Z').endsWith(beside)).toBe(true);
    // A day, a local time and a word have no other clock.
    expect([local('2026-11-23'), local('2026-11-23T10:00:00'), local('noon')]).toEqual([
      '',
      '',
      '',
    ]);
    expect(clock('2026-11-23T10:00:00Z')).toMatch(/^Nov 23, 10:00 UTC/);
  });

  it('is short, and stays on its own clock', () => {
    expect(moment('2026-11-23')).toBe('Nov 23');
    expect(moment('2026-11-23T00:00:00Z')).toBe('Nov 23, 00:00');
    expect(moment('2026-11-23T22:00:00')).toBe('Nov 23, 22:00');
    expect(moment('no value')).toBe('no value');
  });
});
