/** One value of an answer; whole numbers are BigInt, so that no count is ever rounded. */
export type Cell = string | bigint | number | boolean | null;

/** The words of a query, as on Questlog's command line (`_` for `-`). */
export interface Query {
  /** One or more, comma separated: a column, `provider(column)`, or a time bucket such as `day(column)`. */
  group_by?: string;
  /** `count` if nothing else is said; also `sum(column)`, `mean(column)`, `min`, `max`, `distinct`. */
  measure?: string;
  where?: string;
  order_by?: string;
  limit?: number;
  /** Comma separated, in the order that decides who wins. */
  providers?: string;
  match?: 'contains' | 'domain';
}

/** How far the counting has come. */
export interface Progress {
  files: number;
  filesDone: number;
  /** Rows of the files that are opened already. */
  rows: number;
  rowsDone: number;
  bytesRead: number;
  bytesTotal: number;
  /** The part that is done, from 0 to 1. */
  part: number;
  /** What is counted so far, exact as far as it goes: its first thousand rows. */
  soFar?: { columns: string[]; rows: Cell[][] };
}

/** The answer. */
export interface Analysis {
  columns: string[];
  rows: Cell[][];
  scanned: {
    files: number;
    rowGroups: number;
    rows: number;
    bytesRead: number;
    bytesTotal: number;
  };
  /** Files that could not be read, with `skipBad`. */
  skipped: { file: string; reason: string }[];
  elapsed_ms: number;
}

export interface Options {
  onProgress?: (progress: Progress) => void;
  /** Ends the counting; the promise is then rejected with the signal's reason. */
  signal?: AbortSignal;
  /** Leaves out files that can't be read, instead of failing. */
  skipBad?: boolean;
}

/** Why there is no answer, in a sentence; `kind` is for programs, `file` names the one to blame, if one is. */
export declare class AnalysisError extends Error {
  readonly kind: string;
  readonly file: string | undefined;
}

/** Answers a query over Parquet files, in workers of this page. The files are read here and sent nowhere. */
export declare function analyze(
  files: Iterable<File>,
  query: Query,
  options?: Options,
): Promise<Analysis>;

/**
 * `<questlog-analysis group-by="event_type">`: takes files by button, by drop or by its property, and shows the answer.
 *
 * Its attributes are the words of the query, `-` for `_`. It dispatches `answer` (detail: `Analysis`) and `problem` (detail: `Error`).
 */
export declare class QuestlogAnalysis extends HTMLElement {
  files: Iterable<File>;
  query: Query;
  readonly analysis: Analysis | undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    'questlog-analysis': QuestlogAnalysis;
  }
}
