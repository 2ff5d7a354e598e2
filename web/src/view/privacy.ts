import { plural } from '../data/format.ts';
import { el, say } from '../dom/element.ts';

/** "0 bytes sent", with the count of requests since the page was ready, as the browser itself reports them. */
export class Privacy {
  readonly root: HTMLElement;
  readonly #count = el('strong', {});
  #requests = 0;
  #ready = false;

  constructor() {
    this.root = el(
      'details',
      { class: 'privacy' },
      el('summary', {}, el('span', { class: 'dot' }), '0 bytes sent'),
      el(
        'div',
        { class: 'privacy-text' },
        el(
          'p',
          {},
          'Your files are read by this tab and never sent. The page’s Content-Security-Policy lets it talk to nobody but the server that it came from, and it asks that server only when you open its lake.',
        ),
        el('p', {}, 'Requests since the page was ready: ', this.#count),
      ),
    );
    say(this.#count, 'none');
  }

  /** From now on every request is one that the reader caused. */
  ready(): void {
    if (this.#ready || !('PerformanceObserver' in window)) return;
    this.#ready = true;
    new PerformanceObserver((list) => {
      this.#requests += list.getEntries().length;
      const asked = plural(this.#requests, 'request');
      say(this.#count, `${asked} to the page’s own server, with nothing of your files in it`);
    }).observe({ type: 'resource' });
  }
}
