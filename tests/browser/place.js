// Where the things are that the tests need; `cargo xtask test` sets the variables.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** A file of the repository. */
export const within = (path) => `${repository}${path}`;

/** The binary under test. */
export const binary = program('QUESTLOG_BIN', [within('target/release/questlog')]);

/** A Python with the packages of tests/peers/requirements.txt. */
export const python = program('QUESTLOG_PYTHON', []);

/** A Chromium. */
export const chromium = () =>
  program('QUESTLOG_CHROMIUM', [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ]);

/** The file that a variable names, else the first of these that is there. */
export function program(variable, otherwise) {
  const named = process.env[variable];
  const path = named ?? otherwise.find((candidate) => existsSync(candidate));
  if (path && existsSync(path)) return path;
  throw new Error(
    `${variable} names no file; run these tests with \`cargo xtask test browser\`, which makes what they need`,
  );
}
