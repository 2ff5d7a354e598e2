import { expect, it } from 'vitest';
import { Pieces } from './pieces.ts';

/** A file whose every byte is its own place, and a note of what was read of it. */
function file(): { reads: [number, number][]; read: (start: number, end: number) => Uint8Array } {
  const reads: [number, number][] = [];
  const read = (start: number, end: number): Uint8Array => {
    reads.push([start, end]);
    return Uint8Array.from({ length: end - start }, (_, index) => start + index);
  };
  return { reads, read };
}

it('reads no byte twice, however the ranges overlap', () => {
  const { reads, read } = file();
  const pieces = new Pieces(1000);
  pieces.take(20, 30, read);
  pieces.take(40, 50, read);
  expect([...pieces.take(10, 60, read)]).toEqual(Array.from({ length: 50 }, (_, at) => at + 10));
  expect(pieces.take(25, 45, read)).toHaveLength(20);
  expect(reads).toEqual([
    [20, 30],
    [40, 50],
    [10, 20],
    [30, 40],
    [50, 60],
  ]);
});

it('forgets the oldest when there is too much to keep', () => {
  const { reads, read } = file();
  const pieces = new Pieces(25);
  pieces.take(0, 10, read);
  pieces.take(10, 20, read);
  pieces.take(20, 30, read);
  pieces.take(10, 20, read);
  pieces.take(0, 10, read);
  expect(reads.slice(3)).toEqual([[0, 10]]);
});

it('keeps nothing that is larger than all that it may keep', () => {
  const { reads, read } = file();
  const pieces = new Pieces(5);
  expect(pieces.take(0, 10, read)).toHaveLength(10);
  pieces.take(0, 10, read);
  expect(reads).toHaveLength(2);
});

it('gives nothing for an empty range', () => {
  const { reads, read } = file();
  expect(new Pieces(5).take(7, 7, read)).toHaveLength(0);
  expect(reads).toEqual([]);
});
