// The partials that the browser's module counts or merges: `node partials.js MODULE TASKS`.
//
// TASKS is a JSON list; a task has the words of a `query`, and a `file` and the `row_groups` to count, or hexadecimal
// partials to `merge`. What is printed is the list of the partials, hexadecimal.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [path, tasks] = process.argv.slice(2);
const { initSync, Partial, Query, Scan, Step } = await import(pathToFileURL(path).href);
initSync({ module: readFileSync(path.replace(/\.js$/, '_bg.wasm')) });

console.log(JSON.stringify(JSON.parse(tasks).map(done)));

function done({ query: words, file, row_groups: rowGroups, merge }) {
  const query = new Query(words);
  const partial = merge ? merged(query, merge) : counted(query, file, rowGroups);
  return Buffer.from(partial.toBytes()).toString('hex');
}

function merged(query, partials) {
  const all = new Partial(query);
  for (const partial of partials) all.absorb(Partial.fromBytes(Buffer.from(partial, 'hex'), query));
  return all;
}

function counted(query, { name, path }, rowGroups) {
  const bytes = readFileSync(path);
  let scan = new Scan(query, name, bytes.length);
  if (rowGroups) {
    while (!scan.footer()) advance(scan, bytes);
    scan = Scan.within(query, name, bytes.length, scan.footer(), ...rowGroups);
  }
  while (advance(scan, bytes) !== Step.Done);
  return scan.finish();
}

/** One step, a few rows long so that there are many. */
function advance(scan, bytes) {
  const step = scan.advance(50);
  const needs = scan.needs();
  for (let at = 0; at < needs.length; at += 2) {
    scan.feed(needs[at], bytes.subarray(needs[at], needs[at + 1]));
  }
  return step;
}
