import type { Outcome, Problem } from '../data/answer.ts';
import type { Opened, Question, RunNotes, TextFormat, UnitProgress } from './protocol.ts';

/** A file to count, under the number that the session gave it. */
export interface Task {
  file: number;
  blob: File;
  path: string;
}

/** What the engine tells while it counts; each call is about one file. */
export interface EngineListener {
  begun(file: number, size_bytes: number): void;
  opened(file: number, opened: Opened): void;
  progress(file: number, progress: UnitProgress, questions: number): void;
  /** Counted to its end; a question that this file can't answer has its problem here. */
  counted(file: number, problems: Map<string, Problem>): void;
  failed(file: number, problem: Problem): void;
  /** Answers over what is counted so far; `final` when nothing is left to do. */
  answers(outcomes: Map<string, Outcome>, final: boolean): void;
}

/** Whatever counts files: the worker pool, or a stand-in for tests. */
export interface Engine {
  /** Counts what is not counted yet, so that every question is answered over every file. */
  count(tasks: Task[], questions: Question[]): void;
  /** Takes a file out of every answer. */
  forget(file: number): void;
  /** Stops counting and keeps what is known; the answers that follow are partial. */
  stop(): void;
  /** An answer as text, as the command line would write it. */
  render(question: Question, format: TextFormat, notes: RunNotes): Promise<string>;
}
