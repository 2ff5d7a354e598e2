/** Characters of a name within a sentence. */
const NAME_MAX = 60;
/** Characters that show nothing themselves, but change how what follows is shown. */
const UNPRINTABLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** Letters that are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

/** A name as it is, but for characters that could make it look like another one. */
export function printable(name: string): string {
  return name.replace(UNPRINTABLE, '\ufffd');
}

/** A name within a sentence: not too long, and written in its own direction without turning the sentence's. */
export function named(name: string): string {
  const all = printable(name);
  const short = all.length > NAME_MAX ? `${all.slice(0, NAME_MAX).trimEnd()}…` : all;
  // Between marks that isolate it.
  return RIGHT_TO_LEFT.test(short) ? `\u2068${short}\u2069` : short;
}
