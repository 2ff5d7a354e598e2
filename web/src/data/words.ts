import type { Column, MatchRule, QueryWords } from './answer.ts';

/** The provider list of the classic question, in the order that decides who wins. */
export const PROVIDERS = ['comcast', 'att', 'google', 'frontier', 'cox', 'earthlink'];

/** How hosts are matched to providers: the two things a reader can change about the classic questions. */
export interface Matching {
  rule: MatchRule;
  providers: string[];
}

/** "Which events happen most?" */
export function popularEvents(): QueryWords {
  return { group_by: 'event_type', measure: 'count' };
}

/** "Which internet providers do users come from, and which events are most popular on each?" */
export function providersByEvent(matching: Matching): QueryWords {
  return {
    group_by: 'provider(Host),event_type',
    measure: 'count',
    providers: matching.providers.join(','),
    match: matching.rule,
  };
}

/** A question of the reader's own, matching hosts as the page is set to, where it looks for providers at all. */
export function matched(words: QueryWords, { rule, providers }: Matching): QueryWords {
  const looks = /\bprovider\(/.test(`${words.group_by ?? ''} ${words.where ?? ''}`);
  return looks ? { ...words, providers: providers.join(','), match: rule } : words;
}

/** The filter that only this value passes; `column` is written as a query writes it. */
export function only(column: string, value: string | null): string {
  return value === null ? `${column} is null` : `${column} = '${value.replaceAll("'", "''")}'`;
}

/** A column's name as a query writes it: in double quotes where it holds anything but a plain word. */
export function quoted(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_.]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** The provider list out of what was typed: commas or line breaks between, repeats dropped; the core says what is wrong with it. */
export function providersTyped(text: string): string[] {
  const names = text
    .trim()
    .replace(/,$/, '')
    .split(/[,\n]/)
    .map((name) => name.trim());
  return [...new Set(names)];
}

/** The same query as words of the command line, to copy and check. */
export function commandLine(words: QueryWords, paths: string): string {
  const options = Object.entries(words)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `--${name.replaceAll('_', '-')} ${shellQuoted(String(value))}`);
  return ['questlog analyze', paths, ...options].join(' ');
}

/** Time buckets, the ones asked for most often first. */
const BUCKETS = ['day', 'hour', 'minute', 'week', 'month'];

/** What can stand after "group by" for a column: itself, and what is made of it. */
export function groupings(column: Column): { words: string; label: string }[] {
  if (!column.usable) return [];
  const name = quoted(column.name);
  const choices = [{ words: name, label: column.name }];
  if (isText(column)) {
    choices.push({ words: `provider(${name})`, label: `provider in ${column.name}` });
  }
  if (isTime(column)) {
    for (const bucket of BUCKETS) {
      choices.push({ words: `${bucket}(${name})`, label: `${bucket} of ${column.name}` });
    }
  }
  return choices;
}

/** The measures that make sense for a column. */
export function measures(column: Column): string[] {
  if (!column.usable) return [];
  return isNumber(column)
    ? ['count', 'distinct', 'sum', 'mean', 'min', 'max']
    : ['count', 'distinct', 'min', 'max'];
}

function isText(column: Column): boolean {
  return /text|string|bytes/i.test(column.type);
}

function isTime(column: Column): boolean {
  return /timestamp|date/i.test(column.type);
}

function isNumber(column: Column): boolean {
  return /int|float|double|decimal/i.test(column.type) && !/interval/i.test(column.type);
}

/** A word as a shell takes it. */
export function shellQuoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  // Double quotes read better around the single ones of a filter, where nothing inside means something to a shell.
  if (text.includes("'") && !/["$`\\!]/.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
