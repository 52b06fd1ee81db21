export { type Checkpoint, checkpointsOf } from './checkpoints.ts';
export { estimatesFromHistory } from './earlier-runs.ts';
export {
  defaultEngineLimits,
  Engine,
  type EngineLimits,
  type EngineOptions,
  type RunListener,
  type RunResult,
  type Scope,
} from './engine.ts';
export { childRunId, foldStored, type LoadedRun } from './load.ts';
export type { Started, StartRequest } from './message.ts';
export { ownActions, Programs, type Workflow } from './programs.ts';
export { connectionTo, questionsOf } from './request-desk.ts';
export { type StoredView, storedHistory, viewStored } from './view.ts';
