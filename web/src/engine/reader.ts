import { Pieces } from './pieces.ts';

/** Bytes kept of one file, so that two questions about the same column read it once. */
const KEPT_BYTES_MAX = 24 * 1024 * 1024;

/** Reads ranges of a `File` synchronously, as only a worker may, and no byte twice within a short time. */
export class RangeReader {
  readonly #file: File;
  readonly #reader = new FileReaderSync();
  readonly #pieces = new Pieces(KEPT_BYTES_MAX);

  /** Bytes fetched from the file so far. */
  bytesRead = 0;

  constructor(file: File) {
    this.#file = file;
  }

  /** The bytes from `start` up to, not including, `end`. */
  read(start: number, end: number): Uint8Array {
    return this.#pieces.take(start, end, (from, to) => this.#fetch(from, to));
  }

  #fetch(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(this.#reader.readAsArrayBuffer(this.#file.slice(start, end)));
    // A file that shrank while it was read gives fewer bytes than its size promised.
    if (bytes.length !== end - start) throw new FileChanged();
    this.bytesRead += bytes.length;
    return bytes;
  }
}

/** The file is not any more what it was when it was dropped. */
export class FileChanged extends Error {}
