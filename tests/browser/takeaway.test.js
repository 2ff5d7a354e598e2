// Promise: an answer leaves the page as a picture or as a report that opens anywhere and asks for nothing.

import assert from 'node:assert/strict';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { breaches } from './axe.js';
import { promise, taken } from './promise.js';

const here = promise();

test('a chart is saved as SVG that stands alone, and as PNG', () =>
  here.quietly(async (reader) => {
    await reader.choose(here.truth.files);
    const card = reader.card('Providers × events');
    const svg = await taken(reader, card.getByRole('button', { name: 'SVG' }));
    const text = svg.bytes.toString();
    assert.match(text, /^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    assert.doesNotMatch(text, /class=|var\(|href|url\(|<script/);
    const [[, , most]] = here.truth.contains.filter(([provider]) => provider !== null);
    assert.ok(text.includes(most.toLocaleString('en-US')), 'the greatest number is in it');
    const png = await taken(reader, card.getByRole('button', { name: 'PNG' }));
    assert.deepEqual([...png.bytes.subarray(1, 4)], [...Buffer.from('PNG')]);
    assert.ok(png.bytes.readUInt32BE(16) > 600, 'it is wide enough for paper');
  }));

test('a report opens from a disk, without scripts, and has the numbers, the words and the files', () =>
  here.quietly(async (reader) => {
    // A name that would be markup if anybody forgot.
    const odd = join(here.folder, '<b onclick=alert(1)>.parquet');
    await copyFile(here.truth.files[0], odd);
    await reader.choose([odd, ...here.truth.files.slice(1), join(here.folder, 'letter.parquet')]);
    const { name, bytes } = await taken(
      reader,
      reader.page.getByRole('button', { name: 'Save report' }),
    );
    assert.match(name, /^questlog-report-.*\.html$/);
    const path = join(here.folder, name);
    await writeFile(path, bytes);
    const context = await here.browser.newContext({ locale: 'en-US' });
    try {
      const page = await context.newPage();
      const asked = [];
      const complaints = [];
      page.on('request', (request) => asked.push(request.url()));
      page.on('console', (message) => complaints.push(message.text()));
      await page.goto(pathToFileURL(path).href);
      assert.deepEqual(asked, [pathToFileURL(path).href]);
      assert.deepEqual(complaints, []);
      assert.equal(await page.locator('script, b, img').count(), 0);
      const table = page.locator('table').first();
      const told = await table
        .locator('tbody tr')
        .evaluateAll((lines) =>
          lines.map((line) => [line.cells[0], line.cells[1]].map((cell) => cell.textContent)),
        );
      const expected = here.truth.popular.map(([event, count]) => [
        event ?? 'no event type',
        count.toLocaleString('en-US'),
      ]);
      assert.deepEqual(told, expected);
      await page.getByText('<b onclick=alert(1)>.parquet').waitFor();
      await page.getByText('letter.parquet').waitFor();
      assert.match(
        await page.locator('code').first().textContent(),
        /^questlog analyze .*--group-by event_type/,
      );
      assert.ok((await page.locator('figure svg').count()) >= 3);
      assert.deepEqual(await breaches(page), []);
    } finally {
      await context.close();
    }
  }));
