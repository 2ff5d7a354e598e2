// Promise: files that are dropped on the page are answered as DuckDB answers them, and nothing is sent anywhere.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeFixtures } from './fixtures.js';
import { Reader, startBrowser } from './page.js';
import { taken } from './promise.js';
import { startServer } from './server.js';

let fixtures;
let folder;
let truth;
let server;
let browser;

before(async () => {
  fixtures = await makeFixtures();
  ({ folder, truth } = fixtures);
  server = await startServer();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await fixtures?.remove();
});

/** Opens the page, does something, and sees that it neither asked for anything nor complained. */
async function quietly(work, options) {
  const reader = await Reader.open(browser, server.url, options);
  try {
    await work(reader);
    assert.deepEqual(reader.requests, [], 'the page asked for something after it was loaded');
    assert.deepEqual(reader.complaints, []);
  } finally {
    await reader.close();
  }
}

test('chosen files are answered as DuckDB answers them, with both rules', () =>
  quietly(async (reader) => {
    await reader.choose(truth.files);
    assert.deepEqual(await reader.table('Popular events'), truth.popular);
    assert.deepEqual(await reader.table('Providers × events'), truth.contains);
    await reader.page.getByText('domain', { exact: true }).click();
    await reader.settled();
    assert.deepEqual(await reader.table('Providers × events'), truth.domain);
    const total = reader.card('Providers × events').locator('tfoot td');
    await reader.card('Providers × events').getByText('Table', { exact: true }).click();
    assert.equal(await total.textContent(), truth.rows.toLocaleString('en-US'));
  }));

test('both questions are answered by one reading, also where hosts are matched in another way', () =>
  quietly(async (reader) => {
    const read = async (title) => {
      const { bytes } = await taken(
        reader,
        reader.card(title).getByRole('button', { name: 'JSON' }),
      );
      return JSON.parse(bytes.toString()).scanned.bytes_read;
    };
    await reader.choose([join(folder, 'timed.parquet')]);
    await reader.page.getByText('domain', { exact: true }).click();
    await reader.settled();
    await reader.choose(truth.files);
    await reader.page.getByRole('button', { name: 'Remove timed.parquet' }).click();
    await reader.settled();
    assert.equal(await read('Popular events'), await read('Providers × events'));
    assert.deepEqual(await reader.table('Popular events'), truth.popular);
    assert.deepEqual(await reader.table('Providers × events'), truth.domain);
  }));

test('a file without hosts counts with the others, its rows as without a provider', () =>
  quietly(async (reader) => {
    await reader.choose([join(folder, 'kinds.parquet'), ...truth.files]);
    const rows = (truth.kinds + truth.rows).toLocaleString('en-US');
    for (const title of ['Popular events', 'Providers × events']) {
      const card = reader.card(title);
      await card.getByText('Table', { exact: true }).click();
      assert.equal(await card.locator('tfoot td').textContent(), rows);
    }
  }));

test('a folder is one table, its Hive folders are columns, and what is no Parquet is left out', () =>
  quietly(async (reader) => {
    await reader.chooseFolder(join(folder, 'events'));
    assert.deepEqual(await reader.table('Popular events'), truth.popular);
    assert.equal((await reader.file('notes.txt')).status, 'left out');
    // Begun as Parquet but cut off: to leave that out silently would be a wrong answer.
    assert.equal((await reader.file('being-written.parquet')).status, 'failed');
    assert.equal(await reader.page.getByText('_SUCCESS').count(), 0);
  }));

test('dropped files are taken, and the same file twice is one', () =>
  quietly(async (reader) => {
    const drop = () =>
      reader.page.evaluate(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(['no Parquet'], 'dropped.parquet', { lastModified: 1 }));
        for (const type of ['dragenter', 'dragover', 'drop']) {
          const event = { dataTransfer: transfer, bubbles: true, cancelable: true };
          document.body.dispatchEvent(new DragEvent(type, event));
        }
      });
    await drop();
    await drop();
    await reader.page
      .locator('.file-table')
      .getByText('dropped.parquet', { exact: true })
      .waitFor();
    assert.equal(await reader.page.locator('.file-table tbody tr').count(), 1);
  }));

test('the list of providers is the reader’s own', () =>
  quietly(async (reader) => {
    await reader.choose(truth.files);
    await reader.page.getByText('Providers: comcast').click();
    await reader.page.getByLabel('Providers, comma separated').fill('example');
    await reader.page.getByRole('button', { name: 'Match these' }).click();
    await reader.settled();
    const rows = await reader.table('Providers × events');
    assert.deepEqual([...new Set(rows.map(([provider]) => provider))].sort(), ['example', null]);
    assert.equal(
      rows.reduce((sum, row) => sum + row[2], 0),
      truth.rows,
    );
  }));

