/**
 * What can happen to a run. An event is a fact: `evolve` folds it and asks no questions.
 *
 * E1. An event carries its results: rendered inputs, evaluated transitions, chosen delays. Folding it again needs no
 *     expression, no clock and no user code.
 * E2. Names of events and of their stored fields never change meaning. A new fact is a new event.
 */

import type {
  AttributeChanges,
  Attributes,
  Instant,
  Json,
  JsonObject,
  RunId,
  TaskNumber,
  WorkflowVersion,
} from '../base/index.ts';
import type { Failed, Outcome, RunError, TaskSpec } from './task.ts';

/** Where a sub-workflow hangs: the run and the task that started it. */
export interface Parent {
  readonly run: RunId;
  readonly task: TaskNumber;
  readonly item?: number | undefined;
  /** Retries of the task before this child: each has a child of its own. */
  readonly round?: number | undefined;
  /** True: it goes on whatever becomes of the task that started it. */
  readonly abandoned?: boolean | undefined;
  /** Sub-workflows between here and the run a person started; that one has depth 0. */
  readonly depth: number;
}

export interface RunStarted {
  readonly type: 'RunStarted';
  readonly workflow: string;
  readonly version: WorkflowVersion;
  /** The name of the program that reads the workflow: `flow`, … */
  readonly style: string;
  readonly input: JsonObject;
  /** Variables the caller puts beside the input. */
  readonly context?: JsonObject | undefined;
  /** 32 bits: what `random()` and jitter are drawn from. */
  readonly seed: number;
  /** Tasks to begin with, instead of the workflow's entry points. */
  readonly from?: readonly string[] | undefined;
  readonly parent?: Parent | undefined;
  /** The versions of the workflows it may start as sub-workflows, by the names it knows them under. */
  readonly pinned?: { readonly [name: string]: WorkflowVersion } | undefined;
  /** When the run has lasted too long. */
  readonly deadlineAt?: Instant | undefined;
  /** How often one task may run. */
  readonly iterationsMax: number;
  /** By what it can be found. */
  readonly attributes?: Attributes | undefined;
}

export interface TaskScheduled {
  readonly type: 'TaskScheduled';
  readonly task: TaskNumber;
  readonly spec: TaskSpec;
}

export interface AttemptStarted {
  readonly type: 'AttemptStarted';
  readonly task: TaskNumber;
  readonly item?: number | undefined;
  /** From 1. */
  readonly attempt: number;
  /** True: it finds out what an earlier attempt came to. */
  readonly probe?: boolean | undefined;
}

/** What an attempt has done so far, in its own words: the next attempt is told. */
export interface AttemptProgressed {
  readonly type: 'AttemptProgressed';
  readonly task: TaskNumber;
  readonly item?: number | undefined;
  readonly details: Json;
}

/** Nobody knows what the attempt of a once-only task, or the probe of it, came to. */
export interface OutcomeLost {
  readonly type: 'OutcomeLost';
  readonly task: TaskNumber;
  readonly reason: string;
}

/** A probe found out that what was lost did not happen: the task may be attempted again. */
export interface OutcomeRuledOut {
  readonly type: 'OutcomeRuledOut';
  readonly task: TaskNumber;
}

/** The run begins anew under its id, with another input: nothing of what was before counts but signals nobody has heard. */
export interface RunRenewed {
  readonly type: 'RunRenewed';
  readonly version: WorkflowVersion;
  readonly input: JsonObject;
  readonly seed: number;
  readonly deadlineAt?: Instant | undefined;
  /** By what it can be found as it begins anew; absent: nothing. */
  readonly attributes?: Attributes | undefined;
}

/** The attempt's process died under it. It did not use up a retry. */
export interface AttemptLost {
  readonly type: 'AttemptLost';
  readonly task: TaskNumber;
  readonly item?: number | undefined;
}

/** The delay of a task, or the pause before its retry, is over. */
export interface DelayPassed {
  readonly type: 'DelayPassed';
  readonly task: TaskNumber;
}

/** The task, or one item of it, now waits for time, a signal, a person or a child run. */
export interface WaitStarted {
  readonly type: 'WaitStarted';
  readonly task: TaskNumber;
  readonly item?: number | undefined;
  /** When it stops waiting by itself. */
  readonly dueAt?: Instant | undefined;
  /** The signal it waits for. */
  readonly signal?: string | undefined;
}

export interface ItemEnded {
  readonly type: 'ItemEnded';
  readonly task: TaskNumber;
  readonly item: number;
  readonly outcome: Outcome;
}

/** The task is over. For a with-items task the outcome's output is the list of what its items gave. */
export interface TaskEnded {
  readonly type: 'TaskEnded';
  readonly task: TaskNumber;
  readonly outcome: Outcome;
  /** True where the run left the task before it had an outcome of its own: nothing follows from it. */
  readonly dropped?: boolean | undefined;
}

