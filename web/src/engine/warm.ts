import { popularEvents, PROVIDERS, providersByEvent } from '../data/words.ts';
import { Merger } from './merger.ts';
import { pause } from './pause.ts';
import { question, type FromWorker } from './protocol.ts';
import { Scanner } from './scanner.ts';

/**
 * Counts a sample again and again for some time, so that the browser has compiled and tuned what counts before there is
 * anything to count; `goesOn` says whether there is still nothing better to do.
 */
export async function warmUp(
  sample: Uint8Array<ArrayBuffer>,
  ms: number,
  goesOn: () => boolean,
): Promise<void> {
  const began_ms = performance.now();
  const questions = [
    question(popularEvents()),
    question(providersByEvent({ rule: 'contains', providers: PROVIDERS })),
  ];
  const source = new File([sample], 'sample.parquet');
  do {
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
    await pause();
  } while (goesOn() && performance.now() - began_ms < ms);
}
