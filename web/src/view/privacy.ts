import { count, plural } from '../data/format.ts';
import { delivery, readsAllowed, type Delivery } from '../delivery.ts';
import { el, say } from '../dom/element.ts';

/** What the page asks of the server that it came from. */
const OF_ITS_SERVER: Record<Delivery, string> = {
  server: 'it asks that server about its own lake only',
  folder: 'once it is loaded it has nothing to ask there',
  file: '',
};

/**
 * Whom the page's policy lets it talk to: its own server, and those that whoever deployed it `allowed`; and whom of them
 * it asks once the reader gave addresses `elsewhere`.
 */
export function talksTo(
  delivery: Delivery,
  elsewhere: readonly string[],
  allowed: readonly string[],
): string {
  if (delivery === 'file') {
    return 'The page’s Content-Security-Policy lets it talk to nobody at all.';
  }
  const others = allowed.length === 0 ? '' : ` and ${allowed.join(', ')}, whose files it may read`;
  const rule = `The page’s Content-Security-Policy lets it talk to nobody but the server that it came from${others}`;
  const asked =
    elsewhere.length === 0
      ? ''
      : ` Because you gave an address there, the page asks ${elsewhere.join(' and ')} for parts of that file.`;
  return `${rule}; ${OF_ITS_SERVER[delivery]}.${asked}`;
}

/** What was asked for since the reader opened something. */
export function requestsSaid(own: number, elsewhere: ReadonlyMap<string, number>): string {
  const told = own === 0 ? [] : [`${plural(own, 'request')} to the page’s own server`];
  for (const [host, requests] of elsewhere) told.push(`${count(requests)} to ${host}`);
  return told.length === 0 ? 'none' : `${told.join(' and ')}, with nothing of your files in it`;
}

/** "0 bytes sent", with the count of requests since something was opened, as the browser itself reports them. */
export class Privacy {
  readonly root: HTMLElement;
  readonly #talk = el('p', {});
  readonly #count = el('strong', {});
  #requests = 0;
  /** Servers elsewhere that were asked, and how often. */
  readonly #elsewhere = new Map<string, number>();
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
      const since = this.#opened_ms ?? 0;
      const asked = list.getEntries().filter(({ startTime }) => startTime >= since);
      this.told(asked.map(({ name }) => name));
    }).observe({ type: 'resource' });
  }

  /** Counts requests: the page's own, and those that its workers tell of. */
  told(addresses: readonly string[]): void {
    for (const address of addresses) {
      const { origin, host } = new URL(address);
      if (origin === location.origin) this.#requests += 1;
      else if (host !== '') this.#elsewhere.set(host, (this.#elsewhere.get(host) ?? 0) + 1);
    }
    this.#say();
  }

  #say(): void {
    const talk = talksTo(delivery(), [...this.#elsewhere.keys()], readsAllowed());
    say(this.#talk, `Your files are read by this tab and never sent. ${talk}`);
    say(this.#count, requestsSaid(this.#requests, this.#elsewhere));
  }
}
