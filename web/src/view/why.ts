import type { Board } from '../board/board.ts';
import type { Column } from '../data/answer.ts';
import { filtered, type Asked } from '../data/asked.ts';
import { count, plural } from '../data/format.ts';
import type { Matching } from '../data/words.ts';
import { el, fill, say, type Child } from '../dom/element.ts';
import type { Explanation, HostMatch, Hosts } from '../engine/protocol.ts';
import { question, type Question } from '../engine/protocol.ts';
import { problemLine } from './explain.ts';
import type { Panel } from './panel.ts';
import { hasHost, PROVIDER } from './questions.ts';

/** What a row without a host is called. */
const NO_HOST = 'no host';

/** Explains one host that was typed. */
export type ExplainHost = (host: string, matching: Matching) => Promise<Explanation>;

/** "Why is this host that provider?": what matched in each host, what else could have, and what the other rule says. */
export class WhyPanel implements Panel {
  readonly root: HTMLElement;
  readonly #body = el('div', { class: 'why' });
  readonly #open: HTMLButtonElement;
  readonly #verdict = el('p', { class: 'verdict', role: 'status' });
  readonly #typed = el('input', {
    type: 'text',
    id: 'why-host',
    spellcheck: 'false',
    autocomplete: 'off',
    placeholder: 'user46.seattle.example.org',
    input: () => {
      void this.#judge();
    },
  });
  readonly #explainHost: ExplainHost;
  #isOpen = false;
  #matching: Matching | undefined;
  /** What the body explains: the answer and the list. */
  #told = '';

  constructor(explainHost: ExplainHost, changed: () => void) {
    this.#explainHost = explainHost;
    this.#open = el(
      'button',
      {
        class: 'button',
        type: 'button',
        'aria-expanded': 'false',
        click: () => {
          this.#isOpen = !this.#isOpen;
          this.#open.setAttribute('aria-expanded', String(this.#isOpen));
          this.#open.textContent = this.#isOpen ? 'Hide the hosts' : 'Show the hosts';
          this.#told = '';
          changed();
        },
      },
      'Show the hosts',
    );
    this.root = el(
      'section',
      { class: 'card why-card', 'aria-label': 'Why is this host that provider?' },
      el(
        'header',
        { class: 'card-head' },
        el('h2', {}, 'Why is this host that provider?'),
        el('div', { class: 'card-tools' }, this.#open),
      ),
      el(
        'div',
        { class: 'try-host' },
        el('label', { for: 'why-host' }, 'Try a host'),
        this.#typed,
        this.#verdict,
      ),
      this.#body,
    );
  }

  questions(asked: Asked, columns: readonly Column[]): Question[] {
    if (!this.#isOpen || !hasHost(columns)) return [];
    return [question(filtered({ group_by: 'Host', measure: 'count' }, asked, [PROVIDER]))];
  }

  update(board: Board, asked: Asked): void {
    this.root.hidden = !hasHost(board.columns) && board.columns.length > 0;
    if (this.#matching !== asked.matching) {
      this.#matching = asked.matching;
      void this.#judge();
    }
    this.#body.hidden = !this.#isOpen;
    const [asks] = this.questions(asked, board.columns);
    const outcome = asks && board.outcomes.get(asks.key);
    if (!asks || !outcome) {
      if (this.#isOpen) fill(this.#body, el('p', { class: 'hint' }, 'Counting hosts …'));
      this.#told = '';
      return;
    }
    if (!outcome.ok) {
      fill(this.#body, problemLine(outcome.problem.message));
      return;
    }
    const { scanned, rowsTotal } = outcome.answer;
    const told = JSON.stringify([asks.key, asked.matching, scanned.rows, scanned.files, rowsTotal]);
    if (told === this.#told) return;
    this.#told = told;
    board.explain(asks, asked.matching).then(
      (explanation) => {
        if (told === this.#told) fill(this.#body, ...sections(explanation, asked.matching));
      },
      (fault: unknown) => {
        if (told === this.#told) fill(this.#body, problemLine(String(fault)));
      },
    );
  }

  /** Says what both rules make of the host that is typed. */
  async #judge(): Promise<void> {
    const host = this.#typed.value.trim();
    if (host === '' || !this.#matching) {
      say(this.#verdict, '');
      return;
    }
    const matching = this.#matching;
    const explanation = await this.#explainHost(host, matching).catch(() => undefined);
    const match = explanation?.providers.flatMap(({ hosts }) => hosts.top)[0];
    if (!match || this.#typed.value.trim() !== host) return;
    fill(
      this.#verdict,
      ...marked(match),
      ` is ${match[matching.rule] ?? 'no provider'} by “${matching.rule}”`,
      match.found.length > 1 && `, where ${match.found.slice(1).join(', ')} would match too`,
      ` and ${other(match, matching) ?? 'no provider'} by “${otherRule(matching)}”.`,
    );
  }
}

function sections(explanation: Explanation, matching: Matching): HTMLElement[] {
  const { providers, several, differing } = explanation;
  const rule = matching.rule;
  return [
    table(
      'Each provider under both rules',
      ['Provider', 'Hosts', `Rows by ${rule}`, `Rows by ${otherRule(matching)}`, 'Difference'],
      providers.map(({ provider, hosts, rowsContains, rowsDomain }) => {
        const [here, there] =
          rule === 'contains' ? [rowsContains, rowsDomain] : [rowsDomain, rowsContains];
        return [
          provider ?? 'no provider',
          count(hosts.hosts),
          count(here),
          count(there),
          signed(there - here),
        ];
      }),
    ),
    el(
      'div',
      { class: 'host-lists' },
      ...providers.map(({ provider, hosts }) =>
        hostList(provider ?? 'No provider matched', hosts, (match) => [...marked(match)]),
      ),
    ),
    several.hosts > 0n
      ? hostList('Hosts that match several providers', several, (match) => [
          ...marked(match),
          el(
            'span',
            { class: 'note' },
            ` ${match.found[0] ?? ''} before ${match.found.slice(1).join(', ')}`,
          ),
        ])
      : el('p', { class: 'hint' }, 'No host matches several providers.'),
    differing.hosts > 0n
      ? hostList('Hosts that the other rule gives to another provider', differing, (match) => [
          ...marked(match),
          el(
            'span',
            { class: 'note' },
            ` ${match[rule] ?? 'no provider'} → ${other(match, matching) ?? 'no provider'}`,
          ),
        ])
      : el('p', { class: 'hint' }, 'Both rules say the same of every host.'),
  ];
}

/** Hosts with the most rows first, closed until somebody wants to see them. */
function hostList(title: string, hosts: Hosts, told: (match: HostMatch) => Child[]): HTMLElement {
  const left = Number(hosts.hosts) - hosts.top.length;
  return el(
    'details',
    { class: 'host-list' },
    el(
      'summary',
      {},
      title,
      el(
        'span',
        { class: 'note' },
        ` ${plural(hosts.hosts, 'host')}, ${plural(hosts.rows, 'row')}`,
      ),
    ),
    el(
      'ol',
      { tabindex: 0, 'aria-label': title },
      ...hosts.top.map((match) =>
        el(
          'li',
          {},
          el('span', { class: 'host' }, ...told(match)),
          el('span', { class: 'number' }, count(match.rows)),
        ),
      ),
    ),
    left > 0 && el('p', { class: 'hint' }, `… and ${count(left)} more with fewer rows.`),
  );
}

function table(caption: string, head: string[], rows: string[][]): HTMLElement {
  return el(
    'div',
    { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': caption },
    el(
      'table',
      { class: 'data' },
      el('caption', { class: 'only-heard' }, caption),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          ...head.map((name, column) =>
            el('th', { scope: 'col', class: column > 0 ? 'number plain' : 'plain' }, name),
          ),
        ),
      ),
      el(
        'tbody',
        {},
        ...rows.map((row) =>
          el(
            'tr',
            {},
            ...row.map((cell, column) =>
              column === 0 ? el('th', { scope: 'row' }, cell) : el('td', { class: 'number' }, cell),
            ),
          ),
        ),
      ),
    ),
  );
}

/** The host with what decided it marked. */
function marked({ host, pieces }: HostMatch): Child[] {
  if (host === undefined) return [el('em', {}, NO_HOST)];
  if (pieces.length !== 3) return [host];
  const [before = '', word = '', after = ''] = pieces;
  return [before, el('mark', {}, word), after];
}

function signed(value: bigint): string {
  return value > 0n ? `+${count(value)}` : value < 0n ? `−${count(-value)}` : '0';
}

function otherRule({ rule }: Matching): Matching['rule'] {
  return rule === 'contains' ? 'domain' : 'contains';
}

function other(match: HostMatch, matching: Matching): string | undefined {
  return match[otherRule(matching)];
}
