/**
 * What each run of the workload is started with, and what must come out of it.
 *
 * A run is known by its number; everything about it follows from the number and the seed, so that a process that knows
 * nothing but these two asks for the same run again, and the checker knows the right answer without having seen the run.
 */

import type { Json, JsonObject } from '../../../src/index.ts';
import { type FlowName, plannedFlow } from './flows.ts';
import { type FunctionName, functionNames, plannedFunction } from './functions.ts';

/** Something that is asked of a run while it is under way. */
export interface Signal {
  readonly id: string;
  readonly name: string;
  readonly payload: Json;
}

export interface Update {
  readonly id: string;
  readonly name: string;
  readonly input: Json;
  readonly answer: Json;
}

export interface PlannedRun {
  readonly id: string;
  readonly flow: FlowName | FunctionName;
  readonly input: JsonObject;
  readonly signals: readonly Signal[];
  readonly updates?: readonly Update[];
  readonly cancel: boolean;
  /** The task that fails for good, and what a person gives in its place. */
  readonly decide?: { readonly task: string; readonly output: Json };
  readonly status: 'succeeded' | 'failed' | 'canceled';
  /** What its output must be; undefined where it may be anything. */
  readonly output: JsonObject | undefined;
}

export interface Planned {
  readonly seed: number;
  /** Bytes of payload that some runs carry from task to task. */
  readonly padBytes: number;
  /** What the runs are of. Default flows and graphs. */
  readonly style?: 'flows' | 'functions';
}

/** The run with that number. */
export function plannedRun(number: number, planned: Planned): PlannedRun {
  const { seed, style = 'flows' } = planned;
  if (style === 'flows') return plannedFlow(number, planned);
  const name = functionNames[(number + seed) % functionNames.length]!;
  return plannedFunction(name, number, (number * 7 + seed) % 1_000);
}
