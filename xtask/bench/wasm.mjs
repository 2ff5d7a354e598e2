// The browser module's answer in this one thread: `node wasm.mjs MODULE_FOLDER FILE GROUP_BY MEASURE WHERE RUNS`.
// Prints the CPU seconds of the first run, while the module is still being compiled, and of each of the runs after it is, in a line
// of its own; then the answer as CSV.

import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** As many rows between two steps as the page's worker takes. */
const ROWS_A_STEP = 65_536;
/** Runs that are not told of: meanwhile other threads compile what turns out to be hot, on this process's account. */
const WARM_UP_RUNS = 30;
/** … but no more of them once they took so long: by then a run of any length has met all there is to compile. */
const WARM_UP_CPU_S = 5;

const [folder, path, group_by, measure, where, runs] = process.argv.slice(2);
const { initSync, Query, Scan, Step } = await import(pathToFileURL(join(folder, 'questlog.js')));
initSync({ module: readFileSync(join(folder, 'questlog_bg.wasm')) });

const query = new Query(where ? { group_by, measure, where } : { group_by, measure });
const file = openSync(path);
let room = new Uint8Array(1 << 20);
let answer;
const first_cpu_s = run();
console.log(`cpu_s ${first_cpu_s}`);
let warm_up_cpu_s = first_cpu_s;
for (let done = 0; done < WARM_UP_RUNS && warm_up_cpu_s < WARM_UP_CPU_S; done += 1) warm_up_cpu_s += run();
for (let done = 0; done < Number(runs); done += 1) console.log(`cpu_s ${run()}`);
closeSync(file);
console.log(answer.render('csv', { elapsed_ms: 0, skipped: [] }).trimEnd());

function run() {
  const before = process.cpuUsage();
  answer = count().answer(query);
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1e6;
}

function count() {
  const scan = new Scan(query, path, fstatSync(file).size);
  for (;;) {
    const step = scan.advance(ROWS_A_STEP);
    if (step === Step.Done) return scan.finish();
    if (step === Step.Need) feed(scan);
  }
}

/** Reads into one and the same buffer, as the native program does. */
function feed(scan) {
  const needs = scan.needs();
  for (let at = 0; at < needs.length; at += 2) {
    const length = needs[at + 1] - needs[at];
    if (length > room.length) room = new Uint8Array(length);
    const read = readSync(file, room, 0, length, needs[at]);
    scan.feed(needs[at], room.subarray(0, read));
  }
}
