import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CutText, cutLargeValues, putBack } from './large-values.ts';

/** Keeps every piece under a number; the same piece under the same. */
class Kept {
  readonly pieces = new Map<string, CutText>();
  readonly keep = (piece: CutText): string => {
    const known = [...this.pieces].find(([, { text, cuts }]) => text === piece.text && same(cuts, piece.cuts));
    const name = known?.[0] ?? `p${this.pieces.size}`;
    this.pieces.set(name, piece);
    return name;
  };

  whole(name: string): string {
    return putBack(this.pieces.get(name)!, (inner) => this.whole(inner));
  }
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
const long = 'x'.repeat(100);

function cut(text: string, limit: number): { left: CutText; kept: Kept; back: string } {
  const kept = new Kept();
  const left = cutLargeValues(text, limit, kept.keep);
  return { left, kept, back: putBack(left, (name) => kept.whole(name)) };
}

describe('given a text with large values', () => {
  it('when they are cut out, then what is left has none of them, and putting back gives the text', () => {
    const text = JSON.stringify([{ a: long, b: 1, c: [long, long] }, 'short']);
    const { left, kept, back } = cut(text, 50);
    expect(left.text).toBe('[{"a":,"b":1,"c":[,]},"short"]');
    expect(kept.pieces.size).toBe(1);
    expect(back).toBe(text);
  });

  it('when one stands in several places, then it is the same piece, whatever stands around it', () => {
    const big = { rows: [long, { deep: long }], list: Array.from({ length: 30 }, (_, n) => n) };
    const kept = new Kept();
    for (const value of [[big], [{ input: big, other: 1 }], [1, [[big]], big]])
      cutLargeValues(JSON.stringify(value), 50, kept.keep);
    expect([...kept.pieces.values()].map(({ text }) => text)).toEqual([JSON.stringify(long), JSON.stringify(big.list)]);
  });

  it('when what is left of a value is small, then it is no piece of its own', () => {
    const { left } = cut(JSON.stringify([{ a: long }]), 50);
    expect(left).toEqual({ text: '[{"a":}]', cuts: [[6, 'p0']] });
  });

  it('when none is to be kept, then the text stays as it is', () => {
    const text = JSON.stringify([long, { a: [long] }]);
    expect(cutLargeValues(text, 50, () => undefined)).toEqual({ text, cuts: [] });
  });

  it('when quotes and backslashes stand in strings, then they end where they end', () => {
    for (const value of ['"', '\\', '\\"', '"]}', '\\\\"', long]) {
      const text = JSON.stringify([`${long}${value}`, value, { [`${value}${long}`]: `${value}${long}` }]);
      expect(cut(text, 50).back).toBe(text);
    }
  });
});

describe('given any text', () => {
  it('when large values are cut out at any limit, then putting back gives it to the character', () => {
    const anyText = fc.oneof(
      fc.json({ maxDepth: 6 }),
      fc.string({ unit: fc.constantFrom('"', '\\', '[', ']', '{', '}', 'x', ',', '\u{1f389}') }),
    );
    const property = fc.property(anyText, fc.integer({ min: 0, max: 30 }), (text, limit) => {
      expect(cut(text, limit).back).toBe(text);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it('when it is JSON, then nothing longer than the limit is left but the text itself', () => {
    const property = fc.property(fc.array(fc.jsonValue({ maxDepth: 5 })), (value) => {
      const limit = 20;
      const { kept } = cut(JSON.stringify(value), limit);
      const again = cut(JSON.stringify([1, { value }]), limit);
      // The same pieces wherever the value stands; the list itself may be one of them.
      const texts = [...again.kept.pieces.values()].map(({ text }) => text);
      for (const { text } of kept.pieces.values()) expect(texts).toContain(text);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
