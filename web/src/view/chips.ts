import { without, type Filter } from '../data/asked.ts';
import { clock } from '../data/format.ts';
import { el, fill } from '../dom/element.ts';

/** The filters that hold, each with a way to take it back. The line is always there, so that nothing moves when one comes. */
export class FilterChips {
  readonly root = el('div', { class: 'filters', role: 'group', 'aria-label': 'Filters' });
  readonly #changed: (filters: Filter[]) => void;
  #shown = '';

  constructor(changed: (filters: Filter[]) => void) {
    this.#changed = changed;
  }

  /** `charted` tells whether there is anything to click at. */
  update(filters: readonly Filter[], charted: boolean): void {
    const shown = `${JSON.stringify(filters)}${charted}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (filters.length === 0) {
      const hint = 'Click any bar or cell to filter everything else by it.';
      fill(this.root, el('p', { class: 'hint' }, charted ? hint : '\u00a0'));
      return;
    }
    const chips = filters.map((filter) => {
      const text = describe(filter);
      return el(
        'button',
        {
          class: 'chip filter',
          type: 'button',
          'aria-label': `Remove the filter ${text}`,
          click: () => {
            this.#changed(without(filters, filter));
          },
        },
        text,
        el('span', { class: 'cross', 'aria-hidden': 'true' }, '✕'),
      );
    });
    const all = el(
      'button',
      {
        class: 'quiet',
        type: 'button',
        click: () => {
          this.#changed([]);
        },
      },
      'Remove all',
    );
    fill(
      this.root,
      el('span', { class: 'hint' }, 'Only rows with'),
      ...chips,
      filters.length > 1 && all,
    );
  }
}

/** A filter in a reader's words. */
export function describe({ of, value }: Filter): string {
  if (of === 'event_type') return value ?? 'no event type';
  if (of.startsWith('provider(')) return value === null ? 'no provider' : `from ${value}`;
  const [, bucket, column = ''] = /^(hour|day|week|month)\((.*)\)$/.exec(of) ?? [];
  if (bucket) return value === null ? `no ${column}` : `${bucket} ${clock(value)}`;
  return `${of}: ${value ?? 'no value'}`;
}
