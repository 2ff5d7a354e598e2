import type { Board, Totals } from '../board/board.ts';
import { bytes, count, duration, plural } from '../data/format.ts';
import { el, say } from '../dom/element.ts';

/** The line that says how far the counting is: rows, bytes, time, and a way to stop it. */
export class Status {
  readonly root: HTMLElement;
  readonly #bar = el('progress', { max: 1, value: 0, 'aria-label': 'Rows counted' });
  readonly #line = el('p', { class: 'status-line' });
  /** Speaks at the end of the work, not at every step of it. */
  readonly #heard = el('p', { class: 'only-heard', role: 'status' });
  readonly #stop: HTMLButtonElement;
  readonly #resume: HTMLButtonElement;

  constructor(stop: () => void, resume: () => void, source: HTMLElement) {
    this.#stop = el('button', { class: 'button', type: 'button', click: stop }, 'Stop');
    this.#resume = el(
      'button',
      { class: 'button', type: 'button', click: resume },
      'Count the rest',
    );
    this.root = el(
      'section',
      { class: 'status', 'aria-label': 'Progress' },
      el('div', { class: 'status-text' }, this.#line, source, this.#stop, this.#resume),
      this.#bar,
      this.#heard,
    );
  }

  update(board: Board, totals: Totals): void {
    const { busy, stopped } = board;
    this.#bar.value = busy || stopped || totals.files === 0 ? totals.part : 1;
    this.#bar.classList.toggle('done', !busy && !stopped);
    this.#stop.hidden = !busy;
    this.#resume.hidden = !stopped;
    const line = statusLine(board, totals);
    say(this.#line, line);
    if (!busy) say(this.#heard, totals.files > 0 ? line : '');
  }
}

function statusLine({ busy, stopped, elapsed_ms }: Board, totals: Totals): string {
  const read = `read ${bytes(totals.bytesRead)} of ${bytes(totals.bytesTotal)}`;
  const files = plural(totals.files, 'file');
  if (busy && totals.rows === 0) return `Looking into ${files} …`;
  if (busy || stopped) {
    const verb = busy ? 'Counting' : 'Stopped at';
    // How many rows there are in all is known only when the last file is opened.
    if (totals.filesOpened < totals.files) {
      const rows = plural(totals.rowsDone, 'row');
      return `${verb} ${rows}, ${count(totals.filesDone)} of ${files}`;
    }
    const rows = `${count(totals.rowsDone)} of ${plural(totals.rows, 'row')}`;
    return `${verb} ${rows} in ${files} · ${read}`;
  }
  if (totals.files === 0) return 'No file could be counted.';
  return `${plural(totals.rows, 'row')} in ${files} · ${read} · ${duration(elapsed_ms)}`;
}
