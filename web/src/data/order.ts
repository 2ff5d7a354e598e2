import type { Cell } from './answer.ts';
import { quoted } from './words.ts';

export interface Order {
  column: number;
  descending: boolean;
}

/** Orders two values: numbers by size, text by code point, nothing last in either direction. */
export function compareCells(a: Cell | undefined, b: Cell | undefined): number {
  const left = rank(a);
  const right = rank(b);
  if (left !== right) return left - right;
  if (a === b || a === null || a === undefined || b === null || b === undefined) return 0;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The rows in the given order; equal rows stay as they were. */
export function ordered(rows: Cell[][], order: Order | undefined): Cell[][] {
  if (!order) return rows;
  const { column, descending } = order;
  return [...rows].sort((a, b) => {
    const left = a[column];
    const right = b[column];
    if (left === null || right === null) return compareCells(left, right);
    const sign = compareCells(left, right);
    return descending ? -sign : sign;
  });
}

/** An order in the words of a query: a measure stands as it was written, a column's name in quotes where it needs them. */
export function orderWords(columns: readonly string[], { column, descending }: Order): string {
  const name = columns[column] ?? '';
  const written = /^[a-z_]+\(.*\)$/.test(name) ? name : quoted(name);
  return `${written}:${descending ? 'desc' : 'asc'}`;
}

function rank(cell: Cell | undefined): number {
  if (cell === null || cell === undefined) return 3;
  if (typeof cell === 'bigint' || typeof cell === 'number') return 0;
  return typeof cell === 'boolean' ? 1 : 2;
}
