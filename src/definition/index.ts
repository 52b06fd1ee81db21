export {
  type BuiltWorkflow,
  DagBuilder,
  type DagOptions as DagGraphOptions,
  dagOf,
  type WorkflowInput,
  type WorkflowOutput,
} from './builder/dag-builder.ts';
export type { Fault as DagFault } from './builder/faults.ts';
export type { Duration, MapOptions, TaskOptions, TaskToAdd } from './builder/task-options.ts';
export * from './dag.ts';
export { computed, dagText, isDagText, readDagText } from './dag-text.ts';
export { type Category, type Diagnostic, renderDiagnostics } from './diagnostic.ts';
export type * from './flow.ts';
export {
  type Exchange,
  type FunctionDefinition,
  type FunctionSchemas,
  type FunctionWorkflow,
  functionDefinition,
  functionNameIn,
  functionText,
  givenToFunction,
  takenByFunction,
} from './function.ts';
export { type Inspection, type InspectOptions, inspectFlow } from './inspect.ts';
export { type DocumentLimits, defaultLimits } from './limits.ts';
export { drawnWorkflow, failNodeOf } from './plan/drawn-workflow.ts';
export {
  type Durations,
  type Estimate,
  type Estimates,
  estimatesFromDurations,
  type Quantile,
  type Quantiles,
} from './plan/estimate.ts';
export type { ExecutionPlan, ExecutionStage, PlannedTask } from './plan/execution-plan.ts';
export { type PlanOptions, plan } from './plan/plan.ts';
export type { Position } from './position.ts';
export { languageSchema } from './schema.ts';
export { checkedAtOnce, checkedByAction, faultAtOnce, inputFaultOf, type Schema } from './schema-check.ts';
export { startInput } from './start-input.ts';
export * from './work.ts';
