// What every peer that gives rows needs on top: events counted by provider, each host looked through as seldom as it pays.

export const PROVIDERS = ['comcast', 'att', 'google', 'frontier', 'cox', 'earthlink'];

/** Hosts remembered at most: beyond this many, looking a host up costs more than looking it through. */
const HOSTS_MAX = 50_000;

export class Tally {
  #providers = new Map();
  #counts = new Map();

  /** Counts rows whose two columns come in pieces that may be cut at different rows. */
  addColumns(hosts, events) {
    let [eventPiece, eventAt] = [0, 0];
    for (const piece of hosts) {
      for (let row = 0; row < piece.length; row += 1) {
        while (eventAt === events[eventPiece].length) [eventPiece, eventAt] = [eventPiece + 1, 0];
        this.add(piece[row], events[eventPiece][eventAt]);
        eventAt += 1;
      }
    }
  }

  add(host, event) {
    let counts = this.#counts.get(event);
    if (!counts) this.#counts.set(event, (counts = new Array(PROVIDERS.length + 1).fill(0)));
    counts[this.#providerOf(host)] += 1;
  }

  /** `[provider, event, count]`; no provider is null. */
  rows() {
    return [...this.#counts].flatMap(([event, counts]) =>
      counts.flatMap((count, index) =>
        count > 0 ? [[PROVIDERS[index] ?? null, event, count]] : [],
      ),
    );
  }

  #providerOf(host) {
    const known = this.#providers.get(host);
    if (known !== undefined) return known;
    const found = PROVIDERS.findIndex((name) => host.includes(name));
    const provider = found < 0 ? PROVIDERS.length : found;
    if (this.#providers.size < HOSTS_MAX) this.#providers.set(host, provider);
    return provider;
  }
}
