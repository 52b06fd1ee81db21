/**
 * Where attempts are carried out: the port at which engine and workers meet.
 *
 * X1. `start` answers exactly once, through `done`, and never while it is being called.
 * X2. An attempt is reported over when its outcome is known or its time is up; its slot is free when its handler has
 *     returned, which may be later.
 * X3. What is not over when the grace of `close` has passed is asked to stop and never answers: its attempt is lost.
 */

import type { Json, RunId, TaskNumber } from '../base/index.ts';
import type { Outcome } from './task.ts';

/** One attempt to be carried out. */
export interface AttemptOrder {
  readonly run: RunId;
  readonly task: TaskNumber;
  readonly item: number | undefined;
  /** From 1. */
  readonly attempt: number;
  /** The task's name in its workflow. */
  readonly name: string;
  readonly action: string;
  readonly input: Json;
  /** The secrets that the workflow's text names in this input. */
  readonly secrets: readonly string[] | undefined;
  /** Longest the attempt may take; undefined: no limit. */
  readonly timeoutMs: number | undefined;
  /** Longest it may stay silent; undefined: no limit. */
  readonly heartbeatMs?: number | undefined;
  /** What an earlier attempt reported last. */
  readonly progress?: Json | undefined;
  /** True: it is to find out what an earlier attempt came to, and to do nothing else. */
  readonly probe?: boolean | undefined;
  /** Given by who holds it when the attempt was handed over: see `HandedOver`. */
  readonly token: string;
}

/** An attempt's answer that it is not over: somebody else, who was given its token, says what it comes to. */
export interface HandedOver {
  readonly status: 'handed_over';
}

/** What an attempt has done so far, in its own words. */
export type ProgressSink = (details: Json) => void;

/** A piece of what an attempt wrote. */
export interface AttemptLog {
  readonly stream: 'stdout' | 'stderr' | 'log';
  readonly text: string;
}

/** Takes what an attempt wrote. A promise means that it is behind: more is welcome once that has resolved. */
export type LogSink = (log: AttemptLog) => void | Promise<void>;

export interface Executor {
  /** True where this executor can carry out the action. */
  has(action: string): boolean;
  /** How many attempts it would take now. */
  free(): number;
  /** Begins an attempt; a slot must be free. */
  start(order: AttemptOrder, done: (outcome: Outcome | HandedOver) => void, log: LogSink, progress: ProgressSink): void;
  /** Asks the attempt to stop; it still answers through `done`. Unknown attempts are ignored. */
  abort(order: Pick<AttemptOrder, 'run' | 'task' | 'item'>): void;
  /** Calls back whenever a slot has become free. */
  onFree(callback: () => void): void;
  /** Asks everything to stop and waits until it has, at most `graceMs`. */
  close(graceMs: number): Promise<void>;
}
