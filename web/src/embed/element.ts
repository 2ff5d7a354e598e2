import type * as Package from '../../package/index.d.ts';
import { count, plural, shown } from '../data/format.ts';
import { el, fill, say } from '../dom/element.ts';
import chart from '../style/chart.css?inline';
import tokens from '../style/tokens.css?inline';
import { drawBars, type Bar } from '../view/bars.ts';
import { Chart } from '../view/chart.ts';
import { analyzeWith } from './analyze.ts';
import style from './element.css?inline';
import { packageLoader } from './loader.ts';

const NAME = 'questlog-analysis';
/** Attributes that are words of the query. */
const WORDS = ['group-by', 'measure', 'where', 'order-by', 'limit', 'providers', 'match'] as const;
/** The question that is asked where none is. */
const GROUP_BY = 'event_type';
/** Rows that are shown; `analysis` has all of them. */
const ROWS_MAX = 200;
const BARS_MAX = 15;

/** Where there are no elements, as on a server that renders ahead, the package can still be imported. */
const Base = 'HTMLElement' in globalThis ? HTMLElement : (Object as unknown as typeof HTMLElement);

/** Takes files, answers one query and shows the answer. */
export class QuestlogAnalysis extends Base implements Package.QuestlogAnalysis {
  static readonly observedAttributes: readonly string[] = WORDS;

  #files: File[] = [];
  #query: Package.Query | undefined;
  #analysis: Package.Analysis | undefined;
  #running: AbortController | undefined;
  #planned = false;
  readonly #status = el('p', { class: 'status', role: 'status' });
  readonly #chart = new Chart('');
  readonly #table = el('table');
  readonly #input = el('input', {
    type: 'file',
    multiple: true,
    hidden: true,
    change: () => {
      if (this.#input.files?.length) this.files = this.#input.files;
      this.#input.value = '';
    },
  });

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [tokens.replaceAll(':root', ':host'), chart, style].map(sheet);
    const choose = el(
      'button',
      {
        type: 'button',
        click: () => {
          this.#input.click();
        },
      },
      'Choose files',
    );
    root.append(el('div', { class: 'head' }, choose, this.#status), this.#input);
    root.append(this.#chart.root, this.#table);
    this.#chart.root.hidden = true;
    say(this.#status, 'Parquet files are read here and sent nowhere.');
    this.#takeDrops();
  }

  get files(): readonly File[] {
    return this.#files;
  }

  set files(files: Iterable<File>) {
    this.#files = [...files];
    this.#plan();
  }

  /** The query: what was set, else what the attributes say. */
  get query(): Package.Query {
    if (this.#query) return this.#query;
    const words = WORDS.flatMap((name) => {
      const value = this.getAttribute(name);
      return value === null ? [] : [[name.replace('-', '_'), value] as const];
    });
    const { limit, ...query } = Object.fromEntries(words) as Record<string, string>;
    return { group_by: GROUP_BY, ...query, ...(limit && { limit: Number(limit) }) };
  }

  set query(query: Package.Query) {
    this.#query = query;
    this.#plan();
  }

  get analysis(): Package.Analysis | undefined {
    return this.#analysis;
  }

  attributeChangedCallback(): void {
    this.#plan();
  }

  disconnectedCallback(): void {
    this.#running?.abort();
  }

  /** Several attributes that change together are one new question. */
  #plan(): void {
    if (this.#planned || this.#files.length === 0) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    this.setAttribute('aria-busy', 'true');
    this.#status.classList.remove('problem');
    try {
      const analysis = await analyzeWith(packageLoader(), this.#files, this.query, {
        signal: running.signal,
        onProgress: ({ rowsDone, rows }) => {
          say(this.#status, `${count(rowsDone)} of ${count(rows)} rows`);
        },
      });
      this.#analysis = analysis;
      this.#show(analysis);
      this.#tell('answer', analysis);
    } catch (fault) {
      if (running.signal.aborted) return;
      const problem = fault instanceof Error ? fault : new Error(String(fault));
      this.#analysis = undefined;
      this.#chart.root.hidden = true;
      fill(this.#table);
      this.#status.classList.add('problem');
      say(this.#status, problem.message);
      this.#tell('problem', problem);
    } finally {
      if (this.#running === running) this.setAttribute('aria-busy', 'false');
    }
  }

  #show({ columns, rows, scanned }: Package.Analysis): void {
    const cut = rows.length > ROWS_MAX ? `; the first ${count(ROWS_MAX)} are shown` : '';
    const read = `${plural(scanned.rows, 'row')} of ${plural(scanned.files, 'file')}`;
    say(this.#status, `${plural(rows.length, 'group')} out of ${read}${cut}.`);
    const bars = barsOf(rows.slice(0, BARS_MAX));
    this.#chart.root.hidden = bars.length === 0;
    this.#chart.show({
      summary: `${columns.at(-1) ?? ''} by ${columns.slice(0, -1).join(', ')}`,
      draw: (width) => drawBars(bars, 0, width),
    });
    const line = (cells: Package.Cell[]): HTMLElement =>
      el('tr', {}, ...cells.map((cell) => el('td', { class: kindOf(cell) }, shown(cell))));
    fill(
      this.#table,
      el('caption', { class: 'only-heard' }, 'The answer'),
      el('thead', {}, el('tr', {}, ...columns.map((name) => el('th', { scope: 'col' }, name)))),
      el('tbody', {}, ...rows.slice(0, ROWS_MAX).map(line)),
    );
  }

  #takeDrops(): void {
    this.addEventListener('dragover', (event) => {
      event.preventDefault();
      this.classList.add('dragging');
    });
    this.addEventListener('dragleave', () => {
      this.classList.remove('dragging');
    });
    this.addEventListener('drop', (event) => {
      event.preventDefault();
      this.classList.remove('dragging');
      if (event.dataTransfer?.files.length) this.files = event.dataTransfer.files;
    });
  }

  #tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

/** Groups whose last value is a number, as bars. */
function barsOf(rows: Package.Cell[][]): Bar[] {
  return rows.flatMap((row) => {
    const value = row.at(-1);
    if (typeof value !== 'bigint' && typeof value !== 'number') return [];
    const keys = row.slice(0, -1);
    return {
      label: keys.map((key) => shown(key)).join(' · '),
      value: Number(value),
      text: shown(value),
      missing: keys.every((key) => key === null),
    };
  });
}

function kindOf(cell: Package.Cell): string | undefined {
  if (cell === null) return 'missing';
  return typeof cell === 'bigint' || typeof cell === 'number' ? 'number' : undefined;
}

function sheet(text: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

if ('customElements' in globalThis && !customElements.get(NAME)) {
  customElements.define(NAME, QuestlogAnalysis);
}
