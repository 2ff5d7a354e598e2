import type { MatchRule, QueryWords } from './answer.ts';
import { UNASKED, type Asked, type Filter } from './asked.ts';
import { PROVIDERS } from './words.ts';

/** What a link brings: what was asked, and of what. */
export interface Linked {
  asked: Asked;
  from: LinkedSource;
}

/** The files of a link by name and size, since a link never holds their content. */
export interface LinkedSource {
  lake: boolean;
  files: LinkedFile[];
  /** How many files there were; `files` names the first of them. */
  filesTotal: number;
  addresses: string[];
}

export interface LinkedFile {
  path: string;
  size: number;
}

export type Read = { ok: true; linked: Linked } | { ok: false; reason: string };

/** The version that a fragment begins with. */
const VERSION = '1';
/** Characters of a fragment; some programs cut longer addresses. */
export const FRAGMENT_MAX = 16_000;
/** Files that a link names. */
const FILES_MAX = 100;
/** Filters and addresses of a link. */
const LIST_MAX = 100;

const RULES: readonly string[] = ['contains', 'domain'] satisfies MatchRule[];
/** The words of a query, in the order in which a link has them. */
const WORDS = ['group_by', 'measure', 'where', 'order_by'] as const;

/** The fragment that brings this state back, without `#`; undefined where that would be too long for a link. */
export function written({ asked, from }: Linked): string | undefined {
  const whole = fragment(asked, from, from.files.slice(0, FILES_MAX));
  if (whole.length <= FRAGMENT_MAX) return whole;
  // Better a link that forgets which files it is about than none.
  const short = fragment(asked, from, []);
  return short.length <= FRAGMENT_MAX ? short : undefined;
}

function fragment(
  { matching, filters, own }: Asked,
  from: LinkedSource,
  files: LinkedFile[],
): string {
  const parts = new URLSearchParams();
  if (matching.rule !== UNASKED.matching.rule) parts.set('match', matching.rule);
  const providers = matching.providers.join(',');
  if (providers !== PROVIDERS.join(',')) parts.set('providers', providers);
  for (const { of, value } of filters) parts.append('filter', JSON.stringify([of, value]));
  if (own) {
    parts.set('own', '');
    for (const name of WORDS) {
      const value = own[name];
      if (value !== undefined && value !== '') parts.set(name.replace('_', '-'), value);
    }
    if (own.limit !== undefined) parts.set('limit', String(own.limit));
  }
  if (from.lake) parts.set('lake', '');
  for (const address of from.addresses.slice(0, LIST_MAX)) parts.append('url', address);
  for (const { path, size } of files) parts.append('file', `${size}:${path}`);
  if (from.filesTotal > files.length) parts.set('files', String(from.filesTotal));
  const text = parts.toString();
  return text === '' ? '' : `${VERSION}?${text}`;
}

/** Reads a fragment, whoever made it; an empty one is the start. */
export function read(fragmentText: string): Read {
  const text = fragmentText.replace(/^#/, '');
  const linked: Linked = {
    asked: UNASKED,
    from: { lake: false, files: [], filesTotal: 0, addresses: [] },
  };
  if (text === '') return { ok: true, linked };
  if (text.length > FRAGMENT_MAX) {
    return wrong(
      `it has ${text.length} characters, more than the ${FRAGMENT_MAX} that a link may have`,
    );
  }
  const [, version = '', rest = ''] = /^([^?]*)\??(.*)$/s.exec(text) ?? [];
  if (version !== VERSION) {
    return wrong(
      /^\d{1,6}$/.test(version)
        ? `it is of version ${version}, and this page knows version ${VERSION}; reload the page`
        : 'it is no link of Questlog’s',
    );
  }
  const filters: Filter[] = [];
  const own: QueryWords = {};
  let matching = UNASKED.matching;
  let asksOwn = false;
  for (const [name, value] of new URLSearchParams(rest)) {
    const known = WORDS.find((word) => word.replace('_', '-') === name);
    if (known) own[known] = value;
    else if (name === 'own') asksOwn = true;
    else if (name === 'lake') linked.from.lake = true;
    else if (name === 'match') {
      if (!RULES.includes(value)) return wrong(`there is no rule “${short(value)}”`);
      matching = { ...matching, rule: value as MatchRule };
    } else if (name === 'providers') matching = { ...matching, providers: value.split(',') };
    else if (name === 'limit' || name === 'files') {
      if (!/^\d{1,15}$/.test(value)) return wrong(`“${name}” is no whole number`);
      if (name === 'limit') own.limit = Number(value);
      else linked.from.filesTotal = Number(value);
    } else if (name === 'filter') {
      const filter = filterIn(value);
      if (!filter || filters.length >= LIST_MAX) return wrong('a filter in it can’t be read');
      filters.push(filter);
    } else if (name === 'url') {
      if (linked.from.addresses.length >= LIST_MAX) return wrong('it has too many addresses');
      linked.from.addresses.push(value);
    } else if (name === 'file') {
      const [, size, path] = /^(\d{1,15}):(.+)$/s.exec(value) ?? [];
      if (size === undefined || path === undefined || linked.from.files.length >= FILES_MAX) {
        return wrong('a file in it can’t be read');
      }
      linked.from.files.push({ path, size: Number(size) });
    } else return wrong(`it has a word that this page does not know, “${short(name)}”`);
  }
  linked.from.filesTotal = Math.max(linked.from.filesTotal, linked.from.files.length);
  linked.asked = { matching, filters, own: asksOwn ? own : undefined };
  return { ok: true, linked };
}

/** What is still missing of a link's files, when these are there: the same name and size, wherever they lie. */
export function missing(wanted: readonly LinkedFile[], there: readonly LinkedFile[]): LinkedFile[] {
  const keys = new Set(there.map(keyOf));
  return wanted.filter((file) => !keys.has(keyOf(file)));
}

/** The same file may come in another folder, or by itself. */
function keyOf({ path, size }: LinkedFile): string {
  return `${size}:${path.slice(path.lastIndexOf('/') + 1)}`;
}

function filterIn(text: string): Filter | undefined {
  try {
    const parts: unknown = JSON.parse(text);
    if (!Array.isArray(parts) || parts.length !== 2) return undefined;
    const [of, value] = parts as [unknown, unknown];
    if (typeof of !== 'string' || (value !== null && typeof value !== 'string')) return undefined;
    return { of, value };
  } catch {
    return undefined;
  }
}

function wrong(reason: string): Read {
  return { ok: false, reason: `This link can’t be followed: ${reason}.` };
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
