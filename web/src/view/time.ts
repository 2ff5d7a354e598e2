import type { Board } from '../board/board.ts';
import {
  asCount,
  isWhole,
  magnitude,
  timeColumn,
  type Answer,
  type Cell,
  type Column,
} from '../data/answer.ts';
import { filtered, type Asked, type Filter } from '../data/asked.ts';
import { clock, count, day, moment, month, plural, shown } from '../data/format.ts';
import { BUCKETS, columnsOf, fittingBucket, type Bucket } from '../data/time.ts';
import { quoted } from '../data/words.ts';
import { el } from '../dom/element.ts';
import { question, type Question } from '../engine/protocol.ts';
import type { Bar } from './bars.ts';
import { AnswerCard, type Face } from './card.ts';
import type { Picture } from './chart.ts';
import { drawColumns } from './columns.ts';
import { problemLine } from './explain.ts';
import type { Panel } from './panel.ts';
import { Segments } from './segments.ts';

/** A column that is thinner can't be pointed at. */
const COLUMN_PX_MIN = 2;

/** Events over time: columns from left to right. */
class TimeFace implements Face {
  readonly title = 'Events over time';
  readonly fileName = 'events-over-time';
  readonly hint = 'Click a column to see only its rows everywhere else.';
  readonly kinds = [['chart', 'Chart']] as const;
  bucket: Bucket = 'hour';
  /** What is compared when a column is picked. */
  of = '';

  insight(answer: Answer): string {
    const best = answer.rows.reduce<Cell[] | undefined>(
      (most, row) => (magnitude(row[1]) > magnitude(most?.[1]) && row[0] !== null ? row : most),
      undefined,
    );
    if (!best) return 'No row says when it happened.';
    const missing = answer.rows.find(([time]) => time === null);
    const steps = answer.rowsTotal - (missing ? 1 : 0);
    const parts = [
      `Busiest ${this.bucket}: ${this.#named(shown(best[0]))} with ${plural(asCount(best[1]), 'row')}`,
      `${plural(steps, this.bucket)} with events`,
      isWhole(answer) ? '' : `the chart shows the first ${count(answer.rows.length)} of them`,
      missing ? `${plural(asCount(missing[1]), 'row')} without a time` : '',
    ];
    return `${parts.filter((part) => part !== '').join('; ')}.`;
  }

  picture(answer: Answer): Picture {
    const missing = answer.rows.find(([time]) => time === null);
    const aside = missing && {
      label: 'no time',
      value: magnitude(missing[1]),
      text: shown(missing[1]),
      missing: true,
      filters: [{ of: this.of, value: null }],
    };
    const total = Number(this.total(answer) ?? 0n);
    return {
      summary: `Column chart of rows by ${this.bucket}`,
      draw: (width) => drawColumns((room) => this.#bars(answer, room), total, width, aside),
    };
  }

  /** The columns that find room, each of them at least as wide as can be pointed at. */
  #bars(answer: Answer, room: number): Bar[] {
    const spans = columnsOf(answer.rows, this.bucket, Math.floor(room / COLUMN_PX_MIN));
    const years = new Set(spans.map(({ first }) => first.slice(0, 4)));
    return spans.map(({ first, last, count: rows }): Bar => {
      const isStep = first === last;
      return {
        label: this.#label(first, years.size > 1),
        spoken: isStep ? this.#named(first) : `${this.#named(first)} to ${this.#named(last)}`,
        value: Number(rows),
        text: count(rows),
        missing: false,
        major: this.bucket === 'hour' && first.includes('T00:00'),
        // Several steps together are nothing that a filter could name.
        ...(isStep && { filters: [{ of: this.of, value: first }] }),
      };
    });
  }

  /** A step below its column; of hours the clock, and the day where that begins. */
  #label(time: string, withYear: boolean): string {
    if (this.bucket === 'month') return month(time);
    const hour = this.bucket === 'hour' ? /T(\d{2}:\d{2})/.exec(time)?.[1] : undefined;
    if (hour !== undefined && hour !== '00:00') return hour;
    return withYear ? day(time) : moment(time.slice(0, 10));
  }

  /** A step where there is room for all of it. */
  #named(time: string): string {
    if (this.bucket === 'hour') return clock(time);
    return this.bucket === 'month' ? month(time) : day(time);
  }

  total(answer: Answer): bigint | undefined {
    return answer.total;
  }

  nullWord(): string {
    return 'no time';
  }
}

/** When events happen, by hour, day, week or month of the column that tells the time. */
export class TimePanel implements Panel {
  readonly card: AnswerCard;
  readonly #face = new TimeFace();
  readonly #buckets: Segments<Bucket>;
  #chosen: Bucket | undefined;

  constructor(picked: (filters: Filter[]) => void, changed: () => void) {
    this.#buckets = new Segments<Bucket>(
      'Count by',
      BUCKETS.map((bucket) => [bucket, bucket]),
      (bucket) => {
        this.#chosen = bucket;
        changed();
      },
    );
    this.card = new AnswerCard(this.#face, {
      controls: el('div', { class: 'controls' }, this.#buckets.root),
      picked,
    });
  }

  get root(): HTMLElement {
    return this.card.root;
  }

  /** The step follows the span of time, until the reader chooses one. */
  fit(board: Board): void {
    this.#face.bucket = this.#chosen ?? fittingBucket(board.span?.first, board.span?.last);
    this.#buckets.value = this.#face.bucket;
  }

  questions(asked: Asked, columns: readonly Column[]): Question[] {
    const column = timeColumn(columns);
    if (!column) return [];
    const { bucket } = this.#face;
    this.#face.of = `${bucket}(${quoted(column.name)})`;
    const words = { group_by: this.#face.of, measure: 'count', order_by: `${bucket}:asc` };
    // Another step of the same column is the same dimension: the chart shows all times whatever step was picked.
    const own = BUCKETS.map((step) => `${step}(${quoted(column.name)})`);
    return [question(filtered(words, asked, own))];
  }

  update(board: Board, asked: Asked): void {
    const [asks] = this.questions(asked, board.columns);
    // Before the first file is opened it keeps its place, so that nothing moves when it turns out to fit.
    this.root.hidden = asks === undefined && board.columns.length > 0;
    this.card.update({
      board,
      question: asks,
      filters: asked.filters,
      explain: (message) => el('div', { class: 'explanation' }, problemLine(message)),
    });
  }
}
