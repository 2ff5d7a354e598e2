import type { Job } from './job.ts';
import { lender } from './lend.ts';
import type { Loader } from './loader.ts';
import type { FromWorker, ToWorker, Unit } from './protocol.ts';

/** A unit with the job that it belongs to. */
export interface Work {
  unit: Unit;
  job: Job;
  /** It was in a worker that died, so it gets one for itself: if that dies too, the unit is to blame. */
  alone: boolean;
}

/** What a worker holds at once: many files that are not opened yet, whose reads wait together, but few windows. */
const LOAD_MAX = 64;
const LOAD_FILE = 1;
const LOAD_WINDOW = 32;

/** A worker and what it has in hand. */
export class Hand {
  readonly works = new Map<number, Work>();
  readonly #spawn: () => Worker;
  #worker: Worker;
  #load = 0;

  constructor(loader: Loader, heard: (messages: FromWorker[]) => void) {
    this.#spawn = () => spawned(loader, heard);
    this.#worker = this.#spawn();
  }

  /** Whether it is time to give it more: many files at once cost less than one after the other. */
  get isHungry(): boolean {
    return this.#load <= LOAD_MAX / 2;
  }

  /** Whether it can take this work besides what it has. */
  hasRoomFor(work: Work): boolean {
    const [first] = this.works.values();
    if (work.alone || first?.alone) return first === undefined;
    return first === undefined || this.#load + loadOf(work) <= LOAD_MAX;
  }

  /** Notes work that a message is about to bring. */
  take(work: Work): void {
    this.works.set(work.unit.id, work);
    this.#load += loadOf(work);
  }

  /** Notes that a unit is no longer in hand. */
  drop(unit: number): void {
    const work = this.works.get(unit);
    if (!work) return;
    this.works.delete(unit);
    this.#load -= loadOf(work);
  }

  /** Ends the worker, puts a fresh one in its place, and gives back what it had in hand. */
  replace(): Work[] {
    this.#worker.terminate();
    this.#worker = this.#spawn();
    const works = [...this.works.values()];
    this.works.clear();
    this.#load = 0;
    return works;
  }

  /** Ends the worker for good. */
  end(): void {
    this.#worker.terminate();
  }

  tell(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}

function loadOf({ unit }: Work): number {
  return unit.window ? LOAD_WINDOW : LOAD_FILE;
}

function spawned(loader: Loader, heard: (messages: FromWorker[]) => void): Worker {
  const worker = loader.spawn();
  worker.onmessage = (event: MessageEvent<FromWorker[]>) => {
    heard(event.data);
  };
  worker.onerror = () => {
    const message = 'The browser ended the worker that read this file; it may be short of memory.';
    heard([{ type: 'broken', problem: { kind: 'worker', message } }]);
  };
  // A module that can't be had is the pool's to tell.
  void loader.module.then(
    (compiled) => {
      const port = lender();
      const start: ToWorker = { type: 'start', module: compiled, lender: port };
      worker.postMessage(start, [port]);
    },
    () => undefined,
  );
  return worker;
}
