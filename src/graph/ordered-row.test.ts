import { describe, expect, it } from 'vitest';
import { randomFrom, shuffled } from '../../test/graph/random-graph.ts';
import { OrderedRow } from './ordered-row.ts';

/** The nodes by their places, which no two share. */
function read(row: OrderedRow, nodeCount: number): number[] {
  const nodes = Array.from({ length: nodeCount }, (_, node) => node);
  expect(new Set(nodes.map((node) => row.placeOf(node))).size).toBe(nodeCount);
  return nodes.sort((a, b) => row.placeOf(a) - row.placeOf(b));
}

describe('given nodes in a row', () => {
  const start = Array.from({ length: 40 }, (_, node) => node);

  it('when the same gap is filled again and again, then every node still has a place of its own', () => {
    const row = new OrderedRow(Int32Array.from(start));
    let order = start;

    for (let round = 0; round < 5_000; round += 1) {
      const moved = order[39]!;
      row.moveAfter(order[0]!, [moved]);
      order = [order[0]!, moved, ...order.slice(1, 39)];
    }

    expect(read(row, 40)).toEqual(order);
  });

  it.each([1, 2, 3, 4, 5])('when they are moved at random (seed %d), then they stand as in a list', (seed) => {
    const random = randomFrom(seed);
    const pick = (): number => Math.floor(random() * order.length);
    let order = shuffled(start, random);
    const row = new OrderedRow(Int32Array.from(order));

    for (let round = 0; round < 2_000; round += 1) {
      const pivot = order[random() < 0.5 ? 7 : pick()]!;
      const moved = order.filter((node) => node !== pivot && random() < 0.1);
      const rest = order.filter((node) => !moved.includes(node));
      const at = rest.indexOf(pivot);
      const choice = random();
      if (choice < 0.4 && moved.length > 0) {
        row.moveAfter(pivot, shuffled(moved, random));
        order = [...rest.slice(0, at + 1), ...moved, ...rest.slice(at + 1)];
      } else if (choice < 0.8 && moved.length > 0) {
        row.moveBefore(pivot, shuffled(moved, random));
        order = [...rest.slice(0, at), ...moved, ...rest.slice(at)];
      } else if (choice < 0.9) {
        row.moveToEnd(pivot);
        order = [...order.filter((node) => node !== pivot), pivot];
      } else {
        row.moveToStart(pivot);
        order = [pivot, ...order.filter((node) => node !== pivot)];
      }
    }

    expect(read(row, 40)).toEqual(order);
  });
});
