import { isWhole, type Answer, type Cell } from '../data/answer.ts';
import { count, shown, tabSeparated } from '../data/format.ts';
import { ordered, type Order } from '../data/order.ts';
import { el, fill, say } from '../dom/element.ts';

/** Rows put on the page at once; the next ones come on demand. */
const ROWS_AT_ONCE = 200;

/** A chart's twin: a sortable table with exact values. */
export class DataTable {
  readonly root: HTMLElement;
  readonly #head = el('tr');
  readonly #body = el('tbody');
  readonly #foot = el('tfoot');
  readonly #more = el('button', {
    class: 'quiet',
    type: 'button',
    click: () => {
      this.#rows += ROWS_AT_ONCE;
      this.#render();
    },
  });
  readonly #cut = el('p', { class: 'hint' });
  #answer: Answer | undefined;
  #order: Order | undefined;
  #rows = ROWS_AT_ONCE;
  #names = '';
  readonly #nullWord: (column: number) => string;

  constructor(caption: string, nullWord: (column: number) => string) {
    this.#nullWord = nullWord;
    const table = el(
      'table',
      { class: 'data' },
      el('caption', { class: 'only-heard' }, caption),
      el('thead', {}, this.#head),
      this.#body,
      this.#foot,
    );
    const frame = el(
      'div',
      { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': caption },
      table,
    );
    this.root = el('div', {}, frame, this.#more, this.#cut);
  }

  show(answer: Answer, total: bigint | undefined): void {
    this.#answer = answer;
    const names = answer.columns.join('\0');
    if (names !== this.#names) {
      this.#names = names;
      this.#order = undefined;
      this.#rows = ROWS_AT_ONCE;
    }
    this.#render();
    fill(this.#foot, total !== undefined && totalRow(answer, total));
  }

  /** The rows as they are shown, tab-separated, all of them and exact. */
  text(): string {
    if (!this.#answer) return '';
    return tabSeparated(this.#answer.columns, ordered(this.#answer.rows, this.#order));
  }

  #render(): void {
    const answer = this.#answer;
    if (!answer) return;
    this.#renderHead(answer);
    const rows = ordered(answer.rows, this.#order);
    const numeric = numericColumns(answer);
    const lines = rows.slice(0, this.#rows).map((row) =>
      el(
        'tr',
        {},
        ...row.map((cell, column) => {
          const missing = cell === null;
          const classes = [numeric[column] && 'number', missing && 'missing'].filter(Boolean);
          return el(
            'td',
            { class: classes.join(' ') || undefined },
            missing ? this.#nullWord(column) : shown(cell),
          );
        }),
      ),
    );
    fill(this.#body, ...lines);
    const left = rows.length - this.#rows;
    this.#more.hidden = left <= 0;
    this.#cut.hidden = left > 0 || isWhole(answer);
    say(
      this.#cut,
      `${count(answer.rowsTotal)} rows in all: CSV, JSON and Markdown have every one.`,
    );
    this.#more.textContent = `Show ${count(Math.min(left, ROWS_AT_ONCE))} more of ${count(left)}`;
  }

  #renderHead(answer: Answer): void {
    const numeric = numericColumns(answer);
    // The buttons stay while the numbers change, so that the focus does too.
    if (
      this.#head.childElementCount !== answer.columns.length ||
      this.#head.dataset['names'] !== this.#names
    ) {
      this.#head.dataset['names'] = this.#names;
      fill(
        this.#head,
        ...answer.columns.map((name, column) =>
          el(
            'th',
            { scope: 'col', class: numeric[column] ? 'number' : undefined },
            el(
              'button',
              {
                type: 'button',
                click: () => {
                  this.#sort(column);
                },
              },
              name,
            ),
          ),
        ),
      );
    }
    [...this.#head.children].forEach((head, column) => {
      if (this.#order?.column !== column) head.removeAttribute('aria-sort');
      else head.setAttribute('aria-sort', this.#order.descending ? 'descending' : 'ascending');
    });
  }

  #sort(column: number): void {
    const numeric = this.#answer ? numericColumns(this.#answer)[column] === true : false;
    const same = this.#order?.column === column;
    const descending = same ? !this.#order?.descending : numeric;
    this.#order = { column, descending };
    this.#render();
  }
}

function numericColumns(answer: Answer): boolean[] {
  const first = (column: number): Cell | undefined =>
    answer.rows.find((row) => row[column] !== null)?.[column];
  return answer.columns.map((_, column) => {
    const cell = first(column);
    return typeof cell === 'bigint' || typeof cell === 'number';
  });
}

function totalRow(answer: Answer, total: bigint): HTMLElement {
  return el(
    'tr',
    {},
    el('th', { scope: 'row', colspan: answer.columns.length - 1 }, 'All rows'),
    el('td', { class: 'number' }, count(total)),
  );
}
