// Promise: whoever can't see the page, or has no mouse, is served as well (WCAG 2.2 AA, as far as a machine can tell).

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { Reader, startBrowser } from './page.js';
import { startServer } from './server.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

let server;
let browser;

before(async () => {
  server = await startServer();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** What axe finds, a line each. */
async function breaches(reader) {
  await reader.run(AXE);
  const found = await reader.page.evaluate(
    (values) => globalThis.axe.run({ runOnly: { type: 'tag', values } }),
    RULES,
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`),
  );
}

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing, in the ${colorScheme}`, async () => {
    const reader = await Reader.open(browser, server.url, { colorScheme });
    try {
      assert.deepEqual(await breaches(reader), [], 'empty');
      await reader.page.getByRole('button', { name: 'Try a sample' }).click();
      await reader.settled();
      assert.deepEqual(await breaches(reader), [], 'with charts');
      await reader.card('Popular events').getByText('Table', { exact: true }).click();
      await reader.card('Providers × events').getByText('Table', { exact: true }).click();
      assert.deepEqual(await breaches(reader), [], 'with tables');
    } finally {
      await reader.close();
    }
  });
}

test('the way in, the answers and their tables are reached by Tab', async () => {
  const reader = await Reader.open(browser, server.url);
  try {
    await reader.page.getByRole('button', { name: 'Try a sample' }).click();
    await reader.settled();
    const reached = await reader.tabbed(60);
    for (const name of ['Choose files', 'Choose folder', 'Copy', 'Ask', 'Remove sample.parquet']) {
      assert.ok(reached.includes(name), `${name} is not among ${reached.join(', ')}`);
    }
  } finally {
    await reader.close();
  }
});
