import type { Column } from './answer.ts';
import { quoted } from './words.ts';

/** Comparisons that a condition can be put together with, and what they are called. */
export interface Operator {
  words: string;
  label: string;
  /** Whether it wants a value. */
  wants: 'one' | 'list' | 'none';
}

const EQUAL: Operator[] = [
  { words: '=', label: 'is', wants: 'one' },
  { words: '!=', label: 'is not', wants: 'one' },
];
const ORDERED: Operator[] = [
  { words: '<', label: 'is less than', wants: 'one' },
  { words: '<=', label: 'is at most', wants: 'one' },
  { words: '>', label: 'is more than', wants: 'one' },
  { words: '>=', label: 'is at least', wants: 'one' },
];
const TEXTS: Operator[] = [
  { words: 'like', label: 'is like', wants: 'one' },
  { words: 'not like', label: 'is not like', wants: 'one' },
];
const ALWAYS: Operator[] = [
  { words: 'in', label: 'is one of', wants: 'list' },
  { words: 'not in', label: 'is none of', wants: 'list' },
  { words: 'is null', label: 'is missing', wants: 'none' },
  { words: 'is not null', label: 'is there', wants: 'none' },
];

/** What can be asked of a column of this type. */
export function operators(type: string): Operator[] {
  if (type === 'bool') return [...EQUAL, ...ALWAYS.slice(2)];
  if (type === 'text' || type === 'bytes') return [...EQUAL, ...TEXTS, ...ALWAYS, ...ORDERED];
  if (type === 'interval' || type === 'null') return ALWAYS.slice(2);
  return [...EQUAL, ...ORDERED, ...ALWAYS];
}

/** A condition of one column, as a query writes it. */
export function condition(column: Column, { words, wants }: Operator, typed: string): string {
  const name = quoted(column.name);
  if (wants === 'none') return `${name} ${words}`;
  if (wants === 'one') return `${name} ${words} ${literal(typed, column.type)}`;
  const values = typed.split(',').map((value) => literal(value.trim(), column.type));
  return `${name} ${words} (${values.join(', ')})`;
}

/** Adds a condition to those that are there; what holds an `or` goes into brackets. */
export function joined(conditions: string, more: string): string {
  const there = conditions.trim();
  if (there === '') return more;
  return /\bor\b/i.test(there.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, ''))
    ? `(${there}) and ${more}`
    : `${there} and ${more}`;
}

function literal(typed: string, type: string): string {
  const plain =
    type === 'bool'
      ? /^(true|false)$/i
      : /^(int|float|decimal)$/.test(type)
        ? /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i
        : undefined;
  return plain?.test(typed.trim()) ? typed.trim() : `'${typed.replaceAll("'", "''")}'`;
}

/** The items of a list such as `provider(Host),"a, b"`: commas in brackets or quotes divide nothing. */
export function items(list: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let quote = '';
  let start = 0;
  for (let at = 0; at <= list.length; at += 1) {
    const sign = list[at];
    if (quote !== '') {
      if (sign === quote) quote = '';
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    if (sign === undefined || (sign === ',' && depth <= 0 && quote === '')) {
      found.push(list.slice(start, at).trim());
      start = at + 1;
    }
  }
  return found.filter((item) => item !== '');
}

/** What a column of the answer is called that this was made by: `day(at)` makes `day`. */
export function answerColumn(item: string): string {
  return /^(provider|minute|hour|day|week|month)\(/i.exec(item)?.[1]?.toLowerCase() ?? item;
}
