/// <reference lib="webworker" />
import { initSync } from '../wasm/questlog.js';
import { Merger } from './merger.ts';
import { problemOf } from './problems.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import { Scanner } from './scanner.ts';

// One script for both parts: the pool gives its workers units to count, and one more worker the partials to merge.
const scope = self as unknown as DedicatedWorkerGlobalScope;

function post(message: FromWorker, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}

const scanner = new Scanner(post);
const merger = new Merger();
let work = Promise.resolve();
/** What came before the module did. */
let waiting: ToWorker[] | undefined = [];

function broken(fault: unknown): void {
  post({ type: 'broken', problem: problemOf(fault) });
}

function handle(message: ToWorker): void {
  if (message.type === 'start') {
    initSync({ module: message.module });
    const early = waiting ?? [];
    waiting = undefined;
    post({ type: 'ready' });
    early.forEach(handle);
    return;
  }
  if (waiting) {
    waiting.push(message);
    return;
  }
  switch (message.type) {
    case 'scan':
      // Units wait for each other; a stop in between is heard while one of them pauses.
      work = work.then(() => scanner.scan(message.unit)).catch(broken);
      break;
    case 'stop':
      scanner.stop(message.unit);
      break;
    case 'merge':
      merger.merge(message.file, message.results);
      break;
    case 'forget':
      merger.forget(message.file, message.questions);
      scanner.forget(message.file);
      break;
    case 'answer': {
      const outcomes = message.questions.map((asked) => merger.outcome(asked, message.files));
      post({ type: 'answers', request: message.request, outcomes });
      break;
    }
    case 'render': {
      const { question, files, format, notes } = message;
      const text = merger.render(question, files, format, notes);
      post({ type: 'text', request: message.request, text });
      break;
    }
  }
}

scope.onmessage = (event: MessageEvent<ToWorker>) => {
  try {
    handle(event.data);
  } catch (fault) {
    broken(fault);
  }
};
