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
export {
  type DurableFunction,
  type FunctionInput,
  type FunctionOptions,
  type FunctionOutput,
  workflow,
} from './functions/define.ts';
export { TaskFailed } from './functions/execution.ts';
export { type CallOptions, RunContext, type StepAttempt, stepAction } from './functions/run-context.ts';
export { CanceledError } from './functions/scopes.ts';
export { childRunId, foldStored, type LoadedRun } from './load.ts';
export type { Started, StartRequest } from './message.ts';
export type { Offer, Offers } from './offer.ts';
export { ownActions, Programs, type Workflow } from './programs.ts';
export { connectionTo, questionsOf } from './request-desk.ts';
export { type RunStand, standOf, untilStill } from './stand.ts';
export { type StoredView, storedHistory, viewStored } from './view.ts';
