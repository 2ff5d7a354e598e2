import type { Column, Outcome } from '../data/answer.ts';
import type { Question, TextFormat } from '../engine/protocol.ts';

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
  ask(questions: Question[]): void;
  stop(): void;
  render(question: Question, format: TextFormat): Promise<string>;
}
