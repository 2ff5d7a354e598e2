import { countTotal, type Answer, type Column, type QueryWords } from '../data/answer.ts';
import { moment, plural, shown } from '../data/format.ts';
import { commandLine, groupings, measures, quoted } from '../data/words.ts';
import { el, fill, say } from '../dom/element.ts';
import { drawBars } from './bars.ts';
import { drawColumns } from './columns.ts';
import type { Face } from './card.ts';
import { barsOf } from './popular.ts';
import { copied } from './take.ts';

const NO_VALUE = 'no value';
const BUCKETS = ['minute', 'hour', 'day', 'week', 'month'];
/** Columns of a chart over time: a month of hours. */
const COLUMNS_SHOWN_MAX = 750;
/** Columns to choose from; a file may have a hundred thousand. */
const COLUMNS_MAX = 300;

/** The answer to a question of the reader's own. */
export const ownFace: Face = {
  title: 'Your question',
  fileName: 'answer',
  hint: 'Point at a bar for its number.',
  kinds: [['chart', 'Chart']],
  insight(answer) {
    const [first] = answer.rows;
    const measure = answer.columns.at(-1) ?? '';
    if (!first) return '';
    if (isOverTime(answer)) {
      const last = answer.rows.findLast((row) => row[0] !== null) ?? first;
      return `${plural(answer.rowsTotal, answer.columns[0] ?? 'group')} from ${moment(shown(first[0]))} to ${moment(shown(last[0]))}.`;
    }
    const keys = first.slice(0, -1).map((key) => (key === null ? NO_VALUE : shown(key)));
    return `${plural(answer.rowsTotal, 'group')}; “${keys.join(' · ')}” comes first: ${measure} ${shown(first.at(-1))}.`;
  },
  picture(answer) {
    const measure = answer.columns.length - 1;
    const numeric = answer.rows.every((row) => typeof row[measure] !== 'string');
    if (!numeric) return undefined;
    const whole = isCount(answer) ? answer.scanned.rows : 0;
    if (isOverTime(answer)) {
      const exact = barsOf(answer, NO_VALUE, COLUMNS_SHOWN_MAX).bars;
      const bars = exact.map((bar) => ({ ...bar, label: moment(bar.label) }));
      return {
        summary: `Column chart over ${plural(bars.length, answer.columns[0] ?? 'time')}`,
        draw: (width) => drawColumns(bars, whole, width),
      };
    }
    const { bars, rest } = barsOf(answer, NO_VALUE);
    return {
      summary: `Bar chart of ${plural(answer.rowsTotal, 'group')}${rest}`,
      draw: (width) => drawBars(bars, whole, width),
    };
  },
  total: (answer) => (isCount(answer) ? countTotal(answer) : undefined),
  nullWord: () => NO_VALUE,
};

/** A question in a few choices: group by, then by, measure, where. */
export class AskForm {
  readonly root: HTMLFormElement;
  readonly #group = el('select', { 'aria-label': 'Group by' });
  readonly #then = el('select', { 'aria-label': 'Then by' });
  readonly #measure = el('select', { 'aria-label': 'Measure' });
  readonly #where = el('input', {
    type: 'text',
    'aria-label': 'Where',
    placeholder: "item = 'knife'",
    spellcheck: 'false',
  });
  readonly #command = el('code', { class: 'command' });
  readonly #completed: (words: QueryWords) => QueryWords;
  #names = '';

  /** `completed` adds to the words what is chosen elsewhere on the page. */
  constructor(asked: (words: QueryWords) => void, completed: (words: QueryWords) => QueryWords) {
    this.#completed = completed;
    const copy = el(
      'button',
      {
        class: 'quiet',
        type: 'button',
        click: () => {
          void copied(copy, this.#command.textContent);
        },
      },
      'Copy',
    );
    this.root = el(
      'form',
      {
        class: 'ask',
        submit: (event: Event) => {
          event.preventDefault();
          asked(this.words);
        },
        input: () => {
          this.#renderCommand();
        },
      },
      field('Group by', this.#group),
      field('then by', this.#then),
      field('measure', this.#measure),
      field('where', this.#where),
      el('button', { class: 'button first', type: 'submit' }, 'Ask'),
      el('p', { class: 'command-line' }, this.#command, copy),
    );
  }

  get words(): QueryWords {
    const groups = [this.#group.value, this.#then.value].filter((words) => words !== '');
    const where = this.#where.value.trim();
    return inTime({
      group_by: groups.join(','),
      measure: this.#measure.value || 'count',
      ...(where !== '' && { where }),
    });
  }

  /** Asks the same again, of these rows only. */
  narrow(where: string): void {
    this.#where.value = where;
    this.root.requestSubmit();
  }

  /** Takes a question over into the choices. */
  choose(words: QueryWords): void {
    this.#group.value = words.group_by ?? '';
    this.#then.value = '';
    this.#measure.value = words.measure ?? 'count';
    this.#renderCommand();
  }

  update(all: readonly Column[]): void {
    this.#renderCommand();
    const columns = all.slice(0, COLUMNS_MAX);
    const names = columns.map((column) => column.name).join('\0');
    if (names === this.#names) return;
    this.#names = names;
    const groups = columns.flatMap(groupings);
    fill(this.#group, ...groups.map(option));
    // What happens over time is what most readers ask next.
    const first = groups.find(({ words }) => words.startsWith('hour(')) ?? groups[0];
    this.#group.value = first?.words ?? '';
    fill(this.#then, option({ words: '', label: '—' }), ...groups.map(option));
    const choices = columns.flatMap((column) =>
      measures(column).map((measure) => `${measure}(${quoted(column.name)})`),
    );
    fill(this.#measure, ...['count', ...choices].map((words) => option({ words, label: words })));
    this.#renderCommand();
  }

  #renderCommand(): void {
    say(this.#command, commandLine(this.#completed(this.words), '*.parquet'));
  }
}

function field(name: string, control: HTMLElement): HTMLElement {
  return el('label', { class: 'field' }, el('span', {}, name), control);
}

function option({ words, label }: { words: string; label: string }): HTMLOptionElement {
  return el('option', { value: words }, label);
}

/** One time bucket and a measure: that has an order of its own, and is drawn from left to right. */
function isOverTime(answer: Answer): boolean {
  return answer.columns.length === 2 && BUCKETS.includes(answer.columns[0] ?? '');
}

/** The words with the rows in the order of time, where time is what they are about. */
function inTime(words: QueryWords): QueryWords {
  const bucket = /^(minute|hour|day|week|month)\((?:[^()"]|"[^"]*")*\)$/.exec(words.group_by ?? '');
  return bucket?.[1] ? { ...words, order_by: `${bucket[1]}:asc` } : words;
}

function isCount(answer: Answer): boolean {
  return answer.columns.at(-1) === 'count';
}
