import { expect, it } from 'vitest';
import { joined, Pieces } from './pieces.ts';

const zeros = (length: number) => new Uint8Array(length);

/** Start, end and whether it is known, of each part. */
function covered(pieces: Pieces, start: number, end: number): [number, number, boolean][] {
  return pieces.cover(start, end).map((part) => [part.start, part.end, part.bytes !== undefined]);
}

it('knows what is there and what is missing, however the ranges overlap', () => {
  const pieces = new Pieces(1000);
  pieces.keep(20, zeros(10));
  pieces.keep(40, zeros(10));
  expect(covered(pieces, 10, 60)).toEqual([
    [10, 20, false],
    [20, 30, true],
    [30, 40, false],
    [40, 50, true],
    [50, 60, false],
  ]);
  expect(covered(pieces, 22, 28)).toEqual([[22, 28, true]]);
  expect(covered(pieces, 7, 7)).toEqual([]);
});

it('gives the right bytes', () => {
  const pieces = new Pieces(1000);
  pieces.keep(5, Uint8Array.of(5, 6, 7, 8));
  pieces.keep(9, Uint8Array.of(9, 10));
  const parts = pieces.cover(6, 10).map((part) => part.bytes ?? zeros(0));
  expect([...joined(parts)]).toEqual([6, 7, 8, 9]);
});

it('forgets the oldest when there is too much to keep', () => {
  const pieces = new Pieces(25);
  for (const start of [0, 10, 20]) pieces.keep(start, zeros(10));
  expect(covered(pieces, 0, 30)).toEqual([
    [0, 10, false],
    [10, 20, true],
    [20, 30, true],
  ]);
});

it('keeps nothing that is larger than all that it may keep', () => {
  const pieces = new Pieces(5);
  pieces.keep(0, zeros(10));
  expect(covered(pieces, 0, 10)).toEqual([[0, 10, false]]);
});
