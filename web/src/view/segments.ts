import { el } from '../dom/element.ts';

let groups = 0;

/** A choice of few values, made of radio buttons. */
export class Segments<T extends string> {
  readonly root: HTMLElement;
  readonly #inputs = new Map<T, HTMLInputElement>();

  constructor(
    name: string,
    choices: readonly (readonly [T, string])[],
    chosen: (value: T) => void,
  ) {
    groups += 1;
    const group = `segments-${groups}`;
    const labels = choices.map(([value, text]) => {
      const input = el('input', {
        type: 'radio',
        name: group,
        value,
        change: () => {
          chosen(value);
        },
      });
      this.#inputs.set(value, input);
      return el('label', {}, input, text);
    });
    this.root = el('div', { class: 'segments', role: 'radiogroup', 'aria-label': name }, ...labels);
  }

  set value(value: T) {
    const input = this.#inputs.get(value);
    if (input && !input.checked) input.checked = true;
  }

  set disabled(disabled: boolean) {
    for (const input of this.#inputs.values()) input.disabled = disabled;
  }
}
