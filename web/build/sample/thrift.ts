/** Writes the compact protocol of Thrift, as much of it as a Parquet footer needs. */
export class ThriftWriter {
  readonly #bytes: number[] = [];
  #lastField = 0;
  readonly #outer: number[] = [];

  /** A whole number of 32 or 64 bits. */
  int(field: number, value: number, bits: 32 | 64 = 32): this {
    this.#begin(field, bits === 32 ? 5 : 6);
    this.#varint(value * 2);
    return this;
  }

  text(field: number, value: string): this {
    this.#begin(field, 8);
    return this.rawText(value);
  }

  bytes(field: number, value: Uint8Array): this {
    this.#begin(field, 8);
    this.#varint(value.length);
    this.#bytes.push(...value);
    return this;
  }

  /** A list of structs, written one after the other by `each`. */
  structs<T>(field: number, items: T[], each: (item: T) => void): this {
    this.#listHead(field, items.length, 12);
    for (const item of items) {
      this.#inside(() => {
        each(item);
      });
    }
    return this;
  }

  ints(field: number, values: number[]): this {
    this.#listHead(field, values.length, 5);
    for (const value of values) this.#varint(value * 2);
    return this;
  }

  texts(field: number, values: string[]): this {
    this.#listHead(field, values.length, 8);
    for (const value of values) this.rawText(value);
    return this;
  }

  struct(field: number, inside: () => void): this {
    this.#begin(field, 12);
    this.#inside(inside);
    return this;
  }

  /** Text without a field, an element of a list. */
  rawText(value: string): this {
    const encoded = new TextEncoder().encode(value);
    this.#varint(encoded.length);
    this.#bytes.push(...encoded);
    return this;
  }

  /** Ends the outermost struct. */
  done(): Uint8Array<ArrayBuffer> {
    this.#bytes.push(0);
    return new Uint8Array(this.#bytes);
  }

  #inside(write: () => void): void {
    this.#outer.push(this.#lastField);
    this.#lastField = 0;
    write();
    this.#bytes.push(0);
    this.#lastField = this.#outer.pop() ?? 0;
  }

  #begin(field: number, type: number): void {
    this.#bytes.push(((field - this.#lastField) << 4) | type);
    this.#lastField = field;
  }

  #listHead(field: number, length: number, type: number): void {
    this.#begin(field, 9);
    if (length < 15) this.#bytes.push((length << 4) | type);
    else {
      this.#bytes.push(0xf0 | type);
      this.#varint(length);
    }
  }

  // Values here are never negative, so zigzag is a doubling; they may exceed 32 bits, so no bit operators.
  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#bytes.push(rest);
  }
}
