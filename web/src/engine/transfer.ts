import type { UnitResult } from './protocol.ts';

/** Partials from this size on are handed over; smaller ones are copied, which costs less. */
const HANDED_BYTES_MIN = 64 * 1024;

/** The memory of large partials, to be handed over with the message that they are in. */
export function handedOver(results: readonly UnitResult[]): ArrayBuffer[] {
  return results.flatMap((result) =>
    result.ok && result.partial.byteLength >= HANDED_BYTES_MIN ? result.partial.buffer : [],
  );
}
