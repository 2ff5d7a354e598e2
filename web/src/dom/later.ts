/** Work that may wait: each piece in a task of its own, so that none of them holds up what the reader does. */
export class Later {
  #pieces: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Whether anything still waits. */
  get waits(): boolean {
    return this.#pieces.length > 0;
  }

  /** Puts these pieces in the place of those that still wait. */
  begin(pieces: (() => void)[]): void {
    this.#pieces = [...pieces];
    this.#timer ??= setTimeout(() => {
      this.#next();
    }, 0);
  }

  /** Does everything that waits, now. */
  finish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (let piece = this.#pieces.shift(); piece; piece = this.#pieces.shift()) piece();
  }

  #next(): void {
    this.#timer = undefined;
    const piece = this.#pieces.shift();
    if (this.waits) {
      this.#timer = setTimeout(() => {
        this.#next();
      }, 0);
    }
    piece?.();
  }
}
