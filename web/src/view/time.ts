import type { Board } from '../board/board.ts';
import { magnitude, timeColumn, type Answer, type Cell, type Column } from '../data/answer.ts';
import { filtered, type Asked, type Filter } from '../data/asked.ts';
import { clock, moment, plural, shown } from '../data/format.ts';
import { BUCKETS, BUCKETS_SHOWN_MAX, fittingBucket, withGaps, type Bucket } from '../data/time.ts';
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
    const time = shown(best[0]);
    return `Busiest ${this.bucket}: ${clock(time)} with ${shown(best[1])} rows; ${plural(answer.rowsTotal, this.bucket)} with events.`;
  }

  picture(answer: Answer): Picture {
    const rows = withGaps(answer.rows, this.bucket).slice(0, BUCKETS_SHOWN_MAX);
    const bars = rows.map(([time, value]): Bar => {
      const name = time === null ? 'no time' : moment(time);
      return {
        label: this.bucket === 'hour' && time !== null ? hourLabel(time) : name,
        spoken: time === null ? name : clock(time),
        value: magnitude(value),
        text: shown(value),
        missing: time === null,
        filters: [{ of: this.of, value: time }],
      };
    });
    return {
      summary: `Column chart over ${plural(bars.length, this.bucket)}`,
      draw: (width) => drawColumns(bars, Number(this.total(answer) ?? 0n), width),
    };
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

/** An hour below its column: by the clock, and by its day where that begins. */
function hourLabel(time: string): string {
  const hour = /T(\d{2}:\d{2})/.exec(time)?.[1];
  return hour === undefined || hour === '00:00' ? moment(time.slice(0, 10)) : hour;
}
