import { describe, expect, it } from 'vitest';
import { DueHeap } from './due-heap.ts';
import type { Instant } from './instant.ts';

const due = (at: number) => ({ at: at as Instant, odd: at % 2 === 1 });

describe('given a heap of times', () => {
  it('when some do not hold any more and are taken out, then the others come in order', () => {
    const heap = new DueHeap<ReturnType<typeof due>>();
    for (const at of [9, 4, 7, 1, 8, 2, 5, 6, 3]) heap.push(due(at));
    heap.keep(({ odd }) => odd);
    heap.push(due(0));
    const order: number[] = [];
    for (let next = heap.pop(); next !== undefined; next = heap.pop()) order.push(next.at);
    expect(order).toEqual([0, 1, 3, 5, 7, 9]);
  });
});
