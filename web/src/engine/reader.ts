import { borrower } from './lend.ts';
import { joined, Pieces, type Part } from './pieces.ts';

/** Bytes kept of one file, so that two questions about the same column read it once. */
const KEPT_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Reads ranges of a `File`, and no byte twice within a short time.
 *
 * Reading is asynchronous on purpose: a read costs the browser some ms of waiting, whatever its size, and only
 * asynchronous reads can wait at the same time. Measured on 500 small files: 64 at once take an eighth of `FileReaderSync`.
 */
export class RangeReader {
  readonly #file: File;
  readonly #pieces = new Pieces(KEPT_BYTES_MAX);

  /** Bytes fetched from the file so far. */
  bytesRead = 0;

  constructor(file: File) {
    this.#file = file;
  }

  /** The bytes from `start` up to, not including, `end`. */
  async read(start: number, end: number): Promise<Uint8Array> {
    const parts = this.#pieces.cover(start, end);
    return joined(await Promise.all(parts.map((part) => this.#bytes(part))));
  }

  async #bytes({ start, end, bytes: known }: Part): Promise<Uint8Array> {
    if (known) return known;
    const whole = start === 0 && end === this.#file.size;
    const blob = whole ? this.#file : this.#file.slice(start, end);
    const bytes = new Uint8Array(await borrower.read(blob));
    // A file that shrank while it was read gives fewer bytes than its size promised.
    if (bytes.length !== end - start) throw new FileChanged();
    this.bytesRead += bytes.length;
    this.#pieces.keep(start, bytes);
    return bytes;
  }
}

/** The file is not any more what it was when it was dropped. */
export class FileChanged extends Error {}
