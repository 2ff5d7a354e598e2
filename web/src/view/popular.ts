import { countTotal, magnitude, type Answer } from '../data/answer.ts';
import { count, percent, plural, shown } from '../data/format.ts';
import { named } from '../data/name.ts';
import { drawBars, type Bar } from './bars.ts';
import type { Face } from './card.ts';

/** Bars of a chart; what comes after them is in the table. */
export const BARS_MAX = 15;

/** What an event is called by. */
export const EVENT = 'event_type';

/** "Popular events": bars, the most frequent first. */
export const popularFace: Face = {
  title: 'Popular events',
  fileName: 'popular-events',
  hint: 'Click a bar to see only its rows everywhere else.',
  kinds: [['chart', 'Chart']],
  insight(answer) {
    const [first] = answer.rows;
    const total = totalOf(answer);
    if (!first) return '';
    if (answer.rowsTotal === 1 && first[0] === null) return 'No row has an event type.';
    const name = first[0] === null ? 'No event type at all' : named(String(first[0]));
    const share = percent(magnitude(first[1]), Number(total));
    const nameless = answer.rows.some((row) => row[0] === null) ? 1 : 0;
    const kinds = plural(answer.rowsTotal - nameless, 'kind');
    return `“${name}” leads with ${shown(first[1])} of ${plural(total, 'row')} (${share}); ${kinds} of event in all.`;
  },
  picture(answer) {
    const { bars, rest } = barsOf(answer, 'no event type');
    const filtered = bars.map((bar, index): Bar => {
      const value = answer.rows[index]?.[0] ?? null;
      return { ...bar, filters: [{ of: EVENT, value: value === null ? null : String(value) }] };
    });
    const total = Number(totalOf(answer));
    return {
      summary: `Bar chart of ${plural(answer.rowsTotal, 'event type')}, the most frequent first${rest}`,
      draw: (width) => drawBars(filtered, total, width),
    };
  },
  total: totalOf,
  nullWord: () => 'no event type',
};

/** The first rows as bars, and a word on those that are left. */
export function barsOf(
  answer: Answer,
  nullWord: string,
  bars_max = BARS_MAX,
): { bars: Bar[]; rest: string } {
  const measure = answer.columns.length - 1;
  const bars = answer.rows.slice(0, bars_max).map((row) => {
    const keys = row.slice(0, measure);
    return {
      label: keys.map((key) => (key === null ? nullWord : shown(key))).join(' · '),
      value: magnitude(row[measure]),
      text: shown(row[measure]),
      missing: keys.every((key) => key === null),
    };
  });
  const left = answer.rowsTotal - bars.length;
  return { bars, rest: left > 0 ? `, ${count(left)} more in the table` : '' };
}

/** Every row read is an event, so the rows read are the total even where the page holds only the first groups. */
function totalOf(answer: Answer): bigint {
  return countTotal(answer) ?? BigInt(answer.scanned.rows);
}
