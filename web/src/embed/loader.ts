import workerAddress from '../engine/worker.ts?worker&url';
import { loaded, type Loader } from '../engine/loader.ts';
import moduleAddress from '../wasm/questlog_bg.wasm?url';

let module: Promise<WebAssembly.Module> | undefined;

async function compiled(): Promise<WebAssembly.Module> {
  const response = await fetch(moduleAddress);
  if (!response.ok) throw new Error(`The module could not be loaded: status ${response.status}.`);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** Worker and module from beside the package's script; the module is compiled once for the page. */
export function packageLoader(): Loader {
  module ??= loaded(compiled);
  return { module, spawn: () => new Worker(workerAddress, { type: 'module' }) };
}
