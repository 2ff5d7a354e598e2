import { expect, it } from 'vitest';
import { giveBack, streamed, STREAMED_BYTES_MIN } from './stream.ts';

it('reads a blob into a buffer that was given back', async () => {
  const bytes = Uint8Array.from({ length: STREAMED_BYTES_MIN }, (_, at) => at % 251);
  const isSame = (read: Uint8Array | undefined, wanted: Uint8Array): boolean =>
    read?.length === wanted.length && read.every((byte, at) => byte === wanted[at]);
  const first = await streamed(new Blob([bytes]));
  expect(isSame(first, bytes)).toBe(true);
  giveBack(first?.buffer as ArrayBuffer);
  // A shorter one fits in, and nothing of what was there before is seen.
  const second = await streamed(new Blob([bytes.slice(5, 2005)]));
  expect(isSame(second, bytes.slice(5, 2005))).toBe(true);
  expect(second?.buffer.byteLength).toBe(STREAMED_BYTES_MIN);
});
