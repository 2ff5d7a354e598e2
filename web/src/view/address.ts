import { el, say } from '../dom/element.ts';

/** A file behind an address: a button that opens a line to type in, and what came of it. */
export class AddressForm {
  readonly button: HTMLButtonElement;
  readonly root: HTMLFormElement;
  readonly #typed = el('input', {
    type: 'text',
    inputmode: 'url',
    id: 'address-input',
    'aria-label': 'Address of a Parquet file',
    placeholder: 'https://…/events.parquet',
    spellcheck: 'false',
    autocomplete: 'off',
  });
  readonly #said = el('p', { class: 'address-said', role: 'alert' });
  readonly #open = el('button', { class: 'button', type: 'submit' }, 'Open');

  constructor(open: (address: string) => Promise<void>) {
    this.button = el(
      'button',
      { class: 'button', type: 'button', 'aria-expanded': 'false', 'aria-controls': 'address' },
      'Open an address',
    );
    this.button.addEventListener('click', () => {
      this.#expand(this.root.hidden !== false);
    });
    this.root = el(
      'form',
      { class: 'address', id: 'address', hidden: true },
      this.#typed,
      this.#open,
      this.#said,
    );
    this.root.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit(open);
    });
    this.root.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      this.#expand(false);
      this.button.focus();
    });
  }

  #expand(shown: boolean): void {
    this.root.hidden = !shown;
    this.button.setAttribute('aria-expanded', String(shown));
    if (shown) this.#typed.focus();
  }

  async #submit(open: (address: string) => Promise<void>): Promise<void> {
    say(this.#said, '');
    this.#open.disabled = true;
    try {
      await open(this.#typed.value);
      this.#typed.value = '';
      this.#expand(false);
    } catch (fault) {
      say(this.#said, fault instanceof Error ? fault.message : String(fault));
    }
    this.#open.disabled = false;
  }
}
