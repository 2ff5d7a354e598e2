import { asCount, type Cell } from './answer.ts';

/** A step of time that rows are counted by. */
export type Bucket = 'hour' | 'day' | 'week' | 'month';

export const BUCKETS: readonly Bucket[] = ['hour', 'day', 'week', 'month'];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STEP_MS = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS } as const;
/** A Monday, because weeks begin with one. */
const WEEK_BEGIN_MS = Date.UTC(1970, 0, 5);
/** Up to here a span is best seen by the hour, by the day, by the week. */
const HOURS_UP_TO_MS = 4 * DAY_MS;
const DAYS_UP_TO_MS = 120 * DAY_MS;
const WEEKS_UP_TO_MS = 3 * 365 * DAY_MS;

/** The step that shows a span of time best; days when the span is not known. */
export function fittingBucket(first: string | undefined, last: string | undefined): Bucket {
  const span_ms = instant(last) - instant(first);
  if (Number.isNaN(span_ms)) return 'day';
  if (span_ms <= HOURS_UP_TO_MS) return 'hour';
  if (span_ms <= DAYS_UP_TO_MS) return 'day';
  return span_ms <= WEEKS_UP_TO_MS ? 'week' : 'month';
}

/** A column of a chart over time: one step, or several where there are more than it has room for. */
export interface Span {
  /** The start of its first step, and of its last one. */
  first: string;
  last: string;
  count: bigint;
}

/**
 * Rows (time, count) as columns in the order of time, the steps in which nothing happened between them: a gap must be seen
 * as one. There are `columns_max` at most, each of as many steps as that needs. Rows without a time have no place in it.
 */
export function columnsOf(rows: readonly Cell[][], bucket: Bucket, columns_max: number): Span[] {
  const counted = rows.flatMap(([time, count]) => {
    const step = typeof time === 'string' ? stepOf(time, bucket) : undefined;
    return step === undefined ? [] : [{ time: time as string, step, count: asCount(count) }];
  });
  const [any] = counted;
  if (!any) return [];
  const first = counted.reduce((least, { step }) => Math.min(least, step), any.step);
  const last = counted.reduce((most, { step }) => Math.max(most, step), any.step);
  const each = Math.ceil((last - first + 1) / Math.max(columns_max, 1));
  const columns = Array.from({ length: Math.ceil((last - first + 1) / each) }, (_, index): Span => {
    const start = first + index * each;
    const written = (step: number): string => timeOf(step, bucket, any.time);
    return { first: written(start), last: written(Math.min(start + each - 1, last)), count: 0n };
  });
  for (const { step, count } of counted) {
    const column = columns[Math.floor((step - first) / each)];
    if (column) column.count += count;
  }
  return columns;
}

/** The number of a step, counted from 1970; undefined when the text is no time. */
function stepOf(time: string, bucket: Bucket): number | undefined {
  const at = instant(time);
  if (Number.isNaN(at)) return undefined;
  const date = new Date(at);
  if (bucket === 'month') return 12 * date.getUTCFullYear() + date.getUTCMonth();
  return Math.floor((at - WEEK_BEGIN_MS) / STEP_MS[bucket]);
}

/** The start of a step, written as the others are. */
function timeOf(step: number, bucket: Bucket, like: string): string {
  const date =
    bucket === 'month'
      ? new Date(Date.UTC(Math.floor(step / 12), step % 12))
      : new Date(WEEK_BEGIN_MS + step * STEP_MS[bucket]);
  const written = date.toISOString().replace('.000Z', 'Z');
  if (like.endsWith('Z')) return written;
  return like.includes('T') ? written.slice(0, -1) : written.slice(0, 10);
}

/** A moment in ms since 1970, a local one as if it were UTC; NaN for what is none. */
function instant(text: string | undefined): number {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}(T|$)/.test(text)) return NaN;
  return Date.parse(text.includes('T') && !text.endsWith('Z') ? `${text}Z` : text);
}
