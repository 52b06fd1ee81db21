import { describe, expect, it } from 'vitest';
import { seeded } from '../../../test/graph-layout/random-graphs.ts';
import { bucketsOf } from './buckets.ts';
import { CrossingCounter } from './crossings.ts';

describe('given random segments between two ranks', () => {
  it('when the crossings are counted, then the count is that of comparing every pair', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const next = seeded(seed);
      const upperWidth = 1 + Math.floor(next() * 9);
      const lowerWidth = 1 + Math.floor(next() * 9);
      const count = Math.floor(next() * 25);
      const upper = Int32Array.from({ length: count }, () => Math.floor(next() * upperWidth));
      const lower = Int32Array.from({ length: count }, () => Math.floor(next() * lowerWidth));
      let expected = 0;
      for (let a = 0; a < count; a++)
        for (let b = a + 1; b < count; b++) if ((upper[a]! - upper[b]!) * (lower[a]! - lower[b]!) < 0) expected++;

      const { start, items } = bucketsOf(lowerWidth, lower);
      const order = Int32Array.from({ length: lowerWidth }, (_, index) => index);
      const position = Int32Array.from({ length: upperWidth }, (_, index) => index);
      const counter = new CrossingCounter(9, 25);
      const found = counter.count(
        upperWidth,
        order,
        start,
        items.map((segment) => upper[segment]!),
        position,
      );
      expect(found).toBe(expected);
    }
  });
});
