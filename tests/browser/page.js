// The page in Chromium, as a reader uses it.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { chromium as chromiumPath } from './place.js';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the browser that all tests of a file share. */
export function startBrowser() {
  return chromium.launch({ executablePath: chromiumPath(), args: ARGS });
}

/** Starts a browser that can install the page; whatever it keeps for that, and tells the desktop, is in this folder. */
export function startInstalling(folder) {
  const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const options = { executablePath: chromiumPath(), args: ARGS, env };
  return chromium.launchPersistentContext(join(folder, 'profile'), options);
}

/** The page in a window of its own, with every request and every complaint noted. */
export class Reader {
  requests = [];
  complaints = [];
  #page;

  /** `look` is what a reader's system asks for, such as `colorScheme` or `forcedColors`. */
  static async open(browser, url, { width = 1280, height = 860, ...look } = {}) {
    const context = await browser.newContext({
      viewport: { width, height },
      ...look,
      locale: 'en-US',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const reader = new Reader();
    const page = (reader.#page = await context.newPage());
    // Of the whole context, so that a worker's requests are seen too.
    context.on('request', (request) => reader.requests.push(request.url()));
    context.on('console', (message) => {
      if (message.type() === 'error') reader.complaints.push(message.text());
    });
    page.on('pageerror', (error) => reader.complaints.push(error.message));
    await page.goto(url, { waitUntil: 'networkidle' });
    await reader.kept();
    reader.requests.length = 0;
    return reader;
  }

  /** Waits until the browser keeps the page for offline use, where it can: that too is a part of loading it. */
  async kept() {
    await this.#page.evaluate(async () => {
      if (location.protocol.startsWith('http')) await navigator.serviceWorker.ready;
    });
  }

  get page() {
    return this.#page;
  }

  async close() {
    await this.#page.context().close();
  }

  async choose(paths) {
    await this.#page.setInputFiles('#file-input', paths);
    await this.settled();
  }

  async chooseFolder(path) {
    await this.#page.setInputFiles('#folder-input', path);
    await this.settled();
  }

  /** Waits until nothing is being counted any more. */
  async settled() {
    await this.#page.locator('.results[aria-busy=false]').waitFor();
  }

  card(name) {
    return this.#page.getByRole('region', { name, exact: true }).first();
  }

  /** The rows of a card's table, numbers as numbers, what is missing as null. */
  async table(name) {
    const card = this.card(name);
    await card.getByText('Table', { exact: true }).click();
    const rows = await card.locator('tbody tr').evaluateAll((lines) =>
      lines.map((line) =>
        [...line.children].map((cell) => {
          if (cell.classList.contains('missing')) return null;
          const isNumber = cell.classList.contains('number');
          return isNumber ? Number(cell.textContent.replaceAll(',', '')) : cell.textContent;
        }),
      ),
    );
    await card.locator('.card-tools label').first().click();
    return rows;
  }

  /** What the file list says of a file. */
  async file(path) {
    const row = this.#page.locator('.file-table tbody tr').filter({ hasText: path });
    return {
      status: await row.locator('.state').textContent(),
      reason: await row.locator('.reason').textContent(),
    };
  }

  /** Runs a script of ours in the page, which its Content-Security-Policy would not let in by itself. */
  async run(path) {
    const source = await readFile(path, 'utf8');
    await this.#page.evaluate(source);
  }

  /** The names of what the Tab key reaches, one after the other. */
  async tabbed(times) {
    const names = [];
    for (let time = 0; time < times; time += 1) {
      await this.#page.keyboard.press('Tab');
      names.push(
        await this.#page.evaluate(() => {
          const element = document.activeElement;
          return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
        }),
      );
    }
    return names;
  }

  /** Pixels by which the page is wider than its window. */
  overflow() {
    return this.#page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
  }
}
