import type { Board } from './board/board.ts';
import { FileBoard } from './board/files.ts';
import { LakeBoard } from './board/lake.ts';
import { toggled, UNASKED, type Asked, type Filter } from './data/asked.ts';
import { el, fill } from './dom/element.ts';
import type { Engine, EngineListener } from './engine/engine.ts';
import type { Question } from './engine/protocol.ts';
import { openRemote } from './engine/remote.ts';
import { Link } from './link.ts';
import { sampleFiles } from './sample/sample.ts';
import type { AnswerCard } from './view/card.ts';
import { FilterChips } from './view/chips.ts';
import { FileList } from './view/files.ts';
import { lakeLooks, looksOf } from './view/inside/files.ts';
import { Inside } from './view/inside/inside.ts';
import { Intake } from './view/intake.ts';
import { lesson } from './view/lesson.ts';
import { OwnPanel } from './view/own.ts';
import type { Panel } from './view/panel.ts';
import type { Privacy } from './view/privacy.ts';
import { PopularPanel, ProvidersPanel } from './view/questions.ts';
import { saveReport } from './view/report.ts';
import { Segments } from './view/segments.ts';
import { missingFiles, Status } from './view/status.ts';
import { TimePanel } from './view/time.ts';
import { WhyPanel } from './view/why.ts';

type Shown = 'files' | 'lake';

/** Time between two drawings while files are counted. */
const DRAW_MS = 120;

/** The page: what is open, what is asked, and every part that shows it. */
export class Page {
  readonly #root: HTMLElement;
  readonly #files: FileBoard;
  readonly #lake: LakeBoard;
  #shown: Shown = 'files';
  #asked: Asked = UNASKED;
  /** The two questions come first; what the other panels ask is counted when those are answered. */
  #isAllAsked = false;
  #drawing = false;
  #drawn_ms = 0;

  readonly #intake: Intake;
  readonly #source: Segments<Shown>;
  readonly #status: Status;
  readonly #chips: FilterChips;
  readonly #popular: PopularPanel;
  readonly #time: TimePanel;
  readonly #own: OwnPanel;
  readonly #first: Panel[];
  readonly #others: Panel[];
  readonly #fileList: FileList;
  readonly #inside: Inside;
  readonly #link: Link;
  readonly #lesson = lesson();
  readonly #results: HTMLElement;

  constructor(
    root: HTMLElement,
    privacy: Privacy,
    makeEngine: (listener: EngineListener) => Engine,
  ) {
    this.#root = root;
    const changed = (): void => {
      this.#proceed();
      this.#schedule();
    };
    this.#files = new FileBoard(makeEngine, changed);
    this.#lake = new LakeBoard(this.#files, changed);

    this.#intake = new Intake({
      add: (collection) => {
        privacy.watch();
        this.#shown = 'files';
        this.#files.add(collection);
      },
      open: (address) => {
        privacy.watch();
        return this.#open(address);
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
        this.#files.clear();
        this.#shown = 'files';
        this.change({ own: undefined, filters: [] });
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
      {
        stop: () => {
          this.#board.stop();
          this.#draw();
        },
        resume: () => {
          this.#ask();
        },
        report: () => {
          saveReport(this.#board, this.#asked, this.#files.entries, this.#cards);
        },
      },
      this.#source.root,
    );
    this.#chips = new FilterChips((filters) => {
      this.change({ filters });
    });

