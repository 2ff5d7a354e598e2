/** Where the module and the workers come from; each delivery has its own way. */
export interface Loader {
  /** Compiled once for all workers. */
  readonly module: Promise<WebAssembly.Module>;
  spawn(): Worker;
}

/** The browser lacks what counting needs; the message says so to the reader. */
export class Unfit extends Error {}

/** A module that does nothing but use SIMD: a function that fills a vector with a number. */
// prettier-ignore
const SIMD = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // a module of version 1
  0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, // a type: () -> v128
  0x03, 0x02, 0x01, 0x00, // a function of this type
  0x0a, 0x08, 0x01, 0x06, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x0b, // i32.const 0, i8x16.splat, end
]);

/** Compiles the module, or says in plain words that this browser can't. */
export async function loaded(
  compile: () => Promise<WebAssembly.Module>,
): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(SIMD)) {
    throw new Unfit(
      'This browser can’t count here, because it has no WebAssembly with SIMD. Chrome and Edge 91, Firefox 89 and Safari 16.4 have it, and every later one.',
    );
  }
  return compile();
}
