import { describe, expect, it } from 'vitest';
import { UNASKED, type Asked } from './asked.ts';
import { FRAGMENT_MAX, missing, read, written, type LinkedSource } from './link.ts';

const NOWHERE: LinkedSource = { lake: false, files: [], filesTotal: 0, addresses: [] };

const ASKED: Asked = {
  matching: { rule: 'domain', providers: ['cox', 'o’hare & söhne'] },
  filters: [
    { of: 'event_type', value: 'knife = "sharp"' },
    { of: 'provider(Host)', value: null },
  ],
  own: { group_by: 'day("a, b")', measure: 'count', where: "x = '#&+?'", limit: 20 },
};

describe('a link', () => {
  it('brings back what was asked, and names the files', () => {
    const from = {
      lake: true,
      files: [{ path: 'lake/date=1/ü #&.parquet', size: 12 }],
      filesTotal: 5_000,
      addresses: ['https://example.org/a.parquet?x=1&y=2'],
    };
    const fragment = written({ asked: ASKED, from });
    expect(read(`#${fragment}`)).toEqual({ ok: true, linked: { asked: ASKED, from } });
  });

  it('is empty while nothing is asked', () => {
    expect(written({ asked: UNASKED, from: NOWHERE })).toBe('');
    expect(read('#')).toEqual({ ok: true, linked: { asked: UNASKED, from: NOWHERE } });
  });

  it('tells a question without words from none', () => {
    const asked = { ...UNASKED, own: {} };
    const again = read(written({ asked, from: NOWHERE }) ?? '');
    expect(again.ok && again.linked.asked.own).toEqual({});
  });

  it('forgets files before it gets too long, and is none when the question alone is', () => {
    const files = Array.from({ length: 100 }, (_, size) => ({ path: 'x'.repeat(400), size }));
    const long = written({ asked: ASKED, from: { ...NOWHERE, files, filesTotal: 100 } });
    expect(long?.length).toBeLessThanOrEqual(FRAGMENT_MAX);
    expect(long).toContain('files=100');
    const own = { where: 'x'.repeat(FRAGMENT_MAX) };
    expect(written({ asked: { ...UNASKED, own }, from: NOWHERE })).toBeUndefined();
  });

  it('of anybody else is answered with a sentence', () => {
    for (const [fragment, word] of [
      ['2?own=', 'version 2'],
      ['anchor', 'no link'],
      ['<script>', 'no link'],
      ['1?colour=red', 'colour'],
      ['1?limit=-5', 'limit'],
      ['1?match=fuzzy', 'fuzzy'],
      ['1?filter=[1,2]', 'filter'],
      ['1?filter={', 'filter'],
      ['1?file=x', 'file'],
      ['1?__proto__=x', '__proto__'],
      [`1?where=${'x'.repeat(FRAGMENT_MAX)}`, 'characters'],
      [`1?${'filter=["a","b"]&'.repeat(101)}`, 'filter'],
    ] as const) {
      const got = read(`#${fragment}`);
      expect(got.ok ? 'taken' : got.reason, fragment.slice(0, 40)).toContain(word);
    }
  });
});

it('a file is found again in any folder, but only with its size', () => {
  const wanted = [
    { path: 'lake/a.parquet', size: 1 },
    { path: 'b.parquet', size: 2 },
  ];
  expect(
    missing(wanted, [
      { path: 'a.parquet', size: 1 },
      { path: 'b.parquet', size: 3 },
    ]),
  ).toEqual([wanted[1]]);
});
