import type { Board } from '../board/board.ts';
import type { Problem, QueryWords } from '../data/answer.ts';
import { commandLine } from '../data/words.ts';
import { el, say } from '../dom/element.ts';
import { Segments } from './segments.ts';
import { copied } from './take.ts';

type Shown = 'command' | 'sql';

/** The same question elsewhere, to copy and to check: as words of the command line, and as SQL for DuckDB. */
export class Translations {
  readonly root: HTMLElement;
  readonly #code = el('code', {});
  readonly #frame: HTMLElement;
  readonly #segments: Segments<Shown>;
  #shown: Shown = 'command';
  #words: QueryWords = {};
  #board: Board | undefined;
  #told = '';
  #round = 0;

  constructor() {
    this.#segments = new Segments<Shown>(
      'The same question as',
      [
        ['command', 'Command line'],
        ['sql', 'SQL for DuckDB'],
      ],
      (shown) => {
        this.#shown = shown;
        this.#render();
      },
    );
    this.#segments.value = 'command';
    const copy = el(
      'button',
      {
        class: 'quiet',
        type: 'button',
        'aria-label': 'Copy the query',
        click: () => {
          void copied(copy, this.#code.textContent);
        },
      },
      'Copy',
    );
    this.#frame = el(
      'pre',
      { class: 'translation', tabindex: 0, role: 'region', 'aria-label': 'The query to copy' },
      this.#code,
    );
    this.root = el(
      'div',
      { class: 'translations' },
      el('div', { class: 'translations-head' }, this.#segments.root, copy),
      this.#frame,
    );
    // Choosing what is shown asks nothing else.
    this.root.addEventListener('input', (event) => {
      event.stopPropagation();
    });
  }

  show(words: QueryWords, board: Board): void {
    const told = `${JSON.stringify(words)}\0${board.paths}`;
    if (told === this.#told) return;
    this.#told = told;
    this.#words = words;
    this.#board = board;
    this.#render();
  }

  #render(): void {
    const board = this.#board;
    if (!board) return;
    const round = (this.#round += 1);
    if (this.#shown === 'command') {
      say(this.#code, commandLine(this.#words, board.paths));
      return;
    }
    board.sql(this.#words).then(
      (sql) => {
        if (round === this.#round) say(this.#code, sql);
      },
      (fault: unknown) => {
        const { problem } = fault as { problem?: Problem };
        if (round === this.#round) say(this.#code, `-- ${problem?.message ?? String(fault)}`);
      },
    );
  }
}
