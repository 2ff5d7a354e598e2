import type { TextFormat } from '../engine/protocol.ts';
import { el } from '../dom/element.ts';

const FORMATS: { format: TextFormat; word: string; ending: string; type: string }[] = [
  { format: 'csv', word: 'CSV', ending: 'csv', type: 'text/csv' },
  { format: 'json', word: 'JSON', ending: 'json', type: 'application/json' },
  { format: 'markdown', word: 'Markdown', ending: 'md', type: 'text/markdown' },
];

/** Ways to take an answer away: copy the table, or save it as the command line would write it. */
export class TakeAway {
  readonly root: HTMLElement;

  constructor(name: string, table: () => string, render: (format: TextFormat) => Promise<string>) {
    const copy = el(
      'button',
      {
        class: 'quiet',
        type: 'button',
        click: () => {
          void copied(copy, table());
        },
      },
      'Copy',
    );
    const saves = FORMATS.map(({ format, word, ending, type }) =>
      el(
        'button',
        {
          class: 'quiet',
          type: 'button',
          title: `Save as ${word}`,
          click: () => {
            void render(format).then((text) => {
              save(new Blob([text], { type }), `${name}.${ending}`);
            });
          },
        },
        word,
      ),
    );
    this.root = el(
      'div',
      { class: 'take', role: 'group', 'aria-label': 'Take away' },
      copy,
      ...saves,
    );
  }
}

/** Copies text and says so in the button itself for a moment. */
export async function copied(button: HTMLElement, text: string): Promise<void> {
  // A second press while the first still shows must not take "Copied" for the word.
  const word = (button.dataset['word'] ??= button.textContent);
  const done = await navigator.clipboard.writeText(text).then(
    () => 'Copied',
    () => 'Copying is not allowed',
  );
  button.textContent = done;
  setTimeout(() => {
    if (button.textContent === done) button.textContent = word;
  }, 1500);
}

function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  el('a', { href: address, download: name }).click();
  // The browser has taken what it needs once the click's task is over.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 0);
}
