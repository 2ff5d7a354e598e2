// Promise: the page is one thing in three deliveries, each works without a network once it is there, and none asks anybody for anything.

import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { makeFixtures } from './fixtures.js';
import { serveFolder } from './folder.js';
import { Reader, startBrowser, startInstalling } from './page.js';
import { within } from './place.js';
import { startServer } from './server.js';

const DIST = within('web/dist');
const ALONE = pathToFileURL(within('web/dist-alone/questlog.html')).href;

let fixtures;
let server;
let folder;
let browser;

before(async () => {
  fixtures = await makeFixtures();
  server = await startServer();
  folder = await serveFolder(DIST);
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await folder?.stop();
  await server?.stop();
  await fixtures?.remove();
});

const DELIVERIES = [
  ['inside the server', () => server.url],
  ['from a folder of any web server', () => folder.url],
  ['as one file from a disk', () => ALONE],
];

for (const [name, url] of DELIVERIES) {
  test(`${name} it answers, and asks for nothing after it was loaded`, async () => {
    const reader = await Reader.open(browser, url());
    try {
      await reader.choose(fixtures.truth.files);
      assert.deepEqual(await reader.table('Popular events'), fixtures.truth.popular);
      assert.deepEqual(reader.requests, []);
      assert.deepEqual(reader.complaints, []);
    } finally {
      await reader.close();
    }
  });
}

test('from a folder it never asks for what only a server has', () => {
  assert.deepEqual(folder.missing, []);
});

test('as one file it may connect to nobody, not even where a script of it tries', async () => {
  const reader = await Reader.open(browser, ALONE);
  try {
    const tried = await reader.page.evaluate(async (url) => {
      const fetched = await fetch(url).then(
        () => 'fetched',
        () => 'refused',
      );
      const policy = document.querySelector('meta[http-equiv]').content;
      return { fetched, policy };
    }, folder.url);
    assert.equal(tried.fetched, 'refused');
    assert.match(tried.policy, /connect-src 'none'/);
    assert.doesNotMatch(tried.policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
  } finally {
    await reader.close();
  }
});

test('it opens and counts without a network, and leaves everything else of its server alone', async () => {
  const passing = await startServer();
  const reader = await Reader.open(browser, passing.url);
  try {
    const lake = () =>
      reader.page.evaluate(() =>
        fetch('v1/lake').then(
          (response) => response.status,
          () => 'no server',
        ),
      );
    await reader.page.reload({ waitUntil: 'networkidle' });
    const controlled = () =>
      reader.page.evaluate(() => navigator.serviceWorker.controller !== null);
    assert.equal(await controlled(), true);
    assert.equal(await lake(), 200);
    await passing.stop();
    await reader.page.reload({ waitUntil: 'load' });
    await reader.page.getByRole('button', { name: 'Try a sample' }).click();
    await reader.settled();
    assert.notDeepEqual(await reader.table('Popular events'), []);
    assert.equal(await lake(), 'no server');
  } finally {
    await reader.close();
    await passing.stop();
  }
});

test('a new version comes whole, and the old one goes with its last page', async () => {
  const copy = await mkdtemp(join(tmpdir(), 'questlog-versions-'));
  await cp(DIST, copy, { recursive: true });
  const host = await serveFolder(copy);
  const reader = await Reader.open(browser, host.url);
  try {
    const context = reader.page.context();
    const [old] = await reader.page.evaluate(() => caches.keys());
    const replaced = async (name, from, to) => {
      const text = await readFile(join(copy, name), 'utf8');
      assert.match(text, from);
      await writeFile(join(copy, name), text.replace(from, to));
    };
    await replaced('index.html', /<title>Questlog/, '<title>Questlog, the next');
    await replaced('service-worker.js', /"[0-9a-f]{16}"/, '"the next"');
    const waiting = reader.page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      await registration.update();
      const next = registration.installing ?? registration.waiting;
      if (next?.state === 'installed') return;
      await new Promise((resolve) => next.addEventListener('statechange', resolve, { once: true }));
    });
    await waiting;
    const both = await reader.page.evaluate(() => caches.keys());
    assert.equal(both.length, 2, 'an open page keeps its files');

    await reader.page.close();
    const page = await context.newPage();
    await page.goto(host.url, { waitUntil: 'networkidle' });
    assert.equal(await page.title(), 'Questlog, the next');
    const left = await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      return caches.keys();
    });
    assert.ok(left.length === 1 && !left.includes(old), left.join(', '));
    await context.close();
  } finally {
    await host.stop();
    await rm(copy, { recursive: true, force: true });
  }
});

