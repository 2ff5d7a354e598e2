import { expect, it } from 'vitest';
import {
  commandLine,
  groupings,
  matched,
  measures,
  only,
  providersTyped,
  quoted,
} from './words.ts';

it('quotes a column that is not a plain word', () => {
  expect(quoted('event_type')).toBe('event_type');
  expect(quoted('User-Agent')).toBe('"User-Agent"');
  expect(quoted('a "b", c')).toBe('"a ""b"", c"');
});

it('offers what can be made of a column', () => {
  const text = { name: 'Host', type: 'text', usable: true };
  const time = { name: 'at', type: 'timestamp', usable: true };
  expect(groupings(text).map((choice) => choice.words)).toEqual(['Host', 'provider(Host)']);
  expect(groupings(time).map((choice) => choice.words)).toEqual([
    'at',
    'day(at)',
    'hour(at)',
    'minute(at)',
    'week(at)',
    'month(at)',
  ]);
  expect(measures(text)).not.toContain('sum');
  expect(measures({ ...text, type: 'int' })).toContain('sum');
});

it('offers nothing of a list', () => {
  const list = { name: 'tags.list.element', type: 'text', usable: false };
  expect([...groupings(list), ...measures(list)]).toEqual([]);
});

it('takes a typed list, however it is written', () => {
  expect(providersTyped(' cox, att\natt , ')).toEqual(['cox', 'att']);
  // What is wrong with a list is for the core to say.
  expect(providersTyped('cox,,att')).toEqual(['cox', '', 'att']);
});

it('writes a command that a shell reads back as the same query', () => {
  const words = { group_by: 'provider(Host),event_type', where: "item = 'knife'", limit: 20 };
  expect(commandLine(words, '*.parquet')).toBe(
    `questlog analyze *.parquet --group-by 'provider(Host),event_type' --where "item = 'knife'" --limit 20`,
  );
  expect(commandLine({ where: "item = '$x'" }, 'lake')).toBe(
    String.raw`questlog analyze lake --where 'item = '\''$x'\'''`,
  );
});

it('matches hosts in a question of one’s own as everywhere else', () => {
  const matching = { rule: 'domain' as const, providers: ['cox', 'att'] };
  expect(matched({ group_by: 'provider(Host)' }, matching)).toEqual({
    group_by: 'provider(Host)',
    providers: 'cox,att',
    match: 'domain',
  });
  expect(matched({ group_by: 'provider' }, matching)).toEqual({ group_by: 'provider' });
});

it('filters for a value whatever is in it, also for none', () => {
  expect(only('event_type', "knight's sword")).toBe("event_type = 'knight''s sword'");
  expect(only('provider(Host)', null)).toBe('provider(Host) is null');
});
