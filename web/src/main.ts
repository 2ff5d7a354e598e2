import './style/tokens.css';
import './style/base.css';
import './style/page.css';
import './style/answer.css';
import { Pool } from './engine/pool.ts';
import { Page } from './page.ts';
import { Privacy } from './view/privacy.ts';
import moduleAddress from './wasm/questlog_bg.wasm?url';

/** Workers at most; beyond this the disk, not the processor, sets the pace. */
const WORKERS_MAX = 8;
/** Workers on a device with little memory, such as a phone. */
const WORKERS_SMALL = 2;

function workers(): number {
  const memory_gib = (navigator as { deviceMemory?: number }).deviceMemory ?? 8;
  const most = memory_gib <= 4 ? WORKERS_SMALL : WORKERS_MAX;
  return Math.min(navigator.hardwareConcurrency || 2, most);
}

/** Fetched and compiled once for all workers. */
async function compiled(): Promise<WebAssembly.Module> {
  const response = fetch(moduleAddress);
  try {
    return await WebAssembly.compileStreaming(response);
  } catch {
    // A web server that does not know the type application/wasm.
    const again = await fetch(moduleAddress);
    return WebAssembly.compile(await again.arrayBuffer());
  }
}

function start(): void {
  const privacy = new Privacy();
  document.getElementById('privacy')?.replaceWith(privacy.root);
  const root = document.getElementById('page');
  if (!root) return;
  new Page(root, privacy, (listener) => new Pool(workers(), compiled(), listener));
}

start();
