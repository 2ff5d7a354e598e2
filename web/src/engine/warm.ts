import { popularEvents, PROVIDERS, providersByEvent } from '../data/words.ts';
import { Query, Scan, Step } from '../wasm/questlog.js';
import { feed } from './feed.ts';
import { footerOf } from './footer.ts';
import { Merger } from './merger.ts';
import { pause } from './pause.ts';
import { question, type FromWorker } from './protocol.ts';
import { RangeReader } from './reader.ts';
import { Scanner } from './scanner.ts';

/**
 * Gets everything ready on a sample before there is anything to count; `goesOn` says whether there is still nothing better
 * to do.
 *
 * The whole way is gone once. After that only rows are counted, again and again for some time, because the browser tunes
 * whatever it sees run often, and it should not be busy with tuning what opens a file when files come.
 */
export async function warmUp(
  sample: Uint8Array<ArrayBuffer>,
  ms: number,
  goesOn: () => boolean,
): Promise<void> {
  const began_ms = performance.now();
  const source = new File([sample], 'sample.parquet');
  await wholeWay(source, sample);
  await pause();
  const reader = new RangeReader(source, sample);
  const footer = await footerOf(source.name, source.size, reader);
  const query = new Query(PROVIDERS_BY_EVENT);
  while (goesOn() && performance.now() - began_ms < ms) {
    const scan = Scan.within(query, source.name, source.size, footer, 0, footer.rowGroups());
    for (;;) {
      const step = scan.advance(ROWS_A_STEP);
      if (step === Step.Done) break;
      if (step === Step.Need) await feed(scan, reader);
    }
    scan.finish().free();
    await pause();
  }
  query.free();
  footer.free();
}

/** More than the sample has. */
const ROWS_A_STEP = 65_536;

const PROVIDERS_BY_EVENT = providersByEvent({ rule: 'contains', providers: PROVIDERS });

/** From a file to the answers to both questions. */
async function wholeWay(source: File, sample: Uint8Array): Promise<void> {
  const questions = [question(popularEvents()), question(PROVIDERS_BY_EVENT)];
  const told: FromWorker[] = [];
  const scanner = new Scanner((message) => told.push(message));
  await scanner.scan({ id: 0, file: 0, source, path: '', questions, without: [] }, sample);
  const merger = new Merger();
  merger.ask(questions);
  for (const message of told) {
    if (message.type === 'scanned') merger.merge([{ file: 0, results: message.results }]);
  }
  for (const asked of questions) merger.outcome(asked, [0]);
  for (const { key } of questions) merger.forget(0, [key]);
}
