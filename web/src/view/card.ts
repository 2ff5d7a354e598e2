import type { Board } from '../board/board.ts';
import { isFinal, type Answer, type Outcome } from '../data/answer.ts';
import type { Filter } from '../data/asked.ts';
import { percent } from '../data/format.ts';
import { el, fill, say } from '../dom/element.ts';
import type { Question } from '../engine/protocol.ts';
import { Chart, type Picture } from './chart.ts';
import { Segments } from './segments.ts';
import { DataTable } from './table.ts';
import { TakeAway } from './take.ts';

/** How a card shows its answer. */
export interface Face {
  readonly title: string;
  /** The stem of files to take away. */
  readonly fileName: string;
  /** What the readout says while nothing is pointed at. */
  readonly hint: string;
  /** The ways in which it can be drawn: a word for the program, one for the reader. */
  readonly kinds: readonly (readonly [string, string])[];
  /** The answer in a sentence. */
  insight(answer: Answer): string;
  /** The chart of that kind; undefined where a table says it better. */
  picture(answer: Answer, kind: string): Picture | undefined;
  /** The total below the table's last column. */
  total(answer: Answer): bigint | undefined;
  /** What a null in this column is called. */
  nullWord(answer: Answer | undefined, column: number): string;
}

export interface CardOptions {
  controls?: HTMLElement;
  /** Controls come before the answer's sentence when they ask for it, after it when they only change it. */
  order?: 'first' | 'second';
  /** Hears the filters of a mark that was picked. */
  picked?: (filters: Filter[]) => void;
}

/** What a card shows now. */
export interface CardState {
  board: Board;
  question: Question | undefined;
  filters: readonly Filter[];
  /** Says in the answer's place what to do about a problem. */
  explain: (message: string) => HTMLElement;
}

const TABLE = 'table';

/** An answer: its sentence, its chart, and the chart's twin, a table. */
export class AnswerCard {
  readonly root: HTMLElement;
  readonly face: Face;
  readonly #insight = el('p', { class: 'insight' });
  readonly #part = el('span', { class: 'pill', hidden: true });
  readonly #chart: Chart;
  readonly #table: DataTable;
  readonly #show: Segments<string>;
  readonly #take: TakeAway;
  readonly #body = el('div', { class: 'card-body' });
  readonly #waiting = el('div', { class: 'waiting', 'aria-hidden': 'true' });
  #state: CardState | undefined;
  #answer: Answer | undefined;
  #kind: string;
  #board: Board | undefined;
  #message: string | undefined;
  #explanation: HTMLElement | undefined;

  constructor(face: Face, { controls, order = 'second', picked }: CardOptions = {}) {
    this.face = face;
    this.#chart = new Chart(face.hint, picked);
    this.#table = new DataTable(
      face.title,
      (column) => face.nullWord(this.#answer, column),
      (sorted, first, rows_max) => {
        const { board, question } = this.#state ?? {};
        if (!board || !question) return Promise.resolve([]);
        return board.rows(question, sorted, first, rows_max);
      },
    );
    this.#kind = face.kinds[0]?.[0] ?? TABLE;
    this.#show = new Segments<string>(
      `Show ${face.title} as`,
      [...face.kinds, [TABLE, 'Table']],
      (kind) => {
        this.#kind = kind;
        this.refresh();
      },
    );
    this.#show.value = this.#kind;
    this.#take = new TakeAway(face.fileName, {
      tabs: () => this.#asked((board, question) => board.tabs(question, this.#table.order)),
      render: (format) => this.#asked((board, question) => board.render(question, format)),
      chart: () => (this.#kind === TABLE ? undefined : this.#chart.svg),
    });
    for (let line = 0; line < 6; line += 1) this.#waiting.append(el('span'));
    this.root = el(
      'section',
      { class: `card answer ${face.fileName}`, 'aria-label': face.title },
      el(
        'header',
        { class: 'card-head' },
        el('h2', {}, face.title),
        this.#part,
        el('div', { class: 'card-tools' }, this.#show.root),
      ),
      order === 'first' && controls,
      this.#insight,
      order === 'second' && controls,
      this.#body,
      el('footer', { class: 'card-foot' }, this.#take.root),
    );
  }

  /** The answer that is shown, and the question it is to. */
  get shown(): { answer: Answer; question: Question } | undefined {
    const question = this.#state?.question;
    return this.#answer && question && { answer: this.#answer, question };
  }

  /** Shows an outcome, or that none is there yet. */
  update(state: CardState): void {
    this.#state = state;
    const { board, question, explain } = state;
    const outcome = question && board.outcomes.get(question.key);
    // While another question is counted, the last answer stays: a page that goes blank at each click can't be read.
    const stays = !outcome && board.busy && this.#board === board;
    const answer = stays ? this.#answer : outcome?.ok ? outcome.answer : undefined;
    this.#board = board;
    this.root.classList.toggle('stale', stays && answer !== undefined);
    const message = outcome && !outcome.ok ? outcome.problem.message : undefined;
    // The same explanation stays, so that a button in it is not taken away under the finger.
    if (message !== this.#message) this.#explanation = message ? explain(message) : undefined;
    this.#message = message;
    this.#answer = answer;
    this.root.classList.toggle('unfit', this.#explanation !== undefined);
    this.root.setAttribute('aria-busy', String(board.busy && !isFinal(outcome)));
    this.#showPart(outcome);
    this.refresh();
  }

  /** Draws again, because how the face draws has changed. */
  refresh(): void {
    const answer = this.#answer;
    const ready = answer !== undefined && answer.rows.length > 0;
    this.#take.root.hidden = !ready;
    // An answer without rows needs no room for a chart.
    this.root.classList.toggle('bare', answer !== undefined && !ready);
    say(this.#insight, ready ? this.face.insight(answer) : '');
    if (!answer) {
      this.#show.root.hidden = this.#explanation !== undefined;
      this.#put(this.#explanation ?? this.#waiting);
      return;
    }
    const first = this.face.kinds[0]?.[0];
    const picture = first === undefined ? undefined : this.face.picture(answer, first);
    this.#show.root.hidden = !picture || !ready;
    if (!ready) {
      const filtered = (this.#state?.filters.length ?? 0) > 0;
      const nothing = filtered
        ? 'No row passes these filters.'
        : 'There are no rows in these files.';
      this.#put(el('p', { class: 'explanation' }, nothing));
      return;
    }
    const asTable = !picture || this.#kind === TABLE;
    this.#take.withChart = !asTable;
    if (asTable) {
      this.#put(this.#table.root);
      this.#table.show(answer, this.face.total(answer));
      return;
    }
    this.#put(this.#chart.root);
    const chosen = this.#kind === first ? picture : this.face.picture(answer, this.#kind);
    this.#chart.show(chosen ?? picture, this.#state?.filters);
  }

  /** How much of the rows the numbers are about, where that is not all of them. */
  #showPart(outcome: Outcome | undefined): void {
    const partial = outcome?.ok === true && outcome.partial;
    this.#part.hidden = !partial;
    const rows = this.#state?.board.totals.rows ?? 0;
    if (!partial) return;
    const counted = outcome.answer.scanned.rows;
    say(this.#part, rows > 0 ? `${percent(counted, rows)} of rows` : 'so far');
  }

  async #asked(ask: (board: Board, question: Question) => Promise<string>): Promise<string> {
    const { board, question } = this.#state ?? {};
    return board && question ? ask(board, question) : '';
  }

  #put(content: HTMLElement): void {
    if (this.#body.firstElementChild !== content || this.#body.childElementCount > 1) {
      fill(this.#body, content);
    }
  }
}
