/**
 * What is written of a task. Each field is that of a task of a YAML document, with closures where the document has expressions.
 *
 * Durations are as everywhere: a number is seconds, text has its unit (`500ms`, `30s`, `5m`, `2h`, `1d`).
 *
 * Closures are called while a run is decided, over recorded values, and what they give is recorded too: they must be plain
 * (no clock, no randomness, nothing awaited). `run` is the place for everything else.
 */

import type { AddedTask, FailurePolicy, Resources, Trigger, WorkType } from '../dag.ts';
import type { ActionLike, Jsonable, Known, NamesIn, NeedOf, OwnResult, Seen } from './known.ts';

/** Seconds, or text with a unit: `500ms`, `30s`, `5m`, `2h`, `1d`. */
export type Duration = number | string;

type Closure<S, Given> = (seen: S) => Given;

/** How an attempt that failed is tried again. */
export interface RetryOptions<S, Result> {
  /** Retries after the first attempt. */
  readonly count: number | Closure<S, number>;
  /** Before the first retry; whole seconds. Default 0. */
  readonly delay?: Duration | Closure<S, Duration>;
  /** Each further delay is the one before times this, from 1; default 1. */
  readonly factor?: number;
  /** No delay is longer. */
  readonly maxDelay?: Duration;
  /** Share of the delay that is random, 0 to 1; default 0. */
  readonly jitter?: number;
  /** Whether to try again; asked after success as well. Absent: after a failure. */
  readonly when?: (outcome: AttemptOutcome<Result>, seen: S) => boolean;
}

export interface AttemptOutcome<Result> {
  readonly status: 'succeeded' | 'failed';
  /** What it gave; of a failure what its error brought along, null otherwise. */
  readonly result: Result | null;
}

export interface CacheOptions<S> {
  /** What the result depends on; absent: the task's input. */
  readonly key?: Closure<S, unknown>;
  /** How long a result may be used; absent: for good. */
  readonly ttl?: Duration;
  /** Raise it when the task changes what it gives. */
  readonly version?: string | number;
}

/** What is done once the attempts are used up: one attempt, and what it gives is the task's result. */
export interface FallbackOptions<K extends Known, S, Given, Result, Action> {
  readonly action?: Action;
  /** Absent: the task's own input. */
  readonly input?: Closure<S, unknown> | Readonly<Record<string, unknown>>;
  readonly run?: (input: Given, context: K['context']) => Result | Promise<Result>;
}

/** What undoes a task that has succeeded, when its run fails or is canceled, or its group does. Tasks are undone latest first. */
export interface CompensationOptions<K extends Known, S, Result, Given> {
  readonly action?: string | ActionLike;
  /** What `run` or the action gets; absent: for `run` all that is seen, with `result`, what the task gave; for an action null. */
  readonly input?: Given | Closure<S & { readonly result: Result }, Given>;
  readonly run?: (input: Given, context: K['context']) => unknown;
  readonly retry?: Omit<RetryOptions<S, never>, 'when'>;
  /** Of one attempt at undoing. */
  readonly timeout?: Duration;
}

/** A task to add while the run is under way: of an action that is named, or of the code of a task that is there, `run`. */
export interface TaskToAdd extends Omit<AddedTask, 'input'> {
  /** The task whose `run` it is. */
  readonly run?: string;
  /** Json; it is recorded. */
  readonly input?: unknown;
}

