import { expect, test } from 'vitest';
import { readsAllowed } from '../delivery.ts';
import { requestsSaid, talksTo } from './privacy.ts';

test('the page names the servers elsewhere that it may ask, and those that it asked', () => {
  for (const delivery of ['server', 'folder'] as const) {
    expect(talksTo(delivery, [], [])).toMatch(/nobody but the server that it came from; /);
    expect(talksTo(delivery, [], ['a.org', 'b.org:81'])).toMatch(
      /nobody but the server that it came from and a\.org, b\.org:81, whose files it may read; /,
    );
    expect(talksTo(delivery, ['a.org'], ['a.org'])).toMatch(/the page asks a\.org for parts/);
  }
  expect(talksTo('file', [], [])).toContain('nobody at all');
});

test('every request is counted for the server that it went to', () => {
  expect(requestsSaid(0, new Map())).toBe('none');
  expect(requestsSaid(2, new Map())).toMatch(/^2 requests to the page’s own server, /);
  expect(requestsSaid(0, new Map([['a.org', 3]]))).toMatch(/^3 to a\.org, /);
  expect(requestsSaid(1, new Map([['a.org', 3]]))).toMatch(
    /^1 request to the page’s own server and 3 to a\.org, /,
  );
});

test('what a policy allows is read from the policy itself', () => {
  expect(readsAllowed("default-src 'none'; connect-src 'self' https://a.org http://b:81")).toEqual([
    'a.org',
    'b:81',
  ]);
  expect(readsAllowed("connect-src 'self'")).toEqual([]);
  expect(readsAllowed('')).toEqual([]);
});
