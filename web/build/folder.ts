import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';
import { delivered } from './policy.ts';

/** What a reader's browser loads, brotli. */
const APP_BYTES_MAX = 400 * 1024;
/** What it needs of that before it can paint. */
const FIRST_PAINT_BYTES_MAX = 60 * 1024;
/** Blocks of 128 KiB. */
const BLOCK_BITS = 17;
/** Files that are smaller come as they are: an answer's headers weigh more. */
const PACKED_BYTES_MIN = 400;

const SERVICE_WORKER = 'service-worker.js';
/** Only an installation asks for these, so the page does without them; and they are compressed as they are. */
const PICTURES = /\.png$/;

/** Finishes the folder: the server's own page, the service worker's list of files, and every file compressed ahead. */
export function finished(folder: string): Plugin {
  return {
    name: 'finished',
    apply: 'build',
    async closeBundle() {
      const html = await readFile(join(folder, 'index.html'), 'utf8');
      const names = (await filesOf(folder)).filter((name) => name !== SERVICE_WORKER);
      const kept = names.filter((name) => !PICTURES.test(name));
      await fillIn(folder, kept);
      await writeFile(join(folder, 'server.html'), delivered(html, 'server'));
      const packed_bytes = await pack(folder, [...kept, SERVICE_WORKER, 'server.html']);
      const sum = (of: string[]): number =>
        of.reduce((total, name) => total + (packed_bytes.get(name) ?? 0), 0);
      const first = ['index.html', ...linked(html)];
      this.info(checked('the whole page', sum(kept), APP_BYTES_MAX));
      this.info(checked('what its first paint needs', sum(first), FIRST_PAINT_BYTES_MAX));
    },
  };
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
}

/** Tells the service worker which files the page is made of, and a version that changes with any of them. */
async function fillIn(folder: string, names: string[]): Promise<void> {
  const hash = createHash('sha256');
  for (const name of names) hash.update(name).update(await readFile(join(folder, name)));
  const files = names.map((name) => (name === 'index.html' ? './' : `./${name}`));
  const path = join(folder, SERVICE_WORKER);
  const script = await readFile(path, 'utf8');
  const filled = script
    .replace('QUESTLOG_FILES', JSON.stringify(files))
    .replace('QUESTLOG_VERSION', JSON.stringify(hash.digest('hex').slice(0, 16)));
  if (filled.includes('QUESTLOG_')) throw new Error(`${SERVICE_WORKER} could not be filled in.`);
  await writeFile(path, filled);
}

/** Writes `.br` and `.gz` beside each file that gets smaller by it; answers with what each weighs on the wire. */
async function pack(folder: string, names: string[]): Promise<Map<string, number>> {
  const sizes = await Promise.all(
    names.map(async (name): Promise<[string, number]> => {
      const path = join(folder, name);
      const bytes = await readFile(path);
      const [br, gz] = await Promise.all([
        promisify(brotliCompress)(bytes, {
          params: {
            [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
            [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
            [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
            // Distances that share their ends: with the small blocks a quarter of a percent less, measured on the module.
            [constants.BROTLI_PARAM_LGBLOCK]: BLOCK_BITS,
            [constants.BROTLI_PARAM_NPOSTFIX]: 2,
          },
        }),
        promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }),
      ]);
      if (bytes.length < PACKED_BYTES_MIN || gz.length >= bytes.length) return [name, bytes.length];
      await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)]);
      return [name, br.length];
    }),
  );
  return new Map(sizes);
}

/** The scripts and styles that the page itself names. */
function linked(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].flatMap(
    (match) => match[1] ?? [],
  );
}

/** Says a size; a build that outgrows its limit fails. */
function checked(what: string, bytes: number, bytes_max: number): string {
  const kib = (size: number): string => `${(size / 1024).toFixed(1)} KiB`;
  const words = `${what} over the wire: ${kib(bytes)} of at most ${kib(bytes_max)}, brotli`;
  if (bytes > bytes_max) throw new Error(`Too much of ${words}.`);
  return words;
}
