// Where the things are that the tests need; `cargo xtask test` sets the variables.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** A file of the repository. */
export const within = (path) => `${repository}${path}`;

/** The binary under test. */
export const binary = found('QUESTLOG_BIN', [within('target/release/questlog')]);

/** A Python with the packages of tests/peers/requirements.txt. */
export const python = found('QUESTLOG_PYTHON', []);

/** A Chromium. */
export const chromium = found('QUESTLOG_CHROMIUM', [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]);

function found(variable, otherwise) {
  const named = process.env[variable];
  const path = named ?? otherwise.find((candidate) => existsSync(candidate));
  if (path && existsSync(path)) return path;
  throw new Error(
    `${variable} names no file; run these tests with \`cargo xtask test browser\`, which makes what they need`,
  );
}
