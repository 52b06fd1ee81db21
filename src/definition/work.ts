/**
 * What a task does, whatever leads to it: the part of a task that flows and dependency graphs share.
 */

import type { Json } from '../base/index.ts';
import type { Scope, Template } from '../expression/index.ts';

/** A value that code gives. Called while a command is decided, over what an expression would see; what it gives is recorded. */
export interface Computed {
  /** Plain: it may read what it is given and nothing else, and gives Json. Throwing fails the run with its message. */
  readonly compute: (scope: Scope) => unknown;
  /** What stands in the document: the place that the code fills. */
  readonly source: Json;
  readonly constant: false;
}

/** Where a value comes from: a template of a document, or code. */
export type ValueSource = Template | Computed;

export function isComputed(source: ValueSource): source is Computed {
  return 'compute' in source;
}

export interface WithItems {
  /** Names before ` in `, if any. */
  readonly keys?: readonly string[];
  readonly items: ValueSource;
  /** The text of the items expression, for messages. */
  readonly text: string;
  readonly concurrency?: ValueSource;
}

export interface RetrySpec {
  /** Absent: retried when the task failed. Evaluated after success as well. */
  readonly when?: ValueSource;
  /** Whole number of retries after the first attempt. */
  readonly count: ValueSource;
  /** Whole seconds before a retry; absent: 0. */
  readonly delay?: ValueSource;
  /** The same in milliseconds; goes before `delay`. */
  readonly delayMs?: number;
  /** Each further delay is the one before times this; default 1. */
  readonly factor: number;
  /** No delay is longer. */
  readonly maxDelayMs?: number;
  /** Share of the delay that is random, 0 to 1: the delay is drawn from [d × (1 − jitter), d]. Default 0. */
  readonly jitter: number;
}

/** What is done instead once the attempts are used up. It has one attempt of its own, and no retry. */
export interface FallbackSpec {
  readonly action: ValueSource;
  /** Absent: the task's own input. */
  readonly input?: ValueSource;
}

/** How a completed task is undone when the run fails or is canceled, or its group does. Rendered when the task completes: `result()` is its result. */
export interface CompensationSpec {
  readonly action: ValueSource;
  readonly input?: ValueSource;
  readonly retry?: RetrySpec;
  readonly timeout?: ValueSource;
}

/** A result that may be used again by any run of the store. */
export interface CacheSpec {
  /** What the result depends on; absent: the task's input. */
  readonly key?: ValueSource;
  /** How long it may be used; absent: for good. */
  readonly ttlMs?: number;
  /** Raise it when the action changes what it gives. */
  readonly version?: string;
}

export interface TaskWork {
  readonly name: string;
  /** Absent: the task completes at once with result null. */
  readonly action?: ValueSource;
  /** A map, or something that gives one. */
  readonly input?: ValueSource;
  readonly with?: WithItems;
  /** Whole seconds before the task starts. */
  readonly delay?: ValueSource;
  /** Limit of one attempt (of one item, with `with`): seconds (fractions allowed), or text such as `30s`, `5m`, `2h`. */
  readonly timeout?: ValueSource;
  /** When the task is to be over, retries and waits included: a duration from when it was scheduled, or an ISO 8601 instant. */
  readonly deadline?: ValueSource;
  /** 0 to 100, higher first; default 50. Kept for the scheduler. */
  readonly priority?: number;
  readonly retry?: RetrySpec;
  readonly fallback?: FallbackSpec;
  /** True: where it has failed for good it waits for a person, who says retry, skip or fail. */
  readonly intervention?: boolean;
  readonly compensate?: CompensationSpec;
  /** Tasks of one group succeed together, or those that did are undone. */
  readonly group?: string;
  readonly cache?: CacheSpec;
}