/** What tasks and maps have in common. `Result` is what the whole task gives. */
export interface CommonOptions<K extends Known, Needs, T, Result, Condition> {
  /** Tasks that come before this one, and whose results it sees. One of kind `preferred` only goes first where both could start. */
  readonly needs?: Needs;
  /** What must be true of them; default `all_succeeded`. */
  readonly trigger?: T;
  /** Asked when the trigger holds; the task is skipped where it gives false. */
  readonly when?: (seen: Seen<K, Needs, T>) => Condition;
  /** Before the task starts; whole seconds. */
  readonly delay?: Duration | Closure<Seen<K, Needs, T>, Duration>;
  /** Of one attempt (of one item, in a map). */
  readonly timeout?: Duration | Closure<Seen<K, Needs, T>, Duration>;
  /** When the task is to be over, retries and waits included: a duration from when it was scheduled, or an ISO 8601 instant. */
  readonly deadline?: Duration | Closure<Seen<K, Needs, T>, Duration>;
  /** 0 to 100, higher first; default 50. */
  readonly priority?: number;
  readonly retry?: RetryOptions<Seen<K, Needs, T>, Result>;
  /** True: failed for good it waits for a person, who says retry, skip or fail. */
  readonly intervention?: boolean;
  /** Tasks of one group succeed together, or those that did are undone. */
  readonly group?: string;
  readonly cache?: CacheOptions<Seen<K, Needs, T>>;
  /** Tasks to add once this one has succeeded. */
  readonly expand?: (result: Result, seen: Seen<K, Needs, T>) => readonly TaskToAdd[];
  /** Secrets that closures of this task name as `secret(NAME)`; those of a constant input are found without it. */
  readonly secrets?: readonly string[];
  /** What the task is for, in words for people. */
  readonly title?: string;
  readonly type?: WorkType;
  /** The label a worker must carry. */
  readonly workerType?: string;
  readonly resources?: Resources;
  /** How long it is expected to take. */
  readonly estimate?: Duration;
}

/**
 * A task. It has `run`, or an `action`, or neither: then it is over as soon as it starts, with null.
 *
 * TypeScript takes types from what stands above: write `input` above `run`, and policies that read the result below it.
 */
export interface TaskOptions<K extends Known, Needs, T, Given, Result, Action, Condition, Rescue, RescueAction, Undo>
  extends CommonOptions<K, Needs, T, OwnResult<Result, Action> | OwnResult<Rescue, RescueAction>, Condition> {
  /** An action of `defineAction`, or the name of one that the engine knows. */
  readonly action?: Action;
  /** What `run` or the action gets. Absent: for `run` all that closures see; for an action null. */
  readonly input?: Given | Closure<Seen<K, Needs, T>, Given>;
  /** The code of the task. What it returns is kept, and must be JSON. */
  readonly run?: (input: Given, context: K['context']) => Result | Promise<Result>;
  readonly fallback?: FallbackOptions<K, Seen<K, Needs, T>, Given, Rescue, RescueAction>;
  readonly compensate?: CompensationOptions<
    K,
    Seen<K, Needs, T>,
    OwnResult<Result, Action> | OwnResult<Rescue, RescueAction>,
    Undo
  >;
}

/** A task that runs once for each item of a list; its result is the list of what they gave. */
export interface MapOptions<K extends Known, Needs, T, Item, Given, Result, Action, Condition, Undo>
  extends CommonOptions<K, Needs, T, readonly OwnResult<Result, Action>[], Condition> {
  /** The list. */
  readonly over: readonly Item[] | Closure<Seen<K, Needs, T>, readonly Item[]>;
  /** Items under way at once, from 1; default all. */
  readonly width?: number | Closure<Seen<K, Needs, T>, number>;
  readonly action?: Action;
  /** What `run` or the action gets of an item; absent: the item. */
  readonly input?: (item: Item, seen: Seen<K, Needs, T>) => Given;
  readonly run?: (input: Given, context: K['context']) => Result | Promise<Result>;
  readonly compensate?: CompensationOptions<K, Seen<K, Needs, T>, readonly OwnResult<Result, Action>[], Undo>;
}

export interface IncludeOptions<K extends Known, Needs, Given> {
  /** What the tasks of the segment that need nothing are to wait for. */
  readonly needs?: Needs;
  /** The input of the segment; absent: that of the workflow. */
  readonly input?: (seen: Seen<K, Needs, 'all_succeeded'>) => Given;
}

export type { ActionLike, FailurePolicy, Jsonable, NamesIn, NeedOf, Trigger };
