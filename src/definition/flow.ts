/**
 * A flow document as data: read, checked, its expressions compiled. Nothing here runs; the kernel's flow program reads it.
 */

import type { Json } from '../base/index.ts';
import type { Template } from '../expression/index.ts';

/** A name and the template of its value, in the order of the document. */
export interface Binding {
  readonly name: string;
  readonly value: Template;
}

/** A declared input: `value` is the template of its default, absent where it has none (null). */
export interface InputDeclaration {
  readonly name: string;
  readonly value?: Template;
}

/** Which of the transitions whose condition holds fire: all of them, or the first in the order of the document. */
export type Match = 'all' | 'first';

export interface FlowTransition {
  /** Position in the task's `next`, from 0. */
  readonly index: number;
  /** Absent: fires on completion, whatever the outcome. */
  readonly when?: Template;
  readonly publish: readonly Binding[];
  /** Task names and the commands `noop`, `fail`, `continue`, `retry`, in order, without repeats. `['continue']` where the document names none. */
  readonly targets: readonly string[];
}

export interface WithItems {
  /** Names before ` in `, if any. */
  readonly keys?: readonly string[];
  readonly items: Template;
  /** The text of the items expression, for messages. */
  readonly text: string;
  readonly concurrency?: Template;
}

export interface RetrySpec {
  /** Absent: retried when the task failed. Evaluated after success as well. */
  readonly when?: Template;
  /** Whole number of retries after the first attempt. */
  readonly count: Template;
  /** Whole seconds before a retry; absent: 0. */
  readonly delay?: Template;
  /** Each further delay is the one before times this; default 1. */
  readonly factor: number;
  /** No delay is longer. */
  readonly maxDelayMs?: number;
  /** Share of the delay that is random, 0 to 1: the delay is drawn from [d × (1 − jitter), d]. Default 0. */
  readonly jitter: number;
}

export interface FlowTask {
  readonly name: string;
  /** Absent: the task completes at once with result null. */
  readonly action?: Template;
  /** A map of templates, or one expression that gives a map. */
  readonly input?: Template;
  readonly with?: WithItems;
  readonly join?: 'all' | number;
  /** Whole seconds before the task starts. */
  readonly delay?: Template;
  /** Limit of one attempt (of one item, with `with`): seconds (fractions allowed), or text such as `30s`, `5m`, `2h`. */
  readonly timeout?: Template;
  /** 0 to 100, higher first; default 50. Kept for the scheduler. */
  readonly priority?: number;
  readonly retry?: RetrySpec;
  readonly match?: Match;
  readonly next: readonly FlowTransition[];
}

export interface FlowDefinition {
  readonly style: 'flow';
  readonly name?: string;
  readonly description?: string;
  readonly tags: readonly Json[];
  readonly input: readonly InputDeclaration[];
  readonly vars: readonly Binding[];
  readonly output: readonly Binding[];
  readonly match: Match;
  readonly limits: { readonly durationMs?: number; readonly iterations?: number };
  /** In the order of the document. */
  readonly tasks: ReadonlyMap<string, FlowTask>;
  /** True where the document names a task that has no inbound transition; false: `--from` is needed at start. */
  readonly hasEntryPoint: boolean;
}
