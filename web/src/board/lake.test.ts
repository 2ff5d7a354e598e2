import { expect, test } from 'vitest';
import { lakePlugins, pluginSentence } from './lake.ts';

test('plugins are told with their columns and what is wrong with them', () => {
  const plugins = lakePlugins({
    generation: 3,
    plugins: [
      {
        name: 'prices',
        state: 'active',
        writes: [
          { name: 'item_price', kind: 'float' },
          { name: 'provider', kind: 'text' },
        ],
      },
      { name: 'hosts', state: 'kept', error: 'is empty', writes: [] },
      { name: 'old', state: 'off' },
    ],
  });
  expect(plugins.map(pluginSentence)).toEqual([
    'Plugin prices is at work',
    'Plugin hosts is empty; the last good one is at work',
    'Plugin old is switched off',
  ]);
  expect(plugins[0]?.writes).toEqual([{ name: 'item_price', type: 'float', usable: true }]);
});

test('a server that says nothing of plugins has none', () => {
  for (const body of [null, {}, { plugins: 7 }, 'x']) expect(lakePlugins(body)).toEqual([]);
});
