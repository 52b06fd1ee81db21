/**
 * The state of one run: the fold of its history, held and changed in place by the engine that owns the run.
 *
 * R1. Only `evolve` changes it. Two folds of one history are equal.
 * R2. What ended is dropped: the state of a run grows with what is open, not with what has been.
 */

import {
  type Attributes,
  DueHeap,
  type Instant,
  type Json,
  type JsonObject,
  noAttributes,
  type RunId,
  type TaskNumber,
  type WorkflowVersion,
} from '../base/index.ts';
import type { FinalStatus, Parent } from './events.ts';
import { RunErrors } from './run-errors.ts';
import { type OpenTask, outlives, type TaskSpec } from './task.ts';

/** Stored words; see `shownStatus` for what people see. */
export type RunStatus = 'running' | 'pausing' | 'paused' | 'failing' | 'canceling' | FinalStatus;

/** When something of a task falls due. */
export interface Due {
  readonly at: Instant;
  readonly task: TaskNumber;
  /** The item of a with-items task, −1 for a task as a whole, −2 for its deadline, −3 for its first start. */
  readonly item: number;
}

/** How a task that has succeeded would be undone. */
export interface Undo {
  readonly task: TaskNumber;
  readonly spec: TaskSpec;
}

export interface RunState {
  readonly id: RunId;
  /** Events folded so far. */
  revision: number;
  workflow: string;
  version: WorkflowVersion;
  style: string;
  input: JsonObject;
  context: JsonObject | undefined;
  seed: number;
  from: readonly string[] | undefined;
  parent: Parent | undefined;
  pinned: { readonly [name: string]: WorkflowVersion };
  /** By what it can be found. Another object once they change. */
  attributes: Attributes;
  startedAt: Instant;
  deadlineAt: Instant | undefined;
  iterationsMax: number;
  status: RunStatus;
  /** Why the run cannot go on here; undefined while it can. */
  blocked: string | undefined;
  /** Reruns so far. */
  epoch: number;
  endedAt: Instant | undefined;
  output: Json;
  /** Why it was canceled or terminated, in the caller's words. */
  reason: string | undefined;
  /** True where a task that came out as canceled took the run with it. */
  canceledByTask: boolean;
  readonly errors: RunErrors;
  /** The next task's number. */
  nextTask: TaskNumber;
  /** Tasks that are not over, in the order they were scheduled. */
  readonly open: Map<TaskNumber, OpenTask>;
  /** Attempts under way on workers. */
  busy: number;
  /** Open tasks of which an attempt could start, were the run's status and their width to allow it. */
  readonly ready: Set<TaskNumber>;
  /** How often each task has run, by name. */
  readonly iterations: Map<string, number>;
  /** Signals that nobody has waited for yet, oldest first, by name. */
  readonly signals: Map<string, Json[]>;
  /** Ids of signals received, so that a repeated one is known. */
  readonly signalIds: Set<string>;
  /** What would undo the tasks that have succeeded, in the order they did. */
  readonly undo: Undo[];
  /** Tasks that were undone, or are being so. */
  undone: number;
  /** Groups of which a task failed. */
  readonly failedGroups: Set<string>;
  /** The revision at which it began anew, and how often it did; 0 for one that never did. */
  begunAt: number;
  renewedAt: Instant | undefined;
  renewals: number;
  /** Where its history began, if not by itself. */
  forkedFrom: { readonly run: RunId; readonly revision: number } | undefined;
  /** When delays, retries and waits fall due. */
  readonly timers: DueHeap<Due>;
  /** The program's own state: owned and changed by the program's `evolve`. */
  program: unknown;
}

/** True once the run has ended; a rerun may reopen it. */
export function isFinal(status: RunStatus): status is FinalStatus {
  return status === 'succeeded' || status === 'failed' || status === 'canceled' || status === 'terminated';
}

/** True while new attempts may start: neither paused, nor on its way out, nor blocked. */
export function mayStart(run: RunState): boolean {
  return run.status === 'running' && run.blocked === undefined;
}

/** True where an attempt, a wait or a delay of such a task goes on as the run stands. */
export function mayMove(run: RunState, spec: TaskSpec): boolean {
  if (run.blocked !== undefined) return false;
  if (run.status === 'running') return true;
  if (outlives(spec)) return run.status === 'failing' || run.status === 'canceling';
  return run.status === 'failing' && spec.whileFailing === true;
}

/** The status people see: `waiting` where only time, signals, people or children can move the run, `blocked` where it lacks something. */
export function shownStatus(run: RunState): string {
  if (isFinal(run.status)) return run.status;
  if (run.blocked !== undefined) return 'blocked';
  if (run.status === 'running' && run.open.size > 0 && isWaiting(run)) return 'waiting';
  return run.status;
}

/** True where no attempt runs or could start: every open task waits. */
export function isWaiting(run: RunState): boolean {
  return run.busy === 0 && run.ready.size === 0;
}

/** A run of which nothing is known yet: what the first event is folded into. */
export function newRun(id: RunId): RunState {
  return {
    id,
    revision: 0,
    workflow: '',
    version: '' as WorkflowVersion,
    style: '',
    input: {},
    context: undefined,
    seed: 0,
    from: undefined,
    parent: undefined,
    pinned: {},
    attributes: noAttributes,
    startedAt: 0 as Instant,
    deadlineAt: undefined,
    iterationsMax: 0,
    status: 'running',
    blocked: undefined,
    epoch: 0,
    endedAt: undefined,
    output: null,
    reason: undefined,
    canceledByTask: false,
    errors: new RunErrors(),
    nextTask: 0,
    open: new Map(),
    busy: 0,
    ready: new Set(),
    iterations: new Map(),
    signals: new Map(),
    signalIds: new Set(),
    undo: [],
    undone: 0,
    failedGroups: new Set(),
    begunAt: 0,
    renewedAt: undefined,
    renewals: 0,
    forkedFrom: undefined,
    timers: new DueHeap(),
    program: undefined,
  };
}
