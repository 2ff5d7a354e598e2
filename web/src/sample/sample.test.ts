import { expect, it } from 'vitest';
import { sampleFiles } from './sample.ts';

it('is a Parquet file, the same one every time', async () => {
  const bytesOf = async () => {
    const [item] = sampleFiles().found;
    return new Uint8Array(
      (await (item?.file as File | undefined)?.arrayBuffer()) ?? new ArrayBuffer(),
    );
  };
  const bytes = await bytesOf();
  const mark = (start: number) => new TextDecoder().decode(bytes.slice(start).slice(0, 4));
  const footer = new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
  expect(mark(0)).toBe('PAR1');
  expect(mark(bytes.length - 4)).toBe('PAR1');
  expect(footer).toBeLessThan(500);
  const again = await bytesOf();
  expect(again.every((byte, at) => byte === bytes[at])).toBe(true);
});
