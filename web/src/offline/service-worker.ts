/// <reference lib="webworker" />

// Keeps the files that the page is made of, and answers for them alone: whatever else a server has is never touched.

/** Filled in by the build: the page's files, and a version that changes with any of them. */
declare const QUESTLOG_FILES: string[];
declare const QUESTLOG_VERSION: string;

/** How long a server may think about the page before the kept one is shown. */
const PATIENCE_MS = 3000;

const scope = self as unknown as ServiceWorkerGlobalScope;
const PAGE = new URL('./', scope.location.href).href;
const FILES = QUESTLOG_FILES.map((file) => new URL(file, PAGE).href);
/** Caches are shared by all of an origin, where other folders may have a Questlog too. */
const FAMILY = `questlog ${PAGE} `;
const CACHE = FAMILY + QUESTLOG_VERSION;

scope.addEventListener('install', (event) => {
  event.waitUntil(keep());
});

// There is no `skipWaiting`: an open page goes on with the files it began with, and those go when it is closed.
scope.addEventListener('activate', (event) => {
  event.waitUntil(dropOthers());
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const [address = ''] = request.url.split('#');
  if (request.method !== 'GET' || !FILES.includes(address)) return;
  event.respondWith(address === PAGE ? page(request) : file(request));
});

/** All files or none: when one can't be had, the installation fails and the last version stays. */
async function keep(): Promise<void> {
  const cache = await caches.open(CACHE);
  // The names of the others change with their content; the page has always the same name.
  await cache.addAll(
    FILES.map((file) => (file === PAGE ? new Request(file, { cache: 'no-cache' }) : file)),
  );
}

async function dropOthers(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(FAMILY) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** The newest page while its server answers, so that page and server go together; else the one that is kept. */
async function page(request: Request): Promise<Response> {
  const fresh = fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
  const kept = await caches.match(PAGE, { cacheName: CACHE });
  return kept ? fresh.catch(() => kept) : fresh;
}

async function file(request: Request): Promise<Response> {
  const kept = await caches.match(request, { cacheName: CACHE });
  return kept ?? fetch(request);
}
