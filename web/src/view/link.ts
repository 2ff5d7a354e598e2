import type { LinkedFile } from '../data/link.ts';
import { bytes, plural } from '../data/format.ts';
import { el, fill, say } from '../dom/element.ts';
import { problemLine } from './explain.ts';

/** Missing files that are named. */
const NAMED_MAX = 8;

/** What a link needs of the reader: files that only they have, addresses that are read only when they say so. */
export class LinkNotice {
  readonly root: HTMLElement;
  readonly #refused = el('div', { role: 'alert' });
  readonly #wanted = el('div', { role: 'status' });
  readonly #open: (address: string) => Promise<void>;
  #reason: string | undefined;
  #shape = '';

  constructor(open: (address: string) => Promise<void>, dismissed: () => void) {
    this.#open = open;
    const close = el('button', { class: 'quiet', type: 'button' }, 'Dismiss');
    close.addEventListener('click', () => {
      dismissed();
      this.refuse(undefined);
      this.update([], 0, []);
    });
    this.root = el(
      'section',
      { class: 'link-notice', 'aria-label': 'This link', hidden: true },
      el('div', { class: 'link-text' }, this.#refused, this.#wanted),
      close,
    );
  }

  /** Says why a link can't be followed. */
  refuse(reason: string | undefined): void {
    this.#reason = reason;
    fill(this.#refused, reason !== undefined && problemLine(reason));
    this.#fit();
  }

  /** Says which files are still missing, how many more the link does not name, and which addresses it reads. */
  update(missing: LinkedFile[], unnamed: number, addresses: string[]): void {
    const shape = JSON.stringify([missing, unnamed, addresses]);
    if (shape === this.#shape) return;
    this.#shape = shape;
    const total = missing.length + (missing.length > 0 ? unnamed : 0);
    fill(
      this.#wanted,
      total > 0 &&
        el(
          'p',
          {},
          `This link asks about ${plural(total, 'file')} of yours. Drop or choose them to see its answer:`,
        ),
      total > 0 && el('ul', { class: 'wanted' }, ...named(missing, total)),
      addresses.length > 0 &&
        el('p', {}, 'This link reads files from elsewhere. Nothing is fetched until you say so:'),
      ...addresses.map((address) => this.#address(address)),
    );
    this.#fit();
  }

  #address(address: string): HTMLElement {
    const said = el('p', { class: 'reason', role: 'alert' });
    const open = el('button', { class: 'button', type: 'button' }, 'Read it');
    open.addEventListener('click', () => {
      open.disabled = true;
      say(said, '');
      this.#open(address).catch((fault: unknown) => {
        open.disabled = false;
        say(said, fault instanceof Error ? fault.message : String(fault));
      });
    });
    return el('div', { class: 'wanted-address' }, el('code', {}, address), open, said);
  }

  #fit(): void {
    this.root.hidden = this.#reason === undefined && this.#wanted.childElementCount === 0;
  }
}

function named(missing: LinkedFile[], total: number): HTMLElement[] {
  const lines = missing
    .slice(0, NAMED_MAX)
    .map(({ path, size }) => el('li', {}, el('code', {}, path), ` ${bytes(size)}`));
  const left = total - lines.length;
  if (left > 0) lines.push(el('li', {}, `and ${plural(left, 'more file')}`));
  return lines;
}
