import { expect, it } from 'vitest';
import { named, printable } from './name.ts';

it('leaves an ordinary name as it is', () => {
  expect(named('knife purchased')).toBe('knife purchased');
  expect(printable('Größe 💥.parquet')).toBe('Größe 💥.parquet');
});

it('shows what would change how the rest of a name is shown', () => {
  expect(printable('\u202egnp.parquet')).toBe('\ufffdgnp.parquet');
  expect(printable('a\nb\u0007')).toBe('a\ufffdb\ufffd');
});

it('shortens a name and keeps its direction to itself', () => {
  expect(named('x'.repeat(5000))).toHaveLength(61);
  expect(named('קנה חרב')).toBe('\u2068קנה חרב\u2069');
});
