/** Where Pawl differs from Orquesta on purpose, and what it does instead: `docs/orquesta-differences.md` in code. */

import type { Json } from '../../src/base/index.ts';
import type { FlowDefinition } from '../../src/definition/index.ts';
import type { Recorded } from '../../src/kernel/index.ts';
import type { ConductCase } from './conduct.ts';

export interface Difference {
  /** The rule's anchor in `docs/orquesta-differences.md`. */
  readonly rule: string;
  /** What the rule changes: `status`, `output`, `errors`, `task_counts`, `task_sequence`, `partial_order`, `steps`. */
  readonly changes: readonly string[];
  /** What the rule predicts for them, where it says. */
  readonly predicts?: { readonly [part: string]: Json };
}

/** The rules that apply to a case, told from its document and its controls. */
export function differencesOf(_one: ConductCase, _definition: FlowDefinition, _history: readonly Recorded[]): Difference[] {
  return [];
}
