/**
 * What falls due when, within one run: a binary heap of instants with their tasks.
 *
 * An entry is not taken out when its task moves on by other means; whoever pops one checks that it still holds. Push
 * and pop cost O(log n), the soonest is read in O(1).
 */

import type { Instant, TaskNumber } from '../base/index.ts';

export interface Due {
  readonly at: Instant;
  readonly task: TaskNumber;
  /** The item of a with-items task, or −1. */
  readonly item: number;
}

export class TimerQueue {
  readonly #heap: Due[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(due: Due): void {
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

  peek(): Due | undefined {
    return this.#heap[0];
  }

  pop(): Due | undefined {
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
