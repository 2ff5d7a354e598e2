import type { Outcome, Problem } from '../data/answer.ts';
import type { Engine, EngineListener, Task } from './engine.ts';
import { Job } from './job.ts';
import type {
  FromWorker,
  Question,
  RunNotes,
  TextFormat,
  ToWorker,
  Unit,
  UnitProgress,
  UnitResult,
  Window,
} from './protocol.ts';

/** Units a worker holds at once: one in work, one waiting, so that it never waits for the page. */
const UNITS_A_WORKER = 2;
/** Time between two answers while the counting goes on. */
const ANSWER_MS = 200;
/** Time between two answers, in times that the last one took. */
const ANSWER_REST = 3;
/** Questions whose counts are kept, so that going back to one is instant. */
const QUESTIONS_MAX = 8;
/** Workers replaced at most; more means that not a file but the page or the browser is broken. */
const REPLACEMENTS_MAX = 200;

interface Hand {
  worker: Worker;
  units: Map<number, { unit: Unit; job: Job }>;
}

/** The worker pool: deals units out, collects partials, asks for answers. */
export class Pool implements Engine {
  readonly #module: Promise<WebAssembly.Module>;
  readonly #listener: EngineListener;
  readonly #hands: Hand[];
  #merger: Worker;
  /** What waits for a worker, the next one last: taking from the end is quick, however many files there are. */
  #queue: { unit: Unit; job: Job }[] = [];
  readonly #jobs = new Set<Job>();
  /** Which files are counted for which question (`key`). */
  readonly #counted = new Map<string, Set<number>>();
  readonly #problems = new Map<string, Map<number, Problem>>();
  #files: number[] = [];
  #questions: Question[] = [];
  #unitNext = 0;
  #requestNext = 0;
  #answerDue = 0;
  #answerAsked = 0;
  #answerPending: number | undefined;
  #finalPending = false;
  #replacements = 0;
  readonly #texts = new Map<number, (text: string) => void>();

