import { countTotal, isWhole, type Answer } from '../data/answer.ts';
import { count, percent } from '../data/format.ts';
import { folded, matrixOf, type Matrix } from '../data/matrix.ts';
import { providersTyped, type Matching } from '../data/words.ts';
import { el, say } from '../dom/element.ts';
import type { Face } from './card.ts';
import { drawHeat, type HeatMode } from './heat.ts';
import { Segments } from './segments.ts';

/** Events of the heat map; the others are one line. */
const EVENTS_MAX = 15;

const RULES: Record<Matching['rule'], string> = {
  contains:
    'The first provider of the list found anywhere in Host wins, so “att” also matches seattle.example.org.',
  domain:
    'A provider must be a whole label of the host name: “att” matches dsl.att.net, not seattle.example.org.',
};

/** "Providers x events": a heat map whose totals equal the rows read. */
export class ProvidersFace implements Face {
  readonly title = 'Providers × events';
  readonly fileName = 'providers';
  readonly hint = 'Point at a cell for its number; click to ask further.';
  mode: HeatMode = 'count';

  insight(answer: Answer): string {
    if (!isWhole(answer)) {
      return `${count(answer.rowsTotal)} groups are too many for the page: these are the largest; CSV has them all.`;
    }
    const matrix = matrixOf(answer);
    const none = matrix.byProvider[matrix.providers.indexOf(null)] ?? 0n;
    const without = `${percent(Number(none), Number(matrix.total))} of rows have none`;
    const [first] = matrix.providers;
    if (first === null || first === undefined) return 'No row’s Host names one of these providers.';
    const rows = matrix.byProvider[0] ?? 0n;
    const favourite = favouriteOf(matrix, 0);
    return `Most come from ${first}: ${count(rows)} rows, mostly “${favourite}”; ${without}.`;
  }

  chart(answer: Answer): ReturnType<Face['chart']> {
    const { matrix, rest } = folded(matrixOf(answer), EVENTS_MAX);
    const { events, providers } = matrix;
    const named = rest > 0 ? events.length - 1 : events.length;
    return {
      summary: `Heat map of ${events.length} events by ${providers.length} providers; the table has the same numbers`,
      draw: (width) => drawHeat(matrix, this.mode, named, width),
    };
  }

  total(answer: Answer): bigint {
    return countTotal(answer) ?? BigInt(answer.scanned.rows);
  }

  nullWord(_: Answer | undefined, column: number): string {
    return column === 0 ? 'no provider' : 'no event type';
  }
}

/** How hosts are matched: the rule, the list, and what the cells show. */
export class MatchingControls {
  readonly root: HTMLElement;
  readonly #rule: Segments<Matching['rule']>;
  readonly #mode: Segments<HeatMode>;
  readonly #explanation = el('p', { class: 'hint' });
  readonly #list = el('summary', {});
  readonly #typed = el('textarea', { rows: 3, 'aria-label': 'Providers, comma separated' });

  constructor(
    matching: Matching,
    changed: (matching: Matching) => void,
    modeChanged: (mode: HeatMode) => void,
  ) {
    let current = matching;
    const set = (next: Matching): void => {
      current = next;
      this.#show(current);
      changed(current);
    };
    this.#rule = new Segments<Matching['rule']>(
      'A host matches a provider when it',
      [
        ['contains', 'contains'],
        ['domain', 'domain'],
      ],
      (rule) => {
        set({ ...current, rule });
      },
    );
    this.#mode = new Segments<HeatMode>(
      'Cells show',
      [
        ['count', 'Counts'],
        ['share', 'Share of provider'],
      ],
      modeChanged,
    );
    this.#mode.value = 'count';
    const details = el(
      'details',
      { class: 'provider-list' },
      this.#list,
      el(
        'form',
        {
          submit: (event: Event) => {
            event.preventDefault();
            const providers = providersTyped(this.#typed.value);
            if (providers.length > 0) set({ ...current, providers });
          },
        },
        this.#typed,
        el('button', { class: 'button', type: 'submit' }, 'Match these'),
      ),
    );
    this.root = el(
      'div',
      { class: 'matching' },
      el(
        'div',
        { class: 'matching-row' },
        el('span', { class: 'hint' }, 'Match'),
        this.#rule.root,
        this.#mode.root,
      ),
      this.#explanation,
      details,
    );
    this.#show(current);
  }

  #show({ rule, providers }: Matching): void {
    this.#rule.value = rule;
    say(this.#explanation, RULES[rule]);
    say(this.#list, `Providers: ${providers.join(', ')}`);
    this.#typed.value = providers.join(', ');
  }
}

function favouriteOf(matrix: Matrix, provider: number): string {
  let best = 0;
  matrix.counts.forEach((line, event) => {
    if ((line[provider] ?? 0n) > (matrix.counts[best]?.[provider] ?? 0n)) best = event;
  });
  return matrix.events[best] ?? 'no event type';
}
