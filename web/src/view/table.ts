import type { Answer, Cell } from '../data/answer.ts';
import { count, local, shown } from '../data/format.ts';
import { ordered, type Order } from '../data/order.ts';
import { rowsInView } from '../data/scroll.ts';
import { el, fill } from '../dom/element.ts';

/** Rows that are on the page as they are; more are shown through a window that moves over them. */
const ROWS_WHOLE_MAX = 200;
/** Height of a row in a window, in CSS pixels; `table.css` sets the same. */
const ROW_PX = 30;
/** Rows drawn before and after those in view. */
const MARGIN_ROWS = 15;

/** Brings rows of the answer, in the order that is given. */
export type RowSource = (
  order: Order | undefined,
  first: number,
  rows_max: number,
) => Promise<Cell[][]>;

/** A chart's twin: a sortable table with exact values, of any number of rows. */
export class DataTable {
  readonly root: HTMLElement;
  readonly #frame: HTMLElement;
  readonly #table = el('table', { class: 'data' });
  readonly #head = el('tr');
  readonly #body = el('tbody');
  readonly #foot = el('tfoot');
  readonly #source: RowSource;
  readonly #nullWord: (column: number) => string;
  #answer: Answer | undefined;
  #numeric: boolean[] = [];
  #names = '';
  #busy = false;
  #mustLook = false;
  order: Order | undefined;

  constructor(caption: string, nullWord: (column: number) => string, source: RowSource) {
    this.#nullWord = nullWord;
    this.#source = source;
    this.#table.append(
      el('caption', { class: 'only-heard' }, caption),
      el('thead', {}, this.#head),
      this.#body,
      this.#foot,
    );
    this.#frame = el(
      'div',
      {
        class: 'table-frame',
        tabindex: 0,
        role: 'region',
        'aria-label': caption,
        scroll: () => {
          if (this.#isWindowed) void this.#look();
        },
      },
      this.#table,
    );
    this.root = el('div', {}, this.#frame);
  }

  show(answer: Answer, total: bigint | undefined): void {
    this.#answer = answer;
    const names = answer.columns.join('\0');
    if (names !== this.#names) {
      this.#names = names;
      this.order = undefined;
      this.#frame.scrollTop = 0;
    }
    this.#numeric = numericColumns(answer);
    this.#table.setAttribute('aria-rowcount', String(answer.rowsTotal + 1));
    this.#frame.classList.toggle('windowed', this.#isWindowed);
    this.#renderHead(answer);
    fill(this.#foot, total !== undefined && totalRow(answer, total));
    if (this.#isWindowed) void this.#look();
    else this.#put(ordered(answer.rows, this.order), 0, 0, 0);
  }

  get #isWindowed(): boolean {
    return (this.#answer?.rowsTotal ?? 0) > ROWS_WHOLE_MAX;
  }

  /** Shows what the window is over now; while rows are on their way, those that were there stay. */
  async #look(): Promise<void> {
    const answer = this.#answer;
    if (!answer) return;
    // Whatever has changed meanwhile is looked at when the rows that are on their way have come.
    this.#mustLook = this.#busy;
    if (this.#busy) return;
    const { order } = this;
    const view = rowsInView({
      rows: answer.rowsTotal,
      row_px: ROW_PX,
      top_px: this.#frame.scrollTop,
      height_px: this.#frame.clientHeight,
      margin_rows: MARGIN_ROWS,
    });
    this.#busy = true;
    const rows = await this.#rows(answer, view.first, view.rows).catch(() => undefined);
    this.#busy = false;
    const isCurrent = this.#answer === answer && this.order === order && this.#isWindowed;
    if (rows && isCurrent) this.#put(rows, view.first, view.before_px, view.after_px);
    if (this.#mustLook && this.#isWindowed) void this.#look();
  }

  #rows(answer: Answer, first: number, rows_max: number): Promise<Cell[][]> {
    const here = !this.order && first + rows_max <= answer.rows.length;
    if (here) return Promise.resolve(answer.rows.slice(first, first + rows_max));
    return this.#source(this.order, first, rows_max);
  }

  #put(rows: Cell[][], first: number, before_px: number, after_px: number): void {
    const lines = rows.map((row, index) =>
      el(
        'tr',
        { 'aria-rowindex': first + index + 2 },
        ...row.map((cell, column) => this.#cell(cell, column)),
      ),
    );
    const columns = this.#answer?.columns.length ?? 1;
    fill(this.#body, spacer(before_px, columns), ...lines, spacer(after_px, columns));
  }

  #cell(cell: Cell, column: number): HTMLElement {
    const missing = cell === null;
    const classes = [this.#numeric[column] && 'number', missing && 'missing'].filter(Boolean);
    const beside = typeof cell === 'string' ? local(cell) : '';
    return el(
      'td',
      { class: classes.join(' ') || undefined },
      missing ? this.#nullWord(column) : shown(cell),
      beside !== '' && el('span', { class: 'beside' }, beside),
    );
  }

  #renderHead(answer: Answer): void {
    // The buttons stay while the numbers change, so that the focus does too.
    if (this.#head.dataset['names'] !== this.#names) {
      this.#head.dataset['names'] = this.#names;
      const sort = (column: number) => (): void => {
        this.#sort(column);
      };
      fill(
        this.#head,
        ...answer.columns.map((name, column) =>
          el(
            'th',
            { scope: 'col', class: this.#numeric[column] ? 'number' : undefined },
            el('button', { type: 'button', click: sort(column) }, name),
          ),
        ),
      );
    }
    [...this.#head.children].forEach((head, column) => {
      if (this.order?.column !== column) head.removeAttribute('aria-sort');
      else head.setAttribute('aria-sort', this.order.descending ? 'descending' : 'ascending');
    });
  }

  #sort(column: number): void {
    const answer = this.#answer;
    if (!answer) return;
    const same = this.order?.column === column;
    const descending = same ? !this.order?.descending : this.#numeric[column] === true;
    this.order = { column, descending };
    this.#frame.scrollTop = 0;
    this.show(answer, this.#total(answer));
  }

  /** The total does not change with the order. */
  #total(answer: Answer): bigint | undefined {
    return this.#foot.childElementCount > 0 ? answer.total : undefined;
  }
}

/** Stands for rows that are not drawn, so that the scroll bar tells how many there are. */
function spacer(height_px: number, columns: number): HTMLElement | false {
  if (height_px <= 0) return false;
  const cell = el('td', { colspan: columns });
  cell.style.height = `${height_px}px`;
  return el('tr', { class: 'spacer', 'aria-hidden': 'true' }, cell);
}

function numericColumns(answer: Answer): boolean[] {
  return answer.columns.map((_, column) => {
    const cell = answer.rows.find((row) => row[column] !== null)?.[column];
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
