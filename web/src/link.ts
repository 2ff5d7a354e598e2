import type { Entry } from './board/entry.ts';
import { counts } from './board/entry.ts';
import type { Asked } from './data/asked.ts';
import {
  missing,
  read,
  written,
  type Linked,
  type LinkedFile,
  type LinkedSource,
} from './data/link.ts';
import { isRemote } from './engine/source.ts';
import { LinkNotice } from './view/link.ts';

export interface LinkActions {
  /** Asks what a link asks, of what is there. */
  restore(asked: Asked, lake: boolean): void;
  open(address: string): Promise<void>;
}

/** Files that a link can name are looked at; a link of thousands names the first of them. */
const FILES_MAX = 200;

/**
 * Keeps what is asked in the address behind `#`, which is never sent: a link brings it back, Back undoes, Forward redoes.
 */
export class Link {
  readonly notice: LinkNotice;
  readonly #actions: LinkActions;
  /** The fragment that says what is asked now. */
  #fragment = '';
  /** The same without the files: what an entry of the history is made for. */
  #asked = '';
  /** What the link was about that the page was opened with or went back to. */
  #wanted: LinkedSource | undefined;

  constructor(actions: LinkActions) {
    this.#actions = actions;
    this.notice = new LinkNotice(
      (address) => actions.open(address),
      () => {
        this.#wanted = undefined;
      },
    );
    window.addEventListener('hashchange', () => {
      if (location.hash.replace(/^#/, '') !== this.#fragment) this.#follow(true);
    });
  }

  /** Follows the link that the page was opened with. */
  begin(): void {
    this.#follow(false);
  }

  /** Notes what is asked now, and of what. */
  update(asked: Asked, entries: readonly Entry[], lake: boolean): void {
    const from = sourceOf(entries, lake);
    this.#note({ asked, from: this.#merged(from) });
    const wanted = this.#wanted;
    if (!wanted) {
      this.notice.update([], 0, []);
      return;
    }
    const there = entries.map(({ path, size_bytes, file }) => ({
      path,
      size: size_bytes ?? (isRemote(file) ? file.size : -1),
    }));
    const open = new Set(from.addresses);
    const left = missing(wanted.files, there);
    this.notice.update(
      left,
      Math.max(0, wanted.filesTotal - wanted.files.length),
      wanted.addresses.filter((address) => !open.has(address)),
    );
  }

  /** While files of a link are missing, the link goes on naming them. */
  #merged(from: LinkedSource): LinkedSource {
    const wanted = this.#wanted;
    if (!wanted) return from;
    const left = missing(wanted.files, from.files);
    const files = [...from.files, ...left];
    const addresses = [...new Set([...from.addresses, ...wanted.addresses])];
    return {
      lake: from.lake,
      files,
      addresses,
      filesTotal: Math.max(from.filesTotal + left.length, files.length),
    };
  }

  #note(linked: Linked): void {
    const fragment = written(linked);
    const asked = JSON.stringify([linked.asked, linked.from.lake]);
    if (fragment === undefined || fragment === this.#fragment) return;
    const isNew = asked !== this.#asked && this.#asked !== '';
    this.#fragment = fragment;
    this.#asked = asked;
    // Another question is a step that Back undoes; another file is not.
    if (isNew) location.hash = fragment;
    else history.replaceState(history.state, '', fragment === '' ? bare() : `#${fragment}`);
  }

  #follow(isStep: boolean): void {
    const got = read(location.hash);
    this.#fragment = location.hash.replace(/^#/, '');
    if (!got.ok) {
      this.notice.refuse(got.reason);
      return;
    }
    this.notice.refuse(undefined);
    const { asked, from } = got.linked;
    this.#asked = JSON.stringify([asked, from.lake]);
    // A step back to what was asked of the same files asks for no file.
    if (!isStep || from.addresses.length > 0 || from.files.length > 0) this.#wanted = from;
    this.#actions.restore(asked, from.lake);
  }
}

/** The address without anything behind `#`. */
function bare(): string {
  return location.href.replace(/#.*$/s, '');
}

/** What a link says of these entries. */
function sourceOf(entries: readonly Entry[], lake: boolean): LinkedSource {
  const taken = entries.filter(counts);
  const local: LinkedFile[] = [];
  const addresses: string[] = [];
  for (const { file, path, size_bytes } of taken.slice(0, FILES_MAX)) {
    if (isRemote(file)) addresses.push(file.address);
    else if (size_bytes !== undefined) local.push({ path, size: size_bytes });
  }
  return { lake, files: local, filesTotal: taken.length - addresses.length, addresses };
}
