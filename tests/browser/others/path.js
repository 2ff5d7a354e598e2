// The main path, for browsers that each have a driver of their own: files in, both questions answered, a bad one told, nothing asked for.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { within } from '../place.js';

const ALONE = pathToFileURL(within('web/dist-alone/questlog.html')).href;
/** How long counting may take in a browser that has just started on a busy machine. */
const PATIENCE_MS = 30_000;

/**
 * Walks the path once from the server and once as one file from a disk.
 * A driver can `open(url)`, `choose(paths)` for the file input, and `run(script)`: a function body whose value it gives.
 */
export async function walk(driver, server, { folder, truth }) {
  for (const url of [server.url, ALONE]) {
    await driver.open(url);
    await until(driver, LOADED);
    await driver.run(WATCH);
    const bad = join(folder, 'truncated.parquet');
    await driver.choose([...truth.files, bad]);
    await until(driver, SETTLED);
    assert.deepEqual(await driver.run(rowsOf('Popular events')), truth.popular, url);
    assert.deepEqual(await driver.run(rowsOf('Providers × events')), truth.contains, url);
    const { state, reason } = await driver.run(fileOf('truncated.parquet'));
    assert.equal(state, 'failed');
    assert.match(reason, /Parquet/);
    await driver.run(MATCH_BY_DOMAIN);
    await until(driver, SETTLED);
    assert.deepEqual(await driver.run(rowsOf('Providers × events')), truth.domain, url);
    assert.deepEqual(await driver.run('return window.noticed'), { asked: [], faults: [] }, url);
  }
}

const SETTLED = `return document.querySelector('.results[aria-busy=false]:not([hidden])') !== null`;

/** The page is there, and kept for offline use where it is served: what that asks for belongs to loading. */
const LOADED = `
  if (document.readyState !== 'complete' || !document.querySelector('#file-input')) return false;
  if (!location.protocol.startsWith('http')) return true;
  navigator.serviceWorker.ready.then(({ active }) => { window.keeper = active; });
  return window.keeper?.state === 'activated'`;

/** Notes whatever is asked for and goes wrong from now on. */
const WATCH = `
  window.noticed = { asked: [], faults: [] };
  addEventListener('error', ({ message }) => window.noticed.faults.push(message));
  addEventListener('unhandledrejection', ({ reason }) => window.noticed.faults.push(String(reason)));
  addEventListener('securitypolicyviolation', ({ blockedURI }) => window.noticed.faults.push(blockedURI));
  const since = performance.now();
  new PerformanceObserver((list) => {
    const later = list.getEntries().filter(({ startTime }) => startTime >= since);
    window.noticed.asked.push(...later.map(({ name }) => name));
  }).observe({ type: 'resource' });`;

const MATCH_BY_DOMAIN = `
  const labels = [...document.querySelectorAll('label')];
  labels.find((label) => label.textContent.trim() === 'domain').click();`;

function rowsOf(title) {
  return `
    const card = document.querySelector('section[aria-label="${title}"]');
    const labels = [...card.querySelectorAll('label')];
    labels.find((label) => label.textContent.trim() === 'Table').click();
    return [...card.querySelectorAll('tbody tr')].map((line) => [...line.children].map((cell) => {
      if (cell.classList.contains('missing')) return null;
      const isNumber = cell.classList.contains('number');
      return isNumber ? Number(cell.textContent.replace(/\\D/g, '')) : cell.textContent;
    }));`;
}

function fileOf(name) {
  return `
    const lines = [...document.querySelectorAll('.file-table tbody tr')];
    const line = lines.find((row) => row.textContent.includes('${name}'));
    const text = (part) => line.querySelector(part).textContent;
    return { state: text('.state'), reason: text('.reason') };`;
}

/** Asks again and again, because no two of these drivers can wait for the same thing. */
async function until(driver, script) {
  const end = Date.now() + PATIENCE_MS;
  while (!(await driver.run(script))) {
    if (Date.now() > end) throw new Error(`it never came true: ${script}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
