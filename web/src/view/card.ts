import type { Answer, Outcome } from '../data/answer.ts';
import type { TextFormat } from '../engine/protocol.ts';
import { el, fill, say } from '../dom/element.ts';
import { Chart, type Drawing } from './chart.ts';
import { Segments } from './segments.ts';
import { DataTable } from './table.ts';
import { TakeAway } from './take.ts';

/** How a card shows its answer. */
export interface Face {
  title: string;
  /** The stem of files to take away. */
  fileName: string;
  /** What the readout says while nothing is pointed at. */
  hint: string;
  /** The answer in a sentence. */
  insight(answer: Answer): string;
  /** The chart, and what a screen reader hears of it; undefined where a table says it better. */
  chart(answer: Answer): { summary: string; draw: (width: number) => Drawing } | undefined;
  /** The total below the table's last column. */
  total(answer: Answer): bigint | undefined;
  /** What a null in this column is called. */
  nullWord(answer: Answer | undefined, column: number): string;
}

type Show = 'chart' | 'table';

export interface CardOptions {
  controls?: HTMLElement;
  /** Controls come before the answer's sentence when they ask for it, after it when they only change it. */
  order?: 'first' | 'second';
  /** Hears the filter of a mark that was picked. */
  picked?: (where: string) => void;
}

/** An answer: its sentence, its chart, and the chart's twin, a table. */
export class AnswerCard {
  readonly root: HTMLElement;
  readonly #face: Face;
  readonly #insight = el('p', { class: 'insight' });
  readonly #chart: Chart;
  readonly #table: DataTable;
  readonly #show: Segments<Show>;
  readonly #take: TakeAway;
  readonly #body = el('div', { class: 'card-body' });
  readonly #waiting = el('div', { class: 'waiting', 'aria-hidden': 'true' });
  #answer: Answer | undefined;
  #shown: Show = 'chart';
  #message: string | undefined;
  #explanation: HTMLElement | undefined;

  constructor(
    face: Face,
    render: (format: TextFormat) => Promise<string>,
    { controls, order = 'second', picked }: CardOptions = {},
  ) {
    this.#face = face;
    this.#chart = new Chart(face.hint, picked);
    this.#table = new DataTable(face.title, (column) => face.nullWord(this.#answer, column));
    this.#show = new Segments<Show>(
      `Show ${face.title} as`,
      [
        ['chart', 'Chart'],
        ['table', 'Table'],
      ],
      (shown) => {
        this.#shown = shown;
        this.#render();
      },
    );
    this.#show.value = 'chart';
    this.#take = new TakeAway(face.fileName, () => this.#table.text(), render);
    for (let line = 0; line < 6; line += 1) this.#waiting.append(el('span'));
    this.root = el(
      'section',
      { class: `card answer ${face.fileName}`, 'aria-label': face.title },
      el(
        'header',
        { class: 'card-head' },
        el('h2', {}, face.title),
        el('div', { class: 'card-tools' }, this.#show.root),
      ),
      order === 'first' && controls,
      this.#insight,
      order === 'second' && controls,
      this.#body,
      el('footer', { class: 'card-foot' }, this.#take.root),
    );
  }

  /** Shows an outcome, or that none is there yet; `explain` says in its place what to do about a problem. */
  update(outcome: Outcome | undefined, explain: (message: string) => HTMLElement): void {
    this.#answer = outcome?.ok ? outcome.answer : undefined;
    const message = outcome && !outcome.ok ? outcome.problem.message : undefined;
    // The same explanation stays, so that a button in it is not taken away under the finger.
    if (message !== this.#message) this.#explanation = message ? explain(message) : undefined;
    this.#message = message;
    this.root.classList.toggle('unfit', this.#explanation !== undefined);
    this.root.classList.toggle('partial', outcome?.ok === true && outcome.partial);
    this.#render();
  }

  /** Draws again, because how the face draws has changed. */
  refresh(): void {
    this.#render();
  }

  #render(): void {
    const answer = this.#answer;
    const ready = answer !== undefined && answer.rows.length > 0;
    this.#take.root.hidden = !ready;
    say(this.#insight, answer ? this.#insightOf(answer) : '');
    if (!answer) {
      this.#show.root.hidden = this.#explanation !== undefined;
      this.#put(this.#explanation ?? this.#waiting);
      return;
    }
    const chart = this.#face.chart(answer);
    this.#show.root.hidden = !chart || !ready;
    if (!ready) {
      this.#put(el('p', { class: 'explanation' }, 'There are no rows in these files.'));
      return;
    }
    this.#table.show(answer, this.#face.total(answer));
    if (!chart || this.#shown === 'table') {
      this.#put(this.#table.root);
      return;
    }
    this.#put(this.#chart.root);
    this.#chart.show(chart.summary, chart.draw);
  }

  #insightOf(answer: Answer): string {
    return answer.rows.length > 0 ? this.#face.insight(answer) : '';
  }

  #put(content: HTMLElement): void {
    if (this.#body.firstElementChild !== content || this.#body.childElementCount > 1) {
      fill(this.#body, content);
    }
  }
}