test('a bad file says what is wrong, and the others are answered', () =>
  quietly(async (reader) => {
    const bad = ['letter', 'truncated', 'damaged', 'empty'].map((name) =>
      join(folder, `${name}.parquet`),
    );
    await reader.choose([...bad, ...truth.files.slice(0, 1)]);
    for (const name of ['letter', 'truncated', 'empty']) {
      const { status, reason } = await reader.file(`${name}.parquet`);
      assert.equal(status, 'failed', name);
      assert.match(reason, /Parquet/, name);
    }
    const damaged = await reader.file('damaged.parquet');
    assert.equal(damaged.status, 'failed');
    for (const { reason } of [damaged, await reader.file('letter.parquet')]) {
      assert.doesNotMatch(reason, /unreachable|Err\(|Some\(|undefined|RuntimeError|panic/);
    }
    const popular = await reader.table('Popular events');
    assert.equal(
      popular.reduce((sum, row) => sum + row[1], 0),
      3000,
    );
  }));

test('a file about something else offers its columns, and answers about them', () =>
  quietly(async (reader) => {
    await reader.choose([join(folder, 'flights.parquet')]);
    const popular = reader.card('Popular events');
    assert.match(await popular.locator('.problem').textContent(), /event_type/);
    await popular.getByRole('button', { name: 'origin' }).click();
    await reader.settled();
    await reader.card('Your question').locator('svg.chart').waitFor();
    assert.deepEqual(await reader.table('Your question'), [
      ['JFK', 2],
      ['LAX', 1],
      [null, 1],
    ]);
  }));

test('what happens over time is drawn in the order of time', () =>
  quietly(async (reader) => {
    await reader.page.getByRole('button', { name: 'Try a sample' }).click();
    await reader.settled();
    const own = reader.card('Your question');
    assert.equal(await own.getByLabel('Group by').inputValue(), 'hour(timestamp)');
    await own.getByRole('button', { name: 'Ask' }).click();
    await reader.settled();
    const hours = (await reader.table('Your question')).map(([hour]) => hour);
    assert.equal(hours.length, 24);
    assert.deepEqual(hours, [...hours].sort());
    assert.equal(hours[0], '2026-11-23T00:00:00Z');
  }));

test('a question with wrong words says so, and the other answers stay', () =>
  quietly(async (reader) => {
    await reader.choose(truth.files);
    const own = reader.card('Your question');
    await own.getByLabel('Where').fill("event_type = 'knife");
    await own.getByRole('button', { name: 'Ask' }).click();
    await reader.settled();
    await own.locator('.problem').waitFor();
    assert.deepEqual(await reader.table('Popular events'), truth.popular);
    await own.getByLabel('Where').fill("event_type = 'knife purchased'");
    await own.getByLabel('Group by').selectOption('event_type');
    await own.getByRole('button', { name: 'Ask' }).click();
    await reader.settled();
    assert.deepEqual(await reader.table('Your question'), [truth.popular[0]]);
  }));

test('a whole number beyond 2^53 keeps its last digit', () =>
  quietly(async (reader) => {
    await reader.choose([join(folder, 'flights.parquet')]);
    const own = reader.card('Your question');
    await own.getByLabel('Group by').selectOption('origin');
    await own.getByLabel('Measure', { exact: true }).selectOption('max(delay)');
    await own.getByRole('button', { name: 'Ask' }).click();
    await own.getByText('Table', { exact: true }).click();
    await own.getByText('9,007,199,254,740,993').first().waitFor();
  }));

test('the sample needs no file at all', () =>
  quietly(async (reader) => {
    await reader.page.getByRole('button', { name: 'Try a sample' }).click();
    await reader.settled();
    const popular = await reader.table('Popular events');
    assert.equal(
      popular.reduce((sum, row) => sum + row[1], 0),
      500,
    );
  }));

test('an answer is copied exactly, and saved as the command line writes it', () =>
  quietly(async (reader) => {
    await reader.choose(truth.files);
    const card = reader.card('Popular events');
    await card.getByRole('button', { name: 'Copy' }).click();
    await card.getByText('Copied').waitFor();
    const copied = await reader.page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied.split('\n')[1], truth.popular[0].join('\t'));
    const saved = reader.page.waitForEvent('download');
    await card.getByRole('button', { name: 'JSON' }).click();
    const stream = await (await saved).createReadStream();
    const text = (await stream.toArray()).join('');
    assert.deepEqual(JSON.parse(text).rows, truth.popular);
  }));

test('all of it can be done from the keyboard', () =>
  quietly(async (reader) => {
    // Asked for early, because the browser is told only then that the chooser is ours to see.
    const choosing = reader.page.waitForEvent('filechooser');
    await reader.choose(truth.files);
    const card = reader.card('Popular events');
    await card.locator('svg.chart').focus();
    await reader.page.keyboard.press('ArrowDown');
    const [event, count] = truth.popular[0];
    const readout = await card.locator('.readout').textContent();
    assert.ok(readout.startsWith(`${event}: ${count.toLocaleString('en-US')}`), readout);
    await reader.page.getByRole('button', { name: 'Choose files' }).focus();
    await reader.page.keyboard.press('Enter');
    await choosing;
  }));

test('the lake of the server is counted by the server', async () => {
  for (const item of ['knife', 'knife', 'sword']) {
    const response = await fetch(`${server.url}/purchase/${item}`, { method: 'POST' });
    assert.equal(response.status, 200);
  }
  const reader = await Reader.open(browser, server.url);
  try {
    await reader.page.getByRole('button', { name: 'This server’s lake' }).click();
    await reader.settled();
    assert.deepEqual(await reader.table('Popular events'), [
      ['knife purchased', 2],
      ['sword purchased', 1],
    ]);
    const elsewhere = reader.requests.filter((url) => !url.startsWith(server.url));
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(reader.complaints, []);
  } finally {
    await reader.close();
  }
});

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 390]) {
    test(`it fits ${width} pixels in the ${colorScheme}`, () =>
      quietly(
        async (reader) => {
          assert.ok((await reader.overflow()) <= 0, 'empty');
          await reader.choose([...truth.files, join(folder, 'truncated.parquet')]);
          assert.ok((await reader.overflow()) <= 0, 'with answers');
          const shots = process.env.QUESTLOG_SHOTS ?? folder;
          const path = join(shots, `result-${colorScheme}-${width}.png`);
          await reader.page.screenshot({ path, fullPage: true });
        },
        { width, colorScheme },
      ));
  }
}
