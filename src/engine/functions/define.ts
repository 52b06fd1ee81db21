/** `workflow(name, function)`: how a durable function is written. */

import type { Json, JsonObject } from '../../base/index.ts';
import {
  checkedAtOnce,
  type FunctionDefinition,
  type FunctionWorkflow,
  functionDefinition,
  inputFaultOf,
  type Schema,
} from '../../definition/index.ts';
import type { RunContext } from './run-context.ts';

export interface FunctionOptions {
  /**
   * Tells this code from other code of the name: runs stay with the version they began with. Without it a run goes on with whatever
   * code has the name, and a difference in what it calls is found when it is run again over its history.
   */
  readonly version?: string;
  readonly limits?: FunctionDefinition['limits'];
}

/** Never there: its type says what a start is given and what a run gives. */
declare const functionTypes: unique symbol;

export interface DurableFunction<Input, Output> extends FunctionWorkflow {
  readonly [functionTypes]?: { readonly input: Input; readonly output: Output };
}

/** What a start of it is given. */
export type FunctionInput<W> = W extends { readonly [functionTypes]?: { readonly input: infer Input } } ? Input : Json;
export type FunctionOutput<W> = W extends { readonly [functionTypes]?: { readonly output: infer Output } }
  ? Output
  : unknown;

/**
 * A plain async function that survives: what it calls through `run` is recorded, and after a crash it is run again over its
 * recorded results. Outside of `run` it must do the same each time: clocks, randomness, files and networks belong into steps.
 *
 * With a schema as `input` (any Standard Schema that answers at once), a start whose input is not as it says is refused, and the function
 * gets the input as the schema gives it.
 */
export function workflow<Input = JsonObject, Output = unknown, Given = Input>(
  name: string,
  body: (run: RunContext, input: Input) => Promise<Output> | Output,
  { version, limits, input: schema }: FunctionOptions & { readonly input?: Schema<Given, Input> } = {},
): DurableFunction<Given, Awaited<Output>> {
  const checked: typeof body = (run, input) =>
    body(run, schema === undefined ? input : (checkedAtOnce(schema, input, `the input of "${name}"`) as Input));
  return Object.freeze({
    name,
    ...(version === undefined ? {} : { version }),
    definition: functionDefinition(name, limits),
    handlers: new Map<string, never>(),
    body: checked as FunctionWorkflow['body'],
    ...(schema === undefined ? {} : { inputFault: inputFaultOf(schema, name) }),
  });
}
