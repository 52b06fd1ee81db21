/** Time that stands still until a test moves it. */

import { type Clock, DueHeap, type Instant, instantOf, type Timers } from '../base/index.ts';

interface Timer {
  readonly at: Instant;
  readonly callback: () => void;
  canceled: boolean;
}

export class SimulatedClock implements Clock, Timers {
  #now: Instant;
  readonly #timers = new DueHeap<Timer>();

  /** Begins at `startMs` milliseconds after the epoch; default 2030-01-01T00:00:00Z. */
  constructor(startMs = 1_893_456_000_000) {
    this.#now = instantOf(startMs);
  }

  now(): Instant {
    return this.#now;
  }

  at(at: Instant, callback: () => void): () => void {
    const timer: Timer = { at, callback, canceled: false };
    this.#timers.push(timer);
    return () => {
      timer.canceled = true;
    };
  }

  /** When the next timer is due, if one is set. */
  nextTimer(): Instant | undefined {
    for (let timer = this.#timers.peek(); timer !== undefined; timer = this.#timers.peek()) {
      if (!timer.canceled) return timer.at;
      this.#timers.pop();
    }
    return undefined;
  }

  /** Moves time by `ms` and calls the timers that fall due, each at its own instant, in their order. */
  advance(ms: number): void {
    const until = instantOf(this.#now + ms);
    for (let due = this.nextTimer(); due !== undefined && due <= until; due = this.nextTimer()) {
      const timer = this.#timers.pop();
      if (due > this.#now) this.#now = due;
      timer?.callback();
    }
    this.#now = until;
  }
}
