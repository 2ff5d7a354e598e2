// What the tests of a promise share: a server, a browser, files, and a page that must stay quiet.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { makeFixtures } from './fixtures.js';
import { Reader, startBrowser } from './page.js';
import { startServer } from './server.js';

/** Sets everything up for the tests of a file; `quietly` opens a page, and sees that it asked for nothing and did not complain. */
export function promise() {
  const here = {};
  before(async () => {
    here.fixtures = await makeFixtures();
    here.folder = here.fixtures.folder;
    here.truth = here.fixtures.truth;
    here.server = await startServer();
    here.browser = await startBrowser();
  });
  after(async () => {
    await here.browser?.close();
    await here.server?.stop();
    await here.fixtures?.remove();
  });
  here.quietly = async (work, options) => {
    const reader = await Reader.open(here.browser, here.server.url, options);
    try {
      await work(reader);
      assert.deepEqual(reader.requests, [], 'the page asked for something after it was loaded');
      assert.deepEqual(reader.complaints, []);
    } finally {
      await reader.close();
    }
  };
  return here;
}

/** The sum of the last cells. */
export const sum = (rows) => rows.reduce((total, row) => total + row.at(-1), 0);

/** A file that a button brings, as bytes. */
export async function taken(reader, button) {
  const coming = reader.page.waitForEvent('download');
  await button.click();
  const download = await coming;
  const stream = await download.createReadStream();
  return { name: download.suggestedFilename(), bytes: Buffer.concat(await stream.toArray()) };
}
