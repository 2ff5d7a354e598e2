import { hostOf, ranged, sizeIn, versionOf, type Remote } from './source.ts';

/** Why an address can't be used, in a sentence for the reader. */
export class Unreachable extends Error {}

/** The first bytes of every Parquet file, as numbers. */
const MARK = [0x50, 0x41, 0x52, 0x31];

/**
 * Looks at a file behind an address: whether we may ask, whether there are ranges, how large it is.
 * `allowed` tells of what the page's own policy forbids, since a forbidden request fails without a reason.
 */
export async function openRemote(typed: string, page = location.href): Promise<Remote> {
  const address = addressOf(typed, page);
  const forbidden = new Forbidden();
  try {
    const response = await ranged(address, 0, MARK.length);
    await refuse(response, address);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (!MARK.every((byte, at) => bytes[at] === byte)) {
      throw new Unreachable(`${address} is not a Parquet file: it does not begin with PAR1.`);
    }
    const size = sizeIn(response) ?? (await sizeOf(address));
    return { address, name: nameOf(address), size, version: versionOf(response) };
  } catch (fault) {
    if (fault instanceof Unreachable) throw fault;
    throw new Unreachable(await forbidden.reason(address, page));
  } finally {
    forbidden.end();
  }
}

/** The address in full; only what a browser can fetch. */
export function addressOf(typed: string, page: string): string {
  const text = typed.trim();
  if (text === '') throw new Unreachable('There is no address; type one such as https://….');
  const url = URL.canParse(text, page) ? new URL(text, page) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new Unreachable(`${text} is no address that begins with https:// or http://.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new Unreachable('An address with a password in it would end up in links; leave it out.');
  }
  // What stands behind # is for the reader's own browser.
  url.hash = '';
  return url.href;
}

/** What the file is called: the last part of its path, decoded. */
export function nameOf(address: string): string {
  const { pathname, host } = new URL(address);
  const last = pathname.split('/').findLast((part) => part !== '');
  if (last === undefined) return host;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

async function refuse(response: Response, address: string): Promise<void> {
  if (response.status === 206) return;
  await response.body?.cancel();
  const host = hostOf(address);
  const { status } = response;
  if (status === 200) {
    throw new Unreachable(
      `${host} sends this file as a whole only, not in ranges; download it and drop it here.`,
    );
  }
  if (status === 416) throw new Unreachable(`${address} is empty.`);
  if (status === 401 || status === 403) {
    throw new Unreachable(`${host} does not let this page read the file (status ${status}).`);
  }
  if (status === 404 || status === 410) throw new Unreachable(`There is no file at ${address}.`);
  throw new Unreachable(`${host} answered with status ${status}.`);
}

/** Servers that keep the size of a range's file to themselves often tell the size of the file itself. */
async function sizeOf(address: string): Promise<number> {
  const response = await fetch(address, { method: 'HEAD', cache: 'no-store' });
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  if (response.ok && Number.isSafeInteger(length)) return length;
  throw new Unreachable(
    `${hostOf(address)} does not say how large the file is (it would have to expose Content-Range).`,
  );
}

/** Hears of what the page's own policy forbids. */
class Forbidden {
  #heard = false;
  readonly #hear = (): void => {
    this.#heard = true;
  };

  constructor() {
    document.addEventListener('securitypolicyviolation', this.#hear);
  }

  /** Why a request failed without an answer. */
  async reason(address: string, page: string): Promise<string> {
    // The violation is told in a task of its own, which may come after the failure.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const host = hostOf(address);
    if (this.#heard) {
      return `This page may talk to its own server only; whoever deploys it can allow ${host} in its Content-Security-Policy (connect-src).`;
    }
    if (new URL(address).origin === new URL(page).origin) {
      return `${host} did not answer; is it still running?`;
    }
    return `${host} did not answer, or does not allow pages from elsewhere to read its files (CORS).`;
  }

  end(): void {
    document.removeEventListener('securitypolicyviolation', this.#hear);
  }
}
