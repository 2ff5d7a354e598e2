// What is printed: Markdown.

import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { loadavg, cpus } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';

const TASK_MS_MAX = 50;
const GROWTH_MB_MAX = 100;
const WIRE_KIB_MAX = 400;

export const HEAD = `\
| work | who | cold s | again s | longest task ms | renderer grows MB | peer : ours, cold | again | to reach | met |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |`;

export function intro(rounds) {
  return `\
**Question:** how much sooner does the page answer "providers × events" than the best readers of Parquet in a browser?

**Measured:** headless Chromium, ${cpus().length} cores, files put in through a real file input, a fresh browser for each round and the page just loaded. *Cold* is the first choice of the files, *again* the second in the same page; the middle of ${rounds} rounds (one where it takes more than 4 s). Questlog's time ends when it has answered **both** questions and drawn them, a peer's when it has the rows of the one. The renderer's growth is the peak of its resident memory, over both times, less what it had before. Answers are compared before times.

**Not measured:** a cold disk; several tabs. Load at the beginning: ${loadavg()[0].toFixed(2)}.`;
}

/** Fails when anybody answered differently from us. */
export function checked(work, [ours, ...peers]) {
  if (ours.failed) throw new Error(`Questlog failed at "${work.name}": ${ours.failed}`);
  const text = ({ rows }) => rows.map((row) => JSON.stringify(row)).sort();
  const expected = text(ours);
  for (const peer of peers.filter(({ failed }) => !failed)) {
    const got = text(peer);
    const other = expected.find((row, index) => row !== got[index]);
    if (other === undefined && got.length === expected.length) continue;
    const { name } = peer.contender;
    throw new Error(
      `Questlog and ${name} answer "${work.name}" differently, so no time means anything: ${other}`,
    );
  }
}

/** The lines of one work, and how many of its targets are not reached. */
export function rowOf(work, [ours, ...peers]) {
  const able = peers.filter(({ failed }) => !failed);
  const best = (of) => Math.min(...able.map(of));
  const cold_ms_max = best(({ cold_ms }) => cold_ms) * work.part;
  const again_ms_max = best(({ again_ms }) => again_ms) * (work.againPart ?? Infinity);
  const targets = [
    [`cold ${seconds(cold_ms_max)} (1/${1 / work.part})`, ours.cold_ms <= cold_ms_max],
    work.againPart && [
      `again ${seconds(again_ms_max)} (1/${1 / work.againPart})`,
      ours.again_ms <= again_ms_max,
    ],
    [`task under ${TASK_MS_MAX} ms`, ours.task_ms < TASK_MS_MAX],
    [`growth under ${GROWTH_MB_MAX} MB`, ours.growth_mb < GROWTH_MB_MAX],
  ].filter(Boolean);
  const reach = targets.map(([words]) => words).join(', ');
  const missed = targets.filter(([, met]) => !met).map(([words]) => words);
  const lines = [
    line(work, ours, '–', '–', reach, missed.length ? `**no**: ${missed.join(', ')}` : 'yes'),
  ];
  for (const peer of peers) {
    if (peer.failed)
      lines.push(`| | ${peer.contender.name} | failed: ${peer.failed} | | | | | | | |`);
    else {
      const times = (of) => (of(peer) / of(ours)).toFixed(1);
      const cold = times(({ cold_ms }) => cold_ms);
      const again = times(({ again_ms }) => again_ms);
      lines.push(line({ name: '' }, peer, cold, again, '', ''));
    }
  }
  return { line: lines.join('\n'), unmet: missed.length };
}

function line(work, run, cold, again, reach, met) {
  const task = run.task_ms === 0 ? `< ${TASK_MS_MAX}` : run.task_ms.toFixed(0);
  return `| ${work.name} | ${run.contender.name} | ${seconds(run.cold_ms)} | ${seconds(run.again_ms)} | ${task} | ${run.growth_mb.toFixed(0)} | ${cold} | ${again} | ${reach} | ${met} |`;
}

function seconds(ms) {
  return (ms / 1000).toFixed(3);
}

/** What travels before anything can be counted, brotli. */
export async function weights(dist, peers) {
  const ours_kib = await sumKib(dist);
  const rows = [
    ['Questlog, the whole page', ours_kib],
    ['hyparquet', await packedKib(peers, ['hyparquet.js'])],
    ['parquet-wasm', await packedKib(peers, ['parquet-wasm.js', 'parquet_wasm_bg.wasm'])],
    [
      'DuckDB-Wasm',
      await packedKib(peers, ['duckdb.js', 'duckdb-browser-eh.worker.js', 'duckdb-eh.wasm']),
    ],
  ];
  const met = ours_kib <= WIRE_KIB_MAX ? 'reached' : '**not reached**';
  const lines = rows.map(([name, kib]) => `| ${name} | ${kib.toFixed(0)} |`);
  const head = '| over the wire, brotli | KiB |\n| --- | ---: |';
  return {
    table: `${head}\n${lines.join('\n')}\n\nTo reach: ${WIRE_KIB_MAX} KiB (${met}).`,
    unmet: ours_kib <= WIRE_KIB_MAX ? 0 : 1,
  };
}

/** The page's files as its build compressed them; one page of two, and what only an installation loads is left out. */
async function sumKib(dist) {
  const names = await readdir(dist, { recursive: true });
  const apart = /\.(br|gz|png)$|^server\.html|^service-worker\.js/;
  let sum = 0;
  for (const name of names.filter((name) => !apart.test(name))) {
    const path = join(dist, name);
    const packed = await stat(`${path}.br`).catch(() => stat(path));
    if (packed.isFile()) sum += packed.size;
  }
  return sum / 1024;
}

/** A peer's files; compressing them takes a minute, so the sizes are kept beside them. */
async function packedKib(folder, names) {
  let sum = 0;
  for (const name of names) {
    const kept = join(folder, `${name}.br-size`);
    let size = Number(await readFile(kept, 'utf8').catch(() => 0));
    if (size === 0) {
      size = (await promisify(brotliCompress)(await readFile(join(folder, name)))).length;
      await writeFile(kept, String(size));
    }
    sum += size;
  }
  return sum / 1024;
}
