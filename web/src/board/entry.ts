import type { Column, Problem } from '../data/answer.ts';
import type { Span } from '../engine/protocol.ts';
import type { Source } from '../engine/source.ts';

export type FileStatus = 'waiting' | 'reading' | 'counted' | 'failed' | 'left-out' | 'stopped';

/** A file that the page knows, and what became of it. */
export interface Entry {
  id: number;
  path: string;
  file: Source;
  /** Counts up with every other file that takes its place. */
  version: number;
  fromFolder: boolean;
  status: FileStatus;
  /** Known once a worker has looked at the file. */
  size_bytes: number | undefined;
  rows: number | undefined;
  rowGroups: number | undefined;
  columns: Column[];
  /** From when to when its rows are, where its footer tells. */
  span: Span | undefined;
  /** Row groups that the reader left out. */
  without: number[];
  /** What kept questions from being answered over it, by their keys. */
  problems: Map<string, Problem>;
  /** Row groups that can't be read, while the reader has not chosen yet: leave them out, or try again. */
  damaged: number[];
  /** The part that is counted, from 0 to 1. */
  done: number;
  bytesRead: number;
  /** Bytes read for questions that were asked before. */
  bytesBefore: number;
  /** Why it failed or was left out, in a sentence. */
  reason: string | undefined;
}

/** Whether an entry takes part in the answers. */
export function counts(entry: Entry): boolean {
  return entry.status !== 'failed' && entry.status !== 'left-out';
}
