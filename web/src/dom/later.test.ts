import { expect, it, vi } from 'vitest';
import { Later } from './later.ts';

it('does each piece in a task of its own, in their order', () => {
  vi.useFakeTimers();
  const done: string[] = [];
  const later = new Later();
  later.begin(['a', 'b', 'c'].map((name) => () => done.push(name)));
  expect(done).toEqual([]);
  vi.advanceTimersToNextTimer();
  expect(done).toEqual(['a']);
  // New pieces take the place of those that wait.
  later.begin([() => done.push('d')]);
  vi.runAllTimers();
  expect(done).toEqual(['a', 'd']);
  vi.useRealTimers();
});

it('does what waits at once when it is told to, and not once more', () => {
  vi.useFakeTimers();
  const done: string[] = [];
  const later = new Later();
  later.begin(['a', 'b'].map((name) => () => done.push(name)));
  later.finish();
  expect(done).toEqual(['a', 'b']);
  vi.runAllTimers();
  expect(done).toEqual(['a', 'b']);
  vi.useRealTimers();
});
