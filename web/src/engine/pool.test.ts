import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Outcome, Problem } from '../data/answer.ts';
import type { EngineListener, Task } from './engine.ts';
import type { Loader } from './loader.ts';
import { Pool } from './pool.ts';
import { question, type FromWorker, type ToWorker, type Unit } from './protocol.ts';

/** A worker that notes what it is told and says what the test makes it say. */
class PuppetWorker {
  static all: PuppetWorker[] = [];
  heard: ToWorker[] = [];
  ended = false;
  onmessage: (event: { data: FromWorker[] }) => void = () => undefined;
  onerror: () => void = () => undefined;

  constructor() {
    PuppetWorker.all.push(this);
  }

  postMessage(message: ToWorker): void {
    this.heard.push(message);
  }

  terminate(): void {
    this.ended = true;
  }

  say(...messages: FromWorker[]): void {
    this.onmessage({ data: messages });
  }

  /** The units that it was given. */
  get units(): Unit[] {
    return this.heard.flatMap((message) => (message.type === 'scan' ? message.units : []));
  }

  told<T extends ToWorker['type']>(type: T): Extract<ToWorker, { type: T }>[] {
    return this.heard.filter(
      (message): message is Extract<ToWorker, { type: T }> => message.type === type,
    );
  }
}

const LOADER: Loader = {
  module: new Promise(() => undefined),
  spawn: () => new PuppetWorker() as unknown as Worker,
};

const asked = question({ group_by: 'event_type' });
const empty = { columns: ['event_type', 'count'], rows: [], rowsTotal: 0 };
const scanned = { files: 0, rowGroups: 0, rows: 0, bytesRead: 0, bytesTotal: 0 };
const outcome: Outcome = { ok: true, answer: { ...empty, scanned }, partial: false };

function tasks(count: number): Task[] {
  return Array.from({ length: count }, (_, file) => ({
    file,
    source: new File([], `${file}.parquet`),
    path: `${file}.parquet`,
    without: [],
  }));
}

function counted(unit: Unit): FromWorker {
  const results = [{ question: asked.key, ok: true as const, partial: new Uint8Array(1) }];
  return { type: 'scanned', unit: unit.id, progress: { rowsDone: 1, bytesRead: 1 }, results };
}

