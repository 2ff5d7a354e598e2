import type { Cell } from './answer.ts';

const whole = new Intl.NumberFormat();
const compactNumber = new Intl.NumberFormat(undefined, {
  notation: 'compact',
  maximumFractionDigits: 1,
});
const compactRound = new Intl.NumberFormat(undefined, {
  notation: 'compact',
  maximumFractionDigits: 0,
});
const share = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
const oneDecimal = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** A whole number with the reader's separators. */
export function count(value: number | bigint): string {
  return whole.format(value);
}

/** A number in few characters, for narrow places: `9.1K`, `69K`. */
export function compact(value: number | bigint): string {
  const shown = compactNumber.format(value);
  return shown.length > 4 ? compactRound.format(value) : shown;
}

/** A part of a whole in per cent; a part that rounds to nothing says so. */
export function percent(part: number, of: number): string {
  if (of <= 0) return share.format(0);
  const ratio = part / of;
  return ratio > 0 && ratio < 0.001 ? `<${share.format(0.001)}` : share.format(ratio);
}

/** A plain word with its number: `1 file`, `2 files`. */
export function plural(value: number | bigint, one: string, many = `${one}s`): string {
  return `${count(value)} ${value == 1 ? one : many}`;
}

/** Bytes in the unit a reader expects from a file manager. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let scaled = value;
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || scaled >= 100 ? Math.round(scaled) : scaled;
  return `${oneDecimal.format(digits)} ${units[unit] ?? ''}`;
}

/** A duration in ms, or in s from one second on. */
export function duration(elapsed_ms: number): string {
  if (elapsed_ms < 999.5) return `${whole.format(Math.max(1, Math.round(elapsed_ms)))} ms`;
  return `${oneDecimal.format(elapsed_ms / 1000)} s`;
}

/** Characters of a text that the page shows; a value may have millions. */
const SHOWN_MAX = 300;

/** A value as the page shows it. */
export function shown(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return '–';
  if (typeof cell === 'bigint') return whole.format(cell);
  const text = String(cell);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

const dayFormat = new Intl.DateTimeFormat(undefined, {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
});
const minuteFormat = new Intl.DateTimeFormat(undefined, {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** A day, or an instant as the core writes it, in the reader's short form; the clock stays the one it was written in. */
export function moment(text: string): string {
  const [, day, time] =
    /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}):\d{2}(?:\.\d+)?Z?)?$/.exec(text) ?? [];
  if (!day) return text;
  return time ? minuteFormat.format(new Date(`${day}T${time}Z`)) : dayFormat.format(new Date(day));
}

const longDay = new Intl.DateTimeFormat(undefined, {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});

const longMonth = new Intl.DateTimeFormat(undefined, {
  timeZone: 'UTC',
  month: 'short',
  year: 'numeric',
});

/** A day with its year. */
export function day(text: string): string {
  return dated(text, longDay);
}

/** A month with its year. */
export function month(text: string): string {
  return dated(text, longMonth);
}

function dated(text: string, format: Intl.DateTimeFormat): string {
  const [date] = /^\d{4}-\d{2}-\d{2}/.exec(text) ?? [];
  return date === undefined ? text : format.format(new Date(date));
}

/** A span of time with its years; the end names its day only when it is another. */
export function spanOfTime(first: string, last: string): string {
  const [from, to] = [first, last].map((text) => {
    const [, day = '', time = ''] = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}))?/.exec(text) ?? [];
    return { day: day && longDay.format(new Date(day)), time };
  });
  if (!from?.day || !to?.day) return `${first} – ${last}`;
  const begin = [from.day, from.time].filter(Boolean).join(', ');
  const end = from.day === to.day ? to.time : [to.day, to.time].filter(Boolean).join(', ');
  return end === '' ? begin : `${begin} – ${end}`;
}

const localFormat = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** An instant by the reader's own clock, where that shows another time than UTC; nothing for anything else. */
export function local(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/.test(text)) return '';
  const at = new Date(text);
  if (Number.isNaN(at.getTime()) || at.getTimezoneOffset() === 0) return '';
  return `${localFormat.format(at)} your time`;
}

/** A moment as a reader knows it: in UTC, with their own clock beside it where that shows another time. */
export function clock(text: string): string {
  const utc = text.endsWith('Z') ? `${moment(text)} UTC` : moment(text);
  const beside = local(text);
  return beside === '' ? utc : `${utc} (${beside})`;
}

/** A value as it is copied: exact, without separators; nothing for null. */
export function exact(cell: Cell | undefined): string {
  return cell === null || cell === undefined ? '' : String(cell);
}

/** A row as tab-separated text, what a spreadsheet takes from the clipboard. */
export function tabLine(row: readonly Cell[]): string {
  // A tab or a line break inside a value would break the table it is pasted into.
  return row.map((cell) => exact(cell).replace(/[\t\r\n]+/g, ' ')).join('\t');
}

/** The same for a whole table. */
export function tabSeparated(columns: string[], rows: Cell[][]): string {
  return [columns, ...rows].map(tabLine).join('\n');
}
