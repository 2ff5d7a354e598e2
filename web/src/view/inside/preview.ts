import { plural, shown, tabSeparated } from '../../data/format.ts';
import { el, fill, say } from '../../dom/element.ts';
import type { PreviewLook } from '../../engine/look.ts';
import { Blocks } from '../blocks.ts';
import { problemLine } from '../explain.ts';
import { copied } from '../take.ts';
import type { Ask, View } from './inside.ts';

/** Rows that are looked at. */
const ROWS_MAX = 1_000;
/** Columns shown until others are chosen. */
const COLUMNS_FIRST = 12;
/** Columns that can be shown at once. */
const COLUMNS_SHOWN_MAX = 50;
/** Columns to choose from. */
const COLUMNS_OFFERED_MAX = 2_000;
const LINE_PX = 31;

/** The first rows of chosen columns, as they are. */
export class PreviewView implements View {
  readonly root: HTMLElement;
  readonly #facts = el('p', { class: 'facts' });
  readonly #problems = el('div', {});
  readonly #choice = el('details', { class: 'column-choice' });
  readonly #summary = el('summary', {});
  readonly #boxes = el('div', { class: 'column-boxes' });
  readonly #find = el('input', {
    type: 'search',
    'aria-label': 'Find a column by name',
    placeholder: 'Find a column',
    spellcheck: 'false',
  });
  readonly #head = el('tr', {});
  readonly #blocks: Blocks;
  #ask: Ask | undefined;
  #names: string[] = [];
  #chosen: string[] = [];
  #rowsTotal = 0;
  #preview: PreviewLook = { columns: [], rows: 0, cut: false };
  #round = 0;

  constructor() {
    const table = el(
      'table',
      { class: 'data preview' },
      el('caption', { class: 'only-heard' }, 'First rows'),
      el('thead', {}, this.#head),
    );
    const frame = el(
      'div',
      { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': 'First rows' },
      table,
    );
    this.#blocks = new Blocks(frame, table, LINE_PX, (index) => this.#line(index));
    this.#find.addEventListener('input', () => {
      this.#offer();
    });
    this.#choice.append(this.#summary, this.#find, this.#boxes);
    const copy = el(
      'button',
      {
        class: 'quiet',
        type: 'button',
        click: () => {
          void copied(copy, this.#text());
        },
      },
      'Copy',
    );
    this.root = el(
      'div',
      {},
      el('div', { class: 'inside-tools' }, this.#facts, copy),
      this.#choice,
      this.#problems,
      frame,
    );
  }

  async show(ask: Ask): Promise<void> {
    this.#ask = ask;
    const schema = await ask('schema', { first: 0, end: COLUMNS_OFFERED_MAX });
    this.#rowsTotal = schema.rows;
    this.#names = schema.columns.map(({ name }) => name);
    // What was chosen of the last file is kept where this one has it too.
    const kept = this.#chosen.filter((name) => this.#names.includes(name));
    const flat = schema.columns.filter(({ repeated }) => !repeated);
    const first = (flat.length > 0 ? flat : schema.columns).slice(0, COLUMNS_FIRST);
    this.#chosen = kept.length > 0 ? kept : first.map(({ name }) => name);
    this.#offer();
    await this.#load();
  }

  async #load(): Promise<void> {
    if (!this.#ask) return;
    const round = (this.#round += 1);
    const asked = { columns: this.#chosen, rows_max: ROWS_MAX };
    const preview = await this.#ask('preview', asked);
    if (round !== this.#round) return;
    this.#preview = preview;
    const { rows, cut } = preview;
    const why = cut ? ', because their values are long' : '';
    const part = rows < this.#rowsTotal ? `The first ${plural(rows, 'row')}` : plural(rows, 'row');
    const of = rows < this.#rowsTotal ? ` of ${this.#rowsTotal.toLocaleString()}${why}` : '';
    say(this.#facts, `${part}${of}`);
    const problems = preview.columns.flatMap(({ problem }) => problem ?? []);
    fill(this.#problems, ...problems.map(problemLine));
    const heads = preview.columns.map(({ name, values }) =>
      el('th', { scope: 'col', class: isNumeric(values) ? 'number' : undefined }, name),
    );
    fill(this.#head, el('th', { scope: 'col', class: 'number' }, '#'), ...heads);
    this.#blocks.count = rows;
  }

  #line(row: number): HTMLElement {
    const cells = this.#preview.columns.map(({ values, problem }) => {
      const value = values[row];
      if (problem !== undefined) return el('td', { class: 'missing' }, '');
      if (value === null || value === undefined) return el('td', { class: 'missing' }, 'null');
      if (value === '') return el('td', { class: 'missing' }, 'empty text');
      const number = typeof value === 'bigint' || typeof value === 'number';
      // Exact, as the core writes it: no separators in what may be an identifier.
      const text = number ? String(value) : shown(value);
      return el('td', { class: number ? 'number' : undefined, title: title(text) }, text);
    });
    return el('tr', {}, el('th', { scope: 'row', class: 'number' }, String(row + 1)), ...cells);
  }

  #offer(): void {
    const shownOf = `${this.#chosen.length} of ${plural(this.#names.length, 'column')}`;
    say(this.#summary, `Columns: ${shownOf}`);
    const wanted = this.#find.value.trim().toLowerCase();
    const found = this.#names.filter((name) => name.toLowerCase().includes(wanted)).slice(0, 200);
    const full = this.#chosen.length >= COLUMNS_SHOWN_MAX;
    fill(
      this.#boxes,
      ...found.map((name) => {
        const checked = this.#chosen.includes(name);
        const box = el('input', { type: 'checkbox', checked, disabled: full && !checked });
        box.addEventListener('change', () => {
          this.#choose(name, box.checked);
        });
        return el('label', {}, box, name);
      }),
    );
  }

  #choose(name: string, wanted: boolean): void {
    const chosen = new Set(this.#chosen);
    if (wanted) chosen.add(name);
    else chosen.delete(name);
    this.#chosen = this.#names.filter((known) => chosen.has(known));
    say(
      this.#summary,
      `Columns: ${this.#chosen.length} of ${plural(this.#names.length, 'column')}`,
    );
    void this.#load();
  }

  #text(): string {
    const { columns, rows } = this.#preview;
    const lines = Array.from({ length: rows }, (_, row) =>
      columns.map(({ values }) => values[row] ?? null),
    );
    return tabSeparated(
      columns.map(({ name }) => name),
      lines,
    );
  }
}

function title(text: string): string | undefined {
  return text.length > 40 ? text : undefined;
}

function isNumeric(values: unknown[]): boolean {
  const first = values.find((value) => value !== null);
  return typeof first === 'bigint' || typeof first === 'number';
}
