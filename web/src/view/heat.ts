import { compact, count, percent } from '../data/format.ts';
import type { Filter } from '../data/asked.ts';
import { named, type Matrix } from '../data/matrix.ts';
import { named as naming } from '../data/name.ts';
import { svg } from '../dom/element.ts';
import type { Drawing, Mark } from './chart.ts';
import { fitted, textWidth } from './measure.ts';

/** What the cells show: counts, or each event's share of its provider. */
export type HeatMode = 'count' | 'share';

const TEXT_PX = 12.5;
const SMALL_PX = 11;
const ROW_PX = 30;
const GAP_PX = 2;
/** Narrower cells would not hold their numbers; the chart scrolls instead. */
const CELL_PX_MIN = 32;
const CELL_PX_MAX = 96;
/** Below this width an event's name stands above its cells. */
const NARROW_PX = 480;
const NAME_PX = 24;
/** Totals are bold, and so much wider. */
const BOLD = 1.15;

/** Where everything goes, for a width. */
interface Layout {
  narrow: boolean;
  size_px: number;
  left: number;
  right: number;
  cell: number;
  /** Names of providers do not fit above their cells and are slanted. */
  slanted: boolean;
  head: number;
  x(column: number): number;
  y(row: number): number;
}

/** Events down, providers across, totals at both ends; what has no provider has a quieter colour of its own. */
export function drawHeat(matrix: Matrix, mode: HeatMode, width: number): Drawing {
  const { events, providers } = matrix;
  const names = [...events.map((event) => event ?? 'no event type'), 'all events'];
  const heads = [...providers.map((provider) => provider ?? 'none'), 'all'];
  const layout = layoutOf(names, heads, width);
  const text = textOf(matrix, mode, layout);
  const highest = peak(matrix, mode);
  const content = heads.map((name, column) => head(name, column, layout, heads.length - 1));
  const marks: Mark[] = [];
  names.forEach((name, row) => {
    const isTotal = row === events.length;
    content.push(label(name, row, layout, isTotal));
    heads.forEach((_, column) => {
      const value = valueAt(matrix, row, column);
      const ofColumn = valueAt(matrix, events.length, column);
      const inside = !isTotal && column < providers.length;
      const missing = inside && providers[column] === null;
      const ratio = mode === 'count' ? Number(value) : part(value, ofColumn);
      const heat = inside ? strength(ratio, missing ? highest.missing : highest.found) : 0;
      const x = layout.x(column);
      const y = layout.y(row);
      const face = { text: text(value, ofColumn), heat, inside, missing, empty: value === 0n };
      content.push(...box(x, y, layout, face));
      const sentence = spoken(matrix, row, column, value, ofColumn);
      const filters = filtersOf(matrix, row, column);
      marks.push({ sentence, filters, x, y, width: layout.cell, height: ROW_PX });
    });
  });
  return {
    content,
    width: Math.max(width, layout.right),
    height: layout.y(names.length - 1) + ROW_PX,
    marks,
    across: heads.length,
  };
}

function layoutOf(names: string[], heads: string[], width: number): Layout {
  const narrow = width < NARROW_PX;
  const size_px = narrow ? SMALL_PX : TEXT_PX;
  const widest = (texts: string[]): number =>
    Math.max(...texts.map((text) => textWidth(text, size_px)), 0);
  // The last one, of the totals, is bold.
  const label = Math.max(widest(names), BOLD * widest(names.slice(-1)));
  const left = narrow ? 0 : Math.min(label, width * 0.26) + 8;
  const room = Math.floor((width - left) / heads.length) - GAP_PX;
  const cell = Math.min(Math.max(room, CELL_PX_MIN), CELL_PX_MAX);
  const longest = widest(heads);
  const slanted = longest > cell;
  const top = slanted ? Math.ceil(longest * 0.72) + 14 : 22;
  const row_px = ROW_PX + GAP_PX + (narrow ? NAME_PX : 0);
  return {
    narrow,
    size_px,
    left,
    right: left + heads.length * (cell + GAP_PX),
    cell,
    slanted,
    head: top,
    x: (column) => left + column * (cell + GAP_PX),
    y: (row) => top + row * row_px + (narrow ? NAME_PX : 0),
  };
}

/** All cells are written in the same way: in full where every number fits, else short. */
function textOf(
  matrix: Matrix,
  mode: HeatMode,
  { cell, size_px }: Layout,
): (value: bigint, of: bigint) => string {
  if (mode === 'share') {
    return (value, of) => {
      const exact = percent(Number(value), Number(of));
      return textWidth(exact, size_px) <= cell - 2 ? exact : roughPercent(part(value, of));
    };
  }
  const full = BOLD * textWidth(count(matrix.total), size_px) <= cell - 2;
  return full ? count : compact;
}

