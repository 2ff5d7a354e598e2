import { compact, count, percent } from '../data/format.ts';
import type { Filter } from '../data/asked.ts';
import { named } from '../data/name.ts';
import { svg } from '../dom/element.ts';
import type { Drawing, Mark } from './chart.ts';
import { fitted, textWidth } from './measure.ts';

/** One bar: what it is called and how long it is. */
export interface Bar {
  label: string;
  value: number;
  /** The value as text, exact. */
  text: string;
  /** What it is called where there is room for more than a label. */
  spoken?: string;
  /** Its label comes before those of others where there is no room for all. */
  major?: boolean;
  /** A group of what has no value: drawn quieter. */
  missing: boolean;
  /** The filters that leave only this group. */
  filters?: Filter[];
}

const TEXT_PX = 13;
const ROW_PX = 30;
const BAR_PX = 18;
const GAP_PX = 10;
const EDGE_PX = 6;
/** Below this width the label stands above its bar. */
const NARROW_PX = 460;

/** Horizontal bars, each with its label and its number beside it. `whole` is what a share is of; 0 for no shares. */
export function drawBars(bars: Bar[], whole: number, width: number): Drawing {
  const narrow = width < NARROW_PX;
  const valueOf = (bar: Bar): string =>
    narrow && bar.text.length > 9 ? compact(bar.value) : bar.text;
  const shareOf = (bar: Bar): string => (whole > 0 ? percent(bar.value, whole) : '');
  const valueWidth = widest(bars.map((bar) => `${valueOf(bar)}  ${shareOf(bar)}`)) + GAP_PX;
  const labelMax = narrow ? width : Math.min(widest(bars.map((bar) => bar.label)), width * 0.4);
  const left = narrow ? 0 : labelMax + GAP_PX;
  const longest = Math.max(40, width - left - valueWidth);
  const highest = Math.max(...bars.map((bar) => bar.value), 0);
  const row_px = narrow ? ROW_PX + 16 : ROW_PX;
  const content: SVGElement[] = [];
  const marks: Mark[] = [];
  bars.forEach((bar, index) => {
    const top = index * row_px;
    const barTop = narrow ? top + 21 : top + (ROW_PX - BAR_PX) / 2;
    const middle = barTop + BAR_PX / 2;
    const length = highest > 0 ? (Math.max(bar.value, 0) / highest) * longest : 0;
    const kind = bar.missing ? ' missing' : '';
    content.push(
      narrow
        ? svg(
            'text',
            { class: `label${kind}`, x: 0, y: top + 14 },
            fitted(bar.label, TEXT_PX, width),
          )
        : svg(
            'text',
            { class: `label${kind}`, x: labelMax, y: middle, 'text-anchor': 'end', dy: '0.35em' },
            fitted(bar.label, TEXT_PX, labelMax),
          ),
      svg('rect', {
        class: `bar${kind}`,
        x: left,
        y: barTop,
        width: bar.value > 0 ? Math.max(length, 2) : 0,
        height: BAR_PX,
        rx: 3,
      }),
      svg(
        'text',
        { class: 'value', x: left + length + GAP_PX, y: middle, dy: '0.35em' },
        valueOf(bar),
        svg('tspan', { class: 'share', dx: 8 }, shareOf(bar)),
      ),
    );
    const share = whole > 0 ? `, ${shareOf(bar)} of ${count(whole)}` : '';
    marks.push({
      sentence: `${named(bar.label)}: ${bar.text}${share}`,
      filters: bar.filters,
      // Wider than what is drawn, so that an outline does not touch the text.
      x: -EDGE_PX,
      y: top,
      width: width + 2 * EDGE_PX,
      height: row_px,
    });
  });
  return { content, width, height: bars.length * row_px, marks, across: 1 };
}

function widest(texts: string[]): number {
  return Math.ceil(Math.max(0, ...texts.map((text) => textWidth(text, TEXT_PX))));
}
