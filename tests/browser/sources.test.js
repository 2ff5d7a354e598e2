// Promise: it does not matter how large a file is, how many columns it has, or where it lies; only what is needed of it is read.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { serveFolder } from './folder.js';
import { Reader } from './page.js';
import { python, within } from './place.js';
import { promise, sum } from './promise.js';
import { serveRanges } from './ranges.js';
import { startServer } from './server.js';

const here = promise();

const LARGE_BYTES = 5 * 2 ** 30;
const COLUMNS = 100_000;

/** A file of 5 GiB with the same rows as another: its data at the beginning, its footer at the end, and a hole between them. */
async function enlarged(path, to) {
  const small = await readFile(path);
  const footer_bytes = small.readUInt32LE(small.length - 8) + 8;
  const large = await open(to, 'w');
  await large.write(small, 0, small.length - footer_bytes, 0);
  const footer = small.subarray(small.length - footer_bytes);
  await large.write(footer, 0, footer_bytes, LARGE_BYTES - footer_bytes);
  await large.close();
  return to;
}

test('of a file of 5 GiB only what is needed is read', () =>
  here.quietly(async (reader) => {
    const [small] = here.truth.files;
    await reader.choose([await enlarged(small, join(here.folder, 'large.parquet'))]);
    assert.equal((await reader.file('large.parquet')).status, 'counted');
    assert.equal(sum(await reader.table('Popular events')), 3_000);
    const line = await reader.page.locator('.status-line').textContent();
    const [, read, unit, of] = /read ([\d.]+) (\w+) of (.*)$/.exec(line) ?? [];
    assert.equal(of, '5.4 GB', line);
    assert.ok(unit === 'kB' && Number(read) < 200, line);
  }));

test('of a file with 100,000 columns the two that are asked about are counted', () =>
  here.quietly(async (reader) => {
    const path = join(here.folder, 'wide.parquet');
    const script = `
import sys, pyarrow as pa, pyarrow.parquet as pq
names = [f"c{number}" for number in range(${COLUMNS} - 2)]
one = pa.array([7, 8, 9], pa.int8())
table = pa.table([pa.array(["knife purchased", "join_guild", "knife purchased"]), pa.array(["a.cox.net", None, "b.att.net"])] + [one] * len(names), names=["event_type", "Host"] + names)
pq.write_table(table, sys.argv[1], use_dictionary=False, write_statistics=False, compression="none", store_schema=False)
`;
    await promisify(execFile)(python, ['-c', script, path]);
    await reader.choose([path]);
    assert.equal((await reader.file('wide.parquet')).status, 'counted');
    assert.deepEqual(await reader.table('Popular events'), [
      ['knife purchased', 2],
      ['join_guild', 1],
    ]);
    const columns = await reader.page.locator('[data-fact=columns] dd').textContent();
    assert.equal(columns, COLUMNS.toLocaleString('en-US'));
  }));

test('a file behind an address is read in ranges, where whoever deploys the page allows it', async () => {
  const [path] = here.truth.files;
  const store = await serveRanges({ 'events.parquet': path });
  // As the README tells those who deploy the folder.
  const folder = join(here.folder, 'deployed');
  await cp(within('web/dist'), folder, { recursive: true });
  const html = await readFile(join(folder, 'index.html'), 'utf8');
  const allowed = html.replace('connect-src &#39;self&#39;', `$& http://${store.host}`);
  await writeFile(join(folder, 'index.html'), allowed);
  const server = await serveFolder(folder);
  const reader = await Reader.open(here.browser, server.url);
  try {
    const { page } = reader;
    await page.getByRole('button', { name: 'Open an address' }).click();
    const line = page.getByLabel('Address of a Parquet file');
    await line.fill(`http://${store.host}/events.parquet`);
    await line.press('Enter');
    await page.locator('.results:visible').waitFor();
    await reader.settled();
    assert.equal(sum(await reader.table('Popular events')), 3_000);
    // The page says how often it asked there, its workers' requests among them; the browser tells of them a little later.
    await page.locator('.privacy summary').click();
    const asked = `${store.ranges.length} to ${store.host}, `;
    await page.locator('.privacy-text').getByText(asked).waitFor();
    await page.locator('.privacy-text').getByText(`and ${store.host}, whose files`).waitFor();
    assert.deepEqual(reader.complaints, []);
  } finally {
    await reader.close();
    await server.stop();
    await store.stop();
  }
});

test('a file of the lake can be looked into', async () => {
  const server = await startServer(['--land-every', '100ms']);
  const reader = await Reader.open(here.browser, 'about:blank');
  try {
    for (const item of ['knife', 'sword']) {
      await fetch(`${server.url}/purchase/${item}`, { method: 'POST' });
    }
    await landed(server.url, 2);
    await reader.page.goto(server.url);
    await reader.page.getByRole('button', { name: 'This server’s lake' }).click();
    await reader.settled();
    await reader.page.locator('.file-table .file-name').first().click();
    const card = reader.card('Look inside');
    await card.locator('table.preview tbody td').filter({ hasText: 'knife purchased' }).waitFor();
    assert.deepEqual(reader.complaints, []);
  } finally {
    await reader.close();
    await server.stop();
  }
});

/** Asks until so many events are in the lake's files. */
async function landed(url, events) {
  for (;;) {
    const { files } = await (await fetch(`${url}/v1/lake`)).json();
    if (files.reduce((rows, file) => rows + file.rows, 0) >= events) return;
  }
}
