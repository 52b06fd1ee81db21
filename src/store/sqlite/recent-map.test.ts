import { describe, expect, it } from 'vitest';
import { RecentMap } from './recent-map.ts';

describe('given a map that keeps the last hundred', () => {
  it('when thousands are put in, then the last hundred are there, and not many more', () => {
    const map = new RecentMap<number, number>(100);
    for (let key = 0; key < 5_000; key++) map.set(key, key * 2);
    const kept = Array.from({ length: 5_000 }, (_, key) => map.get(key)).filter((value) => value !== undefined);
    expect(kept.length).toBeLessThanOrEqual(200);
    for (let key = 4_900; key < 5_000; key++) expect(map.get(key)).toBe(key * 2);
  });

  it('when one is used now and then, then it stays', () => {
    const map = new RecentMap<string, number>(100);
    map.set('used', 1);
    for (let key = 0; key < 5_000; key++) {
      map.set(`${key}`, key);
      if (key % 90 === 0) expect(map.get('used')).toBe(1);
    }
    expect(map.get('used')).toBe(1);
  });

  it('when one is put in again or taken out, then the old value is gone from both halves', () => {
    const map = new RecentMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 1);
    map.set('c', 1);
    map.set('a', 2);
    expect(map.get('a')).toBe(2);
    map.delete('a');
    expect(map.get('a')).toBeUndefined();
    map.clear();
    expect(map.get('c')).toBeUndefined();
  });
});
