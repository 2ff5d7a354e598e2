// Promise: an answer of very many groups neither fills the page nor loses one of them.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { promise } from './promise.js';

const here = promise();

test('a table shows a window over all of its rows, in any order', () =>
  here.quietly(async (reader) => {
    const { kinds } = here.truth;
    await reader.choose([join(here.folder, 'kinds.parquet')]);
    const card = reader.card('Popular events');
    await card.getByText('Table', { exact: true }).click();
    const lines = card.locator('tbody tr:not(.spacer)');
    await lines.first().waitFor();
    assert.ok((await lines.count()) < 200);
    assert.equal(await card.locator('table').getAttribute('aria-rowcount'), String(kinds + 1));
    assert.equal(await card.locator('tfoot td').textContent(), kinds.toLocaleString('en-US'));
    const last = `event ${kinds - 1}`;
    await card.locator('.table-frame').evaluate((frame) => {
      frame.scrollTop = frame.scrollHeight;
    });
    await lines.filter({ hasText: last }).waitFor();
    // Downwards by name the last one comes first: the order is of all rows, not of those in view.
    const name = card.getByRole('button', { name: 'event_type' });
    await name.click();
    await name.click();
    await lines.first().filter({ hasText: last }).waitFor();
    assert.equal(
      await card.getByRole('columnheader', { name: 'event_type' }).getAttribute('aria-sort'),
      'descending',
    );
    await card.getByRole('button', { name: 'Copy' }).click();
    await card.getByText('Copied').waitFor();
    const copied = await reader.page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied.split('\n').length, kinds + 1);
    assert.equal(copied.split('\n')[1], `${last}\t1`);
  }));
