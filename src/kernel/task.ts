/**
 * A task as the kernel sees it, for every style: what it is to do, how far it has come, how it ended.
 *
 * A task is `ready` until an attempt starts, `running` while one is under way, `retrying` between attempts, and `waiting`
 * while only time, a signal, a person or a child run can move it; then it ends. A with-items task runs many attempts at
 * once, one an item.
 */

import { type Instant, type Json, plus, type TaskNumber } from '../base/index.ts';

/**
 * - `action`: a worker runs it.
 * - `items`: a worker runs it once per item.
 * - `noop`: the kernel completes it at once with null.
 * - `sleep`, `ask`, `receive`, `workflow`: the kernel waits, and no worker is held.
 */
export type TaskKind = 'action' | 'items' | 'noop' | 'sleep' | 'ask' | 'receive' | 'workflow';

export interface RetryPolicy {
  /** Retries after the first attempt. */
  readonly count: number;
  readonly delayMs: number;
  /** Each further delay is the one before times this. */
  readonly factor: number;
  readonly maxDelayMs?: number | undefined;
  /** Share of the delay that is drawn at random, 0 to 1. */
  readonly jitter: number;
  /** True where the program says whether an outcome is retried; false: every failure is. */
  readonly conditional: boolean;
}

export interface TaskSpec {
  readonly name: string;
  readonly kind: TaskKind;
  /** The program's own label, such as a flow's route. */
  readonly route?: number | undefined;
  /** The action's name; absent for a task without one. */
  readonly action?: string | undefined;
  /** Rendered input; for `items` the list of the items' inputs. */
  readonly input: Json;
  /** `items` only: what each item is; default `action`. */
  readonly each?: Exclude<TaskKind, 'items'> | undefined;
  /** `items` only: the actions' names where they are not all the same. */
  readonly actions?: readonly string[] | undefined;
  /** `items` only: how many run at once; absent: all. */
  readonly width?: number | undefined;
  /** `items` only: results kept from an earlier task of the same name, by item; null where there is none. */
  readonly kept?: readonly ({ readonly output: Json } | null)[] | undefined;
  readonly notBefore?: Instant | undefined;
  /** Longest one attempt may take; for a wait, longest it may wait. */
  readonly timeoutMs?: number | undefined;
  /** 0 to 100, higher first. */
  readonly priority?: number | undefined;
  readonly retry?: RetryPolicy | undefined;
  /** Secrets that the document's text names in the input, and that a worker may put in their place. */
  readonly secrets?: readonly string[] | undefined;
  /** True where the task may start although the run is failing. */
  readonly whileFailing?: boolean | undefined;
  /** When the task is to be over, retries and waits included. */
  readonly deadlineAt?: Instant | undefined;
  /** What is done instead once its attempts are used up: one attempt, no retry. */
  readonly fallback?: Fallback | undefined;
  /** True: failed for good, it waits for a person's decision. */
  readonly intervenes?: boolean | undefined;
  /** True: once it has succeeded, the program says what would undo it. */
  readonly compensates?: boolean | undefined;
  /** True: the task goes on while the run is failing or canceling, and is not canceled with it. */
  readonly shielded?: boolean | undefined;
  /** The task that this one undoes. The kernel scheduled it, and its program never hears of it. */
  readonly undoes?: TaskNumber | undefined;
  /** Tasks of one group succeed together, or those that did are undone. */
  readonly group?: string | undefined;
  /** Where its result may be found, and is kept for others. */
  readonly cache?: CachePolicy | undefined;
  /**
   * It is not to be done twice: where its outcome is lost it waits in `unknown`, for a probe that finds out what happened
   * (`probe`), or for a person.
   */
  readonly once?: 'probe' | 'ask' | undefined;
  /** Longest it may wait for its first attempt to start. */
  readonly startWithinMs?: number | undefined;
  /** Longest an attempt may stay silent. */
  readonly heartbeatMs?: number | undefined;
  /** What becomes of its child run where the task is left; default it is canceled. */
  readonly onLeave?: 'terminate' | 'abandon' | undefined;
}

export interface Fallback {
  readonly kind: TaskKind;
  readonly action: string;
  readonly input: Json;
  readonly secrets?: readonly string[] | undefined;
}

export interface CachePolicy {
  /** Of the action, its declared version and what the result depends on. */
  readonly key: string;
  /** How long a result may be used; absent: for good. */
  readonly ttlMs?: number | undefined;
}

/** How a try went. `output` is what `result()` shows, also for a failure. */
export type Outcome =
  | { readonly status: 'succeeded'; readonly output: Json }
  | { readonly status: 'failed'; readonly output: Json; readonly failure: Failure }
  | { readonly status: 'canceled'; readonly output: Json };

export interface Failure {
  /** `failed`, `timeout`, `worker_lost`, `invalid_input`, `invalid_output`, `child_failed`, … : stable codes. */
  readonly kind: string;
  readonly message: string;
  /** False: no retry can help. */
  readonly retryable?: boolean | undefined;
  /** False: an outside system reported it without an error to show, so none is logged. */
  readonly logged?: boolean | undefined;
  /** The least pause before the next attempt, where the other side named one. */
  readonly retryAfterMs?: number | undefined;
}

