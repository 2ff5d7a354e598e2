/** A part of a file: in memory, or still to be read. */
export interface Part {
  start: number;
  end: number;
  bytes?: Uint8Array;
}

/** Parts of a file that are in memory, the latest ones, so that no byte is read twice within a short time. */
export class Pieces {
  readonly #bytes_max: number;
  #kept: Required<Part>[] = [];
  #bytes = 0;

  constructor(bytes_max: number) {
    this.#bytes_max = bytes_max;
  }

  /** What the range from `start` up to, not including, `end` is made of, in order and without gaps. */
  cover(start: number, end: number): Part[] {
    const parts: Part[] = [];
    for (let at = start; at < end;) {
      const known = this.#kept.find((piece) => piece.start <= at && at < piece.end);
      const until = Math.min(end, known?.end ?? this.#nextStart(at));
      parts.push(
        known
          ? {
              start: at,
              end: until,
              bytes: known.bytes.subarray(at - known.start, until - known.start),
            }
          : { start: at, end: until },
      );
      at = until;
    }
    return parts;
  }

  /** Keeps a part, and drops the oldest ones when that is too much. */
  keep(start: number, bytes: Uint8Array): void {
    if (bytes.length > this.#bytes_max) return;
    this.#kept.push({ start, end: start + bytes.length, bytes });
    this.#bytes += bytes.length;
    while (this.#bytes > this.#bytes_max) this.#bytes -= this.#kept.shift()?.bytes.length ?? 0;
  }

  /** Whether these bytes lie in a piece that is kept. */
  has({ buffer }: Uint8Array): boolean {
    return this.#kept.some(({ bytes }) => bytes.buffer === buffer);
  }

  #nextStart(at: number): number {
    const starts = this.#kept.map((piece) => piece.start).filter((start) => start > at);
    return Math.min(Infinity, ...starts);
  }
}

/** One array out of neighbours; a single one is given as it is. */
export function joined(parts: Uint8Array[]): Uint8Array {
  const [first = new Uint8Array()] = parts;
  if (parts.length <= 1) return first;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
