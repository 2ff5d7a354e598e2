import { plural } from '../data/format.ts';
import { delivery, type Delivery } from '../delivery.ts';
import { el, say } from '../dom/element.ts';

/** Whom the page's policy lets it talk to. */
const TALKS_TO: Record<Delivery, string> = {
  server:
    'The page’s Content-Security-Policy lets it talk to nobody but the server that it came from, and it asks that server about its own lake only.',
  folder:
    'The page’s Content-Security-Policy lets it talk to nobody but the server that it came from, and once it is loaded it has nothing to ask there.',
  file: 'The page’s Content-Security-Policy lets it talk to nobody at all.',
};

/** "0 bytes sent", with the count of requests since something was opened, as the browser itself reports them. */
export class Privacy {
  readonly root: HTMLElement;
  readonly #count = el('strong', {});
  #requests = 0;
  #opened_ms: number | undefined;

  constructor() {
    this.root = el(
      'details',
      { class: 'privacy' },
      el('summary', {}, el('span', { class: 'dot' }), '0 bytes sent'),
      el(
        'div',
        { class: 'privacy-text' },
        el('p', {}, `Your files are read by this tab and never sent. ${TALKS_TO[delivery()]}`),
        el('p', {}, 'Requests since you opened something: ', this.#count),
      ),
    );
    say(this.#count, 'none');
  }

  /** From now on every request is one that came after the reader's data. */
  watch(): void {
    if (this.#opened_ms !== undefined || !('PerformanceObserver' in window)) return;
    this.#opened_ms = performance.now();
    new PerformanceObserver((list) => {
      this.#told(list.getEntries());
    }).observe({ type: 'resource' });
  }

  #told(entries: PerformanceEntryList): void {
    const since = this.#opened_ms ?? 0;
    this.#requests += entries.filter((entry) => entry.startTime >= since).length;
    if (this.#requests === 0) return;
    const asked = plural(this.#requests, 'request');
    say(this.#count, `${asked} to the page’s own server, with nothing of your files in it`);
  }
}
