/**
 * What a chain, graph or combinator is made of, as data to read: for inspection, for drawing, and for whoever runs the same steps
 * another way.
 *
 * A step's own parts, where it has any, are `structureOf(step.runnable)`.
 */

import type { Memory } from './memory.ts';
import type { StepFunction } from './runnable.ts';
import type { Step } from './step.ts';

/** What all of them have. */
export interface StructureHead {
  readonly name: string;
  readonly description: string;
  /** Empty where none are declared. */
  readonly inputKeys: readonly string[];
  readonly outputKeys: readonly string[];
  readonly memory: Memory | undefined;
  /** Where the first steps find in their input what memory gave. */
  readonly memoryKey: string;
  /** In all. */
  readonly timeoutMs: number | undefined;
}

/** How the steps hang together. */
export type StructureBody =
  | { readonly kind: 'chain'; readonly steps: readonly Step[] }
  | {
      readonly kind: 'graph';
      /** In an order in which each comes after those it waits for. */
      readonly steps: readonly Step[];
      /** Names of steps: from, to. */
      readonly edges: readonly (readonly [string, string])[];
      readonly entryPoints: readonly string[];
      readonly finishPoints: readonly string[];
      readonly maxWorkers: number;
      /** Steps that may wait for a worker. */
      readonly queueSize: number;
    }
  /** Each step gets the same input; the result has theirs by their names, beside the input's own where `keepsInput`. */
  | { readonly kind: 'parallel'; readonly steps: readonly Step[]; readonly width: number; readonly keepsInput: boolean }
  /** The step of the first condition that holds; the last step, which has no condition, where none does. */
  | { readonly kind: 'branch'; readonly steps: readonly Step[]; readonly conditions: readonly StepFunction[] }
  /** The one step, for each item of a list. */
  | { readonly kind: 'map'; readonly steps: readonly [Step]; readonly width: number }
  /** One step with options of its own. */
  | { readonly kind: 'step'; readonly steps: readonly [Step] };

export type Structure = StructureHead & StructureBody;
