// Promise: the page answers in WebKit, the engine of Safari, as it does in Chromium.

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { Builder, By, Capabilities } from 'selenium-webdriver';
import { makeFixtures } from '../fixtures.js';
import { program } from '../place.js';
import { startServer } from '../server.js';
import { walk } from './path.js';

/** How long the driver may take to listen. */
const PATIENCE_MS = 20_000;

test('WebKit takes the main path, from a server and from a disk', async () => {
  const fixtures = await makeFixtures();
  const server = await startServer();
  const driver = await startDriver();
  try {
    const session = await new Builder()
      .disableEnvironmentOverrides()
      .usingServer(driver.url)
      .withCapabilities(wanted())
      .build();
    try {
      await walk(
        {
          open: (url) => session.get(url),
          run: (script) => session.executeScript(script),
          choose: (paths) => session.findElement(By.id('file-input')).sendKeys(paths.join('\n')),
        },
        server,
        fixtures,
      );
    } finally {
      await session.quit();
    }
  } finally {
    await driver.stop();
    await server.stop();
    await fixtures.remove();
  }
});

function wanted() {
  const binary = program('QUESTLOG_WEBKIT', []);
  return new Capabilities({
    browserName: 'MiniBrowser',
    'webkitgtk:browserOptions': { binary, args: ['--automation'] },
  });
}

/** Starts WebKit's own WebDriver on a free port and waits until it listens. */
async function startDriver() {
  const port = await freePort();
  const child = spawn(
    program('QUESTLOG_WEBKIT_DRIVER', ['/usr/bin/WebKitWebDriver']),
    [`--port=${port}`, '--host=127.0.0.1'],
    {
      stdio: 'ignore',
      // A container has neither the namespaces nor the graphics that WebKit would like.
      env: {
        ...process.env,
        WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
        WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      },
    },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill();
    await ended;
  };
  const url = `http://127.0.0.1:${port}`;
  const end = Date.now() + PATIENCE_MS;
  while (!(await fetch(`${url}/status`).catch(() => undefined))) {
    if (Date.now() > end || child.exitCode !== null) {
      await stop();
      throw new Error('WebKitWebDriver does not listen');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url, stop };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
