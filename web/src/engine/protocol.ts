import type { Column, Outcome, Problem, QueryWords } from '../data/answer.ts';

/** The pool's words to a worker. */
export type ToWorker =
  | { type: 'start'; module: WebAssembly.Module; lender: MessagePort }
  | { type: 'scan'; units: Unit[] }
  /** Gives up every unit up to this number. */
  | { type: 'stop'; unit: number }
  /** What the merger needs to know before partials come. */
  | { type: 'ask'; questions: Question[] }
  | { type: 'merge'; parts: FilePart[] }
  | { type: 'forget'; file: number; questions?: string[] }
  | { type: 'answer'; request: number; questions: Question[]; files: number[] }
  | {
      type: 'render';
      request: number;
      question: Question;
      files: number[];
      format: TextFormat;
      notes: RunNotes;
    };

/** A worker's words to the pool; they come several in one message, because each message costs time on the page. */
export type FromWorker =
  | { type: 'broken'; problem: Problem }
  /** The first word about a file; asking for a size on the page would hold it up for as long as the disk takes. */
  | { type: 'begun'; unit: number; size_bytes: number }
  | { type: 'opened'; unit: number; opened: Opened }
  | { type: 'progress'; unit: number; progress: UnitProgress }
  | { type: 'scanned'; unit: number; progress: UnitProgress; results: UnitResult[] }
  | { type: 'failed'; unit: number; problem: Problem }
  | { type: 'stopped'; unit: number }
  | { type: 'answers'; request: number; outcomes: Outcome[] }
  | { type: 'text'; request: number; text: string };

export type TextFormat = 'json' | 'csv' | 'markdown';

/** A query with a name that two equal queries share. */
export interface Question {
  key: string;
  words: QueryWords;
}

/** What only the page knows of a run, for the rendered text. */
export interface RunNotes {
  elapsed_ms: number;
  skipped: { file: string; reason: string }[];
}

/** One piece of work for one worker: a file, or a window of its row groups. */
export interface Unit {
  id: number;
  /** The number of the file in this session. */
  file: number;
  blob: File;
  path: string;
  questions: Question[];
  /** Absent: the whole file, its footer not read yet. */
  window?: Window;
}

/** Row groups from `first` up to, not including, `end`. */
export interface Window {
  first: number;
  end: number;
}

/** What a footer tells before anything is counted. */
export interface Opened {
  rows: number;
  rowGroups: number;
  columns: Column[];
  /** The windows that are left for other workers; the one that opened the file keeps the first. */
  windows: Window[];
}

/** How far a unit has come; rows are counted once a question. */
export interface UnitProgress {
  rowsDone: number;
  bytesRead: number;
}

/** A question's key, with its partial or the reason why there is none here. */
export type UnitResult = { question: string } & (
  { ok: true; partial: Uint8Array<ArrayBuffer> } | { ok: false; problem: Problem }
);

/** What a unit counted of a file, on its way to the merger. */
export interface FilePart {
  file: number;
  results: UnitResult[];
}

/** Names a query so that two equal ones are the same question. */
export function question(words: QueryWords): Question {
  return { key: JSON.stringify(words), words };
}