  constructor(workers: number, module: Promise<WebAssembly.Module>, listener: EngineListener) {
    this.#module = module;
    this.#listener = listener;
    this.#hands = Array.from({ length: workers }, () => this.#hand());
    this.#merger = this.#spawn((message) => {
      this.#mergerSaid(message);
    });
  }

  count(tasks: Task[], questions: Question[]): void {
    this.#halt();
    // An answer that is on its way is about other files or questions.
    this.#answerPending = undefined;
    this.#questions = questions;
    this.#files = tasks.map((task) => task.file);
    for (const { key } of questions) this.#take(key);
    for (const task of tasks) {
      const missing = questions.filter(({ key }) => !this.#counted.get(key)?.has(task.file));
      if (missing.length === 0) continue;
      const job = new Job(task, missing);
      this.#jobs.add(job);
      this.#queue.push({ unit: job.unit(this.#unitNext++), job });
    }
    this.#queue.reverse();
    this.#deal();
    this.#settle();
  }

  forget(file: number): void {
    for (const files of this.#counted.values()) files.delete(file);
    for (const problems of this.#problems.values()) problems.delete(file);
    this.#files = this.#files.filter((other) => other !== file);
    this.#tell(this.#merger, { type: 'forget', file });
    for (const { worker } of this.#hands) this.#tell(worker, { type: 'forget', file });
  }

  stop(): void {
    this.#halt();
    this.#ask(true);
  }

  render(question: Question, format: TextFormat, notes: RunNotes): Promise<string> {
    const request = this.#requestNext++;
    const files = this.#files;
    this.#tell(this.#merger, { type: 'render', request, question, files, format, notes });
    return new Promise((resolve) => this.#texts.set(request, resolve));
  }

  /** Gives up all jobs. Their partials stay for the answer that is shown now, and go before they are counted anew. */
  #halt(): void {
    this.#queue = [];
    this.#jobs.clear();
    for (const { worker, units } of this.#hands) {
      if (units.size > 0) this.#tell(worker, { type: 'stop', unit: this.#unitNext - 1 });
    }
  }

  /** Remembers a question as the latest, and forgets what was asked long ago. */
  #take(key: string): void {
    const files = this.#counted.get(key) ?? new Set();
    this.#counted.delete(key);
    this.#counted.set(key, files);
    if (this.#counted.size <= QUESTIONS_MAX) return;
    for (const [oldest, counted] of this.#counted) {
      for (const file of counted) {
        this.#tell(this.#merger, { type: 'forget', file, questions: [oldest] });
      }
      this.#counted.delete(oldest);
      this.#problems.delete(oldest);
      return;
    }
  }

  #deal(): void {
    for (let round = 0; round < UNITS_A_WORKER; round += 1) {
      for (const hand of this.#hands) {
        if (hand.units.size > round) continue;
        const next = this.#queue.pop();
        if (!next) return;
        // Whatever an earlier, stopped attempt left of this file must not be counted twice.
        if (!next.unit.window) this.#forgetPartials(next.job);
        hand.units.set(next.unit.id, next);
        this.#tell(hand.worker, { type: 'scan', unit: next.unit });
      }
    }
  }

  #forgetPartials(job: Job): void {
    const questions = job.questions.map(({ key }) => key);
    this.#tell(this.#merger, { type: 'forget', file: job.task.file, questions });
  }

  #workerSaid(hand: Hand, message: FromWorker): void {
    if (message.type === 'broken') {
      this.#replace(hand, message.problem);
      return;
    }
    if (!('unit' in message)) return;
    const held = hand.units.get(message.unit);
    if (!held) return;
    const { job } = held;
    const { file } = job.task;
    const alive = this.#jobs.has(job);
    switch (message.type) {
      case 'opened':
        if (!alive) return;
        this.#listener.opened(file, message.opened);
        this.#queue.push(...this.#units(job, message.opened.windows).reverse());
        break;
      case 'progress':
        if (!alive) return;
        job.report(message.unit, message.progress);
        this.#listener.progress(file, job.progress, job.questions.length);
        return;
      case 'scanned':
        hand.units.delete(message.unit);
        if (alive) this.#scanned(job, message.unit, message.progress, message.results);
        break;
      case 'failed':
        hand.units.delete(message.unit);
        if (alive) this.#failed(job, message.problem);
        break;
      case 'stopped':
        hand.units.delete(message.unit);
        break;
    }
    this.#deal();
    this.#settle();
  }

  #units(job: Job, windows: Window[]): { unit: Unit; job: Job }[] {
    return windows.map((window) => ({ unit: job.unit(this.#unitNext++, window), job }));
  }

  #scanned(job: Job, unit: number, progress: UnitProgress, results: UnitResult[]): void {
    const { file } = job.task;
    const transfer = results.flatMap((result) => (result.ok ? [result.partial.buffer] : []));
    this.#merger.postMessage({ type: 'merge', file, results } satisfies ToWorker, transfer);
    const last = job.close(unit, progress, results);
    this.#listener.progress(file, job.progress, job.questions.length);
    if (!last) return;
    const failure = job.failure();
    if (failure) {
      this.#failed(job, failure);
      return;
    }
    this.#jobs.delete(job);
    for (const { key } of job.questions) this.#close(key, file, job.problems.get(key));
    // A window that failed spoils the question for its whole file.
    const spoilt = [...job.problems.keys()];
    if (spoilt.length > 0) {
      this.#tell(this.#merger, { type: 'forget', file, questions: spoilt });
    }
    this.#listener.counted(file, job.problems);
  }

  #failed(job: Job, problem: Problem): void {
    this.#jobs.delete(job);
    this.#queue = this.#queue.filter((waiting) => waiting.job !== job);
    this.#forgetPartials(job);
    for (const { key } of job.questions) this.#close(key, job.task.file, problem);
    this.#listener.failed(job.task.file, problem);
  }

  /** Notes that this question needs no more of this file. */
  #close(key: string, file: number, problem: Problem | undefined): void {
    this.#counted.get(key)?.add(file);
    if (!problem) return;
    const problems = this.#problems.get(key) ?? new Map<number, Problem>();
    problems.set(file, problem);
    this.#problems.set(key, problems);
  }

  /** Puts a fresh worker in the place of one whose instance is broken, and deals its other units out again. */
  #replace(hand: Hand, problem: Problem): void {
    hand.worker.terminate();
    const [first, ...others] = hand.units.values();
    hand.units.clear();
    this.#replacements += 1;
    if (this.#replacements > REPLACEMENTS_MAX) {
      for (const job of [...this.#jobs]) this.#failed(job, problem);
      this.#settle();
      return;
    }
    hand.worker = this.#spawn((message) => {
      this.#workerSaid(hand, message);
    });
    // A worker that reported the failing unit itself has already dropped it.
    const guilty = first && problem.kind !== 'crash' ? first : undefined;
    if (guilty && this.#jobs.has(guilty.job)) this.#failed(guilty.job, problem);
    const again = guilty ? others : first ? [first, ...others] : [];
    this.#queue.push(...again.filter(({ job }) => this.#jobs.has(job)));
    this.#deal();
    this.#settle();
  }

  /** Asks for answers now and then, and for the last ones when all work is done. */
  #settle(): void {
    if (this.#jobs.size === 0) this.#ask(true);
    else if (performance.now() >= this.#answerDue) this.#ask(false);
  }

  #ask(final: boolean): void {
    if (this.#answerPending !== undefined && !final) return;
    this.#answerPending = this.#requestNext++;
    this.#answerAsked = performance.now();
    this.#finalPending = final;
    const request = this.#answerPending;
    this.#tell(this.#merger, {
      type: 'answer',
      request,
      questions: this.#questions,
      files: this.#files,
    });
  }

  #mergerSaid(message: FromWorker): void {
    if (message.type === 'text') {
      this.#texts.get(message.request)?.(message.text);
      this.#texts.delete(message.request);
      return;
    }
    if (message.type === 'broken') this.#mergerBroke(message.problem);
    if (message.type !== 'answers' || message.request !== this.#answerPending) return;
    this.#answerPending = undefined;
    // Where answers are costly, because there are many files or groups, they come more seldom.
    const took_ms = performance.now() - this.#answerAsked;
    this.#answerDue = performance.now() + Math.max(ANSWER_MS, ANSWER_REST * took_ms);
    const outcomes = new Map<string, Outcome>();
    message.outcomes.forEach((outcome, index) => {
      const key = this.#questions[index]?.key;
      if (key !== undefined) outcomes.set(key, this.#told(key, outcome));
    });
    this.#listener.answers(outcomes, this.#finalPending);
  }

  /** An answer over no file at all says why there is none; one that misses files is marked as partial. */
  #told(key: string, outcome: Outcome): Outcome {
    const counted = this.#files.filter((file) => this.#counted.get(key)?.has(file));
    const problems = this.#problems.get(key);
    const problem = this.#files.map((file) => problems?.get(file)).find((known) => known);
    if (problem && counted.every((file) => problems?.has(file))) return { ok: false, problem };
    if (!outcome.ok) return outcome;
    return { ...outcome, partial: counted.length < this.#files.length };
  }

  /** Without the merger nothing that was counted is known any more: all is counted again, in a new one. */
  #mergerBroke(problem: Problem): void {
    this.#merger.terminate();
    this.#merger = this.#spawn((message) => {
      this.#mergerSaid(message);
    });
    this.#counted.clear();
    this.#answerPending = undefined;
    const outcomes = this.#questions.map(({ key }): [string, Outcome] => [
      key,
      { ok: false, problem },
    ]);
    this.#listener.answers(new Map(outcomes), true);
  }

  #hand(): Hand {
    const hand: Hand = { worker: undefined as unknown as Worker, units: new Map() };
    hand.worker = this.#spawn((message) => {
      this.#workerSaid(hand, message);
    });
    return hand;
  }

  #spawn(listen: (message: FromWorker) => void): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = (event: MessageEvent<FromWorker>) => {
      listen(event.data);
    };
    worker.onerror = () => {
      const message = 'A worker of this page stopped working; reload the page.';
      listen({ type: 'broken', problem: { kind: 'worker', message } });
    };
    void this.#module.then((module) => {
      this.#tell(worker, { type: 'start', module });
    });
    return worker;
  }

  #tell(worker: Worker, message: ToWorker): void {
    worker.postMessage(message);
  }
}
