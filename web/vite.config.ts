import { defineConfig, type Plugin } from 'vite';

/** What the page may do, wherever it is served from; Questlog's own server says the same, and more, in a header. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Only the build is strict: the development server writes styles and scripts into the page. */
function policy(): Plugin {
  const attrs = { 'http-equiv': 'Content-Security-Policy', content: CONTENT_SECURITY_POLICY };
  return {
    name: 'policy',
    apply: 'build',
    transformIndexHtml: () => [{ tag: 'meta', attrs, injectTo: 'head-prepend' }],
  };
}

// Every address in the build is relative, so that one build serves from any folder of any server;
// nothing is inlined, because the policy allows no inline script or style.
export default defineConfig({
  base: './',
  plugins: [policy()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
