import { compact, count, percent } from '../data/format.ts';
import type { Matrix } from '../data/matrix.ts';
import { svg } from '../dom/element.ts';
import type { Drawing, Mark } from './chart.ts';
import { filtersOf, spoken } from './heat.ts';
import { fitted, textWidth } from './measure.ts';

const TEXT_PX = 12;
const HEAD_PX = 13;
const ROW_PX = 20;
const BAR_PX = 13;
const HEAD_ROW_PX = 30;
/** Air between two providers, one above the other and side by side. */
const GAP_Y_PX = 16;
const GAP_X_PX = 28;
/** A provider's bars need this much. */
const PANEL_PX_MIN = 250;
const PANELS_MAX = 3;

/**
 * A group of bars for each provider, the same events in the same order everywhere and all on one scale, so that
 * bars compare within a group and across. Each bar has its own name: nothing hangs on a legend.
 */
export function drawGroups(matrix: Matrix, width: number): Drawing {
  const { events, providers } = matrix;
  const across = Math.max(
    1,
    Math.min(PANELS_MAX, Math.floor(width / PANEL_PX_MIN), providers.length),
  );
  const panel = (width - (across - 1) * GAP_X_PX) / across;
  const names = events.map((event) => event ?? 'no event type');
  const nameWidth = Math.min(
    Math.max(...names.map((name) => textWidth(name, TEXT_PX)), 0),
    panel * 0.42,
  );
  const numbers = matrix.counts.flat().map((value) => textWidth(compact(value), TEXT_PX));
  const room = Math.max(30, panel - nameWidth - Math.max(...numbers, 0) - 20);
  const highest = matrix.counts.flat().reduce((most, value) => (value > most ? value : most), 1n);
  const height = HEAD_ROW_PX + events.length * ROW_PX + GAP_Y_PX;
  const content: SVGElement[] = [];
  const marks: Mark[] = [];
  providers.forEach((provider, column) => {
    const left = (column % across) * (panel + GAP_X_PX);
    const top = Math.floor(column / across) * height;
    const missing = provider === null;
    content.push(...heading(matrix, column, left, top, panel));
    names.forEach((name, row) => {
      const value = matrix.counts[row]?.[column] ?? 0n;
      const y = top + HEAD_ROW_PX + row * ROW_PX;
      const middle = y + ROW_PX / 2;
      const length = (Number(value) / Number(highest)) * room;
      const x = left + nameWidth + 8;
      content.push(
        svg(
          'text',
          {
            class: 'label',
            x: left + nameWidth,
            y: middle,
            dy: '0.35em',
            'text-anchor': 'end',
            'font-size': TEXT_PX,
          },
          fitted(name, TEXT_PX, nameWidth),
        ),
        svg('rect', {
          class: missing ? 'bar missing' : 'bar',
          x,
          y: middle - BAR_PX / 2,
          width: value > 0n ? Math.max(length, 1.5) : 0,
          height: BAR_PX,
          rx: 2,
        }),
        svg(
          'text',
          {
            class: value === 0n ? 'value none' : 'value',
            x: x + length + 6,
            y: middle,
            dy: '0.35em',
            'font-size': TEXT_PX,
          },
          compact(value),
        ),
      );
      marks.push({
        sentence: spoken(matrix, row, column, value, matrix.byProvider[column] ?? 0n),
        filters: filtersOf(matrix, row, column),
        x: left,
        y,
        width: panel,
        height: ROW_PX,
      });
    });
  });
  const lines = Math.ceil(providers.length / across);
  return { content, width, height: lines * height - GAP_Y_PX, marks, across: 1 };
}

/** A provider's name, with its rows and their share of all. */
function heading(
  matrix: Matrix,
  column: number,
  left: number,
  top: number,
  panel: number,
): SVGElement[] {
  const provider = matrix.providers[column];
  const rows = matrix.byProvider[column] ?? 0n;
  const share = percent(Number(rows), Number(matrix.total));
  const name = provider ?? 'no provider';
  return [
    svg('text', { class: 'group', x: left, y: top + 16, 'font-size': HEAD_PX }, name),
    svg(
      'text',
      { class: 'head', x: left + panel, y: top + 16, 'text-anchor': 'end', 'font-size': TEXT_PX },
      `${count(rows)} · ${share}`,
    ),
    svg('line', { class: 'axis', x1: left, x2: left + panel, y1: top + 22.5, y2: top + 22.5 }),
  ];
}
