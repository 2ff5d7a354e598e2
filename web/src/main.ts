// The page from a web server, in several files.

import { loaded, type Loader } from './engine/loader.ts';
import { keepForOffline } from './offline/keep.ts';
import { start } from './start.ts';
import moduleAddress from './wasm/questlog_bg.wasm?url';

async function compiled(): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compileStreaming(fetch(moduleAddress));
  } catch {
    // A web server that does not know the type application/wasm.
    const again = await fetch(moduleAddress);
    return WebAssembly.compile(await again.arrayBuffer());
  }
}

const LOADER: Loader = {
  module: loaded(compiled),
  spawn: () => new Worker(new URL('./engine/worker.ts', import.meta.url), { type: 'module' }),
};

start(LOADER);
keepForOffline();
