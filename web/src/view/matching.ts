import type { Problem } from '../data/answer.ts';
import { providersTyped, type Matching } from '../data/words.ts';
import { el, say } from '../dom/element.ts';
import type { HeatMode } from './heat.ts';
import { Segments } from './segments.ts';

const RULES: Record<Matching['rule'], string> = {
  contains:
    'The first provider of the list found anywhere in Host wins, so “att” also matches seattle.example.org.',
  domain:
    'A provider must be a whole label of the host name: “att” matches dsl.att.net, not seattle.example.org.',
};

export interface MatchingActions {
  changed(matching: Matching): void;
  modeChanged(mode: HeatMode): void;
  /** What the core finds wrong with a list. */
  check(matching: Matching): Promise<Problem | undefined>;
}

/** How hosts are matched: the rule, the list, and what the cells show. */
export class MatchingControls {
  readonly root: HTMLElement;
  readonly #rule: Segments<Matching['rule']>;
  readonly #mode: Segments<HeatMode>;
  readonly #explanation = el('p', { class: 'hint' });
  readonly #list = el('summary', {});
  readonly #typed = el('textarea', {
    rows: 3,
    spellcheck: 'false',
    'aria-label': 'Providers, comma separated',
    'aria-describedby': 'providers-wrong',
  });
  readonly #wrong = el('p', { class: 'wrong', id: 'providers-wrong', role: 'alert' });
  #matching: Matching | undefined;
  readonly #actions: MatchingActions;

  constructor(standard: readonly string[], actions: MatchingActions) {
    this.#actions = actions;
    this.#rule = new Segments<Matching['rule']>(
      'A host matches a provider when it',
      [
        ['contains', 'contains'],
        ['domain', 'domain'],
      ],
      (rule) => {
        if (this.#matching) actions.changed({ ...this.#matching, rule });
      },
    );
    this.#mode = new Segments<HeatMode>(
      'Cells show',
      [
        ['count', 'Counts'],
        ['share', 'Share of provider'],
      ],
      (mode) => {
        actions.modeChanged(mode);
      },
    );
    this.#mode.value = 'count';
    const reset = el(
      'button',
      {
        class: 'button',
        type: 'button',
        click: () => {
          this.#typed.value = standard.join(', ');
          void this.#take();
        },
      },
      'The usual list',
    );
    const form = el(
      'form',
      {
        submit: (event: Event) => {
          event.preventDefault();
          void this.#take();
        },
      },
      this.#typed,
      this.#wrong,
      el(
        'div',
        { class: 'row' },
        el('button', { class: 'button', type: 'submit' }, 'Match these'),
        reset,
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
      el('details', { class: 'provider-list' }, this.#list, form),
    );
  }

  update(matching: Matching): void {
    if (matching === this.#matching) return;
    this.#matching = matching;
    const { rule, providers } = matching;
    this.#rule.value = rule;
    say(this.#explanation, RULES[rule]);
    say(this.#list, `Providers: ${providers.join(', ')}`);
    this.#typed.value = providers.join(', ');
    this.#wrong.textContent = '';
  }

  /** Takes the list over when the core has nothing against it. */
  async #take(): Promise<void> {
    if (!this.#matching) return;
    const matching = { ...this.#matching, providers: providersTyped(this.#typed.value) };
    const problem = await this.#actions.check(matching);
    say(this.#wrong, problem?.message ?? '');
    if (!problem) this.#actions.changed(matching);
  }
}
