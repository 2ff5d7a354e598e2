import type { Outcome, Problem } from '../data/answer.ts';
import type { Engine, EngineListener, Task } from './engine.ts';
import { Hand, type Work } from './hand.ts';
import { Job } from './job.ts';
import { Unfit, type Loader } from './loader.ts';
import { Ledger } from './ledger.ts';
import type {
  FilePart,
  FromWorker,
  Question,
  RunNotes,
  TextFormat,
  Unit,
  UnitProgress,
  UnitResult,
} from './protocol.ts';

/** Time between two answers while the counting goes on. */
const ANSWER_MS = 200;
/** Time between two answers, in times that the last one took. */
const ANSWER_REST = 3;
/** Workers replaced at most; more means that not a file but the page or the browser is broken. */
const REPLACEMENTS_MAX = 200;

const NOT_LOADED = 'The part of this page that counts could not be loaded; reload the page.';

/** Words after which a worker has done with a unit. */
const ENDS = new Set<FromWorker['type']>(['scanned', 'failed', 'stopped']);

/** The worker pool: deals units out, collects partials, asks for answers. */
export class Pool implements Engine {
  readonly #listener: EngineListener;
  readonly #hands: Hand[];
  readonly #merger: Hand;
  readonly #ledger = new Ledger();
  readonly #jobs = new Set<Job>();
  /** What waits for a worker, the next one last: taking from the end is quick, however many files there are. */
  #queue: Work[] = [];
  /** Files that a stopped or failed attempt may have left partials of. */
  readonly #stale = new Set<number>();
  /** Partials that go to the merger with the next message. */
  #parts: FilePart[] = [];
  #files: number[] = [];
  #questions: Question[] = [];
  #unitNext = 0;
  #replacements = 0;
  /** Set when the module could not be loaded: nothing can be counted. */
  #useless: Problem | undefined;

  #requestNext = 0;
  readonly #texts = new Map<number, (text: string) => void>();
  #answer: { request: number; final: boolean; asked_ms: number } | undefined;
  #answerDue_ms = 0;

