/**
 * What falls due when: a binary heap of anything with an instant.
 *
 * An entry is not taken out when it no longer holds; whoever reads the soonest checks that it still does, and pops it
 * where not. Push and pop cost O(log n), the soonest is read in O(1).
 */

import type { Instant } from './instant.ts';

export class DueHeap<T extends { readonly at: Instant }> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(due: T): void {
    const heap = this.#heap;
    let index = heap.push(due) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (heap[above]!.at <= due.at) break;
      heap[index] = heap[above]!;
      index = above;
    }
    heap[index] = due;
  }

  peek(): T | undefined {
    return this.#heap[0];
  }

  /** All that is due by `at`, in no order; costs as much as there is of that. */
  *dueBy(at: Instant, index = 0): Generator<T, void> {
    const due = this.#heap[index];
    if (due === undefined || due.at > at) return;
    yield due;
    yield* this.dueBy(at, 2 * index + 1);
    yield* this.dueBy(at, 2 * index + 2);
  }

  /** Takes out all that `holds` does not hold of; O(n log n). */
  keep(holds: (due: T) => boolean): void {
    const kept = this.#heap.filter(holds).sort((a, b) => a.at - b.at);
    this.#heap.length = 0;
    // Sorted, it is a heap.
    for (const due of kept) this.#heap.push(due);
  }

  pop(): T | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1]!.at < heap[below]!.at) below += 1;
      if (heap[below]!.at >= last.at) break;
      heap[index] = heap[below]!;
      index = below;
    }
    heap[index] = last;
    return top;
  }
}
