import {
  sumOf,
  type Answer as Table,
  type Cell,
  type Outcome,
  type Problem,
} from '../data/answer.ts';
import { tabLine } from '../data/format.ts';
import { countsBy, EVENTS_NAMED_MAX, matrixFrom } from '../data/matrix.ts';
import { ordered, orderWords, type Order } from '../data/order.ts';
import { items } from '../data/parts.ts';
import { Answer, Partial, Query } from '../wasm/questlog.js';
import { isCrash, problemOf } from './problems.ts';
import type { About, FilePart, Question, Wish, WishName, Wishes } from './protocol.ts';

/** Rows of an answer that go to the page by themselves; it asks for others when a reader comes near them. */
const ROWS_SENT_MAX = 1_000;
/** Rows turned into JavaScript values at a time: a million at once would take hundreds of MB. */
const ROWS_AT_ONCE = 10_000;
/** Answers kept in another order than their question's, so that a table scrolls without being sorted again. */
const ANSWERS_KEPT_MAX = 2;

interface Tally {
  query: Query;
  /** What units counted of each file, so that a file can be left out or dropped again at any time. */
  parts: Map<number, Uint8Array[]>;
  /** The latest sum, and how many parts of each file are in it. */
  sum: Partial | undefined;
  inSum: Map<number, number>;
  /** Why parts could not be merged, such as too many groups together. */
  problem: Problem | undefined;
}

/** Keeps the partials of every file and question, and merges them into answers. */
export class Merger {
  readonly #tallies = new Map<string, Tally>();
  /** The latest answers, by question, files and order; gone with the next thing that changes any. */
  readonly #answers = new Map<string, Answer>();

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

  /** Adds what units counted to what is known of their files, and to the sums, so that nobody waits for that at the end. */
  merge(parts: FilePart[]): void {
    this.#changed();
    const files = new Map<Tally, Set<number>>();
    for (const { file, results } of parts) {
      for (const result of results) {
        const tally = this.#tallies.get(result.question);
        if (!result.ok || !tally) continue;
        const known = tally.parts.get(file);
        if (known) known.push(result.partial);
        else tally.parts.set(file, [result.partial]);
        files.set(tally, (files.get(tally) ?? new Set()).add(file));
      }
    }
    for (const [tally, counted] of files) {
      try {
        if (!tally.problem) absorb(tally, counted);
      } catch (fault) {
        // It is told when the answer is asked for.
        if (isCrash(fault)) throw fault;
      }
    }
  }

  /** Forgets a file, in some questions or in all of them. */
  forget(file: number, questions = [...this.#tallies.keys()]): void {
    this.#changed();
    for (const key of questions) {
      const tally = this.#tallies.get(key);
      if (!tally) continue;
      tally.parts.delete(file);
      if (tally.inSum.has(file)) dropSum(tally);
      // With fewer files it may fit again.
      tally.problem = undefined;
    }
  }

  /** The answer over these files, as far as they are counted. */
  outcome(question: Question, files: number[]): Outcome {
    try {
      const { problem } = this.#tally(question);
      if (problem) return { ok: false, problem };
      const answer = this.#answer({ question, files });
      const table = answer.table(ROWS_SENT_MAX) as Table;
      if (table.columns.at(-1) === 'count') {
        const tally = this.#tally(question);
        this.#addSums(table, answer, question, summed(tally, files), tally.query);
      }
      return { ok: true, answer: table, partial: false };
    } catch (fault) {
      if (isCrash(fault)) throw fault;
      return { ok: false, problem: problemOf(fault) };
    }
  }

  /** Whatever else the page wants to know. */
  grant(wish: Wish): Wishes[WishName]['back'] {
    switch (wish.name) {
      case 'render':
        return this.#answer(wish).render(wish.format, wish.notes);
      case 'rows':
        return this.#rows(wish, wish.order, wish.first, wish.rows_max);
      case 'tabs':
        return this.#tabs(wish, wish.order);
      case 'explain': {
        const { rule, providers } = wish.matching;
        return this.#answer(wish).explain(providers.join(','), rule, wish.top_max) as never;
      }
      case 'explainHosts': {
        const { hosts, rows, matching, top_max } = wish;
        const list = matching.providers.join(',');
        const counts = BigUint64Array.from(rows);
        return Answer.explainHosts(hosts, counts, list, matching.rule, top_max) as never;
      }
      case 'sql': {
        const query = new Query(wish.words);
        const sql = query.toDuckdb(wish.paths, wish.members);
        query.free();
        return sql;
      }
      case 'check':
        try {
          new Query(wish.words).free();
          return undefined;
        } catch (fault) {
          return problemOf(fault);
        }
    }
  }

  #rows(about: About, order: Order | undefined, first: number, rows_max: number): Cell[][] {
    // Another order of a limited answer is one of the same rows, not of the first ones in that order.
    if (order && about.question.words.limit !== undefined) {
      const all = this.#answer(about);
      const rows = all.rows(0, rowsIn(all)) as Cell[][];
      return ordered(rows, order).slice(first, first + rows_max);
    }
    return this.#answer(about, order).rows(first, rows_max) as Cell[][];
  }

