import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'vite';
import { alone, packed } from './build/alone.ts';
import { finished } from './build/folder.ts';
import { installable } from './build/install.ts';
import { policy } from './build/policy.ts';
import { sampled } from './build/sampled.ts';

const within = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const COMMON = {
  // Every address in the build is relative, so that one build serves from any folder of any server.
  base: './',
  publicDir: false,
  build: {
    target: 'es2022',
    // Styles keep `light-dark()`: what is drawn for paper stays light inside a dark page.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
} satisfies UserConfig;

/** A folder for the server to carry, or for any web server to serve. */
const FOLDER: UserConfig = {
  ...COMMON,
  plugins: [policy(), sampled(), installable(), finished(within('dist'))],
  worker: { format: 'es' },
  build: {
    ...COMMON.build,
    // The policy allows no inline script or style.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: within('index.html'), worker: within('src/offline/service-worker.ts') },
      output: {
        // A browser looks for news of a service worker under the name that it knows.
        entryFileNames: ({ name }) =>
          name === 'worker' ? 'service-worker.js' : 'assets/[name]-[hash].js',
      },
    },
  },
};

/** One HTML file that works from a disk, without any server. */
const ALONE: UserConfig = {
  ...COMMON,
  plugins: [policy(), sampled(), packed(), alone('questlog.html')],
  worker: { format: 'iife' },
  build: {
    ...COMMON.build,
    outDir: 'dist-alone',
    cssCodeSplit: false,
    rolldownOptions: { input: within('index.html'), output: { codeSplitting: false } },
  },
};

/** The npm package: a script, its worker and its module side by side, under names that stay. */
const PACKAGE: UserConfig = {
  ...COMMON,
  publicDir: within('package'),
  worker: { format: 'es', rolldownOptions: { output: { entryFileNames: 'worker.js' } } },
  build: {
    ...COMMON.build,
    outDir: 'dist-package',
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: within('src/embed/index.ts') },
      preserveEntrySignatures: 'strict',
      output: {
        entryFileNames: '[name].js',
        assetFileNames: '[name][extname]',
        codeSplitting: false,
      },
    },
  },
};

const BUILDS: Record<string, UserConfig> = { alone: ALONE, package: PACKAGE };

export default defineConfig(({ mode }) => BUILDS[mode] ?? FOLDER);
