import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';
import { iconAddress } from './icon.ts';
import { delivered, fileAlonePolicy } from './policy.ts';

const PACKED = '?packed';

/** Lets a script import a file as text: gzip, then base64. */
export function packed(): Plugin {
  return {
    name: 'packed',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith(PACKED)) return undefined;
      const bytes = await readFile(id.slice(0, -PACKED.length));
      const small = await promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION });
      return `export default ${JSON.stringify(small.toString('base64'))};`;
    },
  };
}

/** Makes one HTML file of the page with its script and style inside, and nothing else. */
export function alone(fileName: string): Plugin {
  return {
    name: 'alone',
    apply: 'build',
    enforce: 'post',
    transformIndexHtml: {
      order: 'pre',
      handler: (html) => html.replace('/src/main.ts', '/src/alone.ts'),
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const scripts: string[] = [];
        const styles: string[] = [];
        let html = '';
        for (const [name, file] of Object.entries(bundle)) {
          if (file.type === 'chunk') scripts.push(file.code);
          else if (name.endsWith('.css')) styles.push(text(file.source));
          else if (name.endsWith('.html')) html = text(file.source);
          else
            throw new Error(
              `${name} is a file of its own; the page as one file has no place for it.`,
            );
          Reflect.deleteProperty(bundle, name);
        }
        const [script] = scripts;
        if (scripts.length !== 1 || script === undefined) {
          throw new Error(`The page as one file has ${scripts.length} scripts instead of one.`);
        }
        this.emitFile({ type: 'asset', fileName, source: joined(html, script, styles.join('\n')) });
      },
    },
  };
}

function joined(html: string, script: string, style: string): string {
  // What ends an element in HTML must not stand inside it; in a script it can only be part of a text.
  const inside = ` ${script.trim().replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')} `;
  const bare = delivered(html, 'file')
    .replace(/<script\b[^>]*\bsrc=[^>]*><\/script>\s*/g, '')
    .replace(/<link\b[^>]*\brel="(?:stylesheet|modulepreload|preload|manifest|icon)"[^>]*>\s*/g, '')
    .replace(/content="default-src[^"]*"/, () => {
      return `content="${fileAlonePolicy([hashed(inside)], [hashed(style)])}"`;
    });
  const head = `<link rel="icon" href="${iconAddress()}" /><style>${style}</style>\n  </head>`;
  return bare
    .replace('</head>', () => head)
    .replace('</body>', () => `<script type="module">${inside}</script>\n  </body>`);
}

/** How a policy names exactly this script or style. */
function hashed(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}

function text(source: string | Uint8Array): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}
