import type { Plugin } from 'vite';
import { iconAddress, iconPng, iconSvg } from './icon.ts';

const MANIFEST = {
  id: './',
  name: 'Questlog',
  short_name: 'Questlog',
  description: 'Drop Parquet files, read the answer. Nothing is uploaded.',
  start_url: './',
  scope: './',
  display: 'standalone',
  background_color: '#f7f7f4',
  theme_color: '#0f766e',
  icons: [
    { src: './icon.svg', sizes: 'any', type: 'image/svg+xml' },
    { src: './icon-192.png', sizes: '192x192', type: 'image/png' },
    { src: './icon-512.png', sizes: '512x512', type: 'image/png' },
    { src: './icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
  ],
  file_handlers: [
    { action: './', accept: { 'application/vnd.apache.parquet': ['.parquet', '.parq', '.pq'] } },
  ],
  // A file opened from outside joins the window that is there, with what was dropped before.
  launch_handler: { client_mode: 'focus-existing' },
};

/** What makes the page installable: its manifest, and icons drawn by the build. */
export function installable(): Plugin {
  return {
    name: 'installable',
    apply: 'build',
    // Inside the page: browsers ask for an icon's address again whenever what stands behind # changes.
    transformIndexHtml: (html) => html.replace('./icon.svg', iconAddress()),
    generateBundle() {
      const emit = (fileName: string, source: string | Uint8Array): void => {
        this.emitFile({ type: 'asset', fileName, source });
      };
      emit('manifest.webmanifest', JSON.stringify(MANIFEST, undefined, 2));
      emit('icon.svg', iconSvg());
      emit('icon-192.png', iconPng(192));
      emit('icon-512.png', iconPng(512));
      emit('icon-maskable-512.png', iconPng(512, true));
    },
  };
}
