// The page as one file: its workers begin as blobs, its module is inside the script.

import InlineWorker from './engine/worker.ts?worker&inline';
import { loaded, type Loader } from './engine/loader.ts';
import { start } from './start.ts';
import packed from './wasm/questlog_bg.wasm?packed';

async function compiled(): Promise<WebAssembly.Module> {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const module = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return WebAssembly.compile(await new Response(module).arrayBuffer());
}

const LOADER: Loader = { module: loaded(compiled), spawn: () => new InlineWorker() };

start(LOADER);
