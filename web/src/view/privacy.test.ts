import { expect, test } from 'vitest';
import { requestsSaid, talksTo } from './privacy.ts';

test('the page names the servers elsewhere that it asked, and only then', () => {
  for (const delivery of ['server', 'folder'] as const) {
    expect(talksTo(delivery, [])).toContain('nobody but the server that it came from');
    expect(talksTo(delivery, ['a.org', 'b.org:81'])).toMatch(
      /asks a\.org and b\.org:81 .* nobody else but the server that it came from/,
    );
  }
  expect(talksTo('file', [])).toContain('nobody at all');
  expect(talksTo('file', ['a.org'])).toMatch(/asks a\.org .* nobody else\./);
});

test('requests elsewhere are not told to be the own server’s', () => {
  expect(requestsSaid(0, [])).toBe('none');
  expect(requestsSaid(2, [])).toMatch(/^2 requests to the page’s own server, /);
  expect(requestsSaid(0, ['a.org'])).not.toContain('own server');
  expect(requestsSaid(1, ['a.org'])).toMatch(/^1 request to the page’s own server and .* a\.org, /);
});
