import { joined, Pieces, type Part } from './pieces.ts';
import { bytesOf, type Source } from './source.ts';
import { giveBack } from './stream.ts';

/** Bytes kept of one file, so that two questions about the same column read it once. */
const KEPT_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Reads ranges of a file, and no byte twice within a short time.
 *
 * Reading is asynchronous on purpose: a read costs the browser some ms of waiting, whatever its size, and only
 * asynchronous reads can wait at the same time. Measured on 500 small files: 64 at once take an eighth of `FileReaderSync`.
 */
export class RangeReader {
  readonly #source: Source;
  readonly #pieces = new Pieces(KEPT_BYTES_MAX);

  /** Bytes fetched from the file so far. */
  bytesRead = 0;
  /** Whether what is read may be asked for again. */
  keeps = true;

  /** `whole` is all of the file, where it was read with others. */
  constructor(source: Source, whole?: Uint8Array) {
    this.#source = source;
    if (!whole) return;
    this.bytesRead = whole.length;
    this.#pieces.keep(0, whole);
  }

  /** The bytes from `start` up to, not including, `end`. */
  async read(start: number, end: number): Promise<Uint8Array> {
    const parts = this.#pieces.cover(start, end);
    return joined(await Promise.all(parts.map((part) => this.#bytes(part))));
  }

  /** Takes back what was read and is done with. */
  release(bytes: Uint8Array): void {
    if (!this.keeps && !this.#pieces.has(bytes)) giveBack(bytes.buffer as ArrayBuffer);
  }

  async #bytes({ start, end, bytes: known }: Part): Promise<Uint8Array> {
    if (known) return known;
    const bytes = await bytesOf(this.#source, start, end);
    this.bytesRead += bytes.length;
    if (this.keeps) this.#pieces.keep(start, bytes);
    return bytes;
  }
}
