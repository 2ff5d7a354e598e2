import { asCount } from '../data/answer.ts';
import type { Cell, Column, Outcome, Problem, QueryWords } from '../data/answer.ts';
import { tabSeparated } from '../data/format.ts';
import { answerFromJson } from '../data/json.ts';
import { delivery } from '../delivery.ts';
import { ordered, type Order } from '../data/order.ts';
import type { Matching } from '../data/words.ts';
import type { Explanation, Question, TextFormat } from '../engine/protocol.ts';
import type { Board, Totals } from './board.ts';
import type { FileBoard } from './files.ts';

/** A file of the server's lake. */
export interface LakeFile {
  path: string;
  rows: number;
  bytes: number;
}

/** A plugin that works while events land. */
export interface LakePlugin {
  name: string;
  /** `active`, `resting`, `kept` (the last good one), `failed` or `off`. */
  state: string;
  /** Why it can't be loaded as it is now. */
  error: string | undefined;
  writes: Column[];
}

/** The columns of a lake file that every deployment has. */
const COLUMNS: Column[] = [
  { name: 'event_type', type: 'text', usable: true },
  { name: 'item', type: 'text', usable: true },
  { name: 'timestamp', type: 'timestamp', usable: true },
  { name: 'received_at', type: 'timestamp', usable: true },
  { name: 'Host', type: 'text', usable: true },
  { name: 'User-Agent', type: 'text', usable: true },
  { name: 'Accept', type: 'text', usable: true },
  { name: 'id', type: 'text', usable: true },
  { name: 'provider', type: 'text', usable: true },
];

/** What the server that this page came from has taken and landed; it counts, the page only shows. */
export class LakeBoard implements Board {
  readonly #changed: () => void;
  /** It has the core at hand, for what the server is not asked about. */
  readonly #core: FileBoard;
  #round = 0;

  files: LakeFile[] = [];
  plugins: LakePlugin[] = [];
  /** Events that are safe in the log and answered from there, but not in a file yet. */
  unlanded = 0;
  /** Whether this page was served by a Questlog server at all. */
  present = false;
  outcomes = new Map<string, Outcome>();
  busy = false;
  readonly stopped = false;
  elapsed_ms = 0;
  readonly span = undefined;
  readonly paths = 'questlog-data/lake';

  constructor(core: FileBoard, changed: () => void) {
    this.#core = core;
    this.#changed = changed;
  }

  /** The lake's own columns and those that plugins add. */
  get columns(): Column[] {
    return [...COLUMNS, ...this.plugins.flatMap(({ writes }) => writes)];
  }

  get totals(): Totals {
    const scanned = [...this.outcomes.values()].find((outcome) => outcome.ok)?.answer.scanned;
    const { files = 0, rows = 0, bytesRead = 0, bytesTotal = 0 } = scanned ?? {};
    return {
      files,
      filesOpened: files,
      filesDone: files,
      part: 1,
      rows,
      rowsDone: rows,
      bytesRead,
      bytesTotal,
    };
  }

  /** Asks the server for its files; a page that came in another way has no lake to ask about. */
  async look(): Promise<void> {
    if (delivery() !== 'server') return;
    try {
      const headers = { accept: 'application/json' };
      const [response, told] = await Promise.all([
        fetch('v1/lake', { headers }),
        fetch('v1/plugins', { headers }),
      ]);
      if (!response.ok) return;
      const listing: unknown = await response.json();
      this.plugins = told.ok ? lakePlugins(await told.json()) : [];
      this.files = lakeFiles(listing);
      this.unlanded = Number((listing as { unlanded?: unknown }).unlanded ?? 0);
      this.present = true;
      this.#changed();
    } catch {
      // No server, no lake: the page works on files alone.
    }
  }

