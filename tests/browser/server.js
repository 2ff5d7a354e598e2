// The real binary, serving the page on a port and a data folder of its own.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { binary } from './place.js';

/** How long a server may take to listen. */
const PATIENCE_MS = 30_000;

/** Starts `questlog serve`, with these options beside; gives its address and a way to end it. */
export async function startServer(options = []) {
  const data = await mkdtemp(join(tmpdir(), 'questlog-page-'));
  const child = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', data, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill();
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  try {
    return { url: await address(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function address(child) {
  return new Promise((resolve, reject) => {
    const heard = [];
    const timer = setTimeout(
      () => reject(new Error(`the server does not listen: ${heard.join('\n')}`)),
      PATIENCE_MS,
    );
    child.once('exit', (code) =>
      reject(new Error(`the server ended with ${code}: ${heard.join('\n')}`)),
    );
    createInterface({ input: child.stderr }).on('line', (line) => {
      heard.push(line);
      const url = line.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0];
      if (!url) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}
