import { countTotal, type Answer } from '../data/answer.ts';
import { moment, plural, shown } from '../data/format.ts';
import { named } from '../data/name.ts';
import { drawBars } from './bars.ts';
import type { Face } from './card.ts';
import { drawColumns } from './columns.ts';
import { barsOf } from './popular.ts';

const NO_VALUE = 'no value';
const BUCKETS = ['minute', 'hour', 'day', 'week', 'month'];
/** Columns of a chart over time: a month of hours. */
const COLUMNS_SHOWN_MAX = 750;

/** The answer to a question of the reader's own, which has this many measures. */
export function ownFace(measures: () => number): Face {
  return {
    title: 'Your question',
    fileName: 'answer',
    hint: 'Point at a bar for its number.',
    kinds: [['chart', 'Chart']],
    insight(answer) {
      const [first] = answer.rows;
      if (!first) return '';
      const keys = first
        .slice(0, -measures())
        .map((key) => (key === null ? NO_VALUE : named(shown(key))));
      const told = first
        .slice(-measures())
        .map((value, index) => `${answer.columns[keys.length + index] ?? ''} ${shown(value)}`)
        .join(', ');
      if (keys.length === 0) return `Over all rows: ${told}.`;
      if (isOverTime(answer)) {
        const last = answer.rows.findLast((row) => row[0] !== null) ?? first;
        return `${plural(answer.rowsTotal, answer.columns[0] ?? 'group')} from ${moment(shown(first[0]))} to ${moment(shown(last[0]))}.`;
      }
      return `${plural(answer.rowsTotal, 'group')}; “${keys.join(' · ')}” comes first: ${told}.`;
    },
    picture(answer) {
      const measure = answer.columns.length - 1;
      const numeric = answer.rows.every((row) => typeof row[measure] !== 'string');
      // A bar has one length; several measures, or one number alone, are better read in a table.
      if (!numeric || measures() !== 1 || measure === 0) return undefined;
      const whole = isCount(answer) ? answer.scanned.rows : 0;
      if (isOverTime(answer)) {
        const { bars, rest } = barsOf(answer, NO_VALUE, COLUMNS_SHOWN_MAX);
        const timed = bars
          .filter(({ missing }) => !missing)
          .map((bar) => ({ ...bar, label: moment(bar.label) }));
        const untimed = bars.find(({ missing }) => missing);
        return {
          summary: `Column chart over ${plural(timed.length, answer.columns[0] ?? 'time')}${rest}`,
          draw: (width) => drawColumns(() => timed, whole, width, untimed),
        };
      }
      const { bars, rest } = barsOf(answer, NO_VALUE);
      return {
        summary: `Bar chart of ${plural(answer.rowsTotal, 'group')}${rest}`,
        draw: (width) => drawBars(bars, whole, width),
      };
    },
    // Beside other measures, or after a limit, the sum of one column says nothing about all rows.
    total: (answer) =>
      isCount(answer) && measures() === 1 && answer.columns.length > 1
        ? countTotal(answer)
        : undefined,
    nullWord: () => NO_VALUE,
  };
}

/** One time bucket and a measure: that has an order of its own, and is drawn from left to right. */
function isOverTime(answer: Answer): boolean {
  return answer.columns.length === 2 && BUCKETS.includes(answer.columns[0] ?? '');
}

function isCount(answer: Answer): boolean {
  return answer.columns.at(-1) === 'count';
}
