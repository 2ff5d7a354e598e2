import type { Board, Totals } from './board/board.ts';
import { FileBoard } from './board/files.ts';
import { LakeBoard } from './board/lake.ts';
import type { QueryWords } from './data/answer.ts';
import {
  matched,
  popularEvents,
  PROVIDERS,
  providersByEvent,
  type Matching,
} from './data/words.ts';
import { el, fill } from './dom/element.ts';
import type { Engine, EngineListener } from './engine/engine.ts';
import { question, type Question } from './engine/protocol.ts';
import { sampleFiles } from './sample/sample.ts';
import { AskForm, ownFace } from './view/ask.ts';
import { AnswerCard } from './view/card.ts';
import { explanation, problemLine } from './view/explain.ts';
import { FileList } from './view/files.ts';
import { Intake } from './view/intake.ts';
import type { Privacy } from './view/privacy.ts';
import { popularFace } from './view/popular.ts';
import { MatchingControls, ProvidersFace } from './view/providers.ts';
import { Segments } from './view/segments.ts';
import { Status } from './view/status.ts';
import { lesson } from './view/lesson.ts';

type Shown = 'files' | 'lake';

/** Time between two drawings while files are counted. */
const DRAW_MS = 120;

/** The page: what is open, what is asked, and every part that shows it. */
export class Page {
  readonly #root: HTMLElement;
  readonly #files: FileBoard;
  readonly #lake: LakeBoard;
  #shown: Shown = 'files';
  #matching: Matching = { rule: 'contains', providers: PROVIDERS };
  #own: QueryWords | undefined;
  #drawing = false;
  #drawn_ms = 0;

  readonly #intake: Intake;
  readonly #source: Segments<Shown>;
  readonly #status: Status;
  readonly #popular: AnswerCard;
  readonly #providers: AnswerCard;
  readonly #ownCard: AnswerCard;
  readonly #ask: AskForm;
  readonly #fileList: FileList;
  readonly #lesson = lesson();
  readonly #results: HTMLElement;

