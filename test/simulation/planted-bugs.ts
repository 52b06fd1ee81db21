/** Bugs that are put in on purpose, from outside the production code: what finds none of them finds nothing. */

import type { Clock, Instant } from '../../src/base/index.ts';
import type { Engine } from '../../src/engine/index.ts';
import type { TimeSources } from '../../src/host/index.ts';
import type { Executor } from '../../src/kernel/index.ts';
import type { Store } from '../../src/store/index.ts';
import type { SimulatedDisk, SimulatedExecutor } from '../../src/testing/index.ts';

export interface PlantedBug {
  readonly name: string;
  /** Within so many seeds it must be found. */
  readonly seeds: number;
  /** Changes production code in place; answers what undoes that. */
  patch?(): () => void;
  clock?(given: { honest: Clock; notBefore: Instant | undefined; sources: TimeSources }): Clock;
  store?(store: Store, disk: SimulatedDisk): Store;
  executor?(executor: SimulatedExecutor): Executor;
  engine?(engine: Engine): void;
}

export const plantedBugs: readonly PlantedBug[] = [];
