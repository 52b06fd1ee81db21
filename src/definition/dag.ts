/**
 * A dependency graph as data: tasks that say what they need. Nothing here runs; the kernel's DAG program reads it.
 */

import type { Json } from '../base/index.ts';
import type { Binding, FlowDefinition, InputDeclaration } from './flow.ts';
import type { TaskWork, ValueSource } from './work.ts';

/**
 * What must be true of the tasks that a task needs before it starts.
 *
 * - `all_succeeded` (default): each of them succeeded. Where one did not, the task is skipped.
 * - `all_done`: each of them is over, however it ended.
 * - `any_succeeded`: one of them has succeeded; the others are not waited for. Skipped where none did.
 * - `none_failed`: each of them is over and none failed; those that a condition skipped do not count against it.
 */
export type Trigger = 'all_succeeded' | 'all_done' | 'any_succeeded' | 'none_failed';

/** What a failed task means for the run. */
export type FailurePolicy =
  /** Nothing new starts, what runs may finish, the run fails. */
  | 'stop'
  /** What needs the failed task is skipped, all else goes on; then the run fails. */
  | 'skip'
  /** What needs the failed task is skipped, all else goes on; the run succeeds with what there is. */
  | 'partial';

export interface Need {
  readonly task: string;
  /** `blocking` gates; `preferred` only says which goes first where both could start. */
  readonly kind: 'blocking' | 'preferred';
}

/** What kind of work a task is; for plans and placement. */
export type WorkType = 'compute' | 'io' | 'network' | 'hybrid';

/** What a task takes of the machine it runs on while it runs. */
export interface Resources {
  /** Cores; fractions allowed. */
  readonly cpu?: number;
  readonly memoryMb?: number;
  readonly diskMb?: number;
  readonly networkMbps?: number;
  readonly gpus?: number;
  /** Units of resources that the user names. */
  readonly named?: { readonly [name: string]: number };
}

export interface DagTask extends TaskWork {
  readonly needs: readonly Need[];
  readonly trigger: Trigger;
  /** Asked when the trigger holds; the task is skipped where it gives false. */
  readonly when?: ValueSource;
  /** Tasks to add once this one has succeeded: a list of `AddedTask`. */
  readonly expand?: ValueSource;
  /** What the task is for, in words for people. */
  readonly title?: string;
  readonly type?: WorkType;
  /** The label a worker must carry. */
  readonly workerType?: string;
  readonly resources?: Resources;
  /** How long it is expected to take, in milliseconds. */
  readonly estimateMs?: number;
}

/** A task that another added while the run was under way. Plain data, since it is recorded. */
export interface AddedTask {
  readonly name: string;
  readonly action?: string;
  readonly input?: Json;
  /** Tasks it waits for, old or new. It always comes after the task that added it. */
  readonly needs?: readonly string[];
  /** Tasks that have not started and are to wait for this one. */
  readonly before?: readonly string[];
  readonly trigger?: Trigger;
}

/** A rule that a scheduler is to keep; the kernel carries it along. */
export interface Constraint {
  readonly type: 'before' | 'after' | 'together' | 'apart' | 'worker' | 'window' | 'custom';
  readonly tasks?: readonly string[];
  readonly value?: Json;
}

/** What a workflow says, in whichever style. */
export type WorkflowDefinition = FlowDefinition | DagDefinition;

/** A dependency graph defined in code: its definition, and the code of its tasks. */
export interface CodeWorkflow<Context = never> {
  readonly name: string;
  /** Declared by its author; absent: the hash of all that is not code. */
  readonly version?: string | undefined;
  readonly definition: DagDefinition;
  /** Says what is wrong with the input of a start, before there is a run; undefined where nothing is. */
  readonly inputFault?: ((input: Json) => string | undefined) | undefined;
  /** It takes one value of any kind, kept as the input of this name. Absent: it takes inputs by their names. */
  readonly takesAs?: string | undefined;
  /** By task: called with the task's input and the context of the attempt. */
  readonly handlers: ReadonlyMap<string, TaskHandler<Context>>;
}

/** `Context` is what the worker tells it of the attempt. */
export type TaskHandler<Context = never> = (input: never, context: Context) => unknown;

/** Begins the name of an action that is a task's own handler: `:` and the task's name. */
export const ownAction = ':';

export interface DagDefinition {
  readonly style: 'dag';
  readonly name?: string;
  readonly description?: string;
  readonly tags: readonly Json[];
  readonly input: readonly InputDeclaration[];
  readonly vars: readonly Binding[];
  /** Absent: the results of the tasks that nothing needs, by name. */
  readonly output?: readonly Binding[] | ValueSource;
  /** The tasks whose results the output reads; absent: not known, so that all are kept. */
  readonly outputNeeds?: readonly string[];
  readonly limits: { readonly durationMs?: number; readonly iterations?: number };
  readonly failure: FailurePolicy;
  /** Tasks open at once; absent: all that can. */
  readonly concurrency?: number;
  /** In the order of definition. */
  readonly tasks: ReadonlyMap<string, DagTask>;
  readonly hasEntryPoint: boolean;
  readonly metadata?: { readonly [name: string]: Json };
  readonly constraints?: readonly Constraint[];
  /** When the workflow was defined, and when it is meant to run: for people and schedulers. */
  readonly createdAt?: string;
  readonly scheduledAt?: string;
}
