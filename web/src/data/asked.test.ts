import { describe, expect, it } from 'vitest';
import { filtered, toggled, UNASKED, without, type Filter } from './asked.ts';

const knife: Filter = { of: 'event_type', value: 'knife' };
const sword: Filter = { of: 'event_type', value: 'sword' };
const cox: Filter = { of: 'provider(Host)', value: 'cox' };
const none: Filter = { of: 'provider(Host)', value: null };

describe('picking', () => {
  it('takes the place of the same dimension, and is undone by picking once more', () => {
    expect(toggled([], [knife])).toEqual([knife]);
    expect(toggled([knife, cox], [sword])).toEqual([cox, sword]);
    expect(toggled([cox, knife], [knife])).toEqual([cox]);
    expect(toggled([knife, cox], [knife, cox])).toEqual([]);
  });

  it('of a cell narrows what a bar had chosen', () => {
    expect(toggled([knife], [cox, knife])).toEqual([cox, knife]);
    expect(toggled([knife, none], [cox, knife])).toEqual([cox, knife]);
  });

  it('is taken back one by one', () => {
    expect(without([knife, none], { of: 'provider(Host)', value: null })).toEqual([knife]);
  });
});

describe('a question', () => {
  const asked = { ...UNASKED, filters: [knife, none] };

  it('has the filters of the other dimensions, not those of its own', () => {
    const popular = filtered({ group_by: 'event_type' }, asked, ['event_type']);
    expect(popular.where).toBe('provider(Host) is null');
    expect(popular.match).toBe('contains');
    const providers = filtered({ group_by: 'provider(Host),event_type' }, asked, [
      'provider(Host)',
      'event_type',
    ]);
    expect(providers.where).toBeUndefined();
  });

  it('keeps its own words in one piece', () => {
    const words = filtered({ where: 'a = 1 or b = 2' }, { ...UNASKED, filters: [knife] }, []);
    expect(words.where).toBe("(a = 1 or b = 2) and event_type = 'knife'");
    expect(filtered({ where: 'a = 1' }, UNASKED, []).where).toBe('a = 1');
  });
});
