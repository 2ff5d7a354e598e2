import './style/tokens.css';
import './style/base.css';
import './style/top.css';
import './style/drop.css';
import './style/status.css';
import './style/card.css';
import './style/chart.css';
import './style/table.css';
import './style/matching.css';
import './style/why.css';
import './style/ask.css';
import './style/files.css';
import './style/inside.css';
import './style/link.css';
import './style/print.css';
import { sampleBytes } from './data/sample.ts';
import { el } from './dom/element.ts';
import { Unfit, type Loader } from './engine/loader.ts';
import { Pool } from './engine/pool.ts';
import { workersHere } from './engine/workers.ts';
import { Page } from './page.ts';
import { Privacy } from './view/privacy.ts';

/** Puts the page together, the same in every delivery. */
export function start(loader: Loader): void {
  const privacy = new Privacy();
  document.getElementById('privacy')?.replaceWith(privacy.root);
  const root = document.getElementById('page');
  if (!root) return;
  new Page(root, privacy, (listener) => {
    const pool = new Pool(workersHere(), loader, listener);
    loader.module.then(
      () => {
        pool.warm(sampleBytes());
      },
      (fault: unknown) => {
        if (fault instanceof Unfit) root.prepend(notice(fault.message));
      },
    );
    return pool;
  });
}

function notice(message: string): HTMLElement {
  return el('p', { class: 'notice', role: 'alert' }, message);
}
