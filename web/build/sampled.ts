import type { Plugin } from 'vite';
import { sampleFile } from './sample/sample.ts';

const NAME = 'virtual:sample';
const RESOLVED = `\0${NAME}`;

/**
 * Lets a script import the sample that the build makes, as text of one letter for each byte: what compresses the script
 * finds more in it than in base64.
 */
export function sampled(): Plugin {
  return {
    name: 'sampled',
    resolveId: (id) => (id === NAME ? RESOLVED : undefined),
    load(id) {
      if (id !== RESOLVED) return undefined;
      return `export default ${JSON.stringify(Buffer.from(sampleFile()).toString('latin1'))};`;
    },
  };
}
