import { expect, it, vi } from 'vitest';

const asked: [number, number][] = [];
vi.mock('./source.ts', () => ({
  bytesOf: (_: unknown, start: number, end: number) => {
    asked.push([start, end]);
    return Promise.resolve(Uint8Array.from({ length: end - start }, (_, at) => (start + at) % 251));
  },
}));

const { RangeReader } = await import('./reader.ts');

const MIB = 1024 * 1024;
const file = { size: 3 * MIB } as File;

/** Whether these are the file's bytes from `start` up to `end`. */
function isOf(bytes: Uint8Array, start: number, end: number): boolean {
  return bytes.length === end - start && bytes.every((byte, at) => byte === (start + at) % 251);
}

it('reads once where small pieces follow each other, and gives each a buffer of its own', async () => {
  asked.length = 0;
  const reader = new RangeReader(file);
  reader.readsAhead = true;
  reader.keeps = false;
  for (let at = 0; at < MIB; at += 100_000) {
    const bytes = await reader.read(at, at + 4096);
    expect(isOf(bytes, at, at + 4096)).toBe(true);
    // Whoever takes it may do with it what he likes.
    bytes.fill(0);
    reader.release(bytes);
  }
  expect(asked).toEqual([[0, MIB]]);
  expect(isOf(await reader.read(4096, 8192), 4096, 8192)).toBe(true);
  // Half of it is there; at the file's end there is no more to read ahead.
  expect(isOf(await reader.read(MIB - 100, MIB + 100), MIB - 100, MIB + 100)).toBe(true);
  expect(isOf(await reader.read(3 * MIB - 10, 3 * MIB), 3 * MIB - 10, 3 * MIB)).toBe(true);
  expect(asked.slice(1)).toEqual([
    [MIB, 2 * MIB],
    [3 * MIB - 10, 3 * MIB],
  ]);
});

it('reads no more than a large piece', async () => {
  asked.length = 0;
  const reader = new RangeReader(file);
  reader.readsAhead = true;
  expect(isOf(await reader.read(5, MIB), 5, MIB)).toBe(true);
  expect(asked).toEqual([[5, MIB]]);
});
