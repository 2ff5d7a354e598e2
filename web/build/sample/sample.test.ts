import { expect, it } from 'vitest';
import { hybrid } from './hybrid.ts';
import { sampleFile } from './sample.ts';

it('is a Parquet file, the same one every time', () => {
  const bytes = sampleFile();
  const mark = (start: number): string => new TextDecoder().decode(bytes.slice(start).slice(0, 4));
  const footer = new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
  expect(mark(0)).toBe('PAR1');
  expect(mark(bytes.length - 4)).toBe('PAR1');
  expect(footer).toBeLessThan(500);
  expect(sampleFile()).toEqual(bytes);
});

it('writes eight of the same as a run, and others packed', () => {
  // A run of 9 fives: its length twice, then the value.
  expect([...hybrid(Array<number>(9).fill(5), 3)]).toEqual([18, 5]);
  // The example of the format's own description: 0 to 7 in three bits each.
  expect([...hybrid([0, 1, 2, 3, 4, 5, 6, 7], 3)]).toEqual([3, 0x88, 0xc6, 0xfa]);
});
