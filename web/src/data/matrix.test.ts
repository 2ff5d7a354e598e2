import { describe, expect, it } from 'vitest';
import type { Answer, Cell } from './answer.ts';
import { folded, matrixOf } from './matrix.ts';

function answer(rows: Cell[][]): Answer {
  const scanned = { files: 1, rowGroups: 1, rows: 0, bytesRead: 0, bytesTotal: 0 };
  return { columns: ['provider', 'event_type', 'count'], rows, rowsTotal: rows.length, scanned };
}

describe('providers x events', () => {
  const matrix = matrixOf(
    answer([
      [null, 'knife', 50n],
      ['cox', 'sword', 7n],
      ['att', 'knife', 9n],
      ['att', 'sword', 1n],
      ['cox', null, 2n],
    ]),
  );

  it('runs from the most frequent to the least, what is missing last', () => {
    expect(matrix.providers).toEqual(['att', 'cox', null]);
    expect(matrix.events).toEqual(['knife', 'sword', null]);
  });

  it('has totals that equal the rows read', () => {
    const sum = (values: bigint[]) => values.reduce((a, b) => a + b, 0n);
    expect(matrix.total).toBe(69n);
    expect(sum(matrix.byEvent)).toBe(69n);
    expect(sum(matrix.byProvider)).toBe(69n);
    expect(sum(matrix.counts.flat())).toBe(69n);
  });

  it('always shows what has no provider, even when there is none', () => {
    expect(matrixOf(answer([['cox', 'knife', 1n]])).providers).toEqual(['cox', null]);
  });

  it('adds up the events that find no room, and loses none', () => {
    const few = folded(matrix, 2);
    expect(few.rest).toBe(2);
    expect(few.matrix.events).toEqual(['knife', '2 others']);
    expect(few.matrix.byEvent).toEqual([59n, 10n]);
    expect(few.matrix.counts[1]).toEqual([1n, 9n, 0n]);
  });
});
