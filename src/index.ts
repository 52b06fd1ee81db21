import { dagOf } from './definition/index.ts';
import type { ActionContext } from './worker/index.ts';

export type {
  Attributes,
  AttributeValue,
  Codec,
  GivenAttributes,
  OpenedText,
  SealedPlace,
  SealedText,
} from './base/index.ts';
export { type ErrorCode, isPawlError, type Json, type JsonObject, PawlError } from './base/index.ts';
export type { Bulk, BulkRefusal, BulkResult } from './bulk.ts';
export {
  type AnyWorkflowInCode,
  createPawl,
  type ForkedCall,
  Pawl,
  type PawlOptions,
  type RunHandle,
  type Startable,
  type StartOptions,
} from './create-pawl.ts';
export type {
  BuiltWorkflow,
  CodeWorkflow,
  DagBuilder,
  DagFault,
  Diagnostic,
  Durations,
  Estimate,
  Estimates,
  ExecutionPlan,
  ExecutionStage,
  Inspection,
  PlannedTask,
  PlanOptions,
  WorkflowInput,
  WorkflowOutput,
} from './definition/index.ts';
export { drawnWorkflow, inspectFlow, plan, renderDiagnostics } from './definition/index.ts';
export type {
  CallOptions,
  DurableFunction,
  RunContext,
  RunListener,
  RunResult,
  StepAttempt,
  Workflow,
} from './engine/index.ts';
export { CanceledError, estimatesFromHistory, TaskFailed, workflow } from './engine/index.ts';
export { type AesGcmOptions, aesGcmCodec } from './host/index.ts';
export type { RetentionOption, RetentionPeriod } from './retention-option.ts';
export type { AttributeTest, ListedRun, ListOptions, RunFilter, RunPage } from './run-filter.ts';
export type { Sql, SqlRow, SqlValue } from './store/index.ts';
export {
  type Action,
  type ActionContext,
  ActionError,
  type AnyAction,
  type BuiltInOptions,
  builtInActions,
  defineAction,
  type SecretSource,
} from './worker/index.ts';

/** Begins a dependency graph: see docs/graphs.md. */
export const dag = dagOf<ActionContext>();
