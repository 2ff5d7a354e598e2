/** Has the browser keep the page, so that it opens without a network; it works the same where a browser refuses. */
export function keepForOffline(): void {
  if (!('serviceWorker' in navigator) || !isSecureContext) return;
  const register = (): void => {
    navigator.serviceWorker.register('./service-worker.js').catch(() => undefined);
  };
  // What keeps the page must not hold up the page.
  if (document.readyState === 'complete') register();
  else addEventListener('load', register, { once: true });
}