/** The attempt is over, and another follows at `notBefore`. */
export interface RetryScheduled {
  readonly type: 'RetryScheduled';
  readonly task: TaskNumber;
  readonly outcome: Outcome;
  readonly notBefore: Instant;
}

/** Its attempts are used up: the task's fallback takes over. */
export interface FallbackTaken {
  readonly type: 'FallbackTaken';
  readonly task: TaskNumber;
  readonly outcome: Failed;
}

/** The task failed for good, and a person is to say what follows. */
export interface DecisionAsked {
  readonly type: 'DecisionAsked';
  readonly task: TaskNumber;
  readonly outcome: Failed;
}

export type DecisionChoice = 'retry' | 'skip' | 'fail';

/** A person decided; what follows from it are events of their own. */
export interface DecisionTaken {
  readonly type: 'DecisionTaken';
  readonly task: TaskNumber;
  readonly choice: DecisionChoice;
  readonly reason?: string | undefined;
}

/** A task has succeeded that can be undone, and this is how. */
export interface CompensationArmed {
  readonly type: 'CompensationArmed';
  readonly task: TaskNumber;
  readonly spec: TaskSpec;
}

/** A task of the group failed for good: those that succeeded are undone, and no other of the group begins. */
export interface GroupFailed {
  readonly type: 'GroupFailed';
  readonly group: string;
}

/** The task takes the result of an earlier one, which ran here or in another run. */
export interface ResultReused {
  readonly type: 'ResultReused';
  readonly task: TaskNumber;
  readonly from: { readonly run: RunId; readonly task: TaskNumber };
}

/** Everything before this was another run's history, up to that revision. */
export interface RunForked {
  readonly type: 'RunForked';
  readonly run: RunId;
  readonly revision: number;
}

/** By what the run can be found, from now on; null takes one away. */
export interface AttributesSet {
  readonly type: 'AttributesSet';
  readonly changes: AttributeChanges;
  /** True where somebody asked for it; otherwise it is the run's own doing. */
  readonly asked?: boolean | undefined;
}

/** What the program found out, in its own terms; only the program reads it. `values` are payloads. */
export interface ProgramNoted {
  readonly type: 'ProgramNoted';
  readonly note: Json;
  readonly values?: Json | undefined;
}

export interface ErrorLogged {
  readonly type: 'ErrorLogged';
  readonly error: RunError;
}

export interface SignalReceived {
  readonly type: 'SignalReceived';
  readonly name: string;
  readonly payload: Json;
  /** Given by the sender: the same id twice is one signal. */
  readonly id?: string | undefined;
  /** True where it had come before, and the call that took it is made again: it stands before those that nobody took. */
  readonly again?: boolean | undefined;
}

/** The oldest buffered signal of that name went to a task. */
export interface SignalConsumed {
  readonly type: 'SignalConsumed';
  readonly name: string;
  readonly task: TaskNumber;
}

export interface PauseRequested {
  readonly type: 'PauseRequested';
}

export interface RunPaused {
  readonly type: 'RunPaused';
}

export interface RunResumed {
  readonly type: 'RunResumed';
}

export interface CancelRequested {
  readonly type: 'CancelRequested';
  readonly reason?: string | undefined;
  /** True where nobody asked: a task came out as canceled, and takes the run with it. */
  readonly byTask?: boolean | undefined;
}

/** The run will fail: nothing new starts, what runs may finish. */
export interface RunFailing {
  readonly type: 'RunFailing';
}

/** The run cannot go on here: an action is missing. Nothing is lost. */
export interface RunBlocked {
  readonly type: 'RunBlocked';
  readonly reason: string;
}

export interface RunUnblocked {
  readonly type: 'RunUnblocked';
}

export type FinalStatus = 'succeeded' | 'failed' | 'canceled' | 'terminated';

export interface RunEnded {
  readonly type: 'RunEnded';
  readonly status: FinalStatus;
  readonly output: Json;
  readonly reason?: string | undefined;
}

/** A run that had ended goes on: a new epoch. */
export interface RunReopened {
  readonly type: 'RunReopened';
  readonly epoch: number;
}

export type RunEvent =
  | RunStarted
  | TaskScheduled
  | AttemptStarted
  | AttemptLost
  | DelayPassed
  | WaitStarted
  | ItemEnded
  | TaskEnded
  | RetryScheduled
  | FallbackTaken
  | DecisionAsked
  | DecisionTaken
  | CompensationArmed
  | GroupFailed
  | ResultReused
  | RunForked
  | AttributesSet
  | ProgramNoted
  | ErrorLogged
  | SignalReceived
  | SignalConsumed
  | PauseRequested
  | RunPaused
  | RunResumed
  | CancelRequested
  | RunFailing
  | RunBlocked
  | RunUnblocked
  | RunEnded
  | RunReopened
  | AttemptProgressed
  | OutcomeLost
  | OutcomeRuledOut
  | RunRenewed;

/** An event with its place in time. Its place in the history is its index. */
export type Recorded<E extends RunEvent = RunEvent> = E & { readonly at: Instant };