function head(name: string, column: number, layout: Layout, last: number): SVGElement {
  const center = layout.x(column) + layout.cell / 2;
  const place = layout.slanted
    ? { transform: `translate(${center + 4} ${layout.head - 8}) rotate(-45)` }
    : { x: center, y: layout.head - 9, 'text-anchor': 'middle' };
  const kind = column === last ? 'head total' : 'head';
  return svg('text', { class: kind, 'font-size': layout.size_px, ...place }, name);
}

function label(name: string, row: number, layout: Layout, isTotal: boolean): SVGElement {
  const kind = isTotal ? 'label total' : 'label';
  const { narrow, size_px, left } = layout;
  const room = narrow ? layout.right : left - 8;
  const place = narrow
    ? { x: 0, y: layout.y(row) - 6 }
    : { x: left - 8, y: layout.y(row) + ROW_PX / 2, dy: '0.35em', 'text-anchor': 'end' };
  const font = narrow ? TEXT_PX : size_px;
  return svg('text', { class: kind, 'font-size': font, ...place }, fitted(name, font, room));
}

interface Box {
  text: string;
  heat: number;
  inside: boolean;
  missing: boolean;
  empty: boolean;
}

function box(x: number, y: number, { cell: width, size_px }: Layout, face: Box): SVGElement[] {
  const { text, heat, inside, missing, empty } = face;
  const kinds = ['number', empty && 'empty', !inside && 'total'];
  // Two steps, because the colour that can be read on a cell turns at another strength in the dark.
  kinds.push(heat > 0.58 && 'strong', heat > 0.9 && 'strongest');
  const place = { x, y, width, height: ROW_PX, rx: 3 };
  const cell = missing ? 'cell missing' : 'cell';
  const ground = inside && svg('rect', { class: 'ground', ...place });
  const filled = inside && svg('rect', { class: cell, ...place, 'fill-opacity': heat.toFixed(3) });
  const number = svg(
    'text',
    {
      class: kinds.filter(Boolean).join(' '),
      x: x + width / 2,
      y: y + ROW_PX / 2,
      dy: '0.35em',
      'text-anchor': 'middle',
      'font-size': size_px,
    },
    text,
  );
  return [ground, filled, number].filter((part) => part !== false);
}

/** The value of a cell; one past the end of an axis is its total. */
function valueAt(matrix: Matrix, row: number, column: number): bigint {
  const lastRow = row === matrix.events.length;
  const lastColumn = column === matrix.providers.length;
  if (lastRow && lastColumn) return matrix.total;
  if (lastRow) return matrix.byProvider[column] ?? 0n;
  if (lastColumn) return matrix.byEvent[row] ?? 0n;
  return matrix.counts[row]?.[column] ?? 0n;
}

/** The strongest value among providers, and among rows without one: two scales, so that neither drowns the other. */
function peak(matrix: Matrix, mode: HeatMode): { found: number; missing: number } {
  const highest = { found: 0, missing: 0 };
  matrix.counts.forEach((line) => {
    line.forEach((value, column) => {
      const scale = matrix.providers[column] === null ? 'missing' : 'found';
      const ratio = mode === 'count' ? Number(value) : part(value, matrix.byProvider[column] ?? 0n);
      highest[scale] = Math.max(highest[scale], ratio);
    });
  });
  return highest;
}

/** What leaves only a cell's rows; for a total, only its row or column. The line of the rest has no filter. */
export function filtersOf(matrix: Matrix, row: number, column: number): Filter[] | undefined {
  const { events, providers } = matrix;
  if (row >= named(matrix) && row < events.length) return undefined;
  const filters: Filter[] = [];
  if (column < providers.length) {
    filters.push({ of: 'provider(Host)', value: providers[column] ?? null });
  }
  if (row < events.length) filters.push({ of: 'event_type', value: events[row] ?? null });
  return filters.length > 0 ? filters : undefined;
}

export function spoken(
  matrix: Matrix,
  row: number,
  column: number,
  value: bigint,
  ofColumn: bigint,
): string {
  const event =
    row === matrix.events.length ? 'All events' : naming(matrix.events[row] ?? 'No event type');
  const allProviders = column === matrix.providers.length;
  const provider = matrix.providers[column];
  const from = allProviders
    ? 'from anywhere'
    : provider === null || provider === undefined
      ? 'without a provider'
      : `from ${provider}`;
  const share = percent(Number(value), Number(ofColumn));
  const of = allProviders
    ? 'of all rows'
    : provider === null
      ? 'of those'
      : `of ${provider}’s rows`;
  return `${event} ${from}: ${count(value)}, ${share} ${of}`;
}

function part(value: bigint, of: bigint): number {
  return of === 0n ? 0 : Number(value) / Number(of);
}

/**
 * From 0.07, so that something is never mistaken for nothing, to 1. Between them it rises steeply first, as the eye
 * wants it: else one great value makes all others look alike.
 */
function strength(value: number, highest: number): number {
  return value <= 0 || highest <= 0 ? 0 : 0.07 + 0.93 * (value / highest) ** 0.65;
}

function roughPercent(ratio: number): string {
  return `${Math.round(ratio * 100)}%`;
}
