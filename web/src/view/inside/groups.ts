import { bytes, count, plural } from '../../data/format.ts';
import { el, say } from '../../dom/element.ts';
import type { ChunkLook } from '../../engine/look.ts';
import { Blocks } from '../blocks.ts';
import { bound } from './columns.ts';
import type { Ask, View } from './inside.ts';

/** Column chunks of a row group that are looked at. */
const CHUNKS_MAX = 10_000;
const LINE_PX = 34;

/** One row group after the other, chunk by chunk. */
export class RowGroupsView implements View {
  readonly root: HTMLElement;
  readonly #number = el('input', {
    type: 'number',
    min: 0,
    value: 0,
    'aria-label': 'Row group',
  });
  readonly #of = el('span', { class: 'hint' });
  readonly #facts = el('p', { class: 'facts' });
  readonly #blocks: Blocks;
  #ask: Ask | undefined;
  #groups = 0;
  #chunks: ChunkLook[] = [];

  constructor() {
    const step = (by: number) => () => {
      this.#number.value = String(this.#chosen + by);
      void this.#load();
    };
    this.#number.addEventListener('change', () => void this.#load());
    const heads = [
      'Column',
      'Codec',
      'Encodings',
      'Values',
      'Nulls',
      'Distinct',
      'Least',
      'Greatest',
      'Stored',
      'Plain',
      'Has',
    ];
    const table = el(
      'table',
      { class: 'data chunks' },
      el('caption', { class: 'only-heard' }, 'Column chunks'),
      el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
    );
    const frame = el(
      'div',
      { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': 'Column chunks' },
      table,
    );
    this.#blocks = new Blocks(frame, table, LINE_PX, (index) => this.#line(index));
    this.root = el(
      'div',
      {},
      el(
        'div',
        { class: 'inside-tools' },
        el('label', { class: 'beside-label' }, 'Row group ', this.#number),
        this.#of,
        el('button', { class: 'button', type: 'button', click: step(-1) }, 'Previous'),
        el('button', { class: 'button', type: 'button', click: step(1) }, 'Next'),
      ),
      this.#facts,
      frame,
    );
  }

  async show(ask: Ask): Promise<void> {
    this.#ask = ask;
    const { rowGroups } = await ask('schema', { first: 0, end: 0 });
    this.#groups = rowGroups;
    this.#number.max = String(Math.max(0, rowGroups - 1));
    this.#number.value = '0';
    say(this.#of, `of ${count(rowGroups)}, counted from 0`);
    await this.#load();
  }

  /** The number that is typed, within what there is. */
  get #chosen(): number {
    return Math.min(Math.max(0, Math.trunc(Number(this.#number.value) || 0)), this.#groups - 1);
  }

  async #load(): Promise<void> {
    if (!this.#ask) return;
    if (this.#groups === 0) {
      say(this.#facts, 'The file has no row groups, and so no rows.');
      this.#blocks.count = 0;
      return;
    }
    const rowGroup = this.#chosen;
    this.#number.value = String(rowGroup);
    this.#chunks = await this.#ask('chunks', { rowGroup, first: 0, end: CHUNKS_MAX });
    const sum = (of: (chunk: ChunkLook) => bigint) =>
      Number(this.#chunks.reduce((total, chunk) => total + of(chunk), 0n));
    const stored = bytes(sum(({ bytes_compressed }) => bytes_compressed));
    const plain = bytes(sum(({ bytes_uncompressed }) => bytes_uncompressed));
    say(
      this.#facts,
      `${plural(this.#chunks.length, 'column chunk')} · ${stored} as stored, ${plain} before compression`,
    );
    this.#blocks.count = this.#chunks.length;
  }

  #line(index: number): HTMLElement {
    const chunk = this.#chunks[index];
    if (!chunk) return el('tr', {});
    const number = (value: bigint | undefined): HTMLElement =>
      el('td', { class: 'number' }, value === undefined ? '' : count(value));
    const has = [
      chunk.encrypted && 'encryption',
      chunk.dictionary && 'dictionary',
      chunk.column_index && 'column index',
      chunk.offset_index && 'offset index',
      chunk.bloom_filter && 'bloom filter',
    ].filter(Boolean);
    return el(
      'tr',
      {},
      el('th', { scope: 'row', class: 'name' }, chunk.column),
      el('td', {}, chunk.codec),
      el('td', {}, chunk.encodings.join(', ')),
      number(chunk.values),
      number(chunk.nulls),
      number(chunk.distinct),
      bound(chunk.min),
      bound(chunk.max),
      el('td', { class: 'number' }, bytes(Number(chunk.bytes_compressed))),
      el('td', { class: 'number' }, bytes(Number(chunk.bytes_uncompressed))),
      el('td', {}, has.join(', ')),
    );
  }
}
