/** `workflow(name, function)`: how a durable function is written. */

import type { JsonObject } from '../../base/index.ts';
import {
  type FunctionDefinition,
  type FunctionSchemas,
  type FunctionWorkflow,
  functionDefinition,
} from '../../definition/index.ts';
import { checkFunctionOptions } from './function-options.ts';
import type { RunContext } from './run-context.ts';
import type { DurableFunction, InputBy, OutputBy, StartedBy } from './typed-by-schemas.ts';

export interface FunctionOptions extends FunctionSchemas {
  /**
   * Tells this code from other code of the name: runs stay with the version they began with. Without it a run goes on with whatever
   * code has the name, and a difference in what it calls is found when it is run again over its history.
   */
  readonly version?: string;
  readonly limits?: FunctionDefinition['limits'];
}

/**
 * A plain async function that survives: what it calls through `run` is recorded, and after a crash it is run again over its
 * recorded results. Outside of `run` it must do the same each time: clocks, randomness, files and networks belong into steps.
 *
 * The options may stand before or after the function.
 */
export function workflow<const Schemas extends FunctionOptions, Output = unknown>(
  name: string,
  options: Schemas,
  body: (run: RunContext<Schemas>, input: InputBy<Schemas>) => Promise<Output> | Output,
): DurableFunction<StartedBy<Schemas>, OutputBy<Schemas, Output>, Schemas>;
export function workflow<const Schemas extends FunctionOptions, Output = unknown>(
  name: string,
  body: (run: RunContext<Schemas>, input: InputBy<Schemas>) => Promise<Output> | Output,
  options: Schemas,
): DurableFunction<StartedBy<Schemas>, OutputBy<Schemas, Output>, Schemas>;
export function workflow<Input = JsonObject, Output = unknown>(
  name: string,
  body: (run: RunContext, input: Input) => Promise<Output> | Output,
  options?: { readonly version?: string; readonly limits?: FunctionDefinition['limits'] },
): DurableFunction<Input, Awaited<Output>>;
export function workflow(
  name: string,
  first: FunctionOptions | FunctionWorkflow['body'],
  second: FunctionOptions | FunctionWorkflow['body'] = {},
): FunctionWorkflow {
  const [body, options] = typeof first === 'function' ? [first, second] : [second, first];
  if (typeof body !== 'function' || typeof options === 'function')
    throw new TypeError(`workflow("${name}") needs one function, and its options before or after it`);
  if (typeof name !== 'string' || !/^[^\p{Cc}]{1,200}$/u.test(name) || name.trim() === '')
    throw new TypeError(
      `the name of a workflow is ${JSON.stringify(name)}; write a text of up to 200 characters, by which its runs find their code`,
    );
  checkFunctionOptions(name, options);
  const { version, limits, ...schemas } = options;
  return Object.freeze({
    name,
    ...(version === undefined ? {} : { version }),
    definition: functionDefinition(name, limits),
    handlers: new Map<string, never>(),
    body,
    schemas,
  });
}
