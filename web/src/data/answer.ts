import type { Matrix } from './matrix.ts';

/** One value of an answer: integers are BigInt, so that no count is ever rounded. */
export type Cell = string | bigint | number | boolean | null;

/** What was read to give an answer. */
export interface Scanned {
  files: number;
  rowGroups: number;
  rows: number;
  bytesRead: number;
  bytesTotal: number;
}

/** A table: the answer to one question. */
export interface Answer {
  columns: string[];
  rows: Cell[][];
  /** All the answer's rows; `rows` holds the first of them. */
  rowsTotal: number;
  scanned: Scanned;
  /** The last column added up over all rows, where that is a count. */
  total?: bigint;
  /** Two groups and their counts as a table of both, over all rows. */
  matrix?: Matrix;
}

/** Why something could not be answered: a word for the program, a sentence for the reader. */
export interface Problem {
  kind: string;
  message: string;
  /** The row groups of the file that are to blame, where it is not the file as a whole. */
  rowGroups?: number[];
}

/** Whether it lies in the question, so that no file is to blame. */
export function isAboutQuestion({ kind }: Problem): boolean {
  return kind === 'query' || kind === 'column';
}

/** An answer, or the reason why there is none. */
export type Outcome =
  { ok: true; answer: Answer; partial: boolean } | { ok: false; problem: Problem };

/** Whether nothing can change it any more but other files or another question. */
export function isFinal(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && !(outcome.ok && outcome.partial);
}

/** The words of a query, as on the command line and in HTTP (`_` for `-`). */
export interface QueryWords {
  group_by?: string;
  measure?: string;
  where?: string;
  order_by?: string;
  limit?: number;
  providers?: string;
  match?: MatchRule;
}

export type MatchRule = 'contains' | 'domain';

/** A column of a file, as its footer describes it. */
export interface Column {
  name: string;
  type: string;
  /** Lists and maps can't be grouped or measured. */
  usable: boolean;
  /** Its name is a path into a struct. */
  member?: boolean;
}

/** The column that says when a row happened: the one called so, else the first moment, else the first day. */
export function timeColumn(columns: readonly Column[]): Column | undefined {
  const usable = columns.filter((column) => column.usable);
  const moments = usable.filter(({ type }) => type === 'timestamp');
  const named = moments.find(({ name }) => name === 'timestamp');
  return named ?? moments[0] ?? usable.find(({ type }) => type === 'date');
}

/** Turns a value of any sort into the number that a bar can draw; text and nothing are 0. */
export function magnitude(cell: Cell | undefined): number {
  if (typeof cell === 'bigint') return Number(cell);
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : 0;
  // Exact sums of decimals and of very large integers arrive as text.
  if (typeof cell === 'string' && /^-?\d+(\.\d+)?$/.test(cell)) return Number(cell);
  return 0;
}

/** A count as BigInt; anything that is not a whole number is 0. */
export function asCount(cell: Cell | undefined): bigint {
  if (typeof cell === 'bigint') return cell;
  if (typeof cell === 'number' && Number.isSafeInteger(cell)) return BigInt(cell);
  return 0n;
}

/** Whether all of the answer's rows are here, not just the first of them. */
export function isWhole(answer: Answer): boolean {
  return answer.rows.length === answer.rowsTotal;
}

/** The sum of the last column over all rows, where that is known. */
export function countTotal(answer: Answer): bigint | undefined {
  if (answer.total !== undefined) return answer.total;
  return isWhole(answer) ? sumOf(answer.rows) : undefined;
}

/** The last cells of these rows, added up. */
export function sumOf(rows: Cell[][]): bigint {
  return rows.reduce((sum, row) => sum + asCount(row.at(-1)), 0n);
}
