import { isAboutQuestion, type Problem } from '../data/answer.ts';
import type { Task } from './engine.ts';
import type { Question, Unit, UnitProgress, UnitResult, Window } from './protocol.ts';

/** One file being counted for some questions; done when all its units are. */
export class Job {
  readonly task: Task;
  readonly questions: Question[];
  readonly problems = new Map<string, Problem>();
  /** The row groups of each unit, once they are known. */
  readonly windows = new Map<number, Window>();
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

  /** The job's next unit: the whole file, or a window of it, for all questions or some. */
  unit(id: number, window?: Window, questions = this.questions): Unit {
    this.#open += 1;
    if (window) this.windows.set(id, window);
    return { id, ...this.task, questions, ...(window && { window }) };
  }

  report(unit: number, progress: UnitProgress): void {
    this.#progress.set(unit, progress);
  }

  /** Takes a unit's result; true when it was the last. */
  close(unit: number, progress: UnitProgress, results: UnitResult[]): boolean {
    this.report(unit, progress);
    for (const result of results) {
      if (!result.ok) this.blame(unit, result.question, result.problem);
    }
    this.#open -= 1;
    return this.#open === 0;
  }

  /** Notes a problem, with the row groups that are to blame as far as the unit tells. */
  blame(unit: number, question: string, problem: Problem): void {
    const known = this.problems.get(question);
    const window = this.windows.get(unit);
    const groups = isLocal(problem) && window ? groupsOf(window) : undefined;
    const all = [...new Set([...(known?.rowGroups ?? []), ...(groups ?? [])])];
    all.sort((a, b) => a - b);
    this.problems.set(question, {
      ...(known ?? problem),
      ...(all.length > 0 && { rowGroups: all }),
    });
  }

  /** Both halves of a unit's row groups, to find out which one is to blame; nothing when there is only one. */
  halves(unit: number): Window[] {
    const window = this.windows.get(unit);
    if (!window || window.end - window.first < 2) return [];
    const middle = Math.ceil((window.first + window.end) / 2);
    return [
      { first: window.first, end: middle },
      { first: middle, end: window.end },
    ];
  }

  /** What is wrong with the file, when no question at all could be counted and the questions are not to blame. */
  failure(): Problem | undefined {
    if (this.problems.size < this.questions.length) return undefined;
    const problems = [...this.problems.values()];
    const problem = problems.find((one) => !isAboutQuestion(one));
    const groups = new Set(problems.flatMap(({ rowGroups }) => rowGroups ?? []));
    return problem && { ...problem, ...(groups.size > 0 && { rowGroups: [...groups] }) };
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

/** Whether it lies in what was read, and not in the file as a whole or in the question. */
export function isLocal(problem: Problem): boolean {
  return !isAboutQuestion(problem) && !OF_THE_FILE.has(problem.kind);
}

/** Problems that every row group of a file shares. */
const OF_THE_FILE = new Set(['unreadable', 'changed', 'worker', 'module', 'not-parquet']);

function groupsOf({ first, end }: Window): number[] {
  return Array.from({ length: end - first }, (_, index) => first + index);
}
