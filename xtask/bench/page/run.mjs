// One contender at one work: a browser that has just started, its page just loaded, the same files twice.

import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Who takes longer than this is measured once. */
const SLOW_MS = 4000;
/** Who takes longer than this has failed. */
const PATIENCE_MS = 120_000;

/** The middle of some rounds, or why there is none. */
export async function compared(options, url, contender, work) {
  const rounds = [];
  let rows;
  for (let round = 0; round < Number(options.rounds); round += 1) {
    try {
      const run = await once(options, url, contender, work);
      rows ??= run.rows;
      rounds.push(run);
      if (run.cold_ms > SLOW_MS) break;
    } catch (error) {
      return { failed: String(error.message ?? error).split('\n')[0] };
    }
  }
  const middle = (of) => {
    const numbers = rounds.map(of).sort((a, b) => a - b);
    return numbers[Math.floor(numbers.length / 2)];
  };
  return {
    rows,
    cold_ms: middle((run) => run.cold_ms),
    again_ms: middle((run) => run.again_ms),
    growth_mb: middle((run) => run.growth_mb),
    // The worst that any round had, because one long task is one too many.
    task_ms: Math.max(...rounds.map((run) => run.task_ms)),
  };
}

async function once({ playwright, chromium: executablePath }, url, contender, { files }) {
  const { chromium } = createRequire(playwright)('playwright-core');
  const browser = await chromium.launch({ executablePath, args: ARGS });
  try {
    const page = await (await browser.newContext({ locale: 'en-US' })).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(url + contender.path, { waitUntil: 'load' });
    await page.evaluate(watchTasks);
    await contender.prepare(page);
    const renderers = await renderersOf(browser);
    const before_kib = await memory(renderers, 'VmRSS');
    await forgetPeaks(renderers);

    const cold_ms = await answered(page, files);
    const task_ms = await page.evaluate(() => globalThis.longestTask_ms);
    const rows = await contender.rows(page);
    await contender.again(page);
    const again_ms = await answered(page, files);
    const peaks_kib = await memory(renderers, 'VmHWM');
    // There are others, for the service worker for example; the page's own is the one that grows most.
    const growth_kib = Math.max(...peaks_kib.map((peak, index) => peak - before_kib[index]));
    const growth_mb = (growth_kib * 1024) / 1e6;
    return { cold_ms, again_ms, task_ms, rows, growth_mb };
  } finally {
    await browser.close();
  }
}

/** The page tells by itself when it has answered: asking it again and again would take from what is measured. */
async function answered(page, files) {
  await page.evaluate(() => {
    let told;
    globalThis.answered = new Promise((resolve) => {
      Object.defineProperty(globalThis, 'outcome', {
        configurable: true,
        get: () => told,
        set: (outcome) => resolve((told = outcome)),
      });
    });
  });
  await page.setInputFiles('#file-input', files);
  const outcome = await inTime(
    page.evaluate(() => globalThis.answered.then(({ ms, failed }) => ({ ms, failed }))),
  );
  if (outcome.failed) throw new Error(outcome.failed);
  return outcome.ms;
}

async function inTime(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    const failed = new Error(`no answer within ${PATIENCE_MS / 1000} s`);
    timer = setTimeout(() => reject(failed), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The browser tells of tasks of 50 ms and more; 0 stands for none. */
function watchTasks() {
  globalThis.longestTask_ms = 0;
  new PerformanceObserver((list) => {
    const durations = list.getEntries().map(({ duration }) => duration);
    globalThis.longestTask_ms = Math.max(globalThis.longestTask_ms, ...durations);
  }).observe({ type: 'longtask' });
}

async function renderersOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

/** Each renderer's resident memory, or the peak of it; from the kernel, so on Linux only. */
function memory(pids, field) {
  return Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      return Number(status.match(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'))?.[1] ?? NaN);
    }),
  );
}

/** Has the kernel measure peaks from now on. */
async function forgetPeaks(pids) {
  for (const pid of pids) await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
}
