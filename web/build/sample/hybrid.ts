/** Values that are packed together. */
const GROUP = 8;

/** Small numbers as Parquet's mixture of runs and packed bits: eight and more of the same in a row are one run. */
export function hybrid(values: readonly number[], bits: number): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  let at = 0;
  while (at < values.length) {
    const length = runFrom(values, at);
    if (length >= GROUP) {
      varint(bytes, length * 2);
      for (let shift = 0; shift < bits; shift += 8) bytes.push((values[at] ?? 0) >> shift);
      at += length;
      continue;
    }
    const first = at;
    do at += GROUP;
    while (at < values.length && runFrom(values, at) < GROUP);
    varint(bytes, ((at - first) / GROUP) * 2 + 1);
    pack(bytes, values.slice(first, at), at - first, bits);
  }
  return new Uint8Array(bytes);
}

/** How many values from this one on are the same. */
function runFrom(values: readonly number[], at: number): number {
  let end = at;
  while (end < values.length && values[end] === values[at]) end += 1;
  return end - at;
}

/** Puts the bits of `count` values one behind the other, the lowest first; what is missing at the end is 0. */
function pack(bytes: number[], values: number[], count: number, bits: number): void {
  let held = 0;
  let heldBits = 0;
  for (let index = 0; index < count; index += 1) {
    held |= (values[index] ?? 0) << heldBits;
    heldBits += bits;
    for (; heldBits >= 8; heldBits -= 8) {
      bytes.push(held & 255);
      held >>= 8;
    }
  }
}

function varint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
}
