import type { RangeReader } from './reader.ts';

/** Whatever asks for ranges of a file and takes them. */
interface Hungry {
  /** Start, end, start, end, … */
  needs(): Float64Array;
  feed(start: number, bytes: Uint8Array): void;
}

/** Reads what is asked for, all ranges at once; `read` is called before the first of them is taken. */
export async function feed(
  hungry: Hungry,
  reader: RangeReader,
  read: () => void = () => undefined,
): Promise<void> {
  const needs = hungry.needs();
  const starts = needs.filter((_, at) => at % 2 === 0);
  const pieces = await Promise.all(
    [...starts].map((start, range) => reader.read(start, needs[2 * range + 1] ?? start)),
  );
  read();
  pieces.forEach((bytes, range) => {
    hungry.feed(starts[range] ?? 0, bytes);
    reader.release(bytes);
  });
}
