import type { Cell, Column, Outcome, Problem, QueryWords } from '../data/answer.ts';
import type { Order } from '../data/order.ts';
import type { Matching } from '../data/words.ts';
import type { Look } from './look.ts';
import type { Source } from './source.ts';

/** The pool's words to a worker. */
export type ToWorker =
  | { type: 'start'; module: WebAssembly.Module; lender: MessagePort }
  /** Gets ready on a sample, for so long at most. */
  | { type: 'warm'; sample: Uint8Array<ArrayBuffer>; ms: number }
  | { type: 'scan'; units: Unit[] }
  /** Gives up every unit up to this number. */
  | { type: 'stop'; unit: number }
  /** What the merger needs to know before partials come. */
  | { type: 'ask'; questions: Question[] }
  | { type: 'merge'; parts: FilePart[] }
  | { type: 'forget'; file: number; questions?: string[] }
  | { type: 'answer'; request: number; questions: Question[]; files: number[] }
  | { type: 'request'; request: number; wish: Wish }
  | { type: 'look'; request: number; look: Look };

/** A worker's words to the pool; they come several in one message, because each message costs time on the page. */
export type FromWorker =
  | { type: 'broken'; problem: Problem }
  /** Addresses that were asked for parts of a file: the browser does not tell the page of them. */
  | { type: 'requested'; addresses: string[] }
  /** The first word about a file; asking for a size on the page would hold it up for as long as the disk takes. */
  | { type: 'begun'; unit: number; size_bytes: number }
  | { type: 'opened'; unit: number; opened: Opened }
  | { type: 'progress'; unit: number; progress: UnitProgress }
  | { type: 'scanned'; unit: number; progress: UnitProgress; results: UnitResult[] }
  | { type: 'failed'; unit: number; problem: Problem }
  | { type: 'stopped'; unit: number }
  | { type: 'answers'; request: number; outcomes: Outcome[] }
  | { type: 'reply'; request: number; value: unknown }
  | { type: 'refused'; request: number; problem: Problem };

/** What the page wants to know of an answer beside its first rows, each with what comes back. */
export interface Wishes {
  /** The answer as text, exactly as the command line would write it. */
  render: { ask: About & { format: TextFormat; notes: RunNotes }; back: string };
  /** A window of the answer's rows, in another order if one is given. */
  rows: { ask: About & { order?: Order; first: number; rows_max: number }; back: Cell[][] };
  /** All rows in that order, tab-separated and exact, for the clipboard. */
  tabs: { ask: About & { order?: Order }; back: string };
  /** Why hosts are these providers', of an answer that counts by host. */
  explain: { ask: About & { matching: Matching; top_max: number }; back: Explanation };
  /** The same for hosts that were counted elsewhere. */
  explainHosts: {
    ask: { hosts: (string | null)[]; rows: bigint[]; matching: Matching; top_max: number };
    back: Explanation;
  };
  /** What is wrong with the words of a query; nothing if it can be asked. */
  check: { ask: { words: QueryWords }; back: Problem | undefined };
  /** The query as SQL for DuckDB over these files; `members` are columns whose names are paths into a struct. */
  sql: { ask: { words: QueryWords; paths: string[]; members: string[] }; back: string };
}

/** An answer: the question, and the files that it is over. */
export interface About {
  question: Question;
  files: number[];
}

export type WishName = keyof Wishes;
/** A wish on its way to the worker that merges. */
export type Wish = { [Name in WishName]: { name: Name } & Wishes[Name]['ask'] }[WishName];

/** Why hosts are these providers', as the core explains it. */
export interface Explanation {
  /** In the list's order; what has no provider comes last and is always there. */
  providers: ProviderHosts[];
  /** Hosts in which the rule finds several providers. */
  several: Hosts;
  /** Hosts that the two rules give to different providers. */
  differing: Hosts;
}

export interface ProviderHosts {
  provider?: string;
  hosts: Hosts;
  rowsContains: bigint;
  rowsDomain: bigint;
}

/** Hosts with something in common: how many, their rows, and those with the most rows. */
export interface Hosts {
  hosts: bigint;
  rows: bigint;
  top: HostMatch[];
}

/** One host, and what both rules say of it. */
export interface HostMatch {
  host?: string;
  rows: bigint;
  contains?: string;
  domain?: string;
  /** Every provider that the chosen rule finds in it; the first one wins. */
  found: string[];
  /** The host cut around the word that decided; one piece where none did. */
  pieces: string[];
}

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

/** One piece of work for one worker: a file, or a window of it. */
export interface Unit {
  id: number;
  /** The number of the file in this session. */
  file: number;
  source: Source;
  path: string;
  questions: Question[];
  /** Row groups that the reader left out. */
  without: readonly number[];
  /** Absent: the whole file, its footer not read yet. */
  window?: Window;
}

/** Row groups from `first` up to, not including, `end`; of a single one perhaps only some rows. */
export interface Window {
  first: number;
  end: number;
  rows?: { first: number; end: number };
}

/** What a footer tells before anything is counted. */
export interface Opened {
  rows: number;
  rowGroups: number;
  columns: Column[];
  /** From when to when its rows are, where the footer tells. */
  span: Span | undefined;
  /** What the worker that opened the file counts itself. */
  own: Window;
  /** What is left for all workers, the most costly first. */
  windows: Window[];
}

/** The first and the last moment in a column of times, as the core writes them. */
export interface Span {
  column: string;
  first: string;
  last: string;
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
