// Promise: whoever can't see the page, or has no mouse, is served as well (WCAG 2.2 AA, as far as a machine can tell).

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { breaches } from './axe.js';
import { promise } from './promise.js';

const here = promise();

/** Puts the page into each state that a reader can meet, one after the other. */
async function* states(reader) {
  const { page } = reader;
  yield 'empty';
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['x'], 'a.parquet'));
    document.body.dispatchEvent(
      new DragEvent('dragenter', { dataTransfer: transfer, bubbles: true }),
    );
  });
  yield 'dragging';
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['x'], 'a.parquet'));
    document.body.dispatchEvent(
      new DragEvent('dragleave', { dataTransfer: transfer, bubbles: true }),
    );
  });
  await page.getByRole('button', { name: 'Try a sample' }).click();
  await reader.settled();
  yield 'with charts';
  await page.getByText('Bars', { exact: true }).click();
  await page.getByRole('button', { name: 'Show the hosts' }).click();
  await page.locator('.why table').waitFor();
  for (const list of await page.locator('.host-list summary').all()) await list.click();
  await reader
    .card('Why is this host that provider?')
    .getByLabel('Try a host')
    .fill('seattle.example.org');
  await page.locator('.verdict mark').waitFor();
  yield 'with groups of bars and hosts';
  await reader.card('Popular events').locator('svg.chart').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await reader.settled();
  yield 'filtered';
  await page.getByText('Providers: comcast').click();
  await page.getByLabel('Providers, comma separated').fill('a,,b');
  await page.getByRole('button', { name: 'Match these' }).click();
  await page.locator('.wrong').filter({ hasText: 'empty' }).waitFor();
  yield 'with a list that is wrong';
  for (const card of ['Popular events', 'Providers × events', 'Events over time']) {
    await reader.card(card).getByText('Table', { exact: true }).click();
  }
  yield 'with tables';
  await page.getByRole('button', { name: 'Clear' }).click();
  await reader.choose([join(here.folder, 'hurt.parquet'), join(here.folder, 'letter.parquet')]);
  yield 'with files that can’t be read';
  await page.getByRole('button', { name: 'Clear' }).click();
  await reader.choose([join(here.folder, 'flights.parquet')]);
  yield 'with a file about something else';
  await page.getByRole('button', { name: 'Clear' }).click();
  await reader.choose([join(here.folder, 'kinds.parquet')]);
  yield 'with very many groups';
}

for (const [name, look] of [
  ['in the light', { colorScheme: 'light' }],
  ['in the dark', { colorScheme: 'dark' }],
  ['on a phone', { width: 390, height: 844 }],
  ['in colours of the reader’s own', { forcedColors: 'active', reducedMotion: 'reduce' }],
]) {
  test(`axe finds nothing, ${name}`, () =>
    here.quietly(async (reader) => {
      for await (const state of states(reader)) {
        assert.deepEqual(await breaches(reader.page), [], state);
        assert.ok((await reader.overflow()) <= 0, `${state} is wider than its window`);
      }
    }, look));
}

test('the way in, the answers and their tables are reached by Tab', () =>
  here.quietly(async (reader) => {
    await reader.page.getByRole('button', { name: 'Try a sample' }).click();
    await reader.settled();
    const reached = await reader.tabbed(90);
    for (const name of [
      'Choose files',
      'Choose folder',
      'Save report',
      'Show the hosts',
      'Copy',
      'Ask',
      'Remove sample.parquet',
    ]) {
      assert.ok(reached.includes(name), `${name} is not among ${reached.join(', ')}`);
    }
  }));

test('who listens hears when it is done', () =>
  here.quietly(async (reader) => {
    await reader.page.getByRole('button', { name: 'Try a sample' }).click();
    await reader.settled();
    const heard = reader.page.getByRole('status').filter({ hasText: 'All 500 rows counted' });
    await heard.first().waitFor({ state: 'attached' });
  }));

test('nothing moves that a reader does not want to move', () =>
  here.quietly(
    async (reader) => {
      const moving = await reader.page.evaluate(
        () =>
          [...document.querySelectorAll('*')].filter(
            (element) => getComputedStyle(element).transitionDuration !== '0s',
          ).length,
      );
      assert.equal(moving, 0);
    },
    { reducedMotion: 'reduce' },
  ));
