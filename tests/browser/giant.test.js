// Promise: a file of one large row group is counted by all workers, with exact numbers for what is counted meanwhile.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { python, within } from './place.js';
import { promise, sum } from './promise.js';

const here = promise();
let folder;
let giant;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'questlog-giant-'));
  const script = within('tests/browser/giant.py');
  const { stdout } = await promisify(execFile)(python, [script, folder]);
  giant = JSON.parse(stdout.trim().split('\n').at(-1));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Every part of the rows that the page calls its numbers' while it counts, until it is done. */
function partsTold(page) {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const told = new Set();
        let busy = false;
        const observer = new MutationObserver(() => {
          const isBusy = document.querySelector('.results')?.getAttribute('aria-busy') === 'true';
          const pill = document.querySelector('.popular-events .pill:not([hidden])');
          if (isBusy && pill) told.add(pill.textContent);
          if (busy && !isBusy) {
            observer.disconnect();
            resolve([...told]);
          }
          busy = isBusy;
        });
        observer.observe(document.body, { subtree: true, childList: true, attributes: true });
      }),
  );
}

test('parts of it are told before the end, and the end is the truth', () =>
  here.quietly(async (reader) => {
    const told = partsTold(reader.page);
    await reader.choose([giant.path]);
    const parts = (await told).map((text) => Number(/^(\d+(?:\.\d)?)% of rows$/.exec(text)?.[1]));
    assert.ok(
      parts.some((part) => part > 0 && part < 100),
      `told ${parts}`,
    );
    assert.deepEqual(await reader.table('Popular events'), giant.popular);
  }));

test('it can be stopped in its midst, and the rest can follow', () =>
  here.quietly(async (reader) => {
    const { page } = reader;
    const stopped = page.evaluate(
      () =>
        new Promise((resolve) => {
          const observer = new MutationObserver(() => {
            const buttons = [...document.querySelectorAll('.status button')];
            const stop = buttons.find((one) => one.textContent === 'Stop' && !one.hidden);
            if (!document.querySelector('.popular-events .pill:not([hidden])') || !stop) return;
            observer.disconnect();
            stop.click();
            resolve(document.querySelector('.status-line').textContent);
          });
          observer.observe(document.body, { subtree: true, childList: true, attributes: true });
        }),
    );
    await page.setInputFiles('#file-input', giant.path);
    assert.match(await stopped, /^Stopped: /);
    await reader.settled();
    const rows = sum(await reader.table('Popular events'));
    assert.ok(rows > 0 && rows < giant.rows, `${rows} rows`);
    await page.getByRole('button', { name: 'Count the rest' }).click();
    await reader.settled();
    assert.deepEqual(await reader.table('Popular events'), giant.popular);
  }));
