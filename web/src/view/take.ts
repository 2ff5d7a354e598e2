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
    const saves = FORMATS.map(({ format, word, ending, type }) => {
      const button: HTMLElement = el(
        'button',
        {
          class: 'quiet',
          type: 'button',
          title: `Save as ${word}`,
          click: () => {
            void render(format).then(
              (text) => {
                save(new Blob([text], { type }), `${name}.${ending}`);
              },
              () => {
                flash(button, 'Not saved');
              },
            );
          },
        },
        word,
      );
      return button;
    });
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
  // Browsers have a clipboard only for pages from a secure address, such as this machine.
  const written = 'clipboard' in navigator && (await wrote(text));
  flash(button, written ? 'Copied' : 'Copying is not allowed');
}

function wrote(text: string): Promise<boolean> {
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
}

/** Shows what came of a press in the button's own place. */
function flash(button: HTMLElement, outcome: string): void {
  // A second press while the first still shows must not take its outcome for the button's word.
  const word = (button.dataset['word'] ??= button.textContent);
  button.textContent = outcome;
  setTimeout(() => {
    if (button.textContent === outcome) button.textContent = word;
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
