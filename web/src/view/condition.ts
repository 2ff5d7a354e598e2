import type { Column } from '../data/answer.ts';
import { condition, joined, operators, type Operator } from '../data/parts.ts';
import { el, fill } from '../dom/element.ts';

/** Puts a condition together by choosing, and adds it to the words of `where`. */
export class ConditionBuilder {
  readonly root: HTMLElement;
  readonly #column = el('select', { 'aria-label': 'Column of the condition' });
  readonly #operator = el('select', { 'aria-label': 'Comparison' });
  readonly #value = el('input', {
    type: 'text',
    'aria-label': 'Value',
    spellcheck: 'false',
    autocomplete: 'off',
  });
  readonly #where: HTMLInputElement;
  readonly #changed: () => void;
  #columns: Column[] = [];

  constructor(where: HTMLInputElement, changed: () => void) {
    this.#where = where;
    this.#changed = changed;
    const add = el('button', { class: 'button', type: 'button' }, 'Add condition');
    add.addEventListener('click', () => {
      this.#add();
    });
    this.#column.addEventListener('change', () => {
      this.#offerOperators();
    });
    this.#operator.addEventListener('change', () => {
      this.#fit();
    });
    this.#value.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      // Enter here adds the condition instead of asking.
      event.preventDefault();
      this.#add();
    });
    this.root = el(
      'div',
      { class: 'condition', role: 'group', 'aria-label': 'A condition' },
      this.#column,
      this.#operator,
      this.#value,
      add,
    );
    // What is not added yet changes no question.
    this.root.addEventListener('input', (event) => {
      event.stopPropagation();
    });
  }

  set columns(columns: Column[]) {
    const chosen = this.#column.value;
    this.#columns = columns;
    fill(this.#column, ...columns.map(({ name }) => el('option', { value: name }, name)));
    if (columns.some(({ name }) => name === chosen)) this.#column.value = chosen;
    this.root.hidden = columns.length === 0;
    this.#offerOperators();
  }

  get #chosen(): { column: Column; operator: Operator } | undefined {
    const column = this.#columns.find(({ name }) => name === this.#column.value);
    const known = column && operators(column.type);
    const operator = known?.find(({ words }) => words === this.#operator.value);
    return column && operator && { column, operator };
  }

  #offerOperators(): void {
    const column = this.#columns.find(({ name }) => name === this.#column.value);
    const chosen = this.#operator.value;
    const known = column ? operators(column.type) : [];
    fill(this.#operator, ...known.map(({ words, label }) => el('option', { value: words }, label)));
    if (known.some(({ words }) => words === chosen)) this.#operator.value = chosen;
    this.#fit();
  }

  #fit(): void {
    const wants = this.#chosen?.operator.wants ?? 'none';
    this.#value.disabled = wants === 'none';
    this.#value.placeholder =
      wants === 'list' ? 'a, b, c' : this.#operator.value.endsWith('like') ? '%part%' : 'value';
  }

  #add(): void {
    const chosen = this.#chosen;
    if (!chosen) return;
    const more = condition(chosen.column, chosen.operator, this.#value.value);
    this.#where.value = joined(this.#where.value, more);
    this.#value.value = '';
    this.#changed();
  }
}
