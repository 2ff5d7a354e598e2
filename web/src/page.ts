import type { Board } from './board/board.ts';
import { FileBoard } from './board/files.ts';
import { LakeBoard } from './board/lake.ts';
import type { Entry } from './board/entry.ts';
import { isFinal } from './data/answer.ts';
import { toggled, UNASKED, type Asked, type Filter } from './data/asked.ts';
import { sampleFiles } from './data/sample.ts';
import { el, fill } from './dom/element.ts';
import { Later } from './dom/later.ts';
import type { Engine, EngineListener } from './engine/engine.ts';
import type { Question } from './engine/protocol.ts';
import { openRemote } from './engine/remote.ts';
import { Link } from './link.ts';
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

/** Time before anything is drawn of a count: most are over by then, and every drawing takes from the counting. */
const FIRST_DRAW_MS = 150;
/** Time between two drawings while files are counted. */
const DRAW_MS = 200;
/** The same for what stands below the two questions. */
const BELOW_MS = 1_000;

/** The page: what is open, what is asked, and every part that shows it. */
export class Page {
  readonly #root: HTMLElement;
  readonly #files: FileBoard;
  readonly #lake: LakeBoard;
  #shown: Shown = 'files';
  #asked: Asked = UNASKED;
  /** The two questions come first; what the other panels ask is counted when those are answered. */
  #isAllAsked = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** A drawing waits for the end of the present task. */
  #drawsNow = false;
  #began_ms = 0;
  #drawn_ms = 0;
  #belowDrawn_ms = 0;
  readonly #below = new Later();

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
    this.#files = new FileBoard(makeEngine, changed, (addresses) => {
      privacy.told(addresses);
    });
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
          this.#below.finish();
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
    const known = first.every(({ key }) => isFinal(this.#board.outcomes.get(key)));
    this.#isAllAsked = known && !this.#board.busy;
    if (this.#isAllAsked) this.#askAll(false);
    else this.#board.ask(first);
    this.#schedule();
  }

  /** Asks the rest when the two questions are answered. */
  #proceed(): void {
    const board = this.#board;
    // Asked for every word of every worker, so what is quick to see comes first.
    if (this.#isAllAsked || board.busy || board.stopped || board.totals.files === 0) return;
    this.#isAllAsked = true;
    this.#askAll(true);
    // The two answers don't wait for the others.
    this.#drawNow();
  }

  #askAll(goesOn: boolean): void {
    this.#time.fit(this.#board);
    const others = this.#questions(this.#others);
    if (others.length === 0 && goesOn) return;
    this.#board.ask([...this.#questions(this.#first), ...others], goesOn);
  }

  /** Draws what is finished at once, and what is on its way not oftener than a reader can follow. */
  #schedule(): void {
    if (!this.#board.busy) {
      this.#drawNow();
      return;
    }
    this.#markBusy();
    const due_ms = Math.max(this.#began_ms + FIRST_DRAW_MS, this.#drawn_ms + DRAW_MS);
    this.#timer ??= setTimeout(() => {
      this.#drawNow();
    }, due_ms - performance.now());
  }

  #drawNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#drawsNow) return;
    this.#drawsNow = true;
    queueMicrotask(() => {
      this.#drawsNow = false;
      this.#draw();
    });
  }

  /** Says that numbers are on their way, before there is anything to draw. */
  #markBusy(): void {
    if (this.#results.getAttribute('aria-busy') === 'true') return;
    this.#results.setAttribute('aria-busy', 'true');
    this.#began_ms = performance.now();
    for (const panel of this.#first) {
      const [asks] = panel.questions(this.#asked, this.#board.columns);
      const isKnown = isFinal(asks && this.#board.outcomes.get(asks.key));
      if (!isKnown) panel.root.setAttribute('aria-busy', 'true');
    }
  }

  #draw(): void {
    const now = performance.now();
    this.#drawn_ms = now;
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
    if (empty) {
      this.#below.begin([]);
      this.#results.setAttribute('aria-busy', 'false');
      this.#link.update(this.#asked, entries, this.#shown === 'lake');
      return;
    }
    const board = this.#board;
    const { totals } = board;
    for (const panel of this.#first) this.#drawPanel(panel);
    const known = [...board.outcomes.values()].some(({ ok }) => ok);
    this.#chips.update(this.#asked.filters, board.busy || known);
    const missing = this.#shown === 'files' ? missingFiles(entries) : '';
    this.#status.update(board, totals, this.#popular.card.shown?.answer, missing);
    const belowDue_ms = Math.max(this.#began_ms, this.#belowDrawn_ms) + BELOW_MS;
    if (!board.busy || now >= belowDue_ms) this.#drawBelow();
  }

  /** Draws what nobody waits for, piece by piece; with the last one the page is quiet, if nothing is counted any more. */
  #drawBelow(): void {
    const entries = (): Entry[] => this.#files.entries;
    const ofLake = this.#shown === 'lake';
    this.#below.begin([
      ...this.#others.map((panel) => () => {
        this.#drawPanel(panel);
      }),
      () => {
        if (ofLake) {
          const { files, unlanded, plugins } = this.#lake;
          this.#fileList.updateLake(files, unlanded, plugins);
        } else this.#fileList.update(entries());
      },
      () => {
        this.#inside.update(ofLake ? lakeLooks(this.#lake.files) : looksOf(entries()));
      },
      () => {
        this.#link.update(this.#asked, entries(), ofLake);
        this.#belowDrawn_ms = performance.now();
        this.#results.setAttribute('aria-busy', String(this.#board.busy));
      },
    ]);
  }

  #drawPanel(panel: Panel): void {
    const board = this.#board;
    panel.root.hidden = false;
    panel.update(board, this.#asked);
    // Where nothing at all could be counted, the file list says why; cards would only repeat it.
    const nothing = !board.busy && board.totals.files === 0 && this.#shown === 'files';
    if (nothing) panel.root.hidden = true;
  }
}
