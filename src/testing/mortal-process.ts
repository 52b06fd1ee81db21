/**
 * A process that can be dropped: the ports of one engine, which do nothing any more once it is dead. What it had committed is in the
 * store, and nothing else is left of it.
 *
 * P1. After `kill` no commit of it is applied, no callback of its clock or its loop is called, and no worker's answer is heard.
 * P2. Closures that run when it dies run to their end, since nothing can stop a function: what they return is dropped.
 */

import type { Clock, Timers, Turn } from '../base/index.ts';
import type { AttemptOrder, Executor, HandedOver, Outcome } from '../kernel/index.ts';
import type { Bundle, Store, Outcome as StoreOutcome } from '../store/index.ts';

type Answer = Outcome | HandedOver;

/** Called at the two moments of a process that matter to what survives. `kill` may be called in them. */
export interface Moments {
  /** The bundles are in the store, and nobody has heard of it. */
  committed?(bundles: readonly Bundle[]): void;
  /** A worker has done what it was asked to, and nobody has heard of it: that takes `answer`, now or later. */
  worked?(order: AttemptOrder, outcome: Answer, answer: (outcome: Answer) => void): void;
}

/** One of its own each time: what waits for a promise is held by it. */
function never(): Promise<never> {
  return new Promise(() => {});
}

export class MortalProcess {
  readonly #moments: Moments;
  readonly #death = Promise.withResolvers<void>();
  readonly #stirred: (() => void)[] = [];
  #isAlive = true;
  /** Times its loop was asked for a turn. */
  #turns = 0;

  constructor(moments: Moments = {}) {
    this.#moments = moments;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get turns(): number {
    return this.#turns;
  }

  /** Resolves when it dies. */
  get death(): Promise<void> {
    return this.#death.promise;
  }

  kill(): void {
    this.#isAlive = false;
    this.#death.resolve();
    this.#stir();
  }

  /** Resolves when its loop is asked for a turn: something happens. */
  stir(): Promise<void> {
    return new Promise((resolve) => this.#stirred.push(resolve));
  }

  #stir(): void {
    for (const resolve of this.#stirred.splice(0)) resolve();
  }

  timers(clock: Clock & Timers): Timers {
    return {
      at: (at, callback) =>
        clock.at(at, () => {
          if (this.#isAlive) callback();
        }),
    };
  }

  turn(turn: Turn): Turn {
    const whileAlive = (callback: () => void) => () => {
      if (this.#isAlive) callback();
    };
    return {
      end: (callback) => {
        this.#turns += 1;
        this.#stir();
        turn.end(whileAlive(callback));
      },
      settled: (callback) => turn.settled(whileAlive(callback)),
    };
  }

  store(store: Store): Store {
    const commit = async (bundles: readonly Bundle[]): Promise<readonly StoreOutcome[]> => {
      if (!this.#isAlive) return never();
      const outcomes = await store.commit(bundles);
      this.#moments.committed?.(bundles);
      return this.#isAlive ? outcomes : never();
    };
    const transact: Store['transact'] = async (decide) => {
      if (!this.#isAlive) return never();
      let bundles: readonly Bundle[] = [];
      const outcomes = await store.transact((work) => {
        bundles = decide(work);
        return bundles;
      });
      if (bundles.length > 0) this.#moments.committed?.(bundles);
      return this.#isAlive ? outcomes : never();
    };
    return new Proxy(store, {
      get: (target, name) => {
        if (name === 'commit') return commit;
        if (name === 'transact') return transact;
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...given: unknown[]) => (this.#isAlive ? Reflect.apply(member, target, given) : never());
      },
    });
  }

  workers(inner: Executor): Executor {
    return {
      has: (action) => inner.has(action),
      free: () => inner.free(),
      abort: (order) => inner.abort(order),
      close: (graceMs) => inner.close(graceMs),
      onFree: (callback) =>
        inner.onFree(() => {
          if (this.#isAlive) callback();
        }),
      start: (order, done, log, progress) => {
        if (!this.#isAlive) return;
        const answer = (outcome: Answer): void => {
          if (this.#isAlive) done(outcome);
        };
        const worked = (outcome: Answer): void => {
          if (this.#isAlive && this.#moments.worked !== undefined) this.#moments.worked(order, outcome, answer);
          else answer(outcome);
        };
        inner.start(
          order,
          worked,
          (chunk) => (this.#isAlive ? log(chunk) : undefined),
          (details) => (this.#isAlive ? progress(details) : undefined),
        );
      },
    };
  }
}
