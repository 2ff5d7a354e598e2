import type { Column, QueryWords } from '../data/answer.ts';
import { quoted } from '../data/words.ts';
import { count } from '../data/format.ts';
import { el } from '../dom/element.ts';

/** Columns offered at once; a file may have thousands. */
const OFFERED_MAX = 24;

/** What to do when a question does not fit the files: the reason, and their columns as the next step. */
export function explanation(
  message: string,
  columns: readonly Column[],
  wish: 'count' | 'provider',
  ask: (words: QueryWords) => void,
): HTMLElement {
  const fitting = columns.filter(
    (column) => column.usable && (wish === 'count' || /text|bytes/.test(column.type)),
  );
  const offered = fitting.slice(0, OFFERED_MAX).map((column) => {
    const name = quoted(column.name);
    const words = wish === 'count' ? name : `provider(${name})`;
    return el(
      'button',
      {
        class: 'chip',
        type: 'button',
        click: () => {
          ask({ group_by: words, measure: 'count' });
        },
      },
      column.name,
    );
  });
  const left = fitting.length - offered.length;
  const invitation =
    wish === 'count' ? 'Count by another column:' : 'Look for providers in another column:';
  return el(
    'div',
    { class: 'explanation' },
    problemLine(message),
    offered.length > 0 && el('p', {}, invitation),
    offered.length > 0 && el('div', { class: 'chips' }, ...offered),
    left > 0 && el('p', { class: 'hint' }, `… and ${count(left)} more, in the list below.`),
  );
}

/** A problem's sentence, with the names in it, which stand between backticks, set as code. */
export function problemLine(message: string): HTMLElement {
  const parts = message.split('`');
  return el(
    'p',
    { class: 'problem' },
    ...parts.map((part, index) => (index % 2 === 1 ? el('code', {}, part) : part)),
  );
}
