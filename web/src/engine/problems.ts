import type { Problem } from '../data/answer.ts';
import { FileChanged, RemoteFailed } from './source.ts';

/** A fault that leaves a wasm instance in an unknown state: its worker must be replaced. */
export function isCrash(fault: unknown): boolean {
  return fault instanceof WebAssembly.RuntimeError || fault instanceof RangeError;
}

/** Whatever was thrown, as a sentence for the reader. */
export function problemOf(fault: unknown): Problem {
  if (fault instanceof FileChanged) {
    return { kind: 'changed', message: 'The file changed while it was read; drop it again.' };
  }
  if (fault instanceof RemoteFailed) return { kind: 'unreadable', message: fault.message };
  if (fault instanceof DOMException) {
    return {
      kind: 'unreadable',
      message:
        'The browser can no longer read this file: it was changed, moved or deleted. Drop it again.',
    };
  }
  if (isCrash(fault)) {
    return {
      kind: 'crash',
      message:
        'The reader gave up on this file: it is damaged in a way that we did not foresee, or too large for this browser’s memory.',
    };
  }
  if (fault instanceof Error) {
    const kind = 'kind' in fault && typeof fault.kind === 'string' ? fault.kind : 'other';
    return { kind, message: sentence(fault.message) };
  }
  return { kind: 'other', message: sentence(String(fault)) };
}

/** Starts with a capital letter where that changes no name, and ends with a full stop. */
function sentence(message: string): string {
  const first = message.match(/^[a-z]+(?=[ ,])/)?.[0];
  const begun = first ? message.charAt(0).toUpperCase() + message.slice(1) : message;
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
