export type { ReplayVerdict, SeenCall } from '../engine/index.ts';
export type { Call } from './call-log.ts';
export { type CrashOptions, type CrashReport, crashEverywhere } from './crash-everywhere.ts';
export type { Decision, SentSignal, SentUpdate } from './crash-trial.ts';
export { hangs, type Mock, type MockAnswer, type Sequence, sequence } from './mock.ts';
export { replay } from './replay.ts';
export { SeededRandom } from './seeded-random.ts';
export { SimulatedClock } from './simulated-clock.ts';
export { createTestPawl, type TestPawl, type TestPawlOptions } from './test-pawl.ts';
