import type { Answer as Table, Outcome } from '../data/answer.ts';
import { Partial, Query, type Answer } from '../wasm/questlog.js';
import { isCrash, problemOf } from './problems.ts';
import type { FilePart, Question, RunNotes, TextFormat } from './protocol.ts';

/** Rows of an answer that go to the page; the text to take away has them all. */
const ROWS_MAX = 20_000;

interface Tally {
  query: Query;
  /** One partial a file, so that a file can be left out or dropped again at any time. */
  partials: Map<number, Partial>;
}

/** Keeps the partials of every file and question, and merges them into answers. */
export class Merger {
  readonly #tallies = new Map<string, Tally>();

  /** Makes a question known; a wrong one is only told when its answer is asked for. */
  ask(questions: Question[]): void {
    for (const question of questions) {
      try {
        this.#tally(question);
      } catch (fault) {
        if (isCrash(fault)) throw fault;
      }
    }
  }

  /** Adds what units counted to what is known of their files. */
  merge(parts: FilePart[]): void {
    for (const { file, results } of parts) {
      for (const result of results) {
        const tally = this.#tallies.get(result.question);
        if (result.ok && tally) addTo(tally, file, result.partial);
      }
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
    const counted = files.flatMap((file) => partials.get(file) ?? []);
    const [only] = counted;
    if (only && counted.length === 1) return only.answer(query);
    const total = new Partial(query);
    try {
      for (const partial of counted) total.merge(partial);
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

function addTo({ query, partials }: Tally, file: number, bytes: Uint8Array): void {
  const partial = Partial.fromBytes(bytes, query);
  const known = partials.get(file);
  if (!known) {
    partials.set(file, partial);
    return;
  }
  known.absorb(partial);
}
