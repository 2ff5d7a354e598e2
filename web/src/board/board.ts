import type { Cell, Column, Outcome, Problem, QueryWords } from '../data/answer.ts';
import type { Order } from '../data/order.ts';
import type { Matching } from '../data/words.ts';
import type { Explanation, Question, Span, TextFormat } from '../engine/protocol.ts';

/** How much there is and how much of it is done. */
export interface Totals {
  files: number;
  /** Files whose rows and size are known. */
  filesOpened: number;
  filesDone: number;
  /** The part that is done, from 0 to 1. */
  part: number;
  rows: number;
  rowsDone: number;
  bytesRead: number;
  bytesTotal: number;
}

/** A source of answers: dropped files, or this server's lake. The page shows either in the same way. */
export interface Board {
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly busy: boolean;
  /** Stopped by the reader before all was counted. */
  readonly stopped: boolean;
  readonly elapsed_ms: number;
  readonly totals: Totals;
  /** The columns of the first file that was opened. */
  readonly columns: readonly Column[];
  /** From when to when all rows are, as far as the footers tell. */
  readonly span: Span | undefined;
  /**
   * Asks these questions and no others; those that were asked before keep what is known.
   * One that goes on with what was asked before does not start the clock anew.
   */
  ask(questions: Question[], goesOn?: boolean): void;
  stop(): void;
  /** An answer as text, as the command line would write it. */
  render(question: Question, format: TextFormat): Promise<string>;
  /** A window of an answer's rows, in the given order. */
  rows(
    question: Question,
    order: Order | undefined,
    first: number,
    rows_max: number,
  ): Promise<Cell[][]>;
  /** All rows in the given order, exact and tab-separated. */
  tabs(question: Question, order: Order | undefined): Promise<string>;
  /** Why hosts are these providers', of a question that counts by host. */
  explain(question: Question, matching: Matching): Promise<Explanation>;
  /** What is wrong with the words of a query. */
  check(words: QueryWords): Promise<Problem | undefined>;
  /** The query as SQL for DuckDB, over the same files. */
  sql(words: QueryWords): Promise<string>;
  /** What the command line is given to read the same files. */
  readonly paths: string;
}

/** Hosts listed of each sort in an explanation. */
export const HOSTS_TOLD_MAX = 100;
