// Who is measured: where its page is, and how it tells its answer.

/** The page: from the choice of files until both questions are answered, with all their numbers drawn and laid out. */
export const QUESTLOG = {
  name: 'Questlog',
  path: 'questlog/',
  async prepare(page) {
    await page.evaluate(() => {
      addEventListener(
        'change',
        ({ target }) => {
          if (target.id !== 'file-input') return;
          const start = performance.now();
          const answered = () =>
            document.querySelector('.results:not([hidden])') !== null &&
            ['.popular-events', '.providers'].every((card) =>
              document.querySelector(`${card}[aria-busy=false]`),
            );
          const seen = new MutationObserver(() => {
            if (!answered()) return;
            seen.disconnect();
            // What is drawn must have its place, too.
            document.body.getBoundingClientRect();
            globalThis.outcome = { ms: performance.now() - start };
          });
          const attributeFilter = ['aria-busy', 'hidden'];
          seen.observe(document.body, {
            attributes: true,
            subtree: true,
            attributeFilter,
          });
        },
        { capture: true },
      );
    });
  },
  async again(page) {
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.locator('.results').waitFor({ state: 'hidden' });
  },
  /** Read from the table, which is drawn from the same values as the chart. */
  async rows(page) {
    const card = page.getByRole('region', { name: 'Providers × events', exact: true }).first();
    await card.getByText('Table', { exact: true }).click();
    return card.locator('tbody tr').evaluateAll((lines) =>
      lines.map((line) =>
        [...line.children].map((cell) => {
          if (cell.classList.contains('missing')) return null;
          const isNumber = cell.classList.contains('number');
          return isNumber ? Number(cell.textContent.replace(/\D/g, '')) : cell.textContent;
        }),
      ),
    );
  },
};

function peer(name, path) {
  return {
    name,
    path: `peers/${path}.html`,
    prepare: () => undefined,
    again: () => undefined,
    rows: (page) => page.evaluate(() => globalThis.outcome.rows),
  };
}

/** The peers: from the choice of files until the rows are there; they draw nothing. */
export const PEERS = [
  peer('hyparquet', 'hyparquet'),
  peer('DuckDB-Wasm', 'duckdb'),
  peer('parquet-wasm', 'parquet-wasm'),
];
