// The browser module's answer in this one thread: `node wasm.mjs MODULE_FOLDER FILE GROUP_BY MEASURE WHERE RUNS`.
// Prints each run's CPU seconds in a line of its own, also those of the first, while the module is still being compiled; then the answer as CSV.

import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** As many rows between two steps as the page's worker takes. */
const ROWS_A_STEP = 65_536;
/** A run that takes longer is repeated once and no more. */
const SLOW_CPU_S = 2.5;

const [folder, path, group_by, measure, where, runs] = process.argv.slice(2);
const { initSync, Query, Scan, Step } = await import(pathToFileURL(join(folder, 'questlog.js')));
initSync({ module: readFileSync(join(folder, 'questlog_bg.wasm')) });

const query = new Query(where ? { group_by, measure, where } : { group_by, measure });
const file = openSync(path);
let answer;
let last_run = Number(runs) - 1;
for (let run = 0; run <= last_run; run += 1) {
  const before = process.cpuUsage();
  answer = count().answer(query);
  const used = process.cpuUsage(before);
  const cpu_s = (used.user + used.system) / 1e6;
  console.log(`cpu_s ${cpu_s}`);
  if (cpu_s > SLOW_CPU_S) last_run = Math.min(last_run, 1);
}
closeSync(file);
console.log(answer.render('csv', { elapsed_ms: 0, skipped: [] }).trimEnd());

function count() {
  const scan = new Scan(query, path, fstatSync(file).size);
  for (;;) {
    const step = scan.advance(ROWS_A_STEP);
    if (step === Step.Done) return scan.finish();
    if (step === Step.Need) feed(scan);
  }
}

function feed(scan) {
  const needs = scan.needs();
  for (let at = 0; at < needs.length; at += 2) {
    const bytes = new Uint8Array(needs[at + 1] - needs[at]);
    const length = readSync(file, bytes, 0, bytes.length, needs[at]);
    scan.feed(needs[at], bytes.subarray(0, length));
  }
}
