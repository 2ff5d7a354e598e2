/** A part of a file that is in memory. */
interface Piece {
  start: number;
  bytes: Uint8Array;
}

/** Parts of a file by their place, the latest kept, so that no byte is read twice within a short time. */
export class Pieces {
  readonly #bytes_max: number;
  #kept: Piece[] = [];
  #bytes = 0;

  constructor(bytes_max: number) {
    this.#bytes_max = bytes_max;
  }

  /** The bytes from `start` up to, not including, `end`; what is missing comes from `read`. */
  take(start: number, end: number, read: (start: number, end: number) => Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let at = start; at < end;) {
      const known = this.#kept.find(
        (piece) => piece.start <= at && at < piece.start + piece.bytes.length,
      );
      const part = known
        ? known.bytes.subarray(at - known.start, end - known.start)
        : this.#keep(at, read(at, Math.min(end, this.#next(at))));
      parts.push(part);
      at += part.length;
    }
    const [first = new Uint8Array()] = parts;
    return parts.length <= 1 ? first : joined(parts, end - start);
  }

  /** Where the next kept piece starts, so that a read ends there. */
  #next(at: number): number {
    const starts = this.#kept.map((piece) => piece.start).filter((start) => start > at);
    return Math.min(Infinity, ...starts);
  }

  #keep(start: number, bytes: Uint8Array): Uint8Array {
    if (bytes.length > this.#bytes_max) return bytes;
    this.#kept.push({ start, bytes });
    this.#bytes += bytes.length;
    while (this.#bytes > this.#bytes_max) this.#bytes -= this.#kept.shift()?.bytes.length ?? 0;
    return bytes;
  }
}

function joined(parts: Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
