import { expect, it } from 'vitest';
import { originsIn, servedPolicy } from './policy.ts';

it('names the origins that a deployer lists, and no others', () => {
  const listed = originsIn('https://data.example, http://127.0.0.1:9000,');
  expect(servedPolicy(listed)).toContain(
    "connect-src 'self' https://data.example http://127.0.0.1:9000; ",
  );
  expect(servedPolicy(originsIn(undefined))).toContain("connect-src 'self'; ");
});

it('takes nothing that would be more than an origin', () => {
  for (const unfit of ['data.example', '*', "https://a.example 'unsafe-eval'", 'https://a/b']) {
    expect(() => originsIn(unfit)).toThrow(unfit);
  }
});
