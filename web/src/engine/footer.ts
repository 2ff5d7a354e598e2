import { Query, Scan, Step, type Footer } from '../wasm/questlog.js';
import { feed } from './feed.ts';
import type { RangeReader } from './reader.ts';

/** Reads a footer, which needs no more of a query than that there is one. */
export async function footerOf(path: string, size: number, reader: RangeReader): Promise<Footer> {
  const query = new Query({});
  const scan = new Scan(query, path, size);
  for (;;) {
    const step = scan.advance(0);
    const footer = scan.footer();
    if (footer) {
      scan.free();
      query.free();
      return footer;
    }
    // A file can't be done before its footer is known.
    if (step === Step.Done) throw new Error('The file has no footer');
    await feed(scan, reader);
  }
}
