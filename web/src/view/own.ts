import type { Board } from '../board/board.ts';
import type { QueryWords } from '../data/answer.ts';
import { filtered, type Asked, type Filter } from '../data/asked.ts';
import { items } from '../data/parts.ts';
import { matched } from '../data/words.ts';
import { el } from '../dom/element.ts';
import { question, type Question } from '../engine/protocol.ts';
import { AskForm } from './ask.ts';
import { AnswerCard } from './card.ts';
import { problemLine } from './explain.ts';
import { ownFace } from './own-face.ts';
import type { Panel } from './panel.ts';

/** A question of the reader's own, about any column. */
export class OwnPanel implements Panel {
  readonly card: AnswerCard;
  readonly #form: AskForm;
  #asked: Asked | undefined;

  constructor(ask: (words: QueryWords) => void, picked: (filters: Filter[]) => void) {
    this.#form = new AskForm(ask, (words) =>
      this.#asked ? matched(words, this.#asked.matching) : words,
    );
    const face = ownFace(() => items(this.#asked?.own?.measure ?? 'count').length);
    this.card = new AnswerCard(face, { controls: this.#form.root, order: 'first', picked });
  }

  get root(): HTMLElement {
    return this.card.root;
  }

  /** Takes a question over into the choices. */
  choose(words: QueryWords): void {
    this.#form.choose(words);
  }

  questions(asked: Asked): Question[] {
    return asked.own ? [question(filtered(asked.own, asked, []))] : [];
  }

  update(board: Board, asked: Asked): void {
    this.#asked = asked;
    this.#form.update(board);
    this.root.classList.toggle('unasked', asked.own === undefined);
    this.card.update({
      board,
      question: this.questions(asked)[0],
      filters: asked.filters,
      explain: (message) => el('div', { class: 'explanation' }, problemLine(message)),
    });
  }
}
