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
export type { CallOptions } from './functions/call-options.ts';
export { type FunctionOptions, workflow } from './functions/define.ts';
export { TaskFailed } from './functions/execution.ts';
export { type ReplayOptions, type ReplayVerdict, replayFunction, type SeenCall } from './functions/replay.ts';
export {
  type Callback,
  type ChildOptions,
  RunContext,
  type SignalOptions,
  type StepOptions,
} from './functions/run-context.ts';
export { CanceledError } from './functions/scopes.ts';
export { type StepAttempt, stepAttempt, type Verified } from './functions/step.ts';
export { stepAction } from './functions/step-action.ts';
export type {
  AnsweredBy,
  AskedOf,
  DurableFunction,
  FunctionInput,
  FunctionOutput,
  GivenAs,
  NamesOf,
  SchemasOf,
  TakenAs,
} from './functions/typed-by-schemas.ts';
export { givenJson } from './given-json.ts';
export { childRunId, foldStored, type LoadedRun } from './load.ts';
export type { Started, StartRequest } from './message.ts';
export type { Offer, Offers } from './offer.ts';
export { ownActions, Programs, type Workflow } from './programs.ts';
export { connectionTo, questionsOf } from './request-desk.ts';
export type { RetentionPeriods } from './retention.ts';
export { type RunStand, standOf, untilStill } from './stand.ts';
export { checkPolicy, type StartPolicy } from './start-policy.ts';
export type { StreamPiece } from './stream.ts';
export { type StoredView, storedHistory, viewStored } from './view.ts';
