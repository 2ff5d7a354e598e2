import type { Outcome, Problem } from '../data/answer.ts';
import { Refusal, type Engine, type EngineListener, type Task, type Wanted } from './engine.ts';
import { Hand, type Work } from './hand.ts';
import type { Look, LookName, Looks } from './look.ts';
import { isLocal, Job } from './job.ts';
import { Unfit, type Loader } from './loader.ts';
import { Ledger } from './ledger.ts';
import { pause } from './pause.ts';
import type {
  FilePart,
  FromWorker,
  Question,
  Unit,
  UnitProgress,
  UnitResult,
  Wish,
  WishName,
  Wishes,
} from './protocol.ts';
import { handedOver } from './transfer.ts';

/** Time before the first answer while the counting goes on: a short count is over by then. */
const FIRST_ANSWER_MS = 150;
/** Time between two answers while the counting goes on. */
const ANSWER_MS = 200;
/** Time between two answers, in times that the last one took. */
const ANSWER_REST = 3;
/**
 * Units dealt to a worker in one task at most: what is handed to a worker is looked up on its disk first, which holds up
 * the page for some tenths of a ms each.
 */
const DEALT_MAX = 16;
/** Workers replaced at most; more means that not a file but the page or the browser is broken. */
const REPLACEMENTS_MAX = 200;

/** Time that a worker tunes the module on a sample. */
const WARM_MS = 150;

const NOT_LOADED = 'The part of this page that counts could not be loaded; reload the page.';

/**
 * Time that a worker has to hear that it shall stop; after that it is ended. What is shown does not wait for it, and a
 * worker in a new one's place makes the browser ask for its script again: so only for one that is stuck.
 */
const STOP_MS_MAX = 2_000;

/** What a look is told whose worker was ended because the counting was. */
const STOPPED: Problem = { kind: 'stopped', message: 'It was stopped; choose it again.' };

/** Words after which a worker has done with a unit. */
const ENDS = new Set<FromWorker['type']>(['scanned', 'failed', 'stopped']);

