import { describe, expect, it } from 'vitest';
import { answerColumn, condition, items, joined, operators } from './parts.ts';

const column = (name: string, type: string) => ({ name, type, usable: true, member: false });
const operator = (type: string, words: string) => {
  const found = operators(type).find((one) => one.words === words);
  if (!found) throw new Error(`${type} can't be asked ${words}`);
  return found;
};

describe('a condition', () => {
  it('quotes texts and times, and leaves numbers as they are', () => {
    expect(condition(column('item', 'text'), operator('text', '='), "knight's")).toBe(
      "item = 'knight''s'",
    );
    expect(condition(column('a b', 'int'), operator('int', '>='), ' -1.5 ')).toBe('"a b" >= -1.5');
    expect(condition(column('at', 'timestamp'), operator('timestamp', '<'), '2026-11-23')).toBe(
      "at < '2026-11-23'",
    );
    expect(condition(column('flag', 'bool'), operator('bool', '='), 'true')).toBe('flag = true');
  });

  it('takes a list, and a test without a value', () => {
    expect(condition(column('item', 'text'), operator('text', 'in'), 'knife, sword')).toBe(
      "item in ('knife', 'sword')",
    );
    expect(condition(column('n', 'int'), operator('int', 'is null'), 'x')).toBe('n is null');
  });

  it('leaves what is no number to the core, as a text', () => {
    expect(condition(column('n', 'int'), operator('int', '='), '5 or 1=1')).toBe("n = '5 or 1=1'");
  });

  it('joins others without changing what they mean', () => {
    expect(joined('', 'a = 1')).toBe('a = 1');
    expect(joined('a = 1 or b = 2', 'c = 3')).toBe('(a = 1 or b = 2) and c = 3');
    expect(joined("a = 'this or that'", 'c = 3')).toBe("a = 'this or that' and c = 3");
  });
});

it('divides a list where a query does', () => {
  expect(items('provider(Host), "a, ""b""" ,count')).toEqual([
    'provider(Host)',
    '"a, ""b"""',
    'count',
  ]);
  expect(items(' , ')).toEqual([]);
});

it('knows what a column of the answer is called', () => {
  expect(['day(at)', 'provider("x y")', 'event_type'].map(answerColumn)).toEqual([
    'day',
    'provider',
    'event_type',
  ]);
});
