import type { Problem } from '../../data/answer.ts';
import { count } from '../../data/format.ts';
import { el, fill, say } from '../../dom/element.ts';
import type { LookedAt, LookName, Looks } from '../../engine/look.ts';
import type { Lookable } from './files.ts';
import { problemLine } from '../explain.ts';
import { Segments } from '../segments.ts';
import { ColumnsView } from './columns.ts';
import { PreviewView } from './preview.ts';
import { RowGroupsView } from './groups.ts';

/** Asks what is in a file; fails with a sentence. */
export type Ask = <Name extends LookName>(
  name: Name,
  ask: Omit<Looks[Name]['ask'], keyof LookedAt>,
) => Promise<Looks[Name]['back']>;

/** One way to look into a file. */
export interface View {
  readonly root: HTMLElement;
  /** Shows another file, or the same one again. */
  show(ask: Ask): Promise<void>;
}

type Shown = 'preview' | 'columns' | 'groups';

/** Files to choose from; a file's own button in the list reaches every one. */
const OFFERED_MAX = 500;

/** What a file holds: its first rows, its columns, its row groups. */
export class Inside {
  readonly root: HTMLElement;
  readonly #file = el('select', { 'aria-label': 'File to look into' });
  readonly #body = el('div', { class: 'inside-body' });
  readonly #waiting = el('p', { class: 'hint', role: 'status' });
  readonly #segments: Segments<Shown>;
  readonly #views: Record<Shown, View>;
  readonly #look: <Name extends LookName>(
    name: Name,
    ask: Looks[Name]['ask'],
  ) => Promise<Looks[Name]['back']>;
  #files: Lookable[] = [];
  #chosen: string | undefined;
  #shown: Shown = 'preview';
  /** What is on show or on its way there. */
  #showing = '';
  #round = 0;
  #watches = false;
  #seen = false;

  constructor(
    look: <Name extends LookName>(
      name: Name,
      ask: Looks[Name]['ask'],
    ) => Promise<Looks[Name]['back']>,
  ) {
    this.#look = look;
    this.#views = {
      preview: new PreviewView(),
      columns: new ColumnsView(),
      groups: new RowGroupsView(),
    };
    this.#segments = new Segments<Shown>(
      'Show of the file',
      [
        ['preview', 'First rows'],
        ['columns', 'Columns'],
        ['groups', 'Row groups'],
      ],
      (shown) => {
        this.#shown = shown;
        this.#show();
      },
    );
    this.#segments.value = 'preview';
    this.#file.addEventListener('change', () => {
      this.#chosen = this.#file.value;
      this.#show();
    });
    this.root = el(
      'section',
      { class: 'card inside', 'aria-label': 'Look inside' },
      el(
        'header',
        { class: 'card-head' },
        el('h2', {}, 'Look inside'),
        el('div', { class: 'card-tools' }, this.#file, this.#segments.root),
      ),
      this.#waiting,
      this.#body,
    );
  }

  /** Takes the files that can be looked into. */
  update(files: Lookable[]): void {
    this.root.hidden = files.length === 0;
    const names = files.map(({ key }) => key).join('\0');
    if (names === this.#files.map(({ key }) => key).join('\0')) return;
    this.#files = files;
    if (files.length > 0 && !this.#watches) this.#watch();
    if (!files.some(({ key }) => key === this.#chosen)) this.#chosen = files[0]?.key;
    this.#offer();
    this.#show();
  }

  /** A file is read only once somebody comes near, which can be told when everything above has its place. */
  #watch(): void {
    this.#watches = true;
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this.#seen = true;
      observer.disconnect();
      this.#show();
    }).observe(this.root);
  }

  /** Shows this file, if there is anything to see. */
  choose(file: number | string): void {
    const found = this.#files.find(({ of }) => of === file);
    if (!found) return;
    this.#chosen = found.key;
    this.#seen = true;
    this.#offer();
    this.#show();
    this.root.scrollIntoView({ block: 'start' });
    this.#file.focus({ preventScroll: true });
  }

  #offer(): void {
    const offered = this.#files.slice(0, OFFERED_MAX);
    const chosen = this.#files.find(({ key }) => key === this.#chosen);
    if (chosen && !offered.includes(chosen)) offered.push(chosen);
    const left = this.#files.length - offered.length;
    fill(
      this.#file,
      ...offered.map(({ key, path }) => el('option', { value: key }, path)),
      left > 0 &&
        el('option', { disabled: true }, `… and ${count(left)} more, in the list of files`),
    );
    this.#file.value = this.#chosen ?? '';
  }

  #show(): void {
    const at = this.#files.find(({ key }) => key === this.#chosen);
    if (!at || !this.#seen) return;
    const showing = `${at.key}\0${this.#shown}`;
    if (showing === this.#showing) return;
    this.#showing = showing;
    const round = (this.#round += 1);
    const view = this.#views[this.#shown];
    say(this.#waiting, `Looking into ${at.path} …`);
    const ask: Ask = (name, asked) =>
      this.#look(name, { key: at.key, source: at.source, path: at.path, ...asked } as never);
    view.show(ask).then(
      () => {
        if (round !== this.#round) return;
        say(this.#waiting, '');
        if (this.#body.firstElementChild !== view.root) fill(this.#body, view.root);
      },
      (fault: unknown) => {
        if (round !== this.#round) return;
        say(this.#waiting, '');
        this.#showing = '';
        fill(this.#body, problemLine(sentenceOf(fault)));
      },
    );
  }
}

function sentenceOf(fault: unknown): string {
  const { problem } = fault as { problem?: Problem };
  return problem?.message ?? String(fault);
}
