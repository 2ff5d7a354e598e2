import type { Outcome, Problem } from '../data/answer.ts';
import type { Question } from './protocol.ts';

/** Questions whose counts are kept, so that going back to one is instant. */
const QUESTIONS_MAX = 16;

interface Page {
  /** Files that are counted to their end, the failed ones included. */
  closed: Set<number>;
  problems: Map<number, Problem>;
}

/** Which files are counted for which question, and why some are not. */
export class Ledger {
  /** By the question's key, the latest asked last. */
  readonly #pages = new Map<string, Page>();

  /** Opens a page for a question; answers with the files and key of one that was asked too long ago to keep. */
  open(key: string): { key: string; files: number[] } | undefined {
    const page = this.#pages.get(key) ?? { closed: new Set(), problems: new Map() };
    this.#pages.delete(key);
    this.#pages.set(key, page);
    const oldest = this.#pages.entries().next();
    if (this.#pages.size <= QUESTIONS_MAX || oldest.done) return undefined;
    const [oldKey, { closed }] = oldest.value;
    this.#pages.delete(oldKey);
    return { key: oldKey, files: [...closed] };
  }

  /** The questions that this file is not counted for yet. */
  missing(file: number, questions: Question[]): Question[] {
    return questions.filter(({ key }) => !this.#pages.get(key)?.closed.has(file));
  }

  /** Notes that a question needs no more of a file. */
  close(key: string, file: number, problem: Problem | undefined): void {
    const page = this.#pages.get(key);
    page?.closed.add(file);
    if (problem) page?.problems.set(file, problem);
  }

  /** Whether any question is answered over this file. */
  answers(file: number): boolean {
    const pages = [...this.#pages.values()];
    return pages.some(({ closed, problems }) => closed.has(file) && !problems.has(file));
  }

  forget(file: number): void {
    for (const page of this.#pages.values()) {
      page.closed.delete(file);
      page.problems.delete(file);
    }
  }

  clear(): void {
    this.#pages.clear();
  }

  /** The outcome over these files: the reason where no file could answer, marked as partial where some are not counted. */
  told(key: string, files: number[], outcome: Outcome): Outcome {
    const page = this.#pages.get(key);
    const closed = files.filter((file) => page?.closed.has(file));
    const [problem] = closed.flatMap((file) => page?.problems.get(file) ?? []);
    if (problem && closed.every((file) => page?.problems.has(file))) return { ok: false, problem };
    if (!outcome.ok) return outcome;
    return { ...outcome, partial: closed.length < files.length };
  }
}
