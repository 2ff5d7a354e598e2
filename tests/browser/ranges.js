// A server of files in ranges, as a store of data sets is one: any page may read it, and every request is noted.

import { open } from 'node:fs/promises';
import { createServer } from 'node:http';

/** Serves files by name; gives its address, the ranges that were asked for, and a way to end it. */
export async function serveRanges(paths) {
  const ranges = [];
  const headers = {
    'access-control-allow-origin': '*',
    'access-control-allow-headers': 'range',
    'access-control-expose-headers': 'content-range',
  };
  const server = createServer(async (request, response) => {
    if (request.method === 'OPTIONS') {
      response.writeHead(204, headers).end();
      return;
    }
    const path = paths[new URL(request.url, 'http://ranges').pathname.slice(1)];
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (!path || first === undefined) {
      response.writeHead(404, headers).end();
      return;
    }
    ranges.push([Number(first), Number(last)]);
    const file = await open(path);
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(Number(last), size - 1) - Number(first) + 1);
    await file.read(bytes, 0, bytes.length, Number(first));
    await file.close();
    const range = `bytes ${first}-${Number(first) + bytes.length - 1}/${size}`;
    response.writeHead(206, { ...headers, 'content-range': range }).end(bytes);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { host: `127.0.0.1:${server.address().port}`, ranges, stop };
}
