// A plain web server that knows nothing of Questlog: a folder below some path, and no type for `.wasm`.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** Serves a folder below `/some/where/`; gives its address, what was asked for and not there, and a way to end it. */
export async function serveFolder(folder) {
  const missing = [];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://folder').pathname;
    try {
      const name = normalize(path.slice(BELOW.length) || 'index.html');
      if (!path.startsWith(BELOW) || name.startsWith('..')) throw new Error('outside');
      const body = await readFile(join(folder, name));
      response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'text/plain' });
      response.end(body);
    } catch {
      // A browser asks for an icon of its own accord where a page names none.
      if (path !== '/favicon.ico') missing.push(path);
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${server.address().port}${BELOW}`, missing, stop };
}

const BELOW = '/some/where/';
