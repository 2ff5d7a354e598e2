/// <reference lib="webworker" />
import { initSync } from '../wasm/questlog.js';
import { borrower } from './lend.ts';
import type { Look } from './look.ts';
import { Looker } from './looker.ts';
import { Merger } from './merger.ts';
import { isCrash, problemOf } from './problems.ts';
import type { FromWorker, ToWorker, Unit, Wish } from './protocol.ts';
import { Scanner } from './scanner.ts';

// One script for all parts: the pool gives its workers units to count, one more the partials to merge, and one the files
// to look into.
const scope = self as unknown as DedicatedWorkerGlobalScope;

/** Time that words to the pool may wait for others to go with them. */
const GATHER_MS = 4;

let outbox: FromWorker[] = [];
/** Units under way; with the last of them goes whatever waits to be told. */
let under_way = 0;
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
  if (outbox.length > 0) scope.postMessage(outbox);
  outbox = [];
}

function broken(fault: unknown): void {
  tell({ type: 'broken', problem: problemOf(fault) });
  flush();
}

async function scan(unit: Unit): Promise<void> {
  under_way += 1;
  try {
    await scanner.scan(unit);
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
  switch (message.type) {
    case 'scan':
      for (const unit of message.units) void scan(unit);
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

scope.onmessage = (event: MessageEvent<ToWorker>) => {
  try {
    handle(event.data);
  } catch (fault) {
    broken(fault);
  }
};
