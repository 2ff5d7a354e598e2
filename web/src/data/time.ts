import type { Cell } from './answer.ts';

/** A step of time that rows are counted by. */
export type Bucket = 'hour' | 'day' | 'week' | 'month';

export const BUCKETS: readonly Bucket[] = ['hour', 'day', 'week', 'month'];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Up to here a span is best seen by the hour, by the day, by the week. */
const HOURS_UP_TO_MS = 4 * DAY_MS;
const DAYS_UP_TO_MS = 120 * DAY_MS;
const WEEKS_UP_TO_MS = 3 * 365 * DAY_MS;
/** Buckets of a chart at most. */
export const BUCKETS_SHOWN_MAX = 750;

/** The step that shows a span of time best; days when the span is not known. */
export function fittingBucket(first: string | undefined, last: string | undefined): Bucket {
  const span_ms = instant(last) - instant(first);
  if (Number.isNaN(span_ms)) return 'day';
  if (span_ms <= HOURS_UP_TO_MS) return 'hour';
  if (span_ms <= DAYS_UP_TO_MS) return 'day';
  return span_ms <= WEEKS_UP_TO_MS ? 'week' : 'month';
}

/**
 * Rows (time, count) in the order of time with the steps in which nothing happened between them: a gap must be seen
 * as one. Rows without a time come last.
 */
export function withGaps(rows: readonly Cell[][], bucket: Bucket): [string | null, Cell][] {
  const filled: [string | null, Cell][] = [];
  let expected: string | undefined;
  for (const [time, count] of rows) {
    if (typeof time !== 'string') continue;
    while (expected !== undefined && expected < time && filled.length < BUCKETS_SHOWN_MAX) {
      filled.push([expected, 0n]);
      expected = next(expected, bucket);
    }
    filled.push([time, count ?? null]);
    expected = next(time, bucket);
  }
  const missing = rows.find(([time]) => time === null);
  return missing ? [...filled, [null, missing[1] ?? null]] : filled;
}

/** The start of the step after this one, written in the same way; nothing when the text is no time. */
function next(time: string, bucket: Bucket): string | undefined {
  const at = instant(time);
  if (Number.isNaN(at)) return undefined;
  const step_ms = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS, month: 0 }[bucket];
  const date = new Date(at + step_ms);
  if (bucket === 'month') date.setUTCMonth(date.getUTCMonth() + 1);
  const written = date.toISOString().replace('.000Z', 'Z');
  if (time.endsWith('Z')) return written;
  return time.includes('T') ? written.slice(0, -1) : written.slice(0, 10);
}

/** A moment in ms since 1970, a local one as if it were UTC; NaN for what is none. */
function instant(text: string | undefined): number {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}(T|$)/.test(text)) return NaN;
  return Date.parse(text.includes('T') && !text.endsWith('Z') ? `${text}Z` : text);
}
