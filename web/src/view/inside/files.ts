import type { Entry } from '../../board/entry.ts';
import type { LakeFile } from '../../board/lake.ts';
import type { LookedAt } from '../../engine/look.ts';

/** A file that can be looked into, under the name that the list of files has for it. */
export interface Lookable extends LookedAt {
  of: number | string;
}

/** Files of the reader's that have a footer. */
export function looksOf(entries: readonly Entry[]): Lookable[] {
  return entries
    .filter(({ rows }) => rows !== undefined)
    .map(({ id, version, file, path }) => ({
      of: id,
      // Another version of a file is another file to look into.
      key: `${id}.${version}`,
      source: file,
      path,
    }));
}

/** Files of the lake, read from the server in ranges. */
export function lakeLooks(files: readonly LakeFile[]): Lookable[] {
  return files.map(({ path, bytes }) => {
    const escaped = path.split('/').map(encodeURIComponent).join('/');
    const address = new URL(`v1/lake/${escaped}`, location.href).href;
    const source = { address, name: path, size: bytes, version: undefined };
    return { of: path, key: path, source, path };
  });
}
