import { el, svg } from '../dom/element.ts';

/** What the page will show, drawn in miniature: the empty state teaches. */
export function lesson(): HTMLElement {
  return el(
    'section',
    { class: 'lesson', 'aria-label': 'What you will see' },
    part(
      bars(),
      'Popular events',
      'Which events happen most: every event_type, the most frequent first.',
    ),
    part(
      heat(),
      'Providers × events',
      'Which internet provider each Host belongs to, and what is popular there. Rows without one are counted too.',
    ),
    part(
      question(),
      'Any other question',
      'Any flat Parquet file will do: group by a column, a day or an hour, and measure what you like.',
    ),
  );
}

function part(picture: SVGElement, title: string, text: string): HTMLElement {
  return el('div', { class: 'lesson-part' }, picture, el('h2', {}, title), el('p', {}, text));
}

function picture(...marks: SVGElement[]): SVGElement {
  return svg(
    'svg',
    {
      class: 'lesson-picture',
      viewBox: '0 0 120 56',
      width: 120,
      height: 56,
      'aria-hidden': 'true',
    },
    ...marks,
  );
}

function bars(): SVGElement {
  const widths = [112, 78, 51, 30];
  return picture(
    ...widths.map((width, row) => svg('rect', { x: 0, y: row * 15, width, height: 10, rx: 2 })),
  );
}

function heat(): SVGElement {
  const strengths = [0.9, 0.45, 0.25, 0.6, 0.3, 0.12, 0.35, 0.2, 0.08];
  return picture(
    ...strengths.map((strength, cell) =>
      svg('rect', {
        x: (cell % 3) * 32,
        y: Math.floor(cell / 3) * 19,
        width: 29,
        height: 16,
        rx: 2,
        'fill-opacity': strength,
      }),
    ),
    ...[0, 1, 2].map((row) =>
      svg('rect', {
        class: 'none',
        x: 96,
        y: row * 19,
        width: 24,
        height: 16,
        rx: 2,
        'fill-opacity': 0.5 - row * 0.15,
      }),
    ),
  );
}

function question(): SVGElement {
  const heights = [14, 22, 18, 34, 46, 38, 50, 41, 27, 31];
  return picture(
    ...heights.map((height, column) =>
      svg('rect', { x: column * 12, y: 54 - height, width: 9, height, rx: 2 }),
    ),
  );
}
