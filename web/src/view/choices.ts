import { el, fill } from '../dom/element.ts';

/** One thing to choose: how a query writes it, and what it is called. */
export interface Choice {
  words: string;
  label: string;
}

const NOTHING: Choice = { words: '', label: '—' };

/** A list that grows as it is filled in: one select for each choice, and an empty one for the next. */
export class Choices {
  readonly root: HTMLElement;
  readonly #first: string;
  readonly #next: string;
  readonly #count_max: number;
  readonly #selects: HTMLSelectElement[] = [];
  #offered: Choice[] = [];

  /** `first` and `next` are what the first select and each further one are called. */
  constructor(first: string, next: string, count_max: number) {
    this.#first = first;
    this.#next = next;
    this.#count_max = count_max;
    this.root = el('div', { class: 'choices' });
    // Before the form hears of it: what is chosen decides how many selects there are.
    this.root.addEventListener('input', () => {
      this.values = this.values;
    });
    this.values = [];
  }

  /** What is chosen, in order. */
  get values(): string[] {
    return this.#selects.map((select) => select.value).filter((value) => value !== '');
  }

  set values(values: string[]) {
    const count = Math.min(values.length + 1, this.#count_max);
    while (this.#selects.length > count) this.#selects.pop()?.closest('label')?.remove();
    while (this.#selects.length < count) this.#add();
    this.#selects.forEach((select, index) => {
      this.#fill(select, values[index] ?? '', index);
    });
  }

  set offered(choices: Choice[]) {
    this.#offered = choices;
    this.values = this.values;
  }

  #add(): void {
    const name = this.#selects.length === 0 ? this.#first : this.#next;
    const select = el('select', { 'aria-label': name });
    this.#selects.push(select);
    const label = el('span', {}, name.toLowerCase());
    this.root.append(el('label', { class: 'field' }, label, select));
  }

  #fill(select: HTMLSelectElement, value: string, index: number): void {
    const choices = index === 0 && value !== '' ? this.#offered : [NOTHING, ...this.#offered];
    const known = choices.some(({ words }) => words === value);
    // What is chosen stays, also when it is not among what a search has found.
    const all = known || value === '' ? choices : [{ words: value, label: value }, ...choices];
    if (!all.includes(NOTHING)) all.push(NOTHING);
    const shape = all.map(({ words }) => words).join('\0');
    if (select.dataset['shape'] !== shape) {
      select.dataset['shape'] = shape;
      fill(select, ...all.map(({ words, label }) => el('option', { value: words }, label)));
    }
    select.value = value;
    select.classList.toggle('vacant', value === '');
  }
}
