export { type DecodeOptions, decodeAll, decodeEvents, type EncodedEvents, encodeEvents } from './codec.ts';
export type { Command } from './command.ts';
export { addedEdges } from './dag/added-edges.ts';
export { type DagOptions, dagProgram } from './dag/program.ts';
export { type Accepted, begin, type Decision, decide, type EditedResult, fork } from './decide.ts';
export type { Effect, KernelOptions } from './deciding.ts';
export { nextDue } from './due.ts';
export type { DecisionChoice, FinalStatus, Parent, Recorded, RunEvent, RunStarted } from './events.ts';
export { evolve, nextItem } from './evolve.ts';
export type { AttemptLog, AttemptOrder, Executor, HandedOver, LogSink, ProgressSink } from './executor.ts';
export { type FlowOptions, flowProgram } from './flow/program.ts';
export { type TakenEdge, takenEdges } from './flow/taken.ts';
export { type FunctionNote, functionNote } from './function/note.ts';
export {
  callToRerun,
  type FunctionState,
  functionProgram,
  type UpdateState,
  unnamedUpdate,
} from './function/program.ts';
export { checkHistory, type HistoryFault, parseHistory } from './history-text.ts';
export { assertAlive, assertConsistent } from './liveness.ts';
export type { Desk, Directive, EndedTask, Program, RerunRequest } from './program.ts';
export { programOf } from './program-of.ts';
export { type Refusal, type RefusalReason, refuse } from './refusal.ts';
export { isFinal, isWaiting, mayMove, newRun, type RunState, type RunStatus, shownStatus } from './run.ts';
export { type RunView, type TaskView, viewRun } from './run-view.ts';
export { seededRandom } from './seeded-random.ts';
export { freezeRun, thawRun } from './snapshot.ts';
export {
  actionOf,
  type Failure,
  inputOf,
  type OpenTask,
  type Outcome,
  outlives,
  type RetryPolicy,
  type RunError,
  type TaskKind,
  type TaskSpec,
  type TaskStatus,
  unitKind,
  wholeTask,
} from './task.ts';
export { parseToken, type TokenPlace, tokenOf } from './token.ts';
export { nativeActions } from './waits.ts';