  constructor(
    root: HTMLElement,
    privacy: Privacy,
    makeEngine: (listener: EngineListener) => Engine,
  ) {
    this.#root = root;
    const changed = (): void => {
      this.#schedule();
    };
    this.#files = new FileBoard(makeEngine, changed);
    this.#lake = new LakeBoard(changed);

    this.#intake = new Intake({
      add: (collection) => {
        privacy.watch();
        this.#shown = 'files';
        this.#files.add(collection);
      },
      sample: () => {
        privacy.watch();
        this.#shown = 'files';
        this.#files.add(sampleFiles());
      },
      lake: () => {
        privacy.watch();
        this.#show('lake');
      },
      clear: () => {
        this.#own = undefined;
        this.#files.clear();
        this.#files.ask(this.#questions);
        this.#show('files');
      },
    });
    this.#source = new Segments<Shown>(
      'Source',
      [
        ['files', 'Your files'],
        ['lake', 'This server’s lake'],
      ],
      (shown) => {
        this.#show(shown);
      },
    );
    this.#status = new Status(
      () => {
        this.#board.stop();
      },
      () => {
        this.#board.ask(this.#questions);
      },
      this.#source.root,
    );

    const providersFace = new ProvidersFace();
    const matching = new MatchingControls(
      this.#matching,
      (next) => {
        this.#matching = next;
        this.#board.ask(this.#questions);
      },
      (mode) => {
        providersFace.mode = mode;
        this.#providers.refresh();
      },
    );
    const picked = (where: string): void => {
      this.#ask.narrow(where);
      this.#ownCard.root.scrollIntoView({ block: 'nearest' });
    };
    this.#popular = new AnswerCard(
      popularFace,
      (format) => this.#board.render(this.#popularQuestion, format),
      { picked },
    );
    this.#providers = new AnswerCard(
      providersFace,
      (format) => this.#board.render(this.#providersQuestion, format),
      { controls: matching.root, picked },
    );
    this.#ask = new AskForm(
      (words) => {
        this.#askOwn(words);
      },
      (words) => matched(words, this.#matching),
    );
    this.#ownCard = new AnswerCard(
      ownFace,
      (format) => this.#board.render(this.#ownQuestion ?? question({}), format),
      { controls: this.#ask.root, order: 'first' },
    );
    this.#fileList = new FileList({
      remove: (id) => {
        this.#files.remove(id);
      },
      retry: (id) => {
        this.#files.retry(id);
      },
    });
    this.#results = el(
      'div',
      { class: 'results' },
      this.#status.root,
      el(
        'div',
        { class: 'answers' },
        this.#popular.root,
        this.#providers.root,
        this.#ownCard.root,
        this.#fileList.root,
      ),
    );
    fill(root, this.#intake.root, this.#lesson, this.#results);
    this.#files.ask(this.#questions);
    this.#draw();
    void this.#lake.look();
  }

  get #board(): Board {
    return this.#shown === 'files' ? this.#files : this.#lake;
  }

  get #popularQuestion(): Question {
    return question(popularEvents());
  }

  get #providersQuestion(): Question {
    return question(providersByEvent(this.#matching));
  }

  get #questions(): Question[] {
    const own = this.#ownQuestion;
    return [this.#popularQuestion, this.#providersQuestion, ...(own ? [own] : [])];
  }

  get #ownQuestion(): Question | undefined {
    return this.#own && question(matched(this.#own, this.#matching));
  }

  #show(shown: Shown): void {
    this.#shown = shown;
    this.#board.ask(this.#questions);
    this.#schedule();
  }

  #askOwn(words: QueryWords): void {
    this.#own = words;
    this.#board.ask(this.#questions);
  }

  /** Draws soon, and not oftener than a reader can follow, however much changes. */
  #schedule(): void {
    if (this.#board.busy) this.#results.setAttribute('aria-busy', 'true');
    if (this.#drawing) return;
    this.#drawing = true;
    const wait_ms = this.#board.busy ? this.#drawn_ms + DRAW_MS - performance.now() : 0;
    setTimeout(() => {
      requestAnimationFrame(() => {
        this.#drawing = false;
        this.#drawn_ms = performance.now();
        this.#draw();
      });
    }, wait_ms);
  }

  #draw(): void {
    const { entries } = this.#files;
    const empty = this.#shown === 'files' && entries.length === 0;
    this.#intake.update({
      slim: !empty,
      lakePresent: this.#lake.present,
      lakeFiles: this.#lake.files.length,
    });
    this.#lesson.hidden = !empty;
    this.#results.hidden = empty;
    this.#source.root.hidden = !this.#lake.present || entries.length === 0;
    this.#source.value = this.#shown;
    this.#root.classList.toggle('empty', empty);
    if (empty) return;
    const board = this.#board;
    const { totals } = board;
    this.#results.setAttribute('aria-busy', String(board.busy));
    this.#status.update(board, totals);
    this.#drawAnswers(board, totals);
    if (this.#shown === 'lake') this.#fileList.updateLake(this.#lake.files, this.#lake.unlanded);
    else this.#fileList.update(entries);
  }

  #drawAnswers(board: Board, totals: Totals): void {
    const outcomeOf = ({ key }: Question) => board.outcomes.get(key);
    const offer =
      (wish: 'count' | 'provider') =>
      (message: string): HTMLElement =>
        explanation(message, board.columns, wish, (words) => {
          this.#ask.choose(words);
          this.#askOwn(words);
          this.#ownCard.root.scrollIntoView({ block: 'nearest' });
        });
    const popular = outcomeOf(this.#popularQuestion);
    const providers = outcomeOf(this.#providersQuestion);
    // Where nothing at all could be counted, the file list says why; cards would only repeat it.
    const nothing = !board.busy && totals.files === 0 && this.#shown === 'files';
    for (const card of [this.#popular, this.#providers, this.#ownCard]) card.root.hidden = nothing;
    this.#popular.update(popular, offer('count'));
    this.#providers.update(providers, offer('provider'));
    this.#ask.update(board.columns);
    this.#ownCard.root.classList.toggle('unasked', this.#own === undefined);
    const own = this.#ownQuestion;
    this.#ownCard.update(own && outcomeOf(own), (message) =>
      el('div', { class: 'explanation' }, problemLine(message)),
    );
  }
}
