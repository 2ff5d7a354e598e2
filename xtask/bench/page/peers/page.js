// A page with a file input and a peer that counts: says how long it took from the choice of files to the rows.

export function offer({ ready, count }) {
  const input = document.createElement('input');
  Object.assign(input, { type: 'file', id: 'file-input', multiple: true });
  input.addEventListener('change', async () => {
    const start = performance.now();
    const files = [...input.files];
    // Emptied at once, so that choosing the same files again is heard.
    input.value = '';
    if (files.length === 0) return;
    try {
      await ready;
      const rows = await count(files);
      globalThis.outcome = { ms: performance.now() - start, rows };
    } catch (error) {
      globalThis.outcome = { failed: String(error) };
    }
  });
  document.body.append(input);
}
