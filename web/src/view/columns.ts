import { compact, count, percent } from '../data/format.ts';
import { svg } from '../dom/element.ts';
import type { Bar } from './bars.ts';
import type { Drawing, Mark } from './chart.ts';
import { textWidth } from './measure.ts';

const TEXT_PX = 12;
const HEIGHT_PX = 200;
const AXIS_PX = 24;
/** Room above the highest column for its number. */
const TOP_PX = 20;
const COLUMN_PX_MAX = 80;
/** The box of what has no place on the scale: its height, the air in it and before it. */
const ASIDE_PX = 30;
const ASIDE_PAD_PX = 10;
const ASIDE_GAP_PX = 20;

/**
 * Columns side by side in the order given, for what happens over time: those that `barsFor` has for a width. `whole` is what
 * a share is of; 0 for no shares. What has no place among them is a number beside them, and not on their scale.
 */
export function drawColumns(
  barsFor: (room: number) => Bar[],
  whole: number,
  width: number,
  aside?: Bar,
): Drawing {
  const room_px = aside ? width - asideWidth(aside) - ASIDE_GAP_PX : width;
  const drawing = drawScale(barsFor(room_px), whole, room_px);
  if (!aside) return drawing;
  const { content, mark } = besides(aside, whole, room_px + ASIDE_GAP_PX, asideWidth(aside));
  return {
    ...drawing,
    width,
    content: [...drawing.content, ...content],
    marks: [...drawing.marks, mark],
  };
}

function asideWidth(bar: Bar): number {
  const widest = Math.max(...[bar.label, bar.text].map((text) => textWidth(text, TEXT_PX)));
  return Math.ceil(widest) + 2 * ASIDE_PAD_PX;
}

/** A number in a quiet box, with its name where the others have theirs. */
function besides(
  bar: Bar,
  whole: number,
  x: number,
  width: number,
): { content: SVGElement[]; mark: Mark } {
  const floor = HEIGHT_PX - AXIS_PX;
  const y = floor - ASIDE_PX;
  const middle = { x: x + width / 2, 'text-anchor': 'middle', 'font-size': TEXT_PX };
  return {
    content: [
      svg('rect', { class: 'ground', x, y, width, height: ASIDE_PX, rx: 3 }),
      svg('text', { class: 'value', ...middle, y: y + ASIDE_PX / 2, dy: '0.35em' }, bar.text),
      svg('text', { class: 'head', ...middle, y: HEIGHT_PX - 7 }, bar.label),
    ],
    mark: { sentence: sentenceOf(bar, whole), filters: bar.filters, x, y, width, height: ASIDE_PX },
  };
}

function sentenceOf(bar: Bar, whole: number): string {
  const share = whole > 0 ? `, ${percent(bar.value, whole)} of ${count(whole)}` : '';
  return `${bar.spoken ?? bar.label}: ${bar.text}${share}`;
}

function drawScale(bars: Bar[], whole: number, width: number): Drawing {
  const highest = Math.max(...bars.map((bar) => bar.value), 0);
  const step = Math.min(width / Math.max(bars.length, 1), COLUMN_PX_MAX);
  // Thin columns stand close, wide ones have air between them.
  const gap = step > 6 ? Math.min(step * 0.2, 4) : 0;
  const room = HEIGHT_PX - AXIS_PX - TOP_PX;
  const floor = HEIGHT_PX - AXIS_PX;
  const content: SVGElement[] = [];
  const marks: Mark[] = [];
  const peak = bars.findIndex((bar) => bar.value === highest);
  bars.forEach((bar, index) => {
    const x = index * step;
    const height = highest > 0 ? Math.max((Math.max(bar.value, 0) / highest) * room, 1) : 0;
    const kind = bar.missing ? 'bar missing' : 'bar';
    const size = { x, y: floor - height, width: Math.max(step - gap, 0.5), height };
    content.push(svg('rect', { class: kind, ...size, rx: step > 6 ? 2 : 0 }));
    marks.push({
      sentence: sentenceOf(bar, whole),
      filters: bar.filters,
      x,
      y: 0,
      width: step,
      height: floor,
    });
  });
  content.push(...labels(bars, step, width), ...peakLabel(bars[peak], peak, step, width));
  content.push(svg('line', { class: 'axis', x1: 0, x2: bars.length * step, y1: floor, y2: floor }));
  return { content, width, height: HEIGHT_PX, marks, across: 1 };
}

/** As many names below the columns as find room, the first one always. */
function labels(bars: Bar[], step: number, width: number): SVGElement[] {
  const drawn: SVGElement[] = [];
  const isMarked = bars.filter(({ major }) => major).length > 2;
  let free = 0;
  bars.forEach((bar, index) => {
    if (isMarked && index > 0 && !bar.major) return;
    const x = index * step;
    const text_px = textWidth(bar.label, TEXT_PX);
    if (x < free || x + text_px > width) return;
    drawn.push(
      svg('text', { class: 'head', x, y: HEIGHT_PX - 7, 'font-size': TEXT_PX }, bar.label),
    );
    free = x + text_px + 16;
  });
  return drawn;
}

/** The highest column's number: it is what the height of all others is read by. */
function peakLabel(bar: Bar | undefined, index: number, step: number, width: number): SVGElement[] {
  if (!bar) return [];
  const text = compact(bar.value);
  const x = Math.min(index * step, width - textWidth(text, TEXT_PX) - 2);
  return [svg('text', { class: 'value', x, y: TOP_PX - 6, 'font-size': TEXT_PX }, text)];
}
