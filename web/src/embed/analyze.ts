import type * as Package from '../../package/index.d.ts';
import { FileBoard } from '../board/files.ts';
import type { Answer, Problem } from '../data/answer.ts';
import { collectInput } from '../data/collect.ts';
import type { Loader } from '../engine/loader.ts';
import { Pool } from '../engine/pool.ts';
import { question, type Question } from '../engine/protocol.ts';
import { workersHere } from '../engine/workers.ts';

/** Why there is no answer, in a sentence. */
export class AnalysisError extends Error implements Package.AnalysisError {
  override readonly name = 'AnalysisError';
  readonly kind: string;
  readonly file: string | undefined;

  constructor({ kind, message }: Problem, file?: string) {
    super(file === undefined ? message : `${file}: ${message}`);
    this.kind = kind;
    this.file = file;
  }
}

/** Answers a query over files with a pool of its own, which goes when the answer is there. */
export async function analyzeWith(
  loader: Loader,
  files: Iterable<File>,
  query: Package.Query,
  options: Package.Options = {},
): Promise<Package.Analysis> {
  options.signal?.throwIfAborted();
  const collection = collectInput(files);
  if (collection.found.length === 0) {
    throw new AnalysisError({ kind: 'query', message: 'There are no files to analyse.' });
  }
  const run = new Run(loader, question(query), options);
  try {
    await run.counted(collection);
    return await run.analysis();
  } finally {
    run.end();
  }
}

/** One analysis under way. */
class Run {
  readonly #pool: Pool;
  readonly #board: FileBoard;
  readonly #asked: Question;
  readonly #options: Package.Options;
  #changed: () => void = () => undefined;

  constructor(loader: Loader, asked: Question, options: Package.Options) {
    let pool: Pool | undefined;
    this.#board = new FileBoard(
      (listener) => (pool = new Pool(workersHere(), loader, listener)),
      () => {
        this.#changed();
      },
    );
    if (!pool) throw new Error('The board made no engine.');
    this.#pool = pool;
    this.#asked = asked;
    this.#options = options;
    this.#board.ask([asked]);
  }

  /** Resolves when everything is counted, and rejects when that can't be or is no longer wanted. */
  counted(collection: ReturnType<typeof collectInput>): Promise<void> {
    const { signal, onProgress, skipBad = false } = this.#options;
    return new Promise((resolve, reject) => {
      signal?.addEventListener(
        'abort',
        () => {
          reject(signal.reason as Error);
        },
        { once: true },
      );
      this.#changed = () => {
        try {
          onProgress?.(this.#progress());
        } catch (fault) {
          reject(fault instanceof Error ? fault : new Error(String(fault)));
        }
        const bad = this.#board.entries.find((entry) => entry.status === 'failed');
        if (bad && !skipBad) {
          const problem = { kind: 'file', message: bad.reason ?? 'It could not be read.' };
          reject(new AnalysisError(problem, bad.path));
        } else if (!this.#board.busy) resolve();
      };
      this.#board.add(collection);
    });
  }

  async analysis(): Promise<Package.Analysis> {
    const answer = this.#answer();
    const skipped = this.#board.entries
      .filter((entry) => entry.status === 'failed')
      .map(({ path, reason = '' }) => ({ file: path, reason }));
    const { columns, scanned, rowsTotal } = answer;
    const rows =
      answer.rows.length === rowsTotal
        ? answer.rows
        : await this.#board.rows(this.#asked, undefined, 0, rowsTotal);
    return { columns, rows, scanned, skipped, elapsed_ms: this.#board.elapsed_ms };
  }

  end(): void {
    this.#changed = () => undefined;
    this.#pool.end();
  }

  #answer(): Answer {
    const outcome = this.#board.outcomes.get(this.#asked.key);
    if (outcome?.ok) return outcome.answer;
    throw new AnalysisError(
      outcome?.problem ?? { kind: 'file', message: 'None of the files could be read.' },
    );
  }

  #progress(): Package.Progress {
    const { files, filesDone, rows, rowsDone, bytesRead, bytesTotal, part } = this.#board.totals;
    const outcome = this.#board.outcomes.get(this.#asked.key);
    return {
      ...{ files, filesDone, rows, rowsDone, bytesRead, bytesTotal, part },
      ...(outcome?.ok && {
        soFar: { columns: outcome.answer.columns, rows: outcome.answer.rows },
      }),
    };
  }
}
