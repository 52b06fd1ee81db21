import { describe, expect, it } from 'vitest';
import { hashOf, IdTable } from './id-table.ts';

const firstSeed = 0x811c9dc5 | 0;

describe('given a table of ids', () => {
  it('when ids are added, then they have slots in order and are found', () => {
    const table = new IdTable();
    const ids = Array.from({ length: 10_000 }, (_, index) => `task-${index}`);
    expect(ids.map((id) => table.findOrAdd(id))).toEqual(ids.map((_, index) => index));
    expect(ids.every((id, index) => table.find(id) === index && table.at(index) === id)).toBe(true);
    expect(table.find('task-10000')).toBe(-1);
    expect(table.count).toBe(10_000);
  });

  it('when an id is added again, then its slot is the one it has', () => {
    const table = new IdTable();
    table.findOrAdd('a');
    expect(table.findOrAdd('a')).toBe(0);
    expect(table.count).toBe(1);
  });

  it.each(['', '\0', 'ä', '😀', '\ud800', '__proto__', 'x'.repeat(100_000)])(
    'when an id is odd, then it is an id like any other (%#)',
    (id) => {
      const table = new IdTable();
      table.findOrAdd('before');
      expect(table.find(id)).toBe(-1);
      expect(table.findOrAdd(id)).toBe(1);
      expect(table.find(id)).toBe(1);
    },
  );

  it('when what is looked up is no text, then it is not found', () => {
    const table = new IdTable();
    table.findOrAdd('1');
    expect(table.find(1 as never)).toBe(-1);
    expect(table.find(undefined as never)).toBe(-1);
  });

  it('when an id is removed and added again, then it stands in a new slot, last', () => {
    const table = new IdTable();
    for (const id of ['a', 'b', 'c']) table.findOrAdd(id);
    table.remove(0);
    expect(table.find('a')).toBe(-1);
    expect(table.findOrAdd('a')).toBe(3);
    expect(table.bySlot()).toEqual([undefined, 'b', 'c', 'a']);
    expect(table.packed().bySlot()).toEqual(['b', 'c', 'a']);
  });

  it('when ids come and go without end, then it stays right, beside a Map', () => {
    const table = new IdTable();
    const model = new Map<string, number>();
    let state = 1;
    for (let turn = 0; turn < 50_000; turn += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      const id = `n${(state >>> 8) % 500}`;
      const slot = model.get(id);
      expect(table.find(id)).toBe(slot ?? -1);
      if (slot === undefined) model.set(id, table.findOrAdd(id));
      else {
        table.remove(slot);
        model.delete(id);
      }
      expect(table.count).toBe(model.size);
    }
  });

  it('when ids were chosen to collide, then it hashes them from another seed', () => {
    // 2,000 ids whose places in a table of 4,096 are all the same.
    const chosen: string[] = [];
    for (let index = 0; chosen.length < 2_000; index += 1)
      if ((hashOf(`id${index}`, firstSeed) & 4_095) === 0) chosen.push(`id${index}`);
    const table = new IdTable();
    for (const id of chosen) table.findOrAdd(id);
    expect(chosen.every((id, index) => table.find(id) === index)).toBe(true);
    expect(table.longestChain()).toBeLessThan(256);
  });
});
