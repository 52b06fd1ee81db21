/** What a planted bug is, and how production code is changed for the time of one. */

import type { Clock, Hasher, Instant } from '../../src/base/index.ts';
import type { Engine } from '../../src/engine/index.ts';
import type { TimeSources } from '../../src/host/index.ts';
import type { Executor, Program, Recorded, RunState } from '../../src/kernel/index.ts';
import type { Store } from '../../src/store/index.ts';

export interface PlantedBug {
  readonly name: string;
  /** Within so many seeds it must be found. */
  readonly seeds: number;
  /** False: durable functions only delay its discovery, and none run. */
  readonly functions?: false;
  /** Changes production code in place; answers what undoes that. */
  patch?(): () => void;
  clock?(given: { honest: Clock; notBefore: Instant | undefined; sources: TimeSources }): Clock;
  store?(store: Store): Store;
  executor?(executor: Executor): Executor;
  hasher?(hasher: Hasher): Hasher;
  engine?(engine: Engine): void;
}

type Method<T, K extends keyof T> = T[K] extends (...args: infer A) => infer R ? (this: T, ...args: A) => R : never;

/** Puts `make(original)` in the place of a method; answers what puts the original back. */
export function replace<T extends object, K extends keyof T & string>(
  prototype: T,
  name: K,
  make: (original: Method<T, K>) => Method<T, K>,
): () => void {
  const original = prototype[name] as unknown as Method<T, K>;
  Object.defineProperty(prototype, name, { value: make(original), configurable: true, writable: true });
  return () => Object.defineProperty(prototype, name, { value: original, configurable: true, writable: true });
}

interface EvolvingProgram {
  evolve(run: RunState, event: Recorded): void;
}

/** Changes how the programs of this one's style fold. */
export function changedEvolve(
  program: Program,
  change: (run: RunState, event: Recorded, fold: () => void) => void,
): () => void {
  return replace(
    Object.getPrototypeOf(program) as EvolvingProgram,
    'evolve',
    (original) =>
      function (run, event) {
        change(run, event, () => original.call(this, run, event));
      },
  );
}
