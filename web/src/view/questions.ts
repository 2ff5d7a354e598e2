import type { Board } from '../board/board.ts';
import type { Column, Problem, QueryWords } from '../data/answer.ts';
import { filtered, type Asked, type Filter } from '../data/asked.ts';
import { popularEvents, PROVIDERS, providersByEvent, type Matching } from '../data/words.ts';
import { question, type Question } from '../engine/protocol.ts';
import { AnswerCard } from './card.ts';
import { explanation } from './explain.ts';
import { MatchingControls } from './matching.ts';
import type { Panel } from './panel.ts';
import { EVENT, popularFace } from './popular.ts';
import { ProvidersFace } from './providers.ts';

/** What a panel tells the page. */
export interface PanelActions {
  /** Marks were picked. */
  picked: (filters: Filter[]) => void;
  matched: (matching: Matching) => void;
  /** A question that fits the files better. */
  offered: (words: QueryWords) => void;
  check: (words: QueryWords) => Promise<Problem | undefined>;
}

/** What a provider is found by. */
export const PROVIDER = 'provider(Host)';

/** "Popular events": the first of the two questions. */
export class PopularPanel implements Panel {
  readonly card: AnswerCard;
  readonly #actions: PanelActions;

  constructor(actions: PanelActions) {
    this.#actions = actions;
    this.card = new AnswerCard(popularFace, { picked: actions.picked });
  }

  get root(): HTMLElement {
    return this.card.root;
  }

  questions(asked: Asked): Question[] {
    return [question(filtered(popularEvents(), asked, [EVENT]))];
  }

  update(board: Board, asked: Asked): void {
    this.card.update({
      board,
      question: this.questions(asked)[0],
      filters: asked.filters,
      explain: (message) => explanation(message, board.columns, 'count', this.#actions.offered),
    });
  }
}

/** "Providers x events": the second one. */
export class ProvidersPanel implements Panel {
  readonly card: AnswerCard;
  readonly #actions: PanelActions;
  readonly #matching: MatchingControls;

  constructor(actions: PanelActions) {
    this.#actions = actions;
    const face = new ProvidersFace();
    this.#matching = new MatchingControls(PROVIDERS, {
      changed: actions.matched,
      modeChanged: (mode) => {
        face.mode = mode;
        this.card.refresh();
      },
      check: (matching) => actions.check(providersByEvent(matching)),
    });
    this.card = new AnswerCard(face, { controls: this.#matching.root, picked: actions.picked });
  }

  get root(): HTMLElement {
    return this.card.root;
  }

  questions(asked: Asked): Question[] {
    const words = providersByEvent(asked.matching);
    // A cell that was picked leaves the map whole, so that another one can be; an event alone is a line of it.
    const isCell = [PROVIDER, EVENT].every((of) =>
      asked.filters.some((filter) => filter.of === of),
    );
    return [question(filtered(words, asked, isCell ? [PROVIDER, EVENT] : [PROVIDER]))];
  }

  update(board: Board, asked: Asked): void {
    this.#matching.update(asked.matching);
    this.card.update({
      board,
      question: this.questions(asked)[0],
      filters: asked.filters,
      explain: (message) => explanation(message, board.columns, 'provider', this.#actions.offered),
    });
  }
}

/** The columns that say where a host is; without it nothing about providers can be asked. */
export function hasHost(columns: readonly Column[]): boolean {
  return columns.some(({ name, usable }) => name === 'Host' && usable);
}
