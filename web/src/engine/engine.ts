import type { Outcome, Problem } from '../data/answer.ts';
import type { LookName, Looks } from './look.ts';
import type { Opened, Question, UnitProgress, WishName, Wishes } from './protocol.ts';
import type { Source } from './source.ts';

/** A file to count, under the number that the session gave it. */
export interface Task {
  file: number;
  source: Source;
  path: string;
  /** Row groups that the reader chose to leave out. */
  without: readonly number[];
}

/** What the engine tells while it counts; each call is about one file. */
export interface EngineListener {
  begun(file: number, size_bytes: number): void;
  opened(file: number, opened: Opened): void;
  progress(file: number, progress: UnitProgress, questions: number): void;
  /** Counted to its end; a question that this file can't answer has its problem here. */
  counted(file: number, problems: Map<string, Problem>): void;
  failed(file: number, problem: Problem): void;
  /** Addresses that workers asked for parts of a file. */
  requested(addresses: string[]): void;
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
  /** Whatever else is wanted of the answers; fails with a `Refusal`. */
  wish<Name extends WishName>(name: Name, ask: Wanted<Name>): Promise<Wishes[Name]['back']>;
  /** Looks into one file, beside all counting; fails with a `Refusal`. */
  look<Name extends LookName>(name: Name, ask: Looks[Name]['ask']): Promise<Looks[Name]['back']>;
}

/** What a wish needs; the engine itself knows the files. */
export type Wanted<Name extends WishName> = Omit<Wishes[Name]['ask'], 'files'>;

/** Why a wish was not granted. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}
