import { describe, expect, it } from 'vitest';
import type { Answer, Cell } from './answer.ts';
import { folded, matrixOf, named } from './matrix.ts';

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
    expect(few.others).toBe(2);
    expect(named(few)).toBe(1);
    expect(few.events).toEqual(['knife', '2 others']);
    expect(few.byEvent).toEqual([59n, 10n]);
    expect(few.counts[1]).toEqual([1n, 9n, 0n]);
  });

  it('names the most frequent of very many, and still knows how many the others are', () => {
    const rows = Array.from({ length: 1000 }, (_, n): Cell[] => ['cox', `event ${n}`, 1n]);
    const many = matrixOf(answer(rows));
    expect(named(many) + many.others).toBe(1000);
    expect(many.byEvent.reduce((a, b) => a + b, 0n)).toBe(1000n);
    const few = folded(many, 10);
    expect([named(few), few.others]).toEqual([9, 991]);
    expect(few.counts.at(-1)).toEqual([991n, 0n]);
  });
});
