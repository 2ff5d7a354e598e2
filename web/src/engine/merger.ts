import type { Answer as Table, Outcome } from '../data/answer.ts';
import { Partial, Query, type Answer } from '../wasm/questlog.js';
import { isCrash, problemOf } from './problems.ts';
import type { Question, RunNotes, TextFormat, UnitResult } from './protocol.ts';

/** Rows of an answer that go to the page; the text to take away has them all. */
const ROWS_MAX = 10_000;

interface Tally {
  query: Query;
  /** One partial a file, so that a file can be left out or dropped again at any time. */
  partials: Map<number, Partial>;
}

/** Keeps the partials of every file and question, and merges them into answers. */
export class Merger {
  readonly #tallies = new Map<string, Tally>();

  /** Adds a unit's partials to what is known of its file. */
  merge(file: number, results: UnitResult[]): void {
    for (const result of results) {
      if (!result.ok) continue;
      const { query, partials } = this.#tally(result.question);
      const partial = Partial.fromBytes(result.partial, query);
      const known = partials.get(file);
      if (!known) {
        partials.set(file, partial);
        continue;
      }
      known.merge(partial);
      partial.free();
    }
  }

  /** Forgets a file, in some questions or in all of them. */
  forget(file: number, questions = [...this.#tallies.keys()]): void {
    for (const key of questions) {
      this.#tallies.get(key)?.partials.get(file)?.free();
      this.#tallies.get(key)?.partials.delete(file);
    }
  }

  /** The answer over these files, as far as they are counted. */
  outcome(question: Question, files: number[]): Outcome {
    try {
      const answer = this.#answer(question, files);
      const table = answer.table(ROWS_MAX) as Table;
      answer.free();
      return { ok: true, answer: table, partial: false };
    } catch (fault) {
      if (isCrash(fault)) throw fault;
      return { ok: false, problem: problemOf(fault) };
    }
  }

  /** The answer as text, exactly as the command line would write it. */
  render(question: Question, files: number[], format: TextFormat, notes: RunNotes): string {
    const answer = this.#answer(question, files);
    try {
      return answer.render(format, notes);
    } finally {
      answer.free();
    }
  }

  #answer(question: Question, files: number[]): Answer {
    const { query, partials } = this.#tally(question);
    const total = new Partial(query);
    try {
      for (const file of files) {
        const partial = partials.get(file);
        if (partial) total.merge(partial);
      }
      return total.answer(query);
    } finally {
      total.free();
    }
  }

  #tally(question: Question): Tally {
    const known = this.#tallies.get(question.key);
    if (known) return known;
    const tally = { query: new Query(question.words), partials: new Map<number, Partial>() };
    this.#tallies.set(question.key, tally);
    return tally;
  }
}
