// Folders as a web server gives them.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

/** `folders` by the first part of their address. */
export async function serve(folders) {
  const server = createServer(async (request, response) => {
    const [, first, ...rest] = new URL(request.url, 'http://bench').pathname.split('/');
    const name = normalize(rest.join('/') || 'index.html');
    try {
      if (!folders[first] || name.startsWith('..')) throw new Error('not here');
      const body = await readFile(join(folders[first], name));
      response.writeHead(200, {
        'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${server.address().port}/`, stop };
}
