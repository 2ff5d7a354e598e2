// Promise: whatever is dropped gets plain words in its row, and the page goes on.

import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promise, sum } from './promise.js';

const here = promise();

/** What no reader should have to read. */
const NO_PLAIN_WORDS = /unreachable|Err\(|Some\(|undefined|RuntimeError|panic|NaN|\[object/;

test('what can’t be read says why, and the others are answered', () =>
  here.quietly(async (reader) => {
    const reasons = {
      bomb: /2147483647/,
      encrypted: /encrypted/i,
      lzo: /LZO/i,
      truncated: /cut off|not finished/,
      letter: /not a Parquet file/,
    };
    const paths = Object.keys(reasons).map((name) => join(here.folder, `${name}.parquet`));
    await reader.choose([...paths, ...here.truth.files]);
    for (const [name, words] of Object.entries(reasons)) {
      const { status, reason } = await reader.file(`${name}.parquet`);
      assert.equal(status, 'failed', name);
      assert.match(reason, words, name);
      assert.doesNotMatch(reason, NO_PLAIN_WORDS, name);
    }
    assert.equal(sum(await reader.table('Popular events')), here.truth.rows);
  }));

test('a name may have any character, and none of them does anything', () =>
  here.quietly(async (reader) => {
    await reader.choose(here.truth.odd.map((name) => join(here.folder, 'odd', name)));
    assert.equal(sum(await reader.table('Popular events')), here.truth.odd.length);
    const names = await reader.page.locator('.file-table .file-name').allTextContents();
    assert.equal(names.length, here.truth.odd.length);
    assert.ok(names.includes('<img src=x onerror=alert(1)>.parquet'));
    // A mark that turns what follows would make it look like a picture.
    assert.ok(names.includes('\ufffdgnp.parquet'));
    assert.equal(await reader.page.locator('.file-table img').count(), 0);
    assert.ok((await reader.overflow()) <= 0);
  }));

test('a folder without a Parquet file says so', () =>
  here.quietly(async (reader) => {
    await reader.chooseFolder(join(here.folder, 'letters'));
    await reader.page.getByText('There is no Parquet file in this folder.').first().waitFor();
    assert.equal((await reader.file('a.csv')).status, 'left out');
  }));

test('a file that is changed while it is read is told from one that is not', () =>
  here.quietly(async (reader) => {
    const path = join(here.folder, 'flights.parquet');
    await reader.choose([path, ...here.truth.files]);
    await appendFile(path, 'more');
    // Another question makes the page read it again.
    const own = reader.card('Your question');
    await own.getByLabel('Group by').selectOption('origin');
    await own.getByRole('button', { name: 'Ask' }).click();
    await reader.settled();
    const { reason } = await reader.file('flights.parquet');
    assert.match(reason, /changed|moved/);
    assert.equal(sum(await reader.table('Popular events')), here.truth.rows + 4);
  }));