describe('the pool', () => {
  const failed = new Map<number, Problem>();
  const done: number[] = [];
  let answers: { outcomes: Map<string, Outcome>; final: boolean }[] = [];
  let pool: Pool;
  let merger: PuppetWorker;
  let hands: PuppetWorker[];

  const listener: EngineListener = {
    requested: () => undefined,
    begun: () => undefined,
    opened: () => undefined,
    progress: () => undefined,
    counted: (file) => done.push(file),
    failed: (file, problem) => failed.set(file, problem),
    answers: (outcomes, final) => answers.push({ outcomes, final }),
  };

  function merged(): number[] {
    return merger.told('merge').flatMap(({ parts }) => parts.map((part) => part.file));
  }

  function answer(): void {
    const request = merger.told('answer').at(-1)?.request ?? -1;
    merger.say({ type: 'answers', request, outcomes: [outcome] });
  }

  beforeEach(() => {
    PuppetWorker.all = [];
    failed.clear();
    done.length = 0;
    answers = [];
    pool = new Pool(2, LOADER, listener);
    hands = PuppetWorker.all.slice(0, 2);
    merger = PuppetWorker.all[2] ?? new PuppetWorker();
  });

  it('deals every file to one worker, and asks for the answer when all are counted', () => {
    pool.count(tasks(5), [asked]);
    const dealt = hands.flatMap((hand) => hand.units.map((unit) => unit.file));
    expect(dealt.sort()).toEqual([0, 1, 2, 3, 4]);
    expect(Math.min(...hands.map((hand) => hand.units.length))).toBeGreaterThan(0);
    for (const hand of hands) hand.say(...hand.units.map(counted));
    expect(merged().sort()).toEqual([0, 1, 2, 3, 4]);
    answer();
    expect(answers.at(-1)).toMatchObject({ final: true });
    expect(answers.at(-1)?.outcomes.get(asked.key)).toMatchObject({ ok: true, partial: false });
  });

  it('deals many files in several tasks, so that none of them holds up the page', async () => {
    pool.count(tasks(60), [asked]);
    const first = hands.map((hand) => hand.units.length);
    expect(Math.max(...first)).toBeLessThanOrEqual(16);
    await vi.waitFor(() => {
      expect(hands.flatMap((hand) => hand.units)).toHaveLength(60);
    });
    for (const hand of hands) {
      for (const { units } of hand.told('scan')) expect(units.length).toBeLessThanOrEqual(16);
    }
  });

  it('counts nothing twice when more files or the same question come', () => {
    pool.count(tasks(1), [asked]);
    const [first, second] = hands;
    first?.say(...first.units.map(counted));
    pool.count(tasks(2), [asked]);
    const dealt = [...(first?.units ?? []), ...(second?.units ?? [])].map((unit) => unit.file);
    expect(dealt).toEqual([0, 1]);
  });

  it('shares a large file out, and calls it counted only with its last window', () => {
    pool.count(tasks(1), [asked]);
    const [first, second] = hands;
    const [unit] = first?.units ?? [];
    if (!first || !second || !unit) throw new Error('nothing was dealt');
    const windows = [1, 2, 3].map((group) => ({ first: group, end: group + 1 }));
    const own = { first: 0, end: 1 };
    const opened = { rows: 4, rowGroups: 4, columns: [], span: undefined, own, windows };
    first.say({ type: 'opened', unit: unit.id, opened });
    expect(second.units.length).toBeGreaterThan(0);
    first.say(counted(unit));
    expect(done).toEqual([]);
    for (const hand of hands) hand.say(...hand.units.slice(hand === first ? 1 : 0).map(counted));
    for (const hand of hands) hand.say(...hand.units.map(counted));
    expect(done).toEqual([0]);
    expect(merged()).toEqual([0, 0, 0, 0]);
  });

  it('blames the file that broke a worker, and counts the others in a fresh one', () => {
    pool.count(tasks(4), [asked]);
    const [first] = hands;
    const [guilty, ...others] = first?.units ?? [];
    if (!first || !guilty) throw new Error('nothing was dealt');
    const problem = { kind: 'crash', message: 'The reader gave up.' };
    first.say({ type: 'failed', unit: guilty.id, problem }, { type: 'broken', problem });
    expect(first.ended).toBe(true);
    expect([...failed.keys()]).toEqual([guilty.file]);
    const again = PuppetWorker.all
      .filter((worker) => !worker.ended)
      .flatMap((worker) => worker.units);
    for (const other of others) expect(again.map((unit) => unit.id)).toContain(other.id);
  });

  it('blames nobody for a dead worker until a file was alone in it', () => {
    pool.count(tasks(6), [asked]);
    const [first, second] = hands;
    first?.onerror();
    expect(failed.size).toBe(0);
    // The other one finishes what it has, and then gets one of the suspects for itself.
    const before = second?.units.length ?? 0;
    second?.say(...second.units.map(counted));
    const [suspect, ...more] = second?.units.slice(before) ?? [];
    expect(more).toEqual([]);
    second?.onerror();
    expect([...failed.keys()]).toEqual([suspect?.file]);
  });

  it('stops at once, keeps what is known as partial, and forgets it before it is counted again', () => {
    pool.count(tasks(2), [asked]);
    const [first, second] = hands;
    first?.say(...first.units.map(counted));
    pool.stop();
    expect(second?.told('stop')).toHaveLength(1);
    answer();
    expect(answers.at(-1)?.outcomes.get(asked.key)).toMatchObject({ ok: true, partial: true });
    const [late] = second?.units ?? [];
    if (!second || !late) throw new Error('nothing was dealt');
    second.say(counted(late));
    expect(merged()).toEqual([first?.units[0]?.file]);
    pool.count(tasks(2), [asked]);
    expect(merger.told('forget').map(({ file }) => file)).toEqual([late.file]);
  });

  it('ends a worker that does not hear that it shall stop, and only that', () => {
    vi.useFakeTimers();
    pool.count(tasks(2), [asked]);
    const [first, second] = hands;
    pool.stop();
    for (const unit of first?.units ?? []) first?.say({ type: 'stopped', unit: unit.id });
    vi.runAllTimers();
    vi.useRealTimers();
    expect([first?.ended, second?.ended]).toEqual([false, true]);
  });

  /** Deals one file of four row groups to the first worker, which opens it and keeps them all. */
  function opened(): { first: PuppetWorker; unit: Unit } {
    pool.count(tasks(1), [asked]);
    const [first] = hands;
    const [unit] = first?.units ?? [];
    if (!first || !unit) throw new Error('nothing was dealt');
    const own = { first: 0, end: 4 };
    const told = { rows: 4, rowGroups: 4, columns: [], span: undefined, own, windows: [] };
    first.say({ type: 'opened', unit: unit.id, opened: told });
    return { first, unit };
  }

  /** Counts everything that is dealt; what holds this row group fails. */
  function countAllBut(group: number): void {
    const done = new Set<number>();
    for (;;) {
      const next = hands
        .flatMap((hand) => hand.units.map((unit) => ({ hand, unit })))
        .find(({ unit }) => unit.window && !done.has(unit.id));
      if (!next) return;
      const { hand, unit } = next;
      done.add(unit.id);
      const { first = 0, end = 0 } = unit.window ?? {};
      if (group < first || group >= end) hand.say(counted(unit));
      else hand.say(failedResult(unit.id, { kind: 'corrupt', message: `row group ${group}` }));
    }
  }

  function failedResult(unit: number, problem: Problem): FromWorker {
    const results = [{ question: asked.key, ok: false as const, problem }];
    return { type: 'scanned', unit, progress: { rowsDone: 0, bytesRead: 0 }, results };
  }

  it('finds the row group that is to blame', () => {
    const { first, unit } = opened();
    first.say(failedResult(unit.id, { kind: 'corrupt', message: 'somewhere' }));
    countAllBut(2);
    expect([...failed.values()]).toMatchObject([{ kind: 'corrupt', rowGroups: [2] }]);
    // The three others were counted once each.
    expect(done).toEqual([]);
  });

  it('finds it after a trap too, and in a fresh worker', () => {
    const { first, unit } = opened();
    const problem = { kind: 'crash', message: 'The reader gave up.' };
    first.say({ type: 'failed', unit: unit.id, problem }, { type: 'broken', problem });
    expect(first.ended).toBe(true);
    hands = PuppetWorker.all.filter((worker) => !worker.ended && worker !== merger);
    countAllBut(1);
    expect([...failed.values()]).toMatchObject([{ rowGroups: [1] }]);
  });

  it('blames no row group for a file that is gone', () => {
    const { first, unit } = opened();
    const problem = { kind: 'unreadable', message: 'It was moved.' };
    first.say({ type: 'failed', unit: unit.id, problem });
    expect([...failed.values()]).toEqual([problem]);
  });

  it('asks the merger only about what may have changed', () => {
    pool.count(tasks(1), [asked]);
    const [unit] = hands[0]?.units ?? [];
    if (unit) hands[0]?.say(counted(unit));
    answer();
    const other = question({ group_by: 'item' });
    pool.count(tasks(1), [asked, other]);
    const more = hands.flatMap((hand) => hand.units).at(-1);
    const results = [{ question: other.key, ok: true as const, partial: new Uint8Array(1) }];
    const progress = { rowsDone: 1, bytesRead: 1 };
    hands[0]?.say({ type: 'scanned', unit: more?.id ?? -1, progress, results });
    expect(
      merger
        .told('answer')
        .at(-1)
        ?.questions.map(({ key }) => key),
    ).toEqual([other.key]);
    answer();
    expect([...(answers.at(-1)?.outcomes.keys() ?? [])]).toEqual([asked.key, other.key]);
  });

  it('tells the last counts as final, whatever else a worker says meanwhile', () => {
    pool.count(tasks(2), [asked]);
    const [first, second] = hands;
    first?.say(...first.units.map(counted));
    // The answer so far, of the first file alone.
    answer();
    second?.say(...second.units.map(counted));
    const last = merger.told('answer').at(-1);
    // A look that was answered has nothing to do with the counts.
    second?.say({ type: 'reply', request: -1, value: undefined });
    expect(merger.told('answer').at(-1)).toBe(last);
    expect(last?.questions).toEqual([asked]);
    answer();
    expect(answers.at(-1)?.final).toBe(true);
    second?.say({ type: 'reply', request: -1, value: undefined });
    expect(merger.told('answer').at(-1)).toBe(last);
  });

  it('blames the question, not the file, for wrong words', () => {
    pool.count(tasks(1), [asked]);
    hands[0]?.say(...hands[0].units.map(counted));
    const wrong = question({ group_by: '(' });
    pool.count(tasks(1), [asked, wrong]);
    const unit = hands.flatMap((hand) => hand.units).at(-1);
    const problem = { kind: 'query', message: 'A column is missing.' };
    hands[0]?.say({
      type: 'scanned',
      unit: unit?.id ?? -1,
      progress: { rowsDone: 1, bytesRead: 1 },
      results: [{ question: wrong.key, ok: false, problem }],
    });
    expect(failed.size).toBe(0);
    const request = merger.told('answer').at(-1)?.request ?? -1;
    merger.say({ type: 'answers', request, outcomes: [outcome, outcome] });
    const told = answers.at(-1)?.outcomes;
    expect(told?.get(asked.key)).toMatchObject({ ok: true, partial: false });
    expect(told?.get(wrong.key)).toEqual({ ok: false, problem });
  });

  it('says why when no file could answer', () => {
    pool.count(tasks(1), [asked]);
    const [unit] = hands[0]?.units ?? [];
    const problem = { kind: 'corrupt', message: 'It ends too early.' };
    hands[0]?.say({ type: 'failed', unit: unit?.id ?? -1, problem });
    answer();
    expect(answers.at(-1)?.outcomes.get(asked.key)).toEqual({ ok: false, problem });
  });
});
