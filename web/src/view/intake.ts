import { collectInput, collectTransfer, type Collection } from '../data/collect.ts';
import { plural } from '../data/format.ts';
import { el } from '../dom/element.ts';
import { whenOpenedWith } from '../offline/launch.ts';
import { AddressForm } from './address.ts';

export interface IntakeActions {
  add(collection: Collection): void;
  /** Opens a file behind an address; fails with a sentence. */
  open(address: string): Promise<void>;
  sample(): void;
  lake(): void;
  clear(): void;
}

/** Every way in: drop anywhere, choose files or a folder, paste, the server's lake, a sample. */
export class Intake {
  readonly root: HTMLElement;
  readonly #actions: IntakeActions;
  readonly #lake: HTMLButtonElement;
  readonly #clear: HTMLButtonElement;
  /** Nested elements each tell of a drag's coming and going; only the count says whether it is over the page. */
  #dragDepth = 0;

  constructor(actions: IntakeActions) {
    this.#actions = actions;
    const files = this.#input({ multiple: true, id: 'file-input' });
    const folder = this.#input({ webkitdirectory: true, id: 'folder-input' });
    this.#lake = this.#button('This server’s lake', () => {
      actions.lake();
    });
    this.#clear = this.#button('Clear', () => {
      actions.clear();
    });
    this.#clear.className = 'quiet clear';
    const sample = this.#button('Try a sample', () => {
      actions.sample();
    });
    sample.classList.add('sample');
    const choose = this.#button('Choose files', () => {
      files.click();
    });
    choose.classList.add('first');
    const chooseFolder = this.#button('Choose folder', () => {
      folder.click();
    });
    const address = new AddressForm((typed) => actions.open(typed));
    this.root = el(
      'section',
      { class: 'drop', 'aria-label': 'Files to count' },
      el('h1', { class: 'drop-title' }, 'Drop Parquet files or folders'),
      el(
        'p',
        { class: 'drop-hint' },
        'They are read right here, in this tab, and only the parts that matter. Nothing is uploaded.',
      ),
      el(
        'div',
        { class: 'drop-actions' },
        choose,
        chooseFolder,
        this.#lake,
        address.button,
        sample,
        this.#clear,
      ),
      address.root,
      files,
      folder,
    );
    this.#listen();
  }

  update(state: { slim: boolean; lakePresent: boolean; lakeFiles: number }): void {
    this.root.classList.toggle('slim', state.slim);
    // Beside answers, the choice of a source stands in the line of the status.
    this.#lake.hidden = !state.lakePresent || state.slim;
    this.#clear.hidden = !state.slim;
    this.#lake.title = plural(state.lakeFiles, 'landed file');
  }

  #listen(): void {
    whenOpenedWith((collection) => {
      this.#actions.add(collection);
    });
    const hasFiles = (event: DragEvent): boolean =>
      event.dataTransfer?.types.includes('Files') ?? false;
    document.addEventListener('dragenter', (event) => {
      if (!hasFiles(event)) return;
      this.#dragDepth += 1;
      document.body.classList.add('dragging');
    });
    document.addEventListener('dragleave', (event) => {
      if (!hasFiles(event)) return;
      this.#dragDepth -= 1;
      if (this.#dragDepth <= 0) this.#dragEnded();
    });
    document.addEventListener('dragover', (event) => {
      if (hasFiles(event)) event.preventDefault();
    });
    document.addEventListener('drop', (event) => {
      this.#dragEnded();
      if (!event.dataTransfer || !hasFiles(event)) return;
      event.preventDefault();
      this.#take(event.dataTransfer);
    });
    document.addEventListener('paste', (event) => {
      if (event.clipboardData && event.clipboardData.files.length > 0) {
        event.preventDefault();
        this.#take(event.clipboardData);
      }
    });
  }

  #take(transfer: DataTransfer): void {
    void collectTransfer(transfer).then((collection) => {
      this.#actions.add(collection);
    });
  }

  #dragEnded(): void {
    this.#dragDepth = 0;
    document.body.classList.remove('dragging');
  }

  #input(props: Record<string, string | boolean>): HTMLInputElement {
    const input = el('input', {
      type: 'file',
      hidden: true,
      ...props,
      change: () => {
        const files = [...(input.files ?? [])];
        // Emptied at once, so that choosing the same file again is heard.
        input.value = '';
        if (files.length > 0) this.#actions.add(collectInput(files));
      },
    });
    return input;
  }

  #button(text: string, click: () => void): HTMLButtonElement {
    return el('button', { class: 'button', type: 'button', click }, text);
  }
}