/** What went wrong in a run, as shown to people. */
export interface RunError {
  /** `task_failed`, `expression`, `type`, `unreachable_join`, `limit`, … : stable codes. */
  readonly kind: string;
  readonly message: string;
  readonly task?: string | undefined;
  readonly route?: number | undefined;
  /** The transition that was being evaluated: `<target>__t<n>`. */
  readonly transition?: string | undefined;
  readonly result?: Json | undefined;
}

export type ItemStatus = 'ready' | 'running' | 'succeeded' | 'failed' | 'canceled';

/** The life of a with-items task's items, in arrays: 100,000 items are three arrays, not 100,000 objects. */
export interface Items {
  readonly status: ItemStatus[];
  /** Attempts started of each item. */
  readonly attempt: number[];
  readonly output: Json[];
  /** Items under way. */
  running: number;
  /** The first item that may still be ready. */
  cursor: number;
  /** Items that ended badly: failed and canceled. */
  failed: number;
  canceled: number;
  /** Items that ended. */
  ended: number;
  /** Attempts in a row that died with their process, by item; nothing stands here for an item that lost none. */
  lost: { [item: number]: number };
}

export type TaskStatus =
  | 'ready'
  | 'running'
  | 'waiting'
  | 'retrying'
  | 'unknown'
  | 'succeeded'
  | 'failed'
  | 'canceled'
  | 'skipped';

/** Something only time, a signal, a person or a child run ends. */
export interface Wait {
  readonly dueAt?: Instant | undefined;
  readonly signal?: string | undefined;
}

/** A task that is not over. Owned and changed by `evolve` alone. */
export interface OpenTask {
  readonly task: TaskNumber;
  /** Another once a fallback took over. */
  spec: TaskSpec;
  status: 'ready' | 'running' | 'waiting' | 'retrying' | 'unknown';
  /** Attempts started; for `items`, rounds begun over the whole list. */
  attempt: number;
  /** Retries used. */
  retries: number;
  /** Attempts in a row that died with their process; those of items are counted by item. */
  lost: number;
  /** When the task was scheduled, or its current attempt or wait began. */
  since: Instant;
  /** When a delay or the pause before a retry is over; undefined once it is. */
  notBefore: Instant | undefined;
  /** What the task waits for; by item, or under −1 where it has none. */
  waits: Map<number, Wait> | undefined;
  items: Items | undefined;
  /** How it failed for good, while a person is to decide what follows. */
  asked: Failed | undefined;
  /** True while nobody knows what its last attempt came to; an attempt that runs meanwhile is the probe that finds out. */
  unknown: boolean;
  /** What the attempts reported last; by item, or under −1 where it has none. */
  progress: Map<number, Json> | undefined;
}

export type Failed = Outcome & { readonly status: 'failed' };

/** True for a task that goes on while its run is on its way out. */
export function outlives({ undoes, shielded }: TaskSpec): boolean {
  return undoes !== undefined || shielded === true;
}

/** What one unit of a task is: the kind of its items where it has them. */
export function unitKind(spec: TaskSpec): TaskKind {
  return spec.kind === 'items' ? (spec.each ?? 'action') : spec.kind;
}

/** The key of `waits` for a task without items. */
export const wholeTask = -1;

/** Stands for the item in the timer of a task's deadline. */
export const deadlineMark = -2;

/** Stands for the item in the timer of a task's first start. */
export const startMark = -3;

/** True while an attempt of the task is under way on a worker. */
export function isBusy(task: OpenTask): boolean {
  if (task.items === undefined) return task.status === 'running';
  return task.items.running > (task.waits?.size ?? 0);
}

/** When the task is too late to start; undefined where it has started or missed that, or may start at any time. */
export function startsBy({ spec, attempt, retries, asked, since }: OpenTask): Instant | undefined {
  const isPast = attempt > 0 || retries > 0 || asked !== undefined;
  return spec.startWithinMs === undefined || isPast ? undefined : plus(since, spec.startWithinMs);
}

/**
 * The state of a list of `count` items before any has started. A list that is tried again goes on counting its attempts
 * from `attempt`: an answer to one of the round before must never pass for one of this round.
 */
export function newItems(count: number, kept: TaskSpec['kept'], attempt?: number[]): Items {
  const items: Items = {
    status: new Array<ItemStatus>(count).fill('ready'),
    attempt: attempt ?? new Array<number>(count).fill(0),
    output: new Array<Json>(count).fill(null),
    running: 0,
    cursor: 0,
    failed: 0,
    canceled: 0,
    ended: 0,
    lost: {},
  };
  kept?.forEach((result, item) => {
    if (result === null || item >= count) return;
    items.status[item] = 'succeeded';
    items.output[item] = result.output;
    items.ended += 1;
  });
  return items;
}

/** The action of `item`, or of the whole task. */
export function actionOf(spec: TaskSpec, item: number | undefined): string {
  return (item === undefined ? undefined : spec.actions?.[item]) ?? spec.action ?? 'core.noop';
}

/** The input of `item`, or of the whole task. */
export function inputOf(spec: TaskSpec, item: number | undefined): Json {
  if (item === undefined) return spec.input;
  return (spec.input as readonly Json[])[item] ?? null;
}
