/** Tasks by number, the first of them at hand: a binary heap. Push and pop cost O(log n). */
export class TaskHeap {
  readonly #heap: number[] = [];
  readonly #isBefore: (a: number, b: number) => boolean;

  constructor(isBefore: (a: number, b: number) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#heap.length;
  }

  get first(): number | undefined {
    return this.#heap[0];
  }

  push(task: number): void {
    const heap = this.#heap;
    let index = heap.push(task) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!this.#isBefore(task, heap[above]!)) break;
      heap[index] = heap[above]!;
      index = above;
    }
    heap[index] = task;
  }

  pop(): number | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && this.#isBefore(heap[below + 1]!, heap[below]!)) below += 1;
      if (!this.#isBefore(heap[below]!, last)) break;
      heap[index] = heap[below]!;
      index = below;
    }
    heap[index] = last;
    return top;
  }
}
