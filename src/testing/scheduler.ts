/**
 * Simulated time with everything that is to happen in it: the one source of order in a simulation.
 *
 * The soonest event is taken, time moves to it, its callback runs, and then every promise that can settle without another
 * event does. Events at one instant run in the order they were made. No real timer is set and no real time passes.
 */

interface Planned {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
  canceled: boolean;
}

export class Scheduler {
  #nowMs = 0;
  #made = 0;
  #steps = 0;
  readonly #heap: Planned[] = [];

  /** Milliseconds since the simulation began: the time nobody in it can read or move. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Events that have happened. */
  get steps(): number {
    return this.#steps;
  }

  /** Calls back after `delayMs`. Returns a function that calls it off. */
  after(delayMs: number, callback: () => void): () => void {
    const planned = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#made, callback, canceled: false };
    this.#made += 1;
    this.#push(planned);
    return () => {
      planned.canceled = true;
    };
  }

  /** Resolves after `delayMs`. */
  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** Lets events happen until `isOver`, none is left, or the next one lies at or beyond `untilMs`. */
  async run(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    await settle();
    while (!isOver()) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs >= untilMs) return;
      this.#pop();
      if (next.canceled) continue;
      this.#nowMs = next.atMs;
      this.#steps += 1;
      next.callback();
      await settle();
    }
  }

  #push(planned: Planned): void {
    const heap = this.#heap;
    let index = heap.push(planned) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!isBefore(planned, heap[above]!)) break;
      heap[index] = heap[above]!;
      index = above;
    }
    heap[index] = planned;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1;
      if (!isBefore(heap[below]!, last)) break;
      heap[index] = heap[below]!;
      index = below;
    }
    heap[index] = last;
  }
}

function isBefore(one: Planned, other: Planned): boolean {
  return one.atMs === other.atMs ? one.order < other.order : one.atMs < other.atMs;
}

/** Resolves once no promise can settle any more: a tick runs when the queue of microtasks is empty, without the event loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
