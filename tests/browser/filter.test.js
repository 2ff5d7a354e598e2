// Promise: one click on a bar or a cell filters everything else, and the filter can be seen and taken back.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { promise, sum } from './promise.js';

const here = promise();

/** Moves to the first mark of a card's chart and picks it, as the keyboard does. */
async function pickFirst(reader, card) {
  await reader.card(card).locator('svg.chart').focus();
  await reader.page.keyboard.press('ArrowDown');
  await reader.page.keyboard.press('Enter');
  await reader.settled();
}

test('a bar filters the others and leaves its own chart whole', () =>
  here.quietly(async (reader) => {
    const { truth } = here;
    await reader.choose(truth.files);
    const popular = await reader.table('Popular events');
    const [[event, count]] = truth.popular;
    await pickFirst(reader, 'Popular events');
    const providers = await reader.table('Providers × events');
    assert.deepEqual([...new Set(providers.map(([, of]) => of))], [event]);
    assert.equal(sum(providers), count);
    assert.deepEqual(
      providers,
      truth.contains.filter(([, of]) => of === event),
    );
    assert.deepEqual(await reader.table('Popular events'), popular);
    await reader.page.getByRole('button', { name: `Remove the filter ${event}` }).click();
    await reader.settled();
    assert.deepEqual(await reader.table('Providers × events'), truth.contains);
  }));

test('a cell is a provider and an event; picked once more, both go', () =>
  here.quietly(async (reader) => {
    await reader.choose([join(here.folder, 'timed.parquet')]);
    const cell = reader.card('Providers × events');
    await pickFirst(reader, 'Providers × events');
    const chips = reader.page.getByRole('group', { name: 'Filters' });
    assert.equal(await chips.locator('.chip').count(), 2);
    const readout = await cell.locator('.readout').textContent();
    const shown = Number(/: ([\d,]+),/.exec(readout)[1].replaceAll(',', ''));
    // What happens over time has nothing to do with either, so it is filtered by both.
    assert.equal(sum(await reader.table('Events over time')), shown);
    await cell.locator('svg.chart').focus();
    await reader.page.keyboard.press('ArrowDown');
    await reader.page.keyboard.press('Enter');
    await reader.settled();
    assert.equal(await chips.locator('.chip').count(), 0);
    assert.equal(sum(await reader.table('Events over time')), 2000);
  }));

test('a mouse picks what it points at, and a day filters the two questions', () =>
  here.quietly(async (reader) => {
    await reader.choose([join(here.folder, 'timed.parquet')]);
    const over = reader.card('Events over time');
    await over.getByText('day', { exact: true }).click();
    await reader.settled();
    assert.deepEqual(
      (await reader.table('Events over time')).map(([day]) => day),
      ['2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23'],
    );
    const box = await over.locator('svg.chart').boundingBox();
    await reader.page.mouse.click(box.x + 10, box.y + box.height / 2);
    await reader.settled();
    assert.equal(sum(await reader.table('Popular events')), 500);
    assert.equal(sum(await reader.table('Providers × events')), 500);
    const popular = await reader.card('Popular events').locator('.insight').textContent();
    assert.match(popular, /500 rows/);
  }));

test('a filter by what is missing finds the rows that have none', () =>
  here.quietly(async (reader) => {
    const { truth } = here;
    await reader.choose(truth.files);
    const providers = reader.card('Providers × events');
    await providers.locator('svg.chart').focus();
    await reader.page.keyboard.press('ArrowDown');
    // The last provider is "none"; after it comes the total.
    const columns = new Set(truth.contains.map(([provider]) => provider)).size;
    for (let step = 1; step < columns; step += 1) await reader.page.keyboard.press('ArrowRight');
    assert.match(await providers.locator('.readout').textContent(), /without a provider/);
    await reader.page.keyboard.press('Enter');
    await reader.settled();
    const without = truth.contains.filter(([provider]) => provider === null);
    assert.deepEqual(
      await reader.table('Popular events'),
      without.map(([, event, count]) => [event, count]),
    );
  }));