  #tabs(about: About, order: Order | undefined): string {
    const answer = this.#answer(about);
    const { columns } = answer.table(0) as Table;
    const lines = [tabLine(columns)];
    const total = rowsIn(answer);
    for (let first = 0; first < total; first += ROWS_AT_ONCE) {
      lines.push(...this.#rows(about, order, first, ROWS_AT_ONCE).map(tabLine));
    }
    return lines.join('\n');
  }

  /**
   * What needs all rows where only the first of them are sent: the total, and both groups against each other. The core adds
   * up, however many groups there are.
   */
  #addSums(table: Table, answer: Answer, { words }: Question, sum: Partial, query: Query): void {
    const { columns, rows, rowsTotal } = table;
    if (rows.length === rowsTotal) {
      table.total = sumOf(rows);
      return;
    }
    const added = (group_by: string | undefined): Cell[][] | undefined => {
      const coarser = new Query({ ...words, group_by, order_by: undefined, limit: undefined });
      const sums = query.makesUp(coarser) ? regrouped(sum, coarser) : undefined;
      coarser.free();
      return sums;
    };
    // Of a limited answer the total is that of its rows.
    const total = words.limit === undefined ? added(undefined) : undefined;
    table.total = sumOf(total ?? (answer.rows(0, rowsTotal) as Cell[][]));
    const [provider, event] = items(words.group_by ?? '');
    if (words.limit !== undefined || columns.length !== 3 || columns[0] !== 'provider') return;
    const [ofProviders, ofEvents] = [added(provider), added(event)];
    if (!ofProviders || !ofEvents) return;
    const named = ofEvents.slice(0, EVENTS_NAMED_MAX).map(([name]) => name);
    const cells = answer.rowsWith(1, named) as Cell[][];
    table.matrix = matrixFrom(countsBy(ofProviders, 0), countsBy(ofEvents, 0), cells);
  }

  #answer({ question, files }: About, order?: Order): Answer {
    const key = `${question.key} ${files.length} ${files.at(-1) ?? ''} ${order ? `${order.column} ${order.descending}` : ''}`;
    const known = this.#answers.get(key);
    if (known) return known;
    const tally = this.#tally(question);
    const answer = answered(summed(tally, files), tally.query, question, order);
    const oldest = this.#answers.entries().next();
    if (this.#answers.size >= ANSWERS_KEPT_MAX && !oldest.done) {
      this.#answers.delete(oldest.value[0]);
      oldest.value[1].free();
    }
    this.#answers.set(key, answer);
    return answer;
  }

  #changed(): void {
    for (const answer of this.#answers.values()) answer.free();
    this.#answers.clear();
  }

  #tally(question: Question): Tally {
    const known = this.#tallies.get(question.key);
    if (known) return known;
    const tally: Tally = {
      query: new Query(question.words),
      parts: new Map(),
      sum: undefined,
      inSum: new Map(),
      problem: undefined,
    };
    this.#tallies.set(question.key, tally);
    return tally;
  }
}

/** What a partial says, in the question's order or another one: the core orders, as it does for the command line. */
function answered(
  partial: Partial,
  query: Query,
  { words }: Question,
  order: Order | undefined,
): Answer {
  const plain = partial.answer(query);
  if (!order) return plain;
  const { columns } = plain.table(0) as Table;
  plain.free();
  const another = new Query({ ...words, order_by: orderWords(columns, order) });
  try {
    return partial.answer(another);
  } finally {
    another.free();
  }
}

function rowsIn(answer: Answer): number {
  return (answer.table(0) as Table).rowsTotal;
}

/** All rows of a coarser question, made of a finer one's groups. */
function regrouped(sum: Partial, coarser: Query): Cell[][] {
  const partial = sum.regrouped(coarser);
  const answer = partial.answer(coarser);
  const rows = answer.rows(0, rowsIn(answer)) as Cell[][];
  answer.free();
  partial.free();
  return rows;
}

/** The parts of these files in one: those of before, as long as none of them has gone, and what came since. */
function summed(tally: Tally, files: number[]): Partial {
  const counted = new Set(files.filter((file) => tally.parts.has(file)));
  if ([...tally.inSum.keys()].some((file) => !counted.has(file))) dropSum(tally);
  return absorb(tally, counted);
}

/** The sum with what came of these files since; fails where they can't be merged, such as too many groups together. */
function absorb(tally: Tally, files: Iterable<number>): Partial {
  const sum = (tally.sum ??= new Partial(tally.query));
  try {
    for (const file of files) {
      const parts = tally.parts.get(file) ?? [];
      for (const bytes of parts.slice(tally.inSum.get(file) ?? 0)) {
        sum.absorb(Partial.fromBytes(bytes, tally.query));
      }
      tally.inSum.set(file, parts.length);
    }
    return sum;
  } catch (fault) {
    // What is half merged is of no use; a trap leaves nothing that could be let go.
    if (!isCrash(fault)) {
      dropSum(tally);
      tally.problem = problemOf(fault);
    }
    throw fault;
  }
}

function dropSum(tally: Tally): void {
  tally.sum?.free();
  tally.sum = undefined;
  tally.inSum.clear();
}
