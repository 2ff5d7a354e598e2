import { countTotal, type Answer } from '../data/answer.ts';
import { percent, plural } from '../data/format.ts';
import { named } from '../data/name.ts';
import { folded, matrixOf, type Matrix } from '../data/matrix.ts';
import type { Face } from './card.ts';
import type { Picture } from './chart.ts';
import { drawGroups } from './groups.ts';
import { drawHeat, type HeatMode } from './heat.ts';

/** Events of the heat map; the others are one line. */
const EVENTS_MAX = 15;
/** Events of each group of bars. */
const GROUP_MAX = 8;

/** "Providers x events": a heat map whose totals equal the rows read. */
export class ProvidersFace implements Face {
  readonly title = 'Providers × events';
  readonly fileName = 'providers';
  readonly hint = 'Click a cell to see only its rows everywhere else.';
  readonly kinds = [
    ['heat', 'Heat map'],
    ['bars', 'Bars'],
  ] as const;
  mode: HeatMode = 'count';

  insight(answer: Answer): string {
    const matrix = matrixOf(answer);
    const none = matrix.byProvider[matrix.providers.indexOf(null)] ?? 0n;
    const without = `${percent(Number(none), Number(matrix.total))} of rows have none`;
    const [first] = matrix.providers;
    if (first === null || first === undefined) return 'No row’s Host names one of these providers.';
    const rows = matrix.byProvider[0] ?? 0n;
    const favourite = favouriteOf(matrix, 0);
    return `Most come from ${named(first)}: ${plural(rows, 'row')}, mostly “${favourite}”; ${without}.`;
  }

  picture(answer: Answer, kind: string): Picture {
    const all = matrixOf(answer);
    if (kind === 'bars') {
      const matrix = folded(all, GROUP_MAX);
      return {
        summary: `Bars of ${plural(matrix.events.length, 'event')} for each of ${matrix.providers.length} providers; the table has the same numbers`,
        draw: (width) => drawGroups(matrix, width),
      };
    }
    const matrix = folded(all, EVENTS_MAX);
    return {
      summary: `Heat map of ${plural(matrix.events.length, 'event')} by ${matrix.providers.length} providers; the table has the same numbers`,
      draw: (width) => drawHeat(matrix, this.mode, width),
    };
  }

  total(answer: Answer): bigint {
    return countTotal(answer) ?? BigInt(answer.scanned.rows);
  }

  nullWord(_: Answer | undefined, column: number): string {
    return column === 0 ? 'no provider' : 'no event type';
  }
}

function favouriteOf(matrix: Matrix, provider: number): string {
  let best = 0;
  matrix.counts.forEach((line, event) => {
    if ((line[provider] ?? 0n) > (matrix.counts[best]?.[provider] ?? 0n)) best = event;
  });
  return named(matrix.events[best] ?? 'no event type');
}
