// Promise: the npm package works in a bare HTML page and in a Vite project, with its types, as function and as element.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { makeFixtures } from './fixtures.js';
import { serveFolder } from './folder.js';
import { startBrowser } from './page.js';
import { within } from './place.js';

const run = promisify(execFile);
const tool = (name) => within(`web/node_modules/.bin/${name}`);

let fixtures;
let browser;
let project;
const hosts = [];

before(async () => {
  fixtures = await makeFixtures();
  browser = await startBrowser();
  project = await mkdtemp(join(tmpdir(), 'questlog-package-'));
  const { stdout } = await run('npm', ['pack', '--silent', within('web/dist-package')], {
    cwd: project,
  });
  await write('package.json', JSON.stringify({ private: true, type: 'module' }));
  const words = ['install', '--silent', '--offline', '--no-audit', `./${stdout.trim()}`];
  await run('npm', words, { cwd: project });
});

after(async () => {
  for (const host of hosts) await host.stop();
  await browser?.close();
  await fixtures?.remove();
  await rm(project, { recursive: true, force: true });
});

async function write(name, text) {
  await mkdir(join(project, name, '..'), { recursive: true });
  await writeFile(join(project, name), text);
}

async function opened(folder, page = '') {
  const host = await serveFolder(folder);
  hosts.push(host);
  const opened = await browser.newPage();
  const faults = [];
  opened.on('pageerror', (error) => faults.push(error.message));
  await opened.goto(host.url + page, { waitUntil: 'networkidle' });
  return { page: opened, faults, missing: host.missing };
}

const SCRIPT = `
  const input = document.querySelector('input');
  input.addEventListener('change', async () => {
    let last = 0;
    const query = { group_by: 'event_type', where: input.dataset.where };
    try {
      const onProgress = ({ rowsDone }) => { last = rowsDone; };
      const { columns, rows, scanned } = await analyze(input.files, query, { onProgress });
      window.outcome = { columns, rows: rows.map(([event, count]) => [event, Number(count)]), last, scanned };
    } catch ({ name, kind, file, message }) {
      window.outcome = { name, kind, file, message };
    }
  });`;

async function outcomeOf(page, files) {
  await page.evaluate(() => delete window.outcome);
  await page.setInputFiles('body > input', files);
  await page.waitForFunction(() => window.outcome);
  return page.evaluate(() => window.outcome);
}

async function answersIn(page, { truth, folder }) {
  const { columns, rows, last, scanned } = await outcomeOf(page, truth.files);
  assert.deepEqual(columns, ['event_type', 'count']);
  assert.deepEqual(rows, truth.popular);
  assert.equal(last, truth.rows);
  assert.equal(scanned.files, truth.files.length);
  const bad = await outcomeOf(page, [truth.files[0], join(folder, 'truncated.parquet')]);
  assert.equal(bad.name, 'AnalysisError');
  assert.equal(bad.file, 'truncated.parquet');
}

test('a bare HTML page imports it, and its element shows an answer', async () => {
  await write(
    'bare.html',
    `<!doctype html><html lang="en"><title>Bare</title>
     <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'">
     <script type="module" src="./bare.js"></script>
     <body><input type="file" multiple><questlog-analysis group-by="provider(Host)" match="domain"></questlog-analysis></body>`,
  );
  const address = './node_modules/questlog-analysis/index.js';
  await write('bare.js', `import { analyze } from '${address}'; ${SCRIPT}`);
  const { page, faults, missing } = await opened(project, 'bare.html');
  await answersIn(page, fixtures);

  const element = page.locator('questlog-analysis');
  await element.locator('input').setInputFiles(fixtures.truth.files);
  await element.locator('tbody tr').first().waitFor();
  const expected = new Map();
  for (const [provider, , count] of fixtures.truth.domain) {
    expected.set(provider, (expected.get(provider) ?? 0) + count);
  }
  const told = await page.evaluate(() => {
    const { rows } = document.querySelector('questlog-analysis').analysis;
    return rows.map(([provider, count]) => [provider, Number(count)]);
  });
  assert.deepEqual(new Map(told), expected);
  await element.locator('input').setInputFiles(join(fixtures.folder, 'letter.parquet'));
  await element.locator('.status.problem').waitFor();
  assert.match(await element.locator('.status').textContent(), /letter\.parquet/);
  assert.deepEqual(faults, []);
  assert.deepEqual(missing, []);
});

test('a run that is no longer wanted ends with the signal’s own reason', async () => {
  const { page } = await opened(project, 'bare.html');
  const reason = await page.evaluate(async () => {
    const { analyze } = await import('./node_modules/questlog-analysis/index.js');
    const stop = new AbortController();
    const analysis = analyze([new File(['PAR1'], 'a.parquet')], {}, { signal: stop.signal });
    stop.abort(new Error('enough'));
    return analysis.catch((fault) => fault.message);
  });
  assert.equal(reason, 'enough');
});

test('a Vite project takes it with its worker and its module, and its types hold', async () => {
  await write(
    'index.html',
    `<!doctype html><title>Vite</title><body><input type="file" multiple>
     <script type="module" src="/typed.ts"></script><script type="module" src="/main.js"></script></body>`,
  );
  await write('main.js', `import { analyze } from 'questlog-analysis'; ${SCRIPT}`);
  await write(
    'typed.ts',
    `import { analyze, type Analysis } from 'questlog-analysis';
     const element = document.createElement('questlog-analysis');
     element.query = { group_by: 'event_type', match: 'domain' };
     export async function count(files: FileList): Promise<Analysis['rows']> {
       const { rows } = await analyze(files, element.query, { onProgress: ({ part }) => part > 0 });
       return rows;
     }`,
  );
  const strict = ['--strict', '--noEmit', '--target', 'es2022', '--module', 'esnext'];
  const types = [...strict, '--moduleResolution', 'bundler', '--lib', 'es2022,dom,dom.iterable'];
  await run(tool('tsc'), [...types, 'typed.ts'], { cwd: project }).catch(({ stdout }) => {
    assert.fail(stdout);
  });
  await run(tool('vite'), ['build', '--base', './'], { cwd: project });
  assert.doesNotMatch(await readFile(join(project, 'dist/index.html'), 'utf8'), /main\.js/);
  const { page, faults, missing } = await opened(join(project, 'dist'));
  await answersIn(page, fixtures);
  assert.deepEqual(faults, []);
  assert.deepEqual(missing, []);
});
