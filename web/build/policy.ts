import type { Plugin } from 'vite';

/** How the page reaches its reader: in the server's binary, in a folder of any web server, or as one file. */
export type Delivery = 'server' | 'folder' | 'file';

/**
 * What the page may do where it is served in several files; Questlog's own server says the same, and more, in a header.
 * `reads` are origins whose files it may read, too.
 */
export function servedPolicy(reads: string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    ["connect-src 'self'", ...reads].join(' '),
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** The origins that a deployer lists, comma separated; nothing may stand in one that ends a word of a policy. */
export function originsIn(list = ''): string[] {
  const origins = list
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
  const unfit = origins.find((origin) => !/^https?:\/\/[\w.:[\]-]+$/.test(origin));
  if (unfit === undefined) return origins;
  throw new Error(
    `QUESTLOG_PAGE_READS: \`${unfit}\` is no origin; write it as in https://data.example`,
  );
}

/** What the page may do as one file: exactly this script and this style, and no connection at all. */
export function fileAlonePolicy(scripts: string[], styles: string[]): string {
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')} 'wasm-unsafe-eval'`,
    'worker-src blob:',
    `style-src ${styles.join(' ')}`,
    'img-src data: blob:',
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** Says in the page what it may do, and as what it is delivered. The development server needs styles and scripts of its own. */
export function policy(): Plugin {
  return {
    name: 'policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: {
          'http-equiv': 'Content-Security-Policy',
          content: servedPolicy(originsIn(process.env['QUESTLOG_PAGE_READS'])),
        },
        injectTo: 'head-prepend',
      },
      { tag: 'meta', attrs: deliveryMark('folder'), injectTo: 'head' },
    ],
  };
}

function deliveryMark(delivery: Delivery): { name: string; content: string } {
  return { name: 'questlog-delivery', content: delivery };
}

/** The same page, delivered in another way. */
export function delivered(html: string, delivery: Delivery): string {
  const mark = 'name="questlog-delivery" content="folder"';
  if (!html.includes(mark)) throw new Error('The page does not say how it is delivered.');
  return html.replace(mark, `name="questlog-delivery" content="${delivery}"`);
}
