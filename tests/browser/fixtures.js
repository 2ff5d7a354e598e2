// Files to count, with the right answers by DuckDB, in a folder of their own.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { python, within } from './place.js';

export async function makeFixtures() {
  const folder = await mkdtemp(join(tmpdir(), 'questlog-fixtures-'));
  const script = within('tests/browser/fixtures.py');
  const { stdout } = await promisify(execFile)(python, [script, folder]);
  const truth = JSON.parse(stdout.trim().split('\n').at(-1));
  return { folder, truth, remove: () => rm(folder, { recursive: true, force: true }) };
}