test('it can be installed, and opens Parquet files of the desktop', async () => {
  const reader = await Reader.open(browser, folder.url);
  try {
    const session = await reader.page.context().newCDPSession(reader.page);
    const { errors, data } = await session.send('Page.getAppManifest');
    assert.deepEqual(errors, []);
    const { file_handlers, icons } = JSON.parse(data);
    assert.ok(Object.values(file_handlers[0].accept).flat().includes('.parquet'));
    const sizes = await reader.page.evaluate(
      (sources) =>
        Promise.all(
          sources.map(async (source) => {
            const image = new Image();
            image.src = source;
            await image.decode();
            return image.naturalWidth;
          }),
        ),
      icons.filter(({ type }) => type === 'image/png').map(({ src }) => src),
    );
    assert.deepEqual(sizes, [192, 512, 512]);
  } finally {
    await reader.close();
  }
});

test('a file opened with the installed page is counted', async () => {
  const home = await mkdtemp(join(tmpdir(), 'questlog-home-'));
  const context = await startInstalling(home);
  try {
    const page = await context.newPage();
    const manifestId = `${server.url}/`;
    await page.goto(manifestId);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    const session = await context.browser().newBrowserCDPSession();
    await session.send('PWA.install', { manifestId, installUrlOrBundleUrl: manifestId });
    const files = fixtures.truth.files.slice(0, 1);
    await session.send('PWA.launchFilesInApp', { manifestId, files });
    // It joins the window that is there.
    await page.locator('.results[aria-busy=false]').waitFor();
    assert.match(await page.locator('.status-line').textContent(), /^All 3,000 rows counted/);
  } finally {
    await context.close();
    await rm(home, { recursive: true, force: true });
  }
});

test('a browser without SIMD is told so in plain words', async () => {
  const context = await browser.newContext();
  try {
    await context.addInitScript(() => {
      WebAssembly.validate = () => false;
    });
    const page = await context.newPage();
    await page.goto(ALONE);
    const notice = page.getByRole('alert').filter({ hasText: 'SIMD' });
    assert.match(await notice.textContent(), /This browser can’t count here/);
    await page.setInputFiles('#file-input', fixtures.truth.files.slice(0, 1));
    await page.getByText('failed', { exact: true }).first().waitFor();
  } finally {
    await context.close();
  }
});

test('the server sends what the build compressed, as the client takes it', async () => {
  const html = await (await fetch(server.url)).text();
  const [script] = html.match(/assets\/index-[^"]+\.js/);
  const answers = {};
  for (const coding of ['br', 'gzip', 'identity']) {
    const response = await fetch(`${server.url}/${script}`, {
      headers: { 'accept-encoding': coding },
    });
    answers[coding] = {
      coding: response.headers.get('content-encoding') ?? 'identity',
      length: Number(response.headers.get('content-length')),
      etag: response.headers.get('etag'),
      text: await response.text(),
    };
    assert.match(response.headers.get('cache-control'), /immutable/);
    assert.equal(response.headers.get('vary'), 'accept-encoding');
    assert.equal(answers[coding].coding, coding);
    const { etag } = answers[coding];
    const again = await fetch(`${server.url}/${script}`, {
      headers: { 'accept-encoding': coding, 'if-none-match': etag },
    });
    assert.equal(again.status, 304);
    assert.equal(again.headers.get('etag'), etag);
  }
  const { br, gzip, identity } = answers;
  assert.ok(br.length < gzip.length && gzip.length < identity.length);
  assert.equal(new Set([br.etag, gzip.etag, identity.etag]).size, 3);
  assert.equal(new Set([br.text, gzip.text, identity.text]).size, 1);
  assert.equal((await fetch(`${server.url}/${script}.br`)).status, 404);
});
