// Promise: the page says why a host is that provider's, and what the other rule would say.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promise } from './promise.js';

const here = promise();

/** Rows by provider, with `no provider` for null. */
function byProvider(rows) {
  const sums = new Map();
  for (const [provider, , count] of rows) {
    const name = provider ?? 'no provider';
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return sums;
}

test('each provider has its rows under both rules, and they add up', () =>
  here.quietly(async (reader) => {
    const { truth } = here;
    await reader.choose(truth.files);
    const why = reader.card('Why is this host that provider?');
    await why.getByRole('button', { name: 'Show the hosts' }).click();
    await why.locator('table').waitFor();
    const number = (text) => Number(text.replaceAll(/[,+]/g, '').replace('−', '-'));
    const told = await why
      .locator('tbody tr')
      .evaluateAll((lines) =>
        lines.map((line) => [...line.children].map((cell) => cell.textContent)),
      );
    const [contains, domain] = [byProvider(truth.contains), byProvider(truth.domain)];
    for (const [provider, , here, there, difference] of told) {
      assert.equal(number(here), contains.get(provider) ?? 0, provider);
      assert.equal(number(there), domain.get(provider) ?? 0, provider);
      assert.equal(number(difference), number(there) - number(here), provider);
    }
    assert.equal(
      told.reduce((sum, [, , rows]) => sum + number(rows), 0),
      truth.rows,
    );
    const hosts = told.reduce((sum, [, count]) => sum + number(count), 0);
    assert.equal(hosts, truth.hosts.length);
  }));

test('what decided is marked in the host, and what else would match is named', () =>
  here.quietly(async (reader) => {
    await reader.choose(here.truth.files);
    const why = reader.card('Why is this host that provider?');
    const say = async (host) => {
      await why.getByLabel('Try a host').fill(host);
      const verdict = why.locator('.verdict');
      await verdict.filter({ hasText: host }).waitFor();
      return {
        text: await verdict.textContent(),
        marked: await verdict.locator('mark').allTextContents(),
      };
    };
    const seattle = await say('user1.seattle.example.org');
    assert.deepEqual(seattle.marked, ['att']);
    assert.match(seattle.text, /is att by “contains” and no provider by “domain”/);
    const both = await say('google.att.net');
    assert.match(both.text, /is att by “contains”, where google would match too/);
    const hostile = await say('<img src=x onerror=alert(1)>');
    assert.match(hostile.text, /is no provider/);
    await why.getByRole('button', { name: 'Show the hosts' }).click();
    await why.getByText('Hosts that match several providers').click();
    assert.match(await why.locator('details[open] li').first().textContent(), /google/);
  }));

test('a list is checked by the core before it is taken', () =>
  here.quietly(async (reader) => {
    const { truth } = here;
    await reader.choose(truth.files);
    const card = reader.card('Providers × events');
    await card.getByText('Providers: comcast').click();
    await card.getByLabel('Providers, comma separated').fill('cox,,att');
    await card.getByRole('button', { name: 'Match these' }).click();
    await card.locator('.wrong').filter({ hasText: 'empty name' }).waitFor();
    assert.deepEqual(await reader.table('Providers × events'), truth.contains);
  }));