  constructor(workers: number, loader: Loader, listener: EngineListener) {
    this.#listener = listener;
    this.#hands = Array.from({ length: workers }, () => this.#hand(loader));
    this.#merger = new Hand(loader, (messages) => {
      for (const message of messages) this.#mergerSaid(message);
    });
    loader.module.catch((fault: unknown) => {
      const message = fault instanceof Unfit ? fault.message : NOT_LOADED;
      this.#useless = { kind: 'module', message };
      this.#failAll(this.#useless);
    });
  }

  count(tasks: Task[], questions: Question[]): void {
    this.#halt();
    this.#questions = questions;
    this.#files = tasks.map((task) => task.file);
    for (const { key } of questions) {
      const retired = this.#ledger.open(key);
      for (const file of retired?.files ?? []) this.#forgetPartials(file, [retired?.key ?? '']);
    }
    this.#merger.tell({ type: 'ask', questions });
    for (const task of tasks) {
      const missing = this.#ledger.missing(task.file, questions);
      if (missing.length === 0) continue;
      const job = new Job(task, missing);
      this.#jobs.add(job);
      this.#queue.push(this.#work(job, job.unit(this.#unitNext++)));
    }
    this.#queue.reverse();
    if (this.#useless) this.#failAll(this.#useless);
    else this.#go();
  }

  forget(file: number): void {
    this.#ledger.forget(file);
    this.#files = this.#files.filter((other) => other !== file);
    for (const hand of [this.#merger, ...this.#hands]) hand.tell({ type: 'forget', file });
  }

  stop(): void {
    this.#halt();
    this.#ask(true);
  }

  render(question: Question, format: TextFormat, notes: RunNotes): Promise<string> {
    const request = this.#requestNext++;
    const files = this.#files;
    this.#merger.tell({ type: 'render', request, question, files, format, notes });
    return new Promise((resolve) => this.#texts.set(request, resolve));
  }

  /** Gives up all jobs. Their partials stay for the answer that is shown now, and go before they are counted anew. */
  #halt(): void {
    for (const job of this.#jobs) this.#stale.add(job.task.file);
    this.#queue = [];
    this.#jobs.clear();
    // An answer that is on its way is about other files or questions.
    this.#answer = undefined;
    for (const hand of this.#hands) {
      if (hand.works.size > 0) hand.tell({ type: 'stop', unit: this.#unitNext - 1 });
    }
  }

  /** Deals out what waits, hands partials on, and asks for an answer when it is time. */
  #go(): void {
    this.#hands.forEach((hand, index) => {
      this.#deal(hand, this.#hands.length - index);
    });
    this.#handOn();
    if (this.#jobs.size === 0) this.#ask(true);
    else if (performance.now() >= this.#answerDue_ms) this.#ask(false);
  }

  #deal(hand: Hand, hands_left: number): void {
    const units: Unit[] = [];
    // No more than its share, so that the last files keep every worker busy.
    const share = Math.ceil(this.#queue.length / hands_left);
    while (units.length < share) {
      const next = this.#queue.at(-1);
      if (!next || !hand.hasRoomFor(next)) break;
      this.#queue.pop();
      const { file } = next.job.task;
      if (!next.unit.window && this.#stale.delete(file)) {
        this.#forgetPartials(file, next.job.keys);
      }
      hand.take(next);
      units.push(next.unit);
    }
    if (units.length > 0) hand.tell({ type: 'scan', units });
  }

  #work(job: Job, unit: Unit): Work {
    return { job, unit, alone: false };
  }

  #hand(loader: Loader): Hand {
    const hand = new Hand(loader, (messages) => {
      for (const message of messages) this.#workerSaid(hand, message);
      this.#go();
    });
    return hand;
  }

  #workerSaid(hand: Hand, message: FromWorker): void {
    if (message.type === 'broken') {
      this.#replace(hand, message.problem);
      return;
    }
    if (!('unit' in message)) return;
    const job = hand.works.get(message.unit)?.job;
    if (ENDS.has(message.type)) hand.drop(message.unit);
    // Whatever is told of a job that was given up comes too late.
    if (!job || !this.#jobs.has(job)) return;
    switch (message.type) {
      case 'begun':
        this.#listener.begun(job.task.file, message.size_bytes);
        break;
      case 'opened': {
        this.#listener.opened(job.task.file, message.opened);
        const units = message.opened.windows.map((window) => job.unit(this.#unitNext++, window));
        this.#queue.push(...units.map((unit) => this.#work(job, unit)).reverse());
        break;
      }
      case 'progress':
        job.report(message.unit, message.progress);
        this.#listener.progress(job.task.file, job.progress, job.questions.length);
        break;
      case 'scanned':
        this.#scanned(job, message.unit, message.progress, message.results);
        break;
      case 'failed':
        this.#failed(job, message.problem);
        break;
    }
  }

  #scanned(job: Job, unit: number, progress: UnitProgress, results: UnitResult[]): void {
    const { file } = job.task;
    this.#parts.push({ file, results });
    const last = job.close(unit, progress, results);
    this.#listener.progress(file, job.progress, job.questions.length);
    if (!last) return;
    const failure = job.failure();
    // What fails a new question does not undo the answers to others.
    if (failure && !this.#ledger.answers(file)) {
      this.#failed(job, failure);
      return;
    }
    this.#jobs.delete(job);
    for (const key of job.keys) this.#ledger.close(key, file, job.problems.get(key));
    // A window that failed spoils the question for its whole file.
    if (job.problems.size > 0) this.#forgetPartials(file, [...job.problems.keys()]);
    this.#listener.counted(file, job.problems);
  }

  #failed(job: Job, problem: Problem): void {
    const { file } = job.task;
    this.#jobs.delete(job);
    this.#queue = this.#queue.filter((waiting) => waiting.job !== job);
    this.#forgetPartials(file, job.keys);
    for (const key of job.keys) this.#ledger.close(key, file, problem);
    this.#listener.failed(file, problem);
  }

  #failAll(problem: Problem): void {
    for (const job of [...this.#jobs]) this.#failed(job, problem);
    const outcomes = this.#questions.map(({ key }): [string, Outcome] => [
      key,
      { ok: false, problem },
    ]);
    this.#listener.answers(new Map(outcomes), true);
  }

  /** Puts a fresh worker in the place of a broken one, and deals out again what that had in hand. */
  #replace(hand: Hand, problem: Problem): void {
    this.#replacements += 1;
    const works = hand.replace().filter(({ job }) => this.#jobs.has(job));
    if (this.#replacements > REPLACEMENTS_MAX) {
      this.#failAll(problem);
      return;
    }
    const [only] = works;
    // After a trap the unit that set it off was told and is gone; a worker that simply died tells nothing.
    const died = problem.kind === 'worker';
    if (died && only && works.length === 1) this.#failed(only.job, problem);
    else this.#queue.push(...works.map((work) => ({ ...work, alone: died })));
  }

  #forgetPartials(file: number, questions: string[]): void {
    // What is on its way to the merger must be there before it can be forgotten.
    this.#handOn();
    this.#merger.tell({ type: 'forget', file, questions });
  }

  #handOn(): void {
    if (this.#parts.length > 0) this.#merger.tell({ type: 'merge', parts: this.#parts });
    this.#parts = [];
  }

  #ask(final: boolean): void {
    if (this.#answer && !final) return;
    const request = this.#requestNext++;
    this.#answer = { request, final, asked_ms: performance.now() };
    const questions = this.#questions;
    this.#merger.tell({ type: 'answer', request, questions, files: this.#files });
  }

  #mergerSaid(message: FromWorker): void {
    if (message.type === 'text') {
      this.#texts.get(message.request)?.(message.text);
      this.#texts.delete(message.request);
    } else if (message.type === 'broken') this.#mergerBroke(message.problem);
    else if (message.type === 'answers') this.#answered(message.request, message.outcomes);
  }

  #answered(request: number, outcomes: Outcome[]): void {
    const asked = this.#answer;
    if (request !== asked?.request) return;
    this.#answer = undefined;
    const now = performance.now();
    // Where answers are costly, because there are many files or groups, they come more seldom.
    this.#answerDue_ms = now + Math.max(ANSWER_MS, ANSWER_REST * (now - asked.asked_ms));
    const told = new Map<string, Outcome>();
    this.#questions.forEach(({ key }, index) => {
      const outcome = outcomes[index];
      if (outcome) told.set(key, this.#ledger.told(key, this.#files, outcome));
    });
    this.#listener.answers(told, asked.final);
  }

  /** Without the merger nothing that was counted is known any more. */
  #mergerBroke(problem: Problem): void {
    this.#halt();
    this.#ledger.clear();
    this.#merger.replace();
    this.#failAll(problem);
  }
}
