import type { QueryWords } from './answer.ts';
import { matched, only, PROVIDERS, type Matching } from './words.ts';

/** One value of one dimension, such as `event_type`, `provider(Host)` or `hour(timestamp)`, that the reader picked. */
export interface Filter {
  /** What is compared, as a query writes it. */
  of: string;
  value: string | null;
}

/** Everything the reader has chosen: what the page asks follows from it, and from nothing else. */
export interface Asked {
  readonly matching: Matching;
  readonly filters: readonly Filter[];
  /** A question of the reader's own. */
  readonly own: QueryWords | undefined;
}

/** What a reader sees who has not chosen anything yet. */
export const UNASKED: Asked = {
  matching: { rule: 'contains', providers: PROVIDERS },
  filters: [],
  own: undefined,
};

/** Takes picked filters: they replace those of the same dimensions; picked once more, they go. */
export function toggled(filters: readonly Filter[], picked: readonly Filter[]): Filter[] {
  const dimensions = new Set(picked.map(({ of }) => of));
  const others = filters.filter(({ of }) => !dimensions.has(of));
  const known = picked.every((one) => isChosen(filters, one));
  const same = known && filters.length - others.length === picked.length;
  return same ? others : [...others, ...picked];
}

/** Without one filter. */
export function without(filters: readonly Filter[], gone: Filter): Filter[] {
  return filters.filter(({ of, value }) => of !== gone.of || value !== gone.value);
}

/** Whether this value is among the filters. */
export function isChosen(filters: readonly Filter[], { of, value }: Filter): boolean {
  return filters.some((filter) => filter.of === of && filter.value === value);
}

/**
 * The question with the filters of all other dimensions: a chart keeps showing all of its own values, so that
 * another one can be picked.
 */
export function filtered(words: QueryWords, asked: Asked, own: readonly string[]): QueryWords {
  const others = asked.filters.filter(({ of }) => !own.includes(of));
  const parts = others.map(({ of, value }) => only(of, value));
  if (words.where) parts.unshift(parts.length > 0 ? `(${words.where})` : words.where);
  const where = parts.join(' and ');
  return matched(where === '' ? words : { ...words, where }, asked.matching);
}
