import { defineConfig } from 'vite';

// Every address in the build is relative, so that one build serves from any folder of any server;
// nothing is inlined, because the Content-Security-Policy allows no inline script or style.
export default defineConfig({
  base: './',
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
