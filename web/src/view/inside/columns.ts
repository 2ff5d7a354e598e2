import { bytes, count, percent, plural } from '../../data/format.ts';
import { el, say } from '../../dom/element.ts';
import type { ColumnLook, SchemaLook } from '../../engine/look.ts';
import { Blocks } from '../blocks.ts';
import { Segments } from '../segments.ts';
import type { Ask, View } from './inside.ts';

/** Columns that are looked at; one file may have a hundred thousand, and more than these nobody reads. */
const COLUMNS_MAX = 10_000;
/** Characters of a bound that are shown. */
const BOUND_MAX = 28;
const LINE_PX = 52;

type Order = 'file' | 'size';

/** A file's columns as `questlog inspect` tells of them, with bars for what each of them costs. */
export class ColumnsView implements View {
  readonly root: HTMLElement;
  readonly #facts = el('p', { class: 'facts' });
  readonly #cut = el('p', { class: 'hint' });
  readonly #find = el('input', {
    type: 'search',
    'aria-label': 'Find a column by name',
    placeholder: 'Find a column',
    spellcheck: 'false',
  });
  readonly #order: Segments<Order>;
  readonly #blocks: Blocks;
  #schema: SchemaLook | undefined;
  #shown: ColumnLook[] = [];
  #by: Order = 'file';
  #largest = 1;
  #total = 1;

  constructor() {
    this.#order = new Segments<Order>(
      'Order of columns',
      [
        ['file', 'File order'],
        ['size', 'Largest first'],
      ],
      (by) => {
        this.#by = by;
        this.#render();
      },
    );
    this.#order.value = 'file';
    this.#find.addEventListener('input', () => {
      this.#render();
    });
    const heads = ['Column', 'Type', 'Size', 'Nulls', 'Least', 'Greatest', 'Codec and encodings'];
    const table = el(
      'table',
      { class: 'data schema' },
      el('caption', { class: 'only-heard' }, 'Columns'),
      el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
    );
    const frame = el(
      'div',
      { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': 'Columns' },
      table,
    );
    this.#blocks = new Blocks(frame, table, LINE_PX, (index) => this.#line(index));
    this.root = el(
      'div',
      {},
      this.#facts,
      el('div', { class: 'inside-tools' }, this.#find, this.#order.root),
      frame,
      this.#cut,
    );
  }

  async show(ask: Ask): Promise<void> {
    const schema = await ask('schema', { first: 0, end: COLUMNS_MAX });
    this.#schema = schema;
    const sizes = schema.columns.map(({ bytes_compressed }) => Number(bytes_compressed));
    this.#largest = Math.max(1, ...sizes);
    this.#total = Math.max(
      1,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    say(this.#facts, factsOf(schema));
    const left = schema.columnsTotal - schema.columns.length;
    this.#cut.hidden = left <= 0;
    say(this.#cut, `… and ${plural(left, 'more column')}: questlog inspect tells of every one.`);
    this.#render();
  }

  #render(): void {
    const columns = this.#schema?.columns ?? [];
    const wanted = this.#find.value.trim().toLowerCase();
    const found = columns.filter(({ name }) => name.toLowerCase().includes(wanted));
    if (this.#by === 'size') {
      found.sort((a, b) => Number(b.bytes_compressed) - Number(a.bytes_compressed));
    }
    this.#shown = found;
    this.#blocks.count = found.length;
  }

  #line(index: number): HTMLElement {
    const column = this.#shown[index];
    if (!column) return el('tr', {});
    const size = Number(column.bytes_compressed);
    const bar = el('span', { class: 'size-bar' });
    bar.style.width = `${(size / this.#largest) * 100}%`;
    const ratio = Number(column.bytes_uncompressed) / Math.max(1, size);
    const nulls = column.nullable
      ? column.nulls === undefined
        ? 'not told'
        : count(column.nulls)
      : 'never';
    return el(
      'tr',
      {},
      el('th', { scope: 'row', class: 'name' }, column.name),
      el('td', {}, column.type, el('span', { class: 'detail' }, column.stored)),
      el(
        'td',
        { class: 'size' },
        el('span', { class: 'size-track' }, bar),
        el('span', {}, `${bytes(size)} · ${percent(size, this.#total)}`),
        el('span', { class: 'detail' }, `${ratio.toFixed(1)} × smaller than plain`),
      ),
      el('td', { class: 'number' }, column.repeated ? 'repeated' : nulls),
      bound(column.min),
      bound(column.max),
      el(
        'td',
        {},
        column.codecs.join(', '),
        el('span', { class: 'detail' }, [...column.encodings, ...extras(column)].join(', ')),
      ),
    );
  }
}

function factsOf(schema: SchemaLook): string {
  const notes = schema.notes.map(([key, size]) => `${key} (${bytes(size)})`);
  return [
    bytes(schema.size_bytes),
    plural(schema.rows, 'row'),
    plural(schema.columnsTotal, 'column'),
    plural(schema.rowGroups, 'row group'),
    `written by ${schema.writtenBy ?? '(it does not say)'}`,
    ...(notes.length > 0 ? [`notes: ${notes.join(', ')}`] : []),
  ].join(' · ');
}

function extras(column: ColumnLook): string[] {
  return [
    column.encrypted && 'encrypted',
    Number(column.dictionaries) > 0 && 'dictionary',
    Number(column.column_indexes) > 0 && 'page index',
    Number(column.bloom_filters) > 0 && 'bloom filter',
  ].filter((word) => word !== false);
}

/** A bound, short; the whole of it on hover. */
export function bound(value: string | undefined): HTMLElement {
  if (value === undefined) return el('td', { class: 'missing' }, 'not told');
  if (value === '') return el('td', { class: 'missing' }, 'empty text');
  const short = value.length > BOUND_MAX ? `${value.slice(0, BOUND_MAX)}…` : value;
  return el('td', { title: short === value ? undefined : value.slice(0, 1000) }, short);
}