  ask(questions: Question[], goesOn = false): void {
    const round = (this.#round += 1);
    const began_ms = performance.now();
    this.busy = true;
    this.#changed();
    const asked = questions.map(async (question): Promise<[string, Outcome]> => [
      question.key,
      await this.#one(question),
    ]);
    void Promise.all([Promise.all(asked), this.look()]).then(([outcomes]) => {
      if (round !== this.#round) return;
      this.outcomes = new Map(outcomes);
      if (!goesOn) this.elapsed_ms = performance.now() - began_ms;
      this.busy = false;
      this.#changed();
    });
  }

  stop(): void {
    this.#round += 1;
    this.busy = false;
    this.#changed();
  }

  async render(question: Question, format: TextFormat): Promise<string> {
    const response = await fetch(address(question, format));
    if (!response.ok) throw new Error(`the server answered with status ${response.status}`);
    return response.text();
  }

  rows(
    { key }: Question,
    order: Order | undefined,
    first: number,
    rows_max: number,
  ): Promise<Cell[][]> {
    return Promise.resolve(ordered(this.#known(key), order).slice(first, first + rows_max));
  }

  tabs({ key }: Question, order: Order | undefined): Promise<string> {
    const outcome = this.outcomes.get(key);
    const columns = outcome?.ok ? outcome.answer.columns : [];
    return Promise.resolve(tabSeparated(columns, ordered(this.#known(key), order)));
  }

  explain({ key }: Question, matching: Matching): Promise<Explanation> {
    const rows = this.#known(key);
    const hosts = rows.map(([host]) => (typeof host === 'string' ? host : null));
    const counted = rows.map((row) => asCount(row.at(-1)));
    return this.#core.explainHosts(hosts, counted, matching);
  }

  check(words: QueryWords): Promise<Problem | undefined> {
    return this.#core.check(words);
  }

  sql(words: QueryWords): Promise<string> {
    const paths = this.files.map(({ path }) => `questlog-data/lake/${path}`);
    return this.#core.sqlOver(paths, words);
  }

  #known(key: string): Cell[][] {
    const outcome = this.outcomes.get(key);
    return outcome?.ok ? outcome.answer.rows : [];
  }

  async #one(question: Question): Promise<Outcome> {
    try {
      const response = await fetch(address(question));
      const text = await response.text();
      if (response.ok) return { ok: true, answer: answerFromJson(text), partial: false };
      return { ok: false, problem: { kind: 'server', message: told(text, response.status) } };
    } catch {
      const message = 'The server did not answer; is it still running?';
      return { ok: false, problem: { kind: 'server', message } };
    }
  }
}

/** The route of a query: relative, so that the page may live under any path. */
export function address({ words }: Question, format?: TextFormat): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(words)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  if (format) query.set('format', format);
  return `v1/query?${query}`;
}

/** The sentence in the server's problem details, or one of our own. */
function told(text: string, status: number): string {
  try {
    const problem = JSON.parse(text) as { detail?: unknown; title?: unknown };
    if (typeof problem.detail === 'string') return problem.detail;
    if (typeof problem.title === 'string') return problem.title;
  } catch {
    // Not problem details: fall through to the status.
  }
  return `The server answered with status ${status}.`;
}

/** Takes what it can of the listing: a file without a number has none to show. */
function lakeFiles(body: unknown): LakeFile[] {
  const listed = (body as { files?: unknown }).files;
  if (!Array.isArray(listed)) return [];
  return listed.map((file: Partial<LakeFile>) => ({
    path: file.path ?? '',
    rows: file.rows ?? 0,
    bytes: file.bytes ?? 0,
  }));
}

/** What the page shows of the server's plugins. */
export function lakePlugins(body: unknown): LakePlugin[] {
  const listed = (body as { plugins?: unknown } | null)?.plugins;
  if (!Array.isArray(listed)) return [];
  return listed.map((plugin: { [key in keyof LakePlugin]?: unknown }) => ({
    name: String(plugin.name),
    state: String(plugin.state),
    error: typeof plugin.error === 'string' ? plugin.error : undefined,
    writes: Array.isArray(plugin.writes) ? plugin.writes.flatMap(written) : [],
  }));
}

/** A column that a plugin adds; `provider` is the lake's own. */
function written({ name, kind }: { name?: unknown; kind?: unknown }): Column[] {
  if (typeof name !== 'string' || name === 'provider') return [];
  return [{ name, type: String(kind), usable: true }];
}

/** How a plugin is doing, as a sentence without a full stop. */
export function pluginSentence({ name, state, error }: LakePlugin): string {
  switch (state) {
    case 'active':
      return `Plugin ${name} is at work`;
    case 'resting':
      return `Plugin ${name} rests after failures; what lands meanwhile lacks its columns`;
    case 'kept':
      return `Plugin ${name} ${error ?? 'can’t be loaded'}; the last good one is at work`;
    case 'failed':
      return `Plugin ${name} ${error ?? 'can’t be loaded'}`;
    default:
      return `Plugin ${name} is switched off`;
  }
}
