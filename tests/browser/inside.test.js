// Promise: any Parquet file can be looked into and asked about, by mouse and keyboard, and a link brings the question back.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Reader } from './page.js';
import { binary } from './place.js';
import { promise } from './promise.js';

const here = promise();

/** The card that looks into a file, on one of its faces. */
async function inside(reader, face) {
  const card = reader.card('Look inside');
  await card.scrollIntoViewIfNeeded();
  await card.getByText(face, { exact: true }).click();
  return card;
}

test('the first rows are shown as they are, of chosen columns', () =>
  here.quietly(async (reader) => {
    await reader.choose([join(here.folder, 'flights.parquet')]);
    const card = await inside(reader, 'First rows');
    const cells = () =>
      card
        .locator('table.preview tbody tr')
        .evaluateAll((rows) =>
          rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)),
        );
    await card.locator('table.preview tbody td').first().waitFor();
    assert.deepEqual(await cells(), [
      ['JFK', '3'],
      ['LAX', '-1'],
      ['JFK', '9007199254740993'],
      ['null', '0'],
    ]);
    await card.getByText('Columns: 2 of 2').click();
    await card.getByLabel('origin').uncheck();
    await card.getByText('Columns: 1 of 2').waitFor();
    await card.locator('table.preview thead th').nth(2).waitFor({ state: 'detached' });
    assert.deepEqual((await cells()).flat(), ['3', '-1', '9007199254740993', '0']);
  }));

test('columns and row groups are told as questlog inspect tells of them', () =>
  here.quietly(async (reader) => {
    await reader.choose(here.truth.files.slice(0, 1));
    const card = await inside(reader, 'Columns');
    await card.getByText('3,000 rows · 2 columns · 5 row groups').waitFor();
    const host = card.locator('table.schema tbody tr').filter({ hasText: 'Host' });
    assert.match(await host.textContent(), /text.*BYTE_ARRAY.*SNAPPY.*dictionary/);
    await inside(reader, 'Row groups');
    await card.getByLabel('Row group', { exact: true }).fill('4');
    await card.getByLabel('Row group', { exact: true }).press('Enter');
    const chunk = card.locator('table.chunks tbody tr').filter({ hasText: 'Host' });
    await chunk.getByText('200', { exact: true }).waitFor();
  }));

test('a question is put together by the keyboard, and told as a command and as SQL', () =>
  here.quietly(async (reader) => {
    await reader.choose(here.truth.files);
    const own = reader.card('Your question');
    await own.getByLabel('Group by').selectOption('event_type');
    await own.getByLabel('And measure').selectOption('distinct(Host)');
    await own.getByLabel('Column of the condition').selectOption('event_type');
    await own.getByLabel('Comparison').selectOption('like');
    await own.getByLabel('Value').fill('%purchased');
    await own.getByLabel('Value').press('Enter');
    assert.equal(await own.getByLabel('Where').inputValue(), "event_type like '%purchased'");
    await own.getByLabel('Order by').selectOption('event_type:asc');
    await own.getByLabel('Rows at most').fill('2');
    const shown = own.locator('.translation');
    assert.match(await shown.textContent(), /--measure 'count,distinct\(Host\)' .*--limit 2/);
    await own.getByText('SQL for DuckDB').click();
    await shown.getByText('LIMIT 2;').waitFor();
    assert.match(await shown.textContent(), /WHERE "event_type" LIKE '%purchased'\nGROUP BY 1/);
    await own.getByLabel('Rows at most').press('Enter');
    await reader.settled();
    const rows = await own
      .locator('tbody tr')
      .evaluateAll((lines) => lines.map((line) => line.firstElementChild.textContent));
    assert.deepEqual(rows, ['gauntlet purchased', 'helmet purchased']);
  }));