    const picked = (filters: Filter[]): void => {
      this.change({ filters: toggled(this.#asked.filters, filters) });
    };
    const actions = {
      picked,
      matched: (matching: Asked['matching']) => {
        this.change({ matching });
      },
      offered: (own: Asked['own'] & object) => {
        this.#own.choose(own);
        this.change({ own });
        this.#own.root.scrollIntoView({ block: 'nearest' });
      },
      check: (words: object) => this.#board.check(words),
    };
    this.#popular = new PopularPanel(actions);
    const providers = new ProvidersPanel(actions);
    this.#time = new TimePanel(picked, () => {
      this.#ask();
    });
    const why = new WhyPanel(
      (host, matching) => this.#files.explainHosts([host], [1n], matching),
      () => {
        this.#ask();
      },
    );
    this.#own = new OwnPanel((own) => {
      this.change({ own });
    }, picked);
    this.#first = [this.#popular, providers];
    this.#others = [this.#time, why, this.#own];
    this.#fileList = new FileList({
      remove: (id) => {
        this.#files.remove(id);
      },
      retry: (id) => {
        this.#files.retry(id);
      },
      skip: (id) => {
        this.#files.skip(id);
      },
      look: (file) => {
        this.#inside.choose(file);
      },
    });
    this.#inside = new Inside((name, ask) => this.#files.look(name, ask));
    this.#link = new Link({
      restore: (asked, lake) => {
        if (asked.own) this.#own.choose(asked.own);
        this.#shown = lake ? 'lake' : 'files';
        this.change(asked);
      },
      open: (address) => {
        privacy.watch();
        return this.#open(address);
      },
    });
    const panels = [...this.#first, ...this.#others].map((panel) => panel.root);
    this.#results = el(
      'div',
      { class: 'results' },
      this.#status.root,
      this.#chips.root,
      el('div', { class: 'answers' }, ...panels, this.#fileList.root, this.#inside.root),
    );
    fill(root, this.#intake.root, this.#link.notice.root, this.#lesson, this.#results);
    this.#link.begin();
    this.#ask();
    this.#draw();
    void this.#lake.look();
  }

  /** What the reader has chosen. */
  get asked(): Asked {
    return this.#asked;
  }

  /** Chooses something else; everything that is asked and shown follows. */
  change(patch: Partial<Asked>): void {
    this.#asked = { ...this.#asked, ...patch };
    this.#ask();
  }

  get #board(): Board {
    return this.#shown === 'files' ? this.#files : this.#lake;
  }

  get #cards(): AnswerCard[] {
    const panels: (Panel & { card?: AnswerCard })[] = [...this.#first, ...this.#others];
    return panels.flatMap(({ card }) => (card && !card.root.hidden ? card : []));
  }

  #show(shown: Shown): void {
    this.#shown = shown;
    this.#ask();
  }

  /** Takes a file behind an address; the promise fails with a sentence. */
  async #open(address: string): Promise<void> {
    const file = await openRemote(address);
    this.#shown = 'files';
    this.#files.add({
      found: [{ file, path: file.address, fromFolder: false }],
      unreadable: [],
      cut: false,
    });
  }

  #questions(panels: Panel[]): Question[] {
    return panels.flatMap((panel) => panel.questions(this.#asked, this.#board.columns));
  }

  #ask(): void {
    const first = this.#questions(this.#first);
    const known = first.every(({ key }) => {
      const outcome = this.#board.outcomes.get(key);
      return outcome && !(outcome.ok && outcome.partial);
    });
    this.#isAllAsked = known && !this.#board.busy;
    if (this.#isAllAsked) this.#askAll(false);
    else this.#board.ask(first);
    this.#schedule();
  }

  /** Asks the rest when the two questions are answered. */
  #proceed(): void {
    const { busy, stopped, totals } = this.#board;
    if (this.#isAllAsked || busy || stopped || totals.files === 0) return;
    this.#isAllAsked = true;
    this.#askAll(true);
  }

  #askAll(goesOn: boolean): void {
    this.#time.fit(this.#board);
    const others = this.#questions(this.#others);
    if (others.length === 0 && goesOn) return;
    this.#board.ask([...this.#questions(this.#first), ...others], goesOn);
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
        this.#draw();
      });
    }, wait_ms);
  }

  #draw(): void {
    this.#drawn_ms = performance.now();
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
    this.#link.update(this.#asked, entries, this.#shown === 'lake');
    if (empty) return;
    const board = this.#board;
    const { totals } = board;
    this.#results.setAttribute('aria-busy', String(board.busy));
    this.#chips.update(this.#asked.filters);
    for (const panel of [...this.#first, ...this.#others]) {
      panel.root.hidden = false;
      panel.update(board, this.#asked);
      // Where nothing at all could be counted, the file list says why; cards would only repeat it.
      if (!board.busy && totals.files === 0 && this.#shown === 'files') panel.root.hidden = true;
    }
    const missing = this.#shown === 'files' ? missingFiles(entries) : '';
    this.#status.update(board, totals, this.#popular.card.shown?.answer, missing);
    const ofLake = this.#shown === 'lake';
    if (ofLake) this.#fileList.updateLake(this.#lake.files, this.#lake.unlanded);
    else this.#fileList.update(entries);
    this.#inside.update(ofLake ? lakeLooks(this.#lake.files) : looksOf(entries));
  }
}
