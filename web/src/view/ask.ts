import type { Board } from '../board/board.ts';
import type { Column, QueryWords } from '../data/answer.ts';
import { answerColumn, items } from '../data/parts.ts';
import { groupings, measures, quoted } from '../data/words.ts';
import { el, fill } from '../dom/element.ts';
import { Choices, type Choice } from './choices.ts';
import { ConditionBuilder } from './condition.ts';
import { Translations } from './translations.ts';

/** Columns to choose from at once; a file may have a hundred thousand, and a search finds the others. */
const COLUMNS_MAX = 200;
/** Columns from which on there is a search. */
const SEARCH_FROM = 60;
/** Keys and measures of a question; more of them make no table that anybody reads. */
const KEYS_MAX = 6;
const MEASURES_MAX = 8;
const BUCKETS = /^(minute|hour|day|week|month)\(/i;

/** A question of the reader's own, put together from the columns that there are. */
export class AskForm {
  readonly root: HTMLFormElement;
  readonly #groups = new Choices('Group by', 'Then by', KEYS_MAX);
  readonly #measures = new Choices('Measure', 'And measure', MEASURES_MAX);
  readonly #where = el('input', {
    type: 'text',
    'aria-label': 'Where',
    placeholder: "item = 'knife'",
    spellcheck: 'false',
    autocomplete: 'off',
  });
  readonly #order = el('select', { 'aria-label': 'Order by' });
  readonly #limit = el('input', {
    type: 'number',
    min: 1,
    step: 1,
    'aria-label': 'Rows at most',
    placeholder: 'all',
  });
  readonly #search = el('input', {
    type: 'search',
    'aria-label': 'Find a column',
    placeholder: 'Find a column',
    spellcheck: 'false',
  });
  readonly #searchField = field('columns', this.#search);
  readonly #conditions: ConditionBuilder;
  readonly #translations: Translations;
  readonly #completed: (words: QueryWords) => QueryWords;
  #columns: readonly Column[] = [];
  #names = '';
  #board: Board | undefined;
  #isTouched = false;

  /** `completed` adds to the words what is chosen elsewhere on the page. */
  constructor(asked: (words: QueryWords) => void, completed: (words: QueryWords) => QueryWords) {
    this.#completed = completed;
    this.#conditions = new ConditionBuilder(this.#where, () => {
      this.#changed();
    });
    this.#translations = new Translations();
    this.#search.addEventListener('input', (event) => {
      event.stopPropagation();
      this.#offer();
    });
    this.root = el(
      'form',
      {
        class: 'ask',
        submit: (event: Event) => {
          event.preventDefault();
          asked(this.words);
        },
        input: () => {
          this.#changed();
        },
      },
      el('div', { class: 'ask-row' }, this.#searchField, this.#groups.root, this.#measures.root),
      el(
        'div',
        { class: 'ask-row' },
        field('where', this.#where),
        field('order by', this.#order),
        field('rows at most', this.#limit),
        el('button', { class: 'button first', type: 'submit' }, 'Ask'),
      ),
      this.#conditions.root,
      this.#translations.root,
    );
  }

  get words(): QueryWords {
    const where = this.#where.value.trim();
    const limit = Math.trunc(Number(this.#limit.value));
    return {
      group_by: this.#groups.values.join(','),
      measure: this.#measures.values.join(',') || 'count',
      ...(where !== '' && { where }),
      ...(this.#order.value !== '' && { order_by: this.#order.value }),
      ...(limit > 0 && { limit }),
    };
  }

  /** Takes a question over into the choices. */
  choose(words: QueryWords): void {
    this.#isTouched = true;
    this.#groups.values = items(words.group_by ?? '');
    this.#measures.values = items(words.measure ?? 'count');
    this.#where.value = words.where ?? '';
    this.#limit.value = words.limit === undefined ? '' : String(words.limit);
    this.#offerOrders(words.order_by);
    this.#translate();
  }

  update(board: Board): void {
    this.#board = board;
    this.#columns = board.columns;
    const names = this.#columns.map(({ name }) => name).join('\0');
    if (names !== this.#names) {
      this.#names = names;
      this.#searchField.hidden = this.#columns.length < SEARCH_FROM;
      this.#offer();
      if (!this.#isTouched) this.#begin();
    }
    this.#translate();
  }

  /** What happens over time is what most readers ask next. */
  #begin(): void {
    const groups = this.#columns.slice(0, COLUMNS_MAX).flatMap(groupings);
    const first = groups.find(({ words }) => words.startsWith('hour(')) ?? groups[0];
    this.#groups.values = first ? [first.words] : [];
    this.#measures.values = ['count'];
    this.#offerOrders(undefined);
  }

  #changed(): void {
    this.#isTouched = true;
    this.#offerOrders(this.#order.value);
    this.#translate();
  }

  /** Offers the columns that are found, and keeps what is chosen. */
  #offer(): void {
    const wanted = this.#search.value.trim().toLowerCase();
    const found = this.#columns
      .filter(({ name, usable }) => usable && name.toLowerCase().includes(wanted))
      .slice(0, COLUMNS_MAX);
    this.#groups.offered = found.flatMap(groupings);
    const measured = found.flatMap((column) =>
      measures(column).map((measure): Choice => {
        const words = `${measure}(${quoted(column.name)})`;
        return { words, label: words };
      }),
    );
    this.#measures.offered = [{ words: 'count', label: 'count' }, ...measured];
    this.#conditions.columns = found;
  }

  /** The orders that the answer's columns allow; time runs from left to right unless the reader wants otherwise. */
  #offerOrders(wanted: string | undefined): void {
    const groups = this.#groups.values;
    const inTime = groups.length === 1 && BUCKETS.test(groups[0] ?? '');
    const columns = [...groups.map(answerColumn), ...this.#measures.values];
    const orders = columns.flatMap((name): Choice[] => [
      { words: `${name}:desc`, label: `${name}, greatest first` },
      { words: `${name}:asc`, label: `${name}, least first` },
    ]);
    const first = inTime ? `${answerColumn(groups[0] ?? '')}:asc` : '';
    const none: Choice = { words: '', label: 'first measure, greatest first' };
    const all = [none, ...orders];
    // An order that a link or the last question had, and that the choices can't make, is kept as it is.
    const isKept = wanted !== undefined && wanted !== '' && this.#isWritten(wanted, columns);
    if (isKept && !all.some(({ words }) => words === wanted)) {
      all.push({ words: wanted, label: wanted });
    }
    fill(this.#order, ...all.map(({ words, label }) => el('option', { value: words }, label)));
    this.#order.value = isKept ? wanted : first;
  }

  /** Whether an order names only columns that the answer will have. */
  #isWritten(order: string, columns: string[]): boolean {
    return items(order).every((item) => columns.includes(item.replace(/:(asc|desc)$/i, '')));
  }

  #translate(): void {
    const board = this.#board;
    if (board) this.#translations.show(this.#completed(this.words), board);
  }
}

function field(name: string, control: HTMLElement): HTMLElement {
  return el('label', { class: 'field' }, el('span', {}, name), control);
}
