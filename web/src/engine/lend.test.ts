import { expect, it, vi } from 'vitest';
import { Borrower, lender } from './lend.ts';

/** A blob as a worker has it that may not read it, and the page, which may: the message between them changes nothing else. */
function forbidden(content: string): Blob {
  const blob = new Blob([content]);
  vi.spyOn(blob, 'arrayBuffer').mockRejectedValue(new DOMException('', 'NotReadableError'));
  return blob;
}

it('lets the page read what a worker may not', async () => {
  const borrower = new Borrower();
  const port = lender();
  borrower.use(port);
  const bytes = await borrower.read(forbidden('words'));
  expect(new TextDecoder().decode(bytes)).toBe('words');
  const again = await borrower.read(forbidden('more'));
  expect(again.byteLength).toBe(4);
  port.close();
});

it('says what went wrong where nobody can help', async () => {
  await expect(new Borrower().read(forbidden('words'))).rejects.toThrow(DOMException);
});
