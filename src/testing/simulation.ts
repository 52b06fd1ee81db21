/** The door for simulations of our own: a world with one order of events and parts that break on purpose. */

export { Scheduler, settle } from './scheduler.ts';
export { SeededRandom, textHash } from './seeded-random.ts';
export { SimulatedClock } from './simulated-clock.ts';
export { type AttemptConduct, SimulatedExecutor, type SimulatedExecutorOptions } from './simulated-executor.ts';
export { SimulatedDisk, type StoreConduct } from './simulated-store.ts';
