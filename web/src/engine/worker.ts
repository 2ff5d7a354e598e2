/// <reference lib="webworker" />
import { initSync } from '../wasm/questlog.js';
import { borrower } from './lend.ts';
import type { Look } from './look.ts';
import { Looker } from './looker.ts';
import { Merger } from './merger.ts';
import { isCrash, problemOf } from './problems.ts';
import type { FromWorker, ToWorker, Unit, Wish } from './protocol.ts';
import { Scanner } from './scanner.ts';
import { isSmall, together } from './together.ts';
import { handedOver } from './transfer.ts';
import { warmUp } from './warm.ts';

// One script for all parts: the pool gives its workers units to count, one more the partials to merge, and one the files
// to look into.
const scope = self as unknown as DedicatedWorkerGlobalScope;

/** Time that words to the pool may wait for others to go with them. */
const GATHER_MS = 4;

let outbox: FromWorker[] = [];
/** Units under way; with the last of them goes whatever waits to be told. */
let under_way = 0;
/** Set with the first word that is worth more than getting ready. */
let isWanted = false;
/** What came before the module did. */
let early: ToWorker[] | undefined = [];

const scanner = new Scanner(tell);
const merger = new Merger();
const looker = new Looker();

function tell(message: FromWorker): void {
  outbox.push(message);
  if (outbox.length === 1) setTimeout(flush, GATHER_MS);
}

function flush(): void {
  const results = outbox.flatMap((message) => (message.type === 'scanned' ? message.results : []));
  if (outbox.length > 0) scope.postMessage(outbox, handedOver(results));
  outbox = [];
}

function broken(fault: unknown): void {
  tell({ type: 'broken', problem: problemOf(fault) });
  flush();
}

/** Works on these units; small files among them are read together. */
async function scanAll(units: Unit[]): Promise<void> {
  under_way += units.length;
  const small = units.filter(({ source, window }) => !window && isSmall(source));
  for (const unit of units) if (!small.includes(unit)) void scan(unit);
  if (small.length === 0) return;
  const wholes = await together(small.flatMap(({ source }) => (isSmall(source) ? source : [])));
  // One after the other: side by side they would only all be unfinished for longer.
  for (const [index, unit] of small.entries()) {
    if (wholes) await scan(unit, wholes[index]);
    else void scan(unit);
  }
}

async function scan(unit: Unit, whole?: Uint8Array): Promise<void> {
  try {
    await scanner.scan(unit, whole);
  } catch (fault) {
    broken(fault);
  }
  under_way -= 1;
  if (under_way === 0) flush();
}

/** Looks into a file; as with a wish, a trap is for the caller. */
async function look(request: number, wanted: Look): Promise<void> {
  try {
    tell({ type: 'reply', request, value: await looker.look(wanted) });
  } catch (fault) {
    if (isCrash(fault)) broken(fault);
    else tell({ type: 'refused', request, problem: problemOf(fault) });
  }
  flush();
}

/** What a wish brings; a trap on the way is for the caller, because the instance is gone. */
function granted(request: number, wish: Wish): FromWorker {
  try {
    return { type: 'reply', request, value: merger.grant(wish) };
  } catch (fault) {
    if (isCrash(fault)) throw fault;
    return { type: 'refused', request, problem: problemOf(fault) };
  }
}

function handle(message: ToWorker): void {
  if (message.type === 'start') {
    initSync({ module: message.module });
    borrower.use(message.lender);
    const waiting = early ?? [];
    early = undefined;
    waiting.forEach(handle);
    return;
  }
  if (early) {
    early.push(message);
    return;
  }
  if (message.type !== 'warm') isWanted = true;
  switch (message.type) {
    case 'warm':
      if (!isWanted) warmUp(message.sample, message.ms, () => !isWanted).catch(broken);
      break;
    case 'scan':
      void scanAll(message.units);
      break;
    case 'stop':
      scanner.stop(message.unit);
      break;
    case 'ask':
      merger.ask(message.questions);
      break;
    case 'merge':
      merger.merge(message.parts);
      break;
    case 'forget':
      merger.forget(message.file, message.questions);
      scanner.forget(message.file);
      break;
    case 'answer': {
      const outcomes = message.questions.map((asked) => merger.outcome(asked, message.files));
      tell({ type: 'answers', request: message.request, outcomes });
      flush();
      break;
    }
    case 'request':
      tell(granted(message.request, message.wish));
      flush();
      break;
    case 'look':
      void look(message.request, message.look);
      break;
  }
}

new PerformanceObserver((list) => {
  tell({ type: 'requested', addresses: list.getEntries().map(({ name }) => name) });
}).observe({ type: 'resource' });

scope.onmessage = (event: MessageEvent<ToWorker>) => {
  try {
    handle(event.data);
  } catch (fault) {
    broken(fault);
  }
};
