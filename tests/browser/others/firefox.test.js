// Promise: the page answers in Firefox as it does in Chromium.

import { test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { makeFixtures } from '../fixtures.js';
import { program } from '../place.js';
import { startServer } from '../server.js';
import { walk } from './path.js';

test('Firefox takes the main path, from a server and from a disk', async () => {
  const fixtures = await makeFixtures();
  const server = await startServer();
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: program('QUESTLOG_FIREFOX', ['/usr/bin/firefox-esr', '/usr/bin/firefox']),
    headless: true,
  });
  try {
    const page = await browser.newPage();
    await walk(
      {
        open: (url) => page.goto(url),
        run: (script) => page.evaluate(`(() => { ${script} })()`),
        choose: async (paths) => {
          const input = await page.$('#file-input');
          await input.uploadFile(...paths);
        },
      },
      server,
      fixtures,
    );
  } finally {
    await browser.close();
    await server.stop();
    await fixtures.remove();
  }
});
