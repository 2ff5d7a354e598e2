import type { Board, Totals } from '../board/board.ts';
import type { Entry } from '../board/entry.ts';
import type { Answer } from '../data/answer.ts';
import { bytes, count, duration, percent, plural, spanOfTime } from '../data/format.ts';
import { el, say } from '../dom/element.ts';
import { EVENT } from './popular.ts';

/** Time between two spoken words on how far it is: a screen reader must not talk all the time. */
const SPOKEN_MS = 10_000;

export interface StatusActions {
  stop: () => void;
  resume: () => void;
  report: () => void;
}

type Fact = 'rows' | 'files' | 'columns' | 'span' | 'events';

/** Every row is an event, where rows have a kind of event: so their number is known from the footers alone. */
const ROWS = 'Rows';
const ROWS_ARE_EVENTS = 'Events (rows)';

const FACTS: [Fact, string][] = [
  ['rows', ROWS],
  ['events', 'Kinds of event'],
  ['columns', 'Columns'],
  ['files', 'Files'],
  // The last, because it is the widest when it comes.
  ['span', 'From – to (UTC)'],
];

/** What the files hold, how far the counting is, and a way to stop it. */
export class Status {
  readonly root: HTMLElement;
  readonly #facts = new Map<Fact, HTMLElement>();
  readonly #names = new Map<Fact, HTMLElement>();
  readonly #bar = el('progress', { max: 1, value: 0, 'aria-label': 'Rows counted' });
  readonly #line = el('p', { class: 'status-line' });
  readonly #missing = el('p', { class: 'status-missing' });
  readonly #heard = el('p', { class: 'only-heard', role: 'status' });
  readonly #stop: HTMLButtonElement;
  readonly #resume: HTMLButtonElement;
  readonly #report: HTMLButtonElement;
  #spoken_ms = 0;
  #wasBusy = false;

  constructor(actions: StatusActions, source: HTMLElement) {
    const button = (word: string, click: () => void): HTMLButtonElement =>
      el('button', { class: 'button', type: 'button', click }, word);
    this.#stop = button('Stop', actions.stop);
    this.#resume = button('Count the rest', actions.resume);
    this.#report = button('Save report', actions.report);
    const facts = FACTS.map(([fact, name]) => {
      const title = el('dt', {}, name);
      const value = el('dd', {}, '–');
      this.#names.set(fact, title);
      this.#facts.set(fact, value);
      return el('div', { class: 'fact', 'data-fact': fact }, title, value);
    });
    this.root = el(
      'section',
      { class: 'status', 'aria-label': 'Progress' },
      el('dl', { class: 'facts' }, ...facts),
      el(
        'div',
        { class: 'status-text' },
        this.#line,
        source,
        this.#stop,
        this.#resume,
        this.#report,
      ),
      this.#bar,
      this.#missing,
      this.#heard,
    );
  }

  /** `popular` is the answer that tells the kinds of event; it may be of a part of the rows only. */
  update(board: Board, totals: Totals, popular: Answer | undefined, missing: string): void {
    const { busy, stopped } = board;
    this.#bar.value = busy || stopped || totals.files === 0 ? totals.part : 1;
    this.#bar.classList.toggle('done', !busy && !stopped);
    this.#stop.hidden = !busy;
    this.#resume.hidden = !stopped;
    this.#report.disabled = busy || totals.files === 0;
    const areEvents = board.columns.some(({ name }) => name === EVENT);
    const rows = this.#names.get('rows');
    if (rows) say(rows, areEvents ? ROWS_ARE_EVENTS : ROWS);
    this.#tell('rows', totals.rows > 0 || !busy ? count(totals.rows) : '–');
    this.#tell('files', count(totals.files));
    this.#tell('columns', board.columns.length > 0 ? count(board.columns.length) : '–');
    this.#tell('events', popular ? count(kindsOf(popular)) : '–');
    const { span } = board;
    this.#tell('span', span ? spanOfTime(span.first, span.last) : '–');
    const line = statusLine(board, totals, popular?.scanned.rows ?? 0);
    say(this.#line, line);
    say(this.#missing, missing);
    this.#missing.hidden = missing === '';
    this.#speak(busy, totals.files > 0 ? `${line}. ${missing}` : '');
  }

  #tell(fact: Fact, text: string): void {
    const value = this.#facts.get(fact);
    if (value) say(value, text);
  }

  /** At the beginning and the end, and now and then between them. */
  #speak(busy: boolean, line: string): void {
    const now = performance.now();
    if (busy && this.#wasBusy && now - this.#spoken_ms < SPOKEN_MS) return;
    if (busy && !this.#wasBusy) {
      // The first word waits, because most counting is over before it could be said.
      this.#spoken_ms = now;
      this.#wasBusy = true;
      return;
    }
    this.#wasBusy = busy;
    this.#spoken_ms = now;
    say(this.#heard, line);
  }
}

/** Kinds of event; having none is no kind. */
function kindsOf({ rows, rowsTotal }: Answer): number {
  return rowsTotal - (rows.some(([kind]) => kind === null) ? 1 : 0);
}

function statusLine(
  { busy, stopped, elapsed_ms }: Board,
  totals: Totals,
  rowsKnown: number,
): string {
  const read = `read ${bytes(totals.bytesRead)} of ${bytes(totals.bytesTotal)}`;
  const files = plural(totals.files, 'file');
  if (busy && totals.rows === 0) return `Looking into ${files} …`;
  if (busy || stopped) {
    const verb = busy ? 'Counting' : 'Stopped';
    // How many rows there are in all is known only when the last file is opened.
    const opened = totals.filesOpened < totals.files;
    const part = opened
      ? `${count(totals.filesDone)} of ${files}`
      : `${stopped ? percent(rowsKnown, totals.rows) : percent(totals.part, 1)} of rows`;
    return `${verb}: ${part} · ${read}`;
  }
  if (totals.files === 0) return 'No file could be counted.';
  return `All ${plural(totals.rows, 'row')} counted in ${duration(elapsed_ms)} · ${read}`;
}

/** What is not in the numbers although it was dropped; empty when everything is. */
export function missingFiles(entries: readonly Entry[]): string {
  const failed = entries.filter(({ status }) => status === 'failed').length;
  const hurt = entries.filter(
    ({ status, damaged, without }) => status !== 'failed' && damaged.length + without.length > 0,
  ).length;
  const strays = entries.filter(({ status }) => status === 'left-out').length;
  if (strays > 0 && strays === entries.length) return 'There is no Parquet file in this folder.';
  const parts = [];
  if (failed > 0) parts.push(`${plural(failed, 'file')} could not be counted`);
  if (hurt > 0) parts.push(`${plural(hurt, 'file')} only in part`);
  return parts.length === 0 ? '' : `${parts.join(', ')}: the list of files says why.`;
}
