import { isAboutQuestion, type Problem } from '../data/answer.ts';
import type { Task } from './engine.ts';
import type { Question, Unit, UnitProgress, UnitResult, Window } from './protocol.ts';

/** One file being counted for some questions; done when all its units are. */
export class Job {
  readonly task: Task;
  readonly questions: Question[];
  readonly problems = new Map<string, Problem>();
  /** The latest progress of each unit, finished ones included. */
  readonly #progress = new Map<number, UnitProgress>();
  #open = 0;

  constructor(task: Task, questions: Question[]) {
    this.task = task;
    this.questions = questions;
  }

  get keys(): string[] {
    return this.questions.map(({ key }) => key);
  }

  /** The job's next unit: the whole file, or a window of it. */
  unit(id: number, window?: Window): Unit {
    this.#open += 1;
    const { file, blob, path } = this.task;
    return { id, file, blob, path, questions: this.questions, ...(window && { window }) };
  }

  report(unit: number, progress: UnitProgress): void {
    this.#progress.set(unit, progress);
  }

  /** Takes a unit's result; true when it was the last. */
  close(unit: number, progress: UnitProgress, results: UnitResult[]): boolean {
    this.report(unit, progress);
    for (const result of results) {
      if (!result.ok) this.problems.set(result.question, result.problem);
    }
    this.#open -= 1;
    return this.#open === 0;
  }

  /** What is wrong with the file, when no question at all could be counted and the questions are not to blame. */
  failure(): Problem | undefined {
    if (this.problems.size < this.questions.length) return undefined;
    return [...this.problems.values()].find((problem) => !isAboutQuestion(problem));
  }

  get progress(): UnitProgress {
    const total = { rowsDone: 0, bytesRead: 0 };
    for (const { rowsDone, bytesRead } of this.#progress.values()) {
      total.rowsDone += rowsDone;
      total.bytesRead += bytesRead;
    }
    return total;
  }
}
