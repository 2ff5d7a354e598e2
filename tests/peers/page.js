// The page's two answers about a folder, in Chromium: `node page.js URL FOLDER`.

import { Reader, startBrowser } from '../browser/page.js';

const [url, folder] = process.argv.slice(2);
const browser = await startBrowser();
try {
  const reader = await Reader.open(browser, url);
  await reader.chooseFolder(folder);
  const answers = {
    popular_events: { columns: ['event_type', 'count'], rows: await reader.table('Popular events') },
    providers: {
      columns: ['provider', 'event_type', 'count'],
      rows: await reader.table('Providers × events'),
    },
  };
  if (reader.requests.length > 0) throw new Error(`the page asked for ${reader.requests}`);
  console.log(JSON.stringify(answers));
} finally {
  await browser.close();
}
