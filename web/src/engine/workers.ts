/** Workers at most; beyond this the disk, not the processor, sets the pace. */
const WORKERS_MAX = 8;
/** Workers on a device with little memory, such as a phone. */
const WORKERS_SMALL = 2;

/** How many workers this device is good for. */
export function workersHere(): number {
  const memory_gib = (navigator as { deviceMemory?: number }).deviceMemory ?? 8;
  const most = memory_gib <= 4 ? WORKERS_SMALL : WORKERS_MAX;
  return Math.min(navigator.hardwareConcurrency || 2, most);
}
