/** From this size on a range is read piece by piece into memory that is used again; a smaller one costs less at once. */
export const STREAMED_BYTES_MIN = 256 * 1024;
/** Buffers that wait to be used again. */
const SPARE_MAX = 4;

const spare: ArrayBuffer[] = [];

/**
 * The streams that are being read, with their blobs: Chromium lets the garbage collector take a blob's stream that nobody
 * else holds, and then what waits for its bytes waits for ever.
 */
const under_way = new Set<Opened>();

interface Opened {
  blob: Blob;
  stream: ReadableStream<Uint8Array>;
  reader: ReadableStreamBYOBReader;
}

/**
 * A blob's bytes, in a buffer that was given back before if one is large enough.
 *
 * `Blob.arrayBuffer` leaves each buffer to a garbage collector that lets tens of MB gather first. Undefined where a
 * browser can't read in this way, or not this blob.
 */
export async function streamed(blob: Blob): Promise<Uint8Array | undefined> {
  const { size } = blob;
  const opened = open(blob);
  if (!opened) return undefined;
  const { reader } = opened;
  under_way.add(opened);
  let buffer = taken(size);
  let got = 0;
  try {
    while (got < size) {
      const { value, done } = await reader.read(new Uint8Array(buffer, got, size - got));
      if (value) buffer = value.buffer;
      if (done) break;
      got += value.length;
    }
  } catch {
    return undefined;
  } finally {
    under_way.delete(opened);
  }
  return new Uint8Array(buffer, 0, got);
}

/** Takes a buffer that nobody uses any more. */
export function giveBack(buffer: ArrayBuffer): void {
  if (buffer.byteLength >= STREAMED_BYTES_MIN && spare.length < SPARE_MAX) spare.push(buffer);
}

function open(blob: Blob): Opened | undefined {
  try {
    const stream = blob.stream();
    return { blob, stream, reader: stream.getReader({ mode: 'byob' }) };
  } catch {
    // WebKit does not know this way of reading.
    return undefined;
  }
}

function taken(bytes: number): ArrayBuffer {
  const at = spare.findIndex(({ byteLength }) => byteLength >= bytes);
  return spare.splice(at, at < 0 ? 0 : 1)[0] ?? new ArrayBuffer(bytes);
}
