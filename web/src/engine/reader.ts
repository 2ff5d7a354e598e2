/** Bytes kept of one file, so that two questions about the same column read it once. */
const KEPT_BYTES_MAX = 24 * 1024 * 1024;

interface Piece {
  start: number;
  bytes: Uint8Array;
}

/** Reads ranges of a `File` synchronously, as only a worker may, and remembers the latest. */
export class RangeReader {
  readonly #file: File;
  readonly #reader = new FileReaderSync();
  #kept: Piece[] = [];
  #keptBytes = 0;

  /** Bytes fetched from the file so far. */
  bytesRead = 0;

  constructor(file: File) {
    this.#file = file;
  }

  /** The bytes from `start` up to, not including, `end`. */
  read(start: number, end: number): Uint8Array {
    const known = this.#kept.find(
      (piece) => piece.start <= start && end <= piece.start + piece.bytes.length,
    );
    if (known) return known.bytes.subarray(start - known.start, end - known.start);
    const bytes = new Uint8Array(this.#reader.readAsArrayBuffer(this.#file.slice(start, end)));
    // A file that shrank while it was read gives fewer bytes than its size promised.
    if (bytes.length !== end - start) throw new FileChanged();
    this.bytesRead += bytes.length;
    this.#keep({ start, bytes });
    return bytes;
  }

  #keep(piece: Piece): void {
    if (piece.bytes.length > KEPT_BYTES_MAX) return;
    this.#kept.push(piece);
    this.#keptBytes += piece.bytes.length;
    while (this.#keptBytes > KEPT_BYTES_MAX) {
      this.#keptBytes -= this.#kept.shift()?.bytes.length ?? 0;
    }
  }
}

/** The file is not any more what it was when it was dropped. */
export class FileChanged extends Error {}
