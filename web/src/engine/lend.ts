/** A blob that a worker could not read by itself. */
interface Wanted {
  request: number;
  blob: Blob;
}

/** Its bytes; none when the page can't read it either. */
interface Lent {
  request: number;
  bytes?: ArrayBuffer;
}

/** On the page: reads for a worker what that can't. Gives the port that the worker needs for asking. */
export function lender(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data: { request, blob } }: MessageEvent<Wanted>) => {
    blob.arrayBuffer().then(
      (bytes) => {
        port1.postMessage({ request, bytes } satisfies Lent, [bytes]);
      },
      () => {
        port1.postMessage({ request } satisfies Lent);
      },
    );
  };
  return port2;
}

/**
 * In a worker: reads blobs, with the page's help where it must be.
 *
 * WebKit lets a page that came from a disk read the files that its reader chose, but not its workers.
 */
export class Borrower {
  #port: MessagePort | undefined;
  #requestNext = 0;
  /** Set once only the page could read something: from then on it is asked at once. */
  #pageOnly = false;
  readonly #waiting = new Map<number, (bytes: ArrayBuffer | undefined) => void>();

  /** Asks through this port from now on. */
  use(port: MessagePort): void {
    this.#port = port;
    port.onmessage = ({ data: { request, bytes } }: MessageEvent<Lent>) => {
      this.#waiting.get(request)?.(bytes);
      this.#waiting.delete(request);
    };
  }

  async read(blob: Blob): Promise<ArrayBuffer> {
    if (this.#pageOnly) return (await this.#asked(blob)) ?? blob.arrayBuffer();
    try {
      return await blob.arrayBuffer();
    } catch (fault) {
      const lent = await this.#asked(blob);
      if (!lent) throw fault;
      this.#pageOnly = true;
      return lent;
    }
  }

  #asked(blob: Blob): Promise<ArrayBuffer | undefined> {
    const port = this.#port;
    if (!port) return Promise.resolve(undefined);
    const request = this.#requestNext++;
    port.postMessage({ request, blob } satisfies Wanted);
    return new Promise((resolve) => this.#waiting.set(request, resolve));
  }
}

/** The one of this worker. */
export const borrower = new Borrower();