test('the command that is told answers the same on the command line', () =>
  here.quietly(async (reader) => {
    await reader.chooseFolder(join(here.folder, 'events'));
    const own = reader.card('Your question');
    await own.getByLabel('Group by').selectOption('provider(Host)');
    await own.getByLabel('Then by').first().selectOption('date');
    await own.getByLabel('Where').fill("event_type like '%purchased' and date != 'it''s'");
    await own.getByRole('button', { name: 'Ask' }).click();
    await reader.settled();
    const command = await own.locator('.translation').textContent();
    const script = `${command.replace(/^questlog/, '"$QUESTLOG"')} --format json`;
    const env = { ...process.env, QUESTLOG: binary };
    const { stdout } = await promisify(execFile)('sh', ['-c', script], { cwd: here.folder, env });
    const rows = await reader.table('Your question');
    assert.ok(rows.length > 3);
    assert.deepEqual(rows, JSON.parse(stdout).rows);
  }));

test('a link brings the question back and asks for its files; Back undoes and Forward does again', async () => {
  let link;
  await here.quietly(async (reader) => {
    await reader.choose(here.truth.files.slice(0, 1));
    const own = reader.card('Your question');
    await own.getByLabel('Group by').selectOption('Host');
    await own.getByRole('button', { name: 'Ask' }).click();
    await reader.settled();
    await reader.page.getByText('domain', { exact: true }).click();
    await reader.settled();
    link = await reader.page.evaluate(() => location.hash);
    await reader.page.goBack();
    await reader.page.locator('input[value=contains]:checked').waitFor({ state: 'attached' });
    await reader.page.goForward();
    await reader.page.locator('input[value=domain]:checked').waitFor({ state: 'attached' });
  });
  assert.match(link, /^#1\?match=domain&own=&group-by=Host/);
  const reader = await Reader.open(here.browser, here.server.url + link);
  try {
    const notice = reader.page.getByRole('region', { name: 'This link' });
    assert.match(await notice.textContent(), /1 file of yours.*part-0\.parquet/);
    await reader.choose(here.truth.files.slice(0, 1));
    await notice.waitFor({ state: 'hidden' });
    assert.equal(await reader.card('Your question').getByLabel('Group by').inputValue(), 'Host');
  } finally {
    await reader.close();
  }
});

test('a link of anybody’s making gets a sentence, and the page works', async () => {
  for (const [fragment, word] of [
    ['#9?own=', /version 9/],
    ['#1?colour=<img src=x>', /colour/],
    [`#1?where=${'x'.repeat(17_000)}`, /characters/],
  ]) {
    const reader = await Reader.open(here.browser, `${here.server.url}/${fragment}`);
    try {
      const notice = reader.page.getByRole('region', { name: 'This link' });
      assert.match(await notice.textContent(), word);
      await reader.choose(here.truth.files.slice(0, 1));
      assert.equal((await reader.file('part-0.parquet')).status, 'counted');
      assert.deepEqual(reader.complaints, []);
    } finally {
      await reader.close();
    }
  }
});

test('an address that can’t be read says why', async () => {
  const reader = await Reader.open(here.browser, here.server.url);
  try {
    await reader.page.getByRole('button', { name: 'Open an address' }).click();
    const line = reader.page.getByLabel('Address of a Parquet file');
    for (const [typed, word] of [
      ['ftp://example.org/x', /https/],
      ['https://127.0.0.1:9/x.parquet', /Content-Security-Policy/],
      ['/nothing-here.parquet', /no file at/],
      ['/manifest.webmanifest', /whole only|not a Parquet file/],
    ]) {
      await line.fill(typed);
      await line.press('Enter');
      await reader.page.locator('.address-said').filter({ hasText: word }).waitFor();
    }
  } finally {
    await reader.close();
  }
});

test('thousands of files are a list of which only what is seen is there', () =>
  here.quietly(async (reader) => {
    await reader.page.evaluate(() => {
      const transfer = new DataTransfer();
      for (let file = 0; file < 5_000; file += 1) {
        transfer.items.add(new File(['no Parquet'], `file-${file}.parquet`, { lastModified: 1 }));
      }
      document.body.dispatchEvent(
        new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }),
      );
    });
    await reader.page.getByText('5,000 files, 5,000 failed').waitFor();
    assert.ok((await reader.page.locator('.file-table tbody tr:not(.room)').count()) < 400);
  }));
