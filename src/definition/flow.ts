/**
 * A flow document as data: read, checked, its expressions compiled. Nothing here runs; the kernel's flow program reads it.
 */

import type { Json } from '../base/index.ts';
import type { Template } from '../expression/index.ts';
import type { TaskWork, ValueSource } from './work.ts';

/** A name and where its value comes from, in the order of the document. */
export interface Binding {
  readonly name: string;
  readonly value: ValueSource;
}

/** A declared input: `value` is its default, absent where it has none (null). */
export interface InputDeclaration {
  readonly name: string;
  readonly value?: ValueSource;
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

export interface FlowTask extends TaskWork {
  readonly join?: 'all' | number;
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
