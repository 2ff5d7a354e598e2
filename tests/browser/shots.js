// Pictures of the page in every state, for docs/ and for whoever judges its looks: `node shots.js FOLDER`.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeFile } from 'node:fs/promises';
import { makeFixtures } from './fixtures.js';
import { Reader, startBrowser } from './page.js';
import { taken } from './promise.js';
import { startServer } from './server.js';

const WINDOW = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
/** As often as it takes to be still counting when the picture is taken. */
const LONG_TIMES = 120;

const [folder = '.'] = process.argv.slice(2);
const fixtures = await makeFixtures();
const server = await startServer();
const browser = await startBrowser();

/** Opens the page for a while. */
async function withPage(work, look = {}) {
  const reader = await Reader.open(browser, server.url, { ...WINDOW, ...look });
  try {
    await work(reader);
  } finally {
    await reader.close();
  }
}

/** Brings the page into a state and takes its picture. */
function shoot(name, look, state, fullPage = false) {
  return withPage(async (reader) => {
    await state(reader);
    if (fullPage) await lookedInside(reader);
    await reader.page.mouse.move(0, 0);
    await reader.page.screenshot({ path: join(folder, `page-${name}.png`), fullPage });
  }, look);
}

/** What is further down is read only when it comes into view, which on a picture of the whole page it never would. */
async function lookedInside({ page }) {
  const inside = page.getByRole('region', { name: 'Look inside' }).first();
  if (!(await inside.isVisible())) return;
  await inside.scrollIntoViewIfNeeded();
  await inside.getByRole('columnheader').first().waitFor();
  await page.evaluate(() => scrollTo(0, 0));
}

const file = (name) => join(fixtures.folder, name);

async function sample(reader) {
  await reader.page.getByRole('button', { name: 'Try a sample' }).click();
  await reader.settled();
}

async function dragging({ page }) {
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['x'], 'events.parquet'));
    const event = { dataTransfer: transfer, bubbles: true };
    document.body.dispatchEvent(new DragEvent('dragenter', event));
  });
}

async function loading({ page }) {
  await page.setInputFiles('#file-input', Array(LONG_TIMES).fill(file('long.parquet')));
  await page.locator('.pill:visible').first().waitFor();
}

async function filtered(reader) {
  await sample(reader);
  const chart = reader.card('Providers × events').locator('svg.chart');
  await chart.focus();
  await reader.page.keyboard.press('ArrowDown');
  await reader.page.keyboard.press('ArrowRight');
  await reader.page.keyboard.press('Enter');
  await reader.settled();
}

async function many(reader) {
  await reader.choose([file('letter.parquet'), ...Array(300).fill(fixtures.truth.files[0])]);
  await reader.page.locator('.files').evaluate((list) => list.scrollIntoView({ block: 'start' }));
}

async function failing(reader) {
  await reader.choose(
    ['hurt', 'letter', 'truncated', 'timed'].map((name) => file(`${name}.parquet`)),
  );
}

async function explained(reader) {
  await sample(reader);
  const why = reader.card('Why is this host that provider?');
  await why.getByLabel('Try a host').fill('user46.seattle.example.org');
  await why.getByRole('button', { name: 'Show the hosts' }).click();
  await why.getByText('Hosts that the other rule gives').click();
  await why.locator('.verdict mark').waitFor();
  await why.scrollIntoViewIfNeeded();
  await why.evaluate((element) => element.scrollIntoView({ block: 'start' }));
}

async function bars(reader) {
  await sample(reader);
  await reader.page.getByText('Bars', { exact: true }).click();
}

async function report(reader) {
  await sample(reader);
  const button = reader.page.getByRole('button', { name: 'Save report' });
  const { name, bytes } = await taken(reader, button);
  await writeFile(file(name), bytes);
  const page = await browser.newPage({ viewport: WINDOW });
  await page.goto(pathToFileURL(file(name)).href);
  await page.screenshot({ path: join(folder, 'page-report.png') });
  await page.close();
}

try {
  await shoot('empty', {}, async () => undefined);
  await shoot('dragging', {}, dragging);
  await shoot('loading', {}, loading);
  await shoot('light', {}, sample, true);
  await shoot('dark', { colorScheme: 'dark' }, sample, true);
  await shoot('bars', {}, bars);
  await shoot('filter', {}, filtered, true);
  await shoot('many', {}, many);
  await shoot('error', {}, failing, true);
  await shoot('why', {}, explained);
  await shoot('phone', PHONE, sample, true);
  await shoot('phone-dark', { ...PHONE, colorScheme: 'dark' }, sample);
  await withPage(report);
} finally {
  await browser.close();
  await server.stop();
  await fixtures.remove();
}