/** What becomes of a wish when its reply comes. */
interface Granting {
  resolve: (value: unknown) => void;
  reject: (refusal: Refusal) => void;
}

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
  readonly #wishes = new Map<number, Granting>();
  readonly #looks = new Map<number, Granting>();
  /** The latest outcomes, and the questions whose outcome has changed since. */
  readonly #outcomes = new Map<string, Outcome>();
  readonly #dirty = new Set<string>();
  #answer: { request: number; final: boolean; asked_ms: number; questions: Question[] } | undefined;
  #answerDue_ms = 0;
  /** Whether anything was counted since the last time that something was asked. */
  #hasNews = false;
  /** Whether the final answer to what is asked now was told. */
  #isTold = false;
  /** Whether more is about to be dealt. */
  #goesOn = false;

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

  /** Gets ready on a sample, before there is anything to count. */
  warm(sample: Uint8Array<ArrayBuffer>): void {
    // One makes the browser tune the module, which all share; the others learn only their own scripts.
    for (const hand of [this.#merger, ...this.#hands]) {
      hand.tell({ type: 'warm', sample, ms: hand === this.#looker ? WARM_MS : 0 });
    }
  }

  count(tasks: Task[], questions: Question[]): void {
    this.#halt();
    this.#questions = questions;
    this.#setFiles(tasks.map((task) => task.file));
    for (const { key } of questions) {
      const retired = this.#ledger.open(key);
      if (retired) this.#outcomes.delete(retired.key);
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
    this.#answerDue_ms = performance.now() + FIRST_ANSWER_MS;
    this.#hasNews = false;
    if (this.#useless) this.#failAll(this.#useless);
    else this.#go();
  }

  forget(file: number): void {
    this.#ledger.forget(file);
    this.#setFiles(this.#files.filter((other) => other !== file));
    for (const hand of [this.#merger, ...this.#hands]) hand.tell({ type: 'forget', file });
  }

  stop(): void {
    const last = this.#unitNext - 1;
    this.#halt();
    this.#ask(true);
    setTimeout(() => {
      this.#endDeaf(last);
    }, STOP_MS_MAX);
  }

  /** Ends the workers that are still at units up to this number: a worker in the midst of one long step hears nothing. */
  #endDeaf(unit: number): void {
    const deaf = this.#hands.filter((hand) => [...hand.works.keys()].some((id) => id <= unit));
    for (const hand of deaf) {
      const works = hand.replace().filter(({ job }) => this.#jobs.has(job));
      this.#queue.push(...works);
      if (hand === this.#looker) refuseAll(this.#looks, STOPPED);
    }
    if (this.#jobs.size > 0) this.#go();
  }

  /** Ends all workers and gives their memory back; the pool is of no use after that. */
  end(): void {
    this.#halt();
    for (const hand of [this.#merger, ...this.#hands]) hand.end();
  }

  wish<Name extends WishName>(name: Name, ask: Wanted<Name>): Promise<Wishes[Name]['back']> {
    const request = this.#requestNext++;
    const wish = { name, files: this.#files, ...ask } as unknown as Wish;
    this.#merger.tell({ type: 'request', request, wish });
    return new Promise((resolve, reject) => {
      this.#wishes.set(request, { resolve: resolve as (value: unknown) => void, reject });
    });
  }

  look<Name extends LookName>(name: Name, ask: Looks[Name]['ask']): Promise<Looks[Name]['back']> {
    const request = this.#requestNext++;
    this.#looker?.tell({ type: 'look', request, look: { name, ...ask } as unknown as Look });
    return new Promise((resolve, reject) => {
      this.#looks.set(request, { resolve: resolve as (value: unknown) => void, reject });
      if (this.#useless) refuseAll(this.#looks, this.#useless);
    });
  }

  /** Other files make other answers, whatever is asked. */
  #setFiles(files: number[]): void {
    const same =
      files.length === this.#files.length && files.every((file, at) => file === this.#files[at]);
    this.#files = files;
    if (!same) this.#outcomes.clear();
  }

  /** Gives up all jobs. Their partials stay for the answer that is shown now, and go before they are counted anew. */
  #halt(): void {
    for (const job of this.#jobs) this.#stale.add(job.task.file);
    this.#queue = [];
    this.#jobs.clear();
    // An answer that is on its way is about other files or questions.
    for (const { key } of this.#answer?.questions ?? []) this.#dirty.add(key);
    this.#answer = undefined;
    this.#isTold = false;
    for (const hand of this.#hands) {
      if (hand.works.size > 0) hand.tell({ type: 'stop', unit: this.#unitNext - 1 });
    }
  }

  /** Deals out what waits, hands partials on, and asks for an answer when it is time. */
  #go(): void {
    const dealt = this.#hands.map((hand, index) => this.#deal(hand, this.#hands.length - index));
    if (Math.max(...dealt) === DEALT_MAX) this.#goOn();
    this.#handOn();
    if (this.#jobs.size === 0) this.#ask(true);
    else if (this.#hasNews && performance.now() >= this.#answerDue_ms) this.#ask(false);
  }

  /** Deals the rest in a task of its own. */
  #goOn(): void {
    if (this.#goesOn) return;
    this.#goesOn = true;
    void pause().then(() => {
      this.#goesOn = false;
      if (this.#queue.length > 0) this.#go();
    });
  }

  /** Gives a worker what it can take, and answers how much that was. */
  #deal(hand: Hand, hands_left: number): number {
    if (!hand.isHungry) return 0;
    const units: Unit[] = [];
    // No more than its share, so that the last files keep every worker busy.
    const share = Math.min(DEALT_MAX, Math.ceil(this.#queue.length / hands_left));
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
    return units.length;
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
    if (message.type === 'requested') this.#listener.requested(message.addresses);
    if (message.type === 'reply' || message.type === 'refused') settle(this.#looks, message);
    if (!('unit' in message)) return;
    const job = hand.works.get(message.unit)?.job;
    if (ENDS.has(message.type)) hand.drop(message.unit);
    // Whatever is told of a job that was given up comes too late.
    if (!job || !this.#jobs.has(job)) return;
    switch (message.type) {
      case 'begun':
        this.#listener.begun(job.task.file, message.size_bytes);
        break;
      case 'opened':
        this.#listener.opened(job.task.file, message.opened);
        job.windows.set(message.unit, message.opened.own);
        this.#add(
          job,
          message.opened.windows.map((window) => job.unit(this.#unitNext++, window)),
        );
        break;
      case 'progress':
        job.report(message.unit, message.progress);
        this.#listener.progress(job.task.file, job.progress, job.questions.length);
        break;
      case 'scanned':
        this.#scanned(job, message.unit, message.progress, message.results);
        break;
      case 'failed':
        this.#unitFailed(job, message.unit, message.problem);
        break;
    }
  }

  /** Puts more units of a file before everything else that waits. */
  #add(job: Job, units: Unit[]): void {
    this.#queue.push(...units.map((unit) => this.#work(job, unit)).reverse());
  }

  /** A unit that brought nothing at all: what broke it is looked for in its halves, unless the file as a whole is to blame. */
  #unitFailed(job: Job, unit: number, problem: Problem): void {
    if (!isLocal(problem) || !job.windows.has(unit)) {
      this.#failed(job, problem);
      return;
    }
    const results = job.keys.map((question) => ({ question, ok: false as const, problem }));
    this.#scanned(job, unit, { rowsDone: 0, bytesRead: 0 }, results);
  }

  #scanned(job: Job, unit: number, progress: UnitProgress, results: UnitResult[]): void {
    const { file } = job.task;
    this.#parts.push({ file, results });
    this.#hasNews = true;
    for (const result of results) this.#dirty.add(result.question);
    const last = job.close(unit, progress, this.#narrowed(job, unit, results));
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
    // A window that failed spoils the question for its whole file, until the reader leaves it out.
    if (job.problems.size > 0) this.#forgetPartials(file, [...job.problems.keys()]);
    this.#listener.counted(file, job.problems);
  }

  /** The results that can be noted: what failed in several row groups is tried again in halves, to find the one to blame. */
  #narrowed(job: Job, unit: number, results: UnitResult[]): UnitResult[] {
    const halves = job.halves(unit);
    if (halves.length === 0) return results;
    const failed = new Set(
      results.flatMap((result) => (!result.ok && isLocal(result.problem) ? result.question : [])),
    );
    if (failed.size === 0) return results;
    const questions = job.questions.filter(({ key }) => failed.has(key));
    this.#add(
      job,
      halves.map((window) => job.unit(this.#unitNext++, window, questions)),
    );
    return results.filter(({ question }) => !failed.has(question));
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
    if (hand === this.#looker) refuseAll(this.#looks, problem);
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
    for (const key of questions) this.#dirty.add(key);
    this.#merger.tell({ type: 'forget', file, questions });
  }

  #handOn(): void {
    const parts = this.#parts;
    this.#parts = [];
    if (parts.length === 0) return;
    const large = handedOver(parts.flatMap(({ results }) => results));
    this.#merger.tell({ type: 'merge', parts }, large);
  }

  /** Asks for the answers that may have changed: a million groups are not merged anew for another question's sake. */
  #ask(final: boolean): void {
    if (this.#answer && !final) return;
    // Nothing has changed since the final answer was asked for, or told.
    const changed = this.#questions.some(({ key }) => this.#dirty.has(key));
    if (final && !changed && (this.#answer?.final ?? this.#isTold)) return;
    // The outcomes of an answer that is overtaken never come.
    for (const { key } of this.#answer?.questions ?? []) this.#dirty.add(key);
    const request = this.#requestNext++;
    const questions = this.#questions.filter(
      ({ key }) => this.#dirty.has(key) || (final && !this.#outcomes.has(key)),
    );
    if (questions.length === 0 && !final) return;
    for (const { key } of questions) this.#dirty.delete(key);
    this.#answer = { request, final, asked_ms: performance.now(), questions };
    this.#merger.tell({ type: 'answer', request, questions, files: this.#files });
  }

  #mergerSaid(message: FromWorker): void {
    if (message.type === 'reply' || message.type === 'refused') settle(this.#wishes, message);
    else if (message.type === 'broken') this.#mergerBroke(message.problem);
    else if (message.type === 'answers') this.#answered(message.request, message.outcomes);
  }

  /** The last worker also looks into files: it is the last that units are dealt to. */
  get #looker(): Hand | undefined {
    return this.#hands.at(-1);
  }

  #answered(request: number, outcomes: Outcome[]): void {
    const asked = this.#answer;
    if (request !== asked?.request) return;
    this.#answer = undefined;
    const now = performance.now();
    // Where answers are costly, because there are many files or groups, they come more seldom.
    this.#answerDue_ms = now + Math.max(ANSWER_MS, ANSWER_REST * (now - asked.asked_ms));
    asked.questions.forEach(({ key }, index) => {
      const outcome = outcomes[index];
      if (outcome) this.#outcomes.set(key, outcome);
    });
    const told = new Map<string, Outcome>();
    for (const { key } of this.#questions) {
      const outcome = this.#outcomes.get(key);
      if (outcome) told.set(key, this.#ledger.told(key, this.#files, outcome));
    }
    this.#isTold = asked.final;
    this.#listener.answers(told, asked.final);
  }

  /** Without the merger nothing that was counted is known any more. */
  #mergerBroke(problem: Problem): void {
    this.#halt();
    this.#ledger.clear();
    this.#outcomes.clear();
    this.#merger.replace();
    refuseAll(this.#wishes, problem);
    this.#failAll(problem);
  }
}

/** Takes a reply to whoever waits for it. */
function settle(
  waiting: Map<number, Granting>,
  message: Extract<FromWorker, { type: 'reply' | 'refused' }>,
): void {
  const granting = waiting.get(message.request);
  waiting.delete(message.request);
  if (message.type === 'reply') granting?.resolve(message.value);
  else granting?.reject(new Refusal(message.problem));
}

function refuseAll(waiting: Map<number, Granting>, problem: Problem): void {
  for (const { reject } of waiting.values()) reject(new Refusal(problem));
  waiting.clear();
}
