// How much sooner does the page answer than the best readers of Parquet in a browser, for files put in through a real file input?
// `cargo xtask bench page` makes everything that the options name, and starts this.

import { parseArgs } from 'node:util';
import { QUESTLOG, PEERS } from './contenders.mjs';
import { intro, rowOf, HEAD, checked, weights } from './report.mjs';
import { compared } from './run.mjs';
import { serve } from './serve.mjs';
import { worksOf } from './works.mjs';

const text = { type: 'string' };
const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    dist: text,
    peers: text,
    data: text,
    million: text,
    chromium: text,
    playwright: text,
    rounds: text,
  },
});
const works = worksOf(options.data, options.million).filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
);
if (works.length === 0) throw new Error('no work’s name holds any of these words');
const server = await serve({ questlog: options.dist, peers: options.peers });
let unmet = 0;
try {
  console.log(intro(options.rounds));
  console.log(`\n${HEAD}`);
  for (const work of works) {
    const peers = PEERS.filter(({ name }) => work.peers.includes(name));
    const results = [];
    for (const contender of [QUESTLOG, ...peers]) {
      results.push({ contender, ...(await compared(options, server.url, contender, work)) });
    }
    checked(work, results);
    const row = rowOf(work, results);
    unmet += row.unmet;
    console.log(row.line);
  }
  const wire = await weights(options.dist, options.peers);
  unmet += wire.unmet;
  console.log(`\n${wire.table}\n\nTargets that are not reached: ${unmet}.`);
} finally {
  await server.stop();
}
