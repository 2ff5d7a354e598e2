import packed from 'virtual:sample';
import type { Collection } from './collect.ts';

/** A day of players as a Parquet file; it came with the page, so that trying it asks nobody for anything. */
export function sampleBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
}

/** The same as if it had been dropped. */
export function sampleFiles(): Collection {
  const file = new File([sampleBytes()], 'sample.parquet', { lastModified: 0 });
  return { found: [{ file, path: file.name, fromFolder: false }], unreadable: [], cut: false };
}
