import { el } from '../dom/element.ts';
import { pngOf, svgTextOf } from '../dom/picture.ts';
import type { TextFormat } from '../engine/protocol.ts';

const FORMATS: { format: TextFormat; word: string; ending: string; type: string }[] = [
  { format: 'csv', word: 'CSV', ending: 'csv', type: 'text/csv' },
  { format: 'json', word: 'JSON', ending: 'json', type: 'application/json' },
  { format: 'markdown', word: 'Markdown', ending: 'md', type: 'text/markdown' },
];

/** What can be taken away. */
export interface Goods {
  /** The table as it is shown, tab-separated and exact. */
  tabs(): Promise<string>;
  /** The answer as the command line would write it. */
  render(format: TextFormat): Promise<string>;
  /** The chart that is shown, if one is. */
  chart(): SVGSVGElement | undefined;
}

/** Ways to take an answer away: copy the table, save it in a format of text, save its chart as a picture. */
export class TakeAway {
  readonly root: HTMLElement;
  readonly #pictures: HTMLElement[];

  constructor(name: string, goods: Goods) {
    const copy: HTMLElement = button('Copy', 'Copy the table', () =>
      goods.tabs().then((text) => copied(copy, text)),
    );
    const texts = FORMATS.map(({ format, word, ending, type }) =>
      button(word, `Save as ${word}`, async () => {
        save(new Blob([await goods.render(format)], { type }), `${name}.${ending}`);
      }),
    );
    this.#pictures = [
      button('SVG', 'Save the chart as SVG', () => {
        const chart = goods.chart();
        if (chart) save(new Blob([svgTextOf(chart)], { type: 'image/svg+xml' }), `${name}.svg`);
        return Promise.resolve();
      }),
      button('PNG', 'Save the chart as PNG', async () => {
        const chart = goods.chart();
        if (chart) save(await pngOf(chart), `${name}.png`);
      }),
    ];
    this.root = el(
      'div',
      { class: 'take', role: 'group', 'aria-label': 'Take away' },
      copy,
      ...texts,
      ...this.#pictures,
    );
  }

  /** Whether there is a chart to take away. */
  set withChart(there: boolean) {
    for (const picture of this.#pictures) picture.hidden = !there;
  }
}

function button(word: string, title: string, take: () => Promise<void>): HTMLElement {
  const made: HTMLElement = el(
    'button',
    {
      class: 'quiet',
      type: 'button',
      title,
      click: () => {
        take().catch(() => {
          flash(made, 'Not saved');
        });
      },
    },
    word,
  );
  return made;
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

/** Hands a file to the browser's downloads. */
export function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  el('a', { href: address, download: name }).click();
  // The browser has taken what it needs once the click's task is over.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 0);
}
