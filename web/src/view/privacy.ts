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

/** The same once the reader gave addresses elsewhere, which the policy then must allow. */
export function talksTo(delivery: Delivery, elsewhere: readonly string[]): string {
  if (elsewhere.length === 0) return TALKS_TO[delivery];
  const others =
    delivery === 'file' ? 'nobody else' : 'nobody else but the server that it came from';
  return `Because you gave an address there, the page asks ${elsewhere.join(' and ')} for parts of that file, as its Content-Security-Policy allows; it talks to ${others}.`;
}

/** What was asked for; workers read the files behind addresses, and their requests are not told to the page. */
export function requestsSaid(own: number, elsewhere: readonly string[]): string {
  const told = own === 0 ? [] : [`${plural(own, 'request')} to the page’s own server`];
  if (elsewhere.length > 0) {
    told.push(`those that read what you gave the address of from ${elsewhere.join(' and ')}`);
  }
  return told.length === 0 ? 'none' : `${told.join(' and ')}, with nothing of your files in it`;
}

/** "0 bytes sent", with the count of requests since something was opened, as the browser itself reports them. */
export class Privacy {
  readonly root: HTMLElement;
  readonly #talk = el('p', {});
  readonly #count = el('strong', {});
  #requests = 0;
  /** Servers elsewhere that were asked, as the browser reports it. */
  readonly #elsewhere = new Set<string>();
  #opened_ms: number | undefined;

  constructor() {
    this.root = el(
      'details',
      { class: 'privacy' },
      el('summary', {}, el('span', { class: 'dot' }), '0 bytes sent'),
      el(
        'div',
        { class: 'privacy-text' },
        this.#talk,
        el('p', {}, 'Requests since you opened something: ', this.#count),
      ),
    );
    this.#say();
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
    for (const { name, startTime } of entries) {
      if (startTime < since) continue;
      const { origin, host } = new URL(name);
      if (origin === location.origin) this.#requests += 1;
      else if (host !== '') this.#elsewhere.add(host);
    }
    this.#say();
  }

  #say(): void {
    const elsewhere = [...this.#elsewhere];
    const talk = talksTo(delivery(), elsewhere);
    say(this.#talk, `Your files are read by this tab and never sent. ${talk}`);
    say(this.#count, requestsSaid(this.#requests, elsewhere));
  }
}
