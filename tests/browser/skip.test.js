// Promise: a row group that can't be read is named, and costs neither the other files nor, if the reader wants, the rest of its own.

import assert from 'node:assert/strict';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promise, sum } from './promise.js';

const here = promise();

test('the row group and the column are named; the file can be counted without it', () =>
  here.quietly(async (reader) => {
    const [whole] = here.truth.files;
    await reader.choose([join(here.folder, 'hurt.parquet'), whole]);
    const { status, reason } = await reader.file('hurt.parquet');
    assert.equal(status, 'in part');
    assert.match(reason, /Row group 3: column Host/);
    // The events are whole in both files, the hosts of one of them are not.
    assert.equal(sum(await reader.table('Popular events')), 8000);
    assert.equal(sum(await reader.table('Providers × events')), 3000);
    await reader.page.locator('.status-missing').getByText('1 file only in part').waitFor();
    await reader.page
      .getByRole('button', { name: 'Skip what can’t be read of hurt.parquet' })
      .click();
    await reader.settled();
    assert.equal(sum(await reader.table('Popular events')), 7500);
    assert.equal(sum(await reader.table('Providers × events')), 7500);
    assert.match((await reader.file('hurt.parquet')).reason, /Without row group 3/);
    await reader.page.getByRole('button', { name: 'Retry hurt.parquet' }).click();
    await reader.settled();
    assert.equal((await reader.file('hurt.parquet')).status, 'in part');
  }));

test('a file that is gone says so, and the others are answered', () =>
  here.quietly(async (reader) => {
    const [whole] = here.truth.files;
    const gone = join(here.folder, 'gone.parquet');
    await copyFile(whole, gone);
    await reader.choose([gone, here.truth.files[1]]);
    await rm(gone);
    const own = reader.card('Your question');
    await own.getByLabel('Where').fill('Host is not null');
    await own.getByRole('button', { name: 'Ask' }).click();
    await reader.settled();
    const { reason } = await reader.file('gone.parquet');
    assert.match(reason, /changed, moved or deleted/);
    // What was counted before it went stays.
    assert.equal(sum(await reader.table('Popular events')), 5500);
  }));
