// Promise: what footers tell is there at once, numbers are exact for what is counted, and stopping keeps them.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { promise, sum } from './promise.js';

const here = promise();

/** The same file as often as it takes to be still counting when a reader stops it. */
const TIMES = 80;
const ROWS = 300_000;

test('stopping leaves exact numbers, marked as a part, and the rest can follow', () =>
  here.quietly(async (reader) => {
    const { page } = reader;
    // Stops as soon as the first numbers are there, and looks around in the same task: nothing is waited for.
    const stopped = page.evaluate(
      () =>
        new Promise((resolve) => {
          const pill = () => document.querySelector('.popular-events .pill:not([hidden])');
          const observer = new MutationObserver(() => {
            const stop = [...document.querySelectorAll('.status button')].find(
              (button) => button.textContent === 'Stop' && !button.hidden,
            );
            if (!pill() || !stop) return;
            observer.disconnect();
            stop.click();
            resolve({
              busy: document.querySelector('.results').getAttribute('aria-busy'),
              part: pill()?.textContent,
              line: document.querySelector('.status-line').textContent,
            });
          });
          observer.observe(document.body, { subtree: true, childList: true, attributes: true });
        }),
    );
    await page.setInputFiles('#file-input', Array(TIMES).fill(join(here.folder, 'long.parquet')));
    const { busy, part, line } = await stopped;
    assert.equal(busy, 'false');
    assert.match(part, /^\d+(\.\d)?% of rows$|^so far$/);
    assert.match(line, /^Stopped: /);
    await reader.settled();
    const rows = sum(await reader.table('Popular events'));
    assert.ok(rows > 0 && rows < TIMES * ROWS, `${rows} rows`);
    // Whole row groups are counted or not at all.
    assert.equal(rows % 100_000, 0);
    await page.getByRole('button', { name: 'Count the rest' }).click();
    await reader.settled();
    assert.equal(sum(await reader.table('Popular events')), TIMES * ROWS);
    assert.equal(await page.locator('.pill:visible').count(), 0);
  }));

test('rows, columns and the span of time stand above the answers', () =>
  here.quietly(async (reader) => {
    await reader.choose([join(here.folder, 'timed.parquet')]);
    const fact = (name) => reader.page.locator(`[data-fact=${name}] dd`).textContent();
    assert.equal(await fact('rows'), '2,000');
    assert.equal(await fact('columns'), '3');
    assert.equal(await fact('files'), '1');
    assert.equal(await fact('span'), 'Nov 20, 2026, 00:30 – Nov 23, 2026, 23:30');
  }));
