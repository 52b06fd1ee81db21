/** `workflow(name, function)`: how a durable function is written. */

import type { Json, JsonObject } from '../../base/index.ts';
import {
  type FunctionDefinition,
  type FunctionSchemas,
  type FunctionWorkflow,
  functionDefinition,
  type Schema,
} from '../../definition/index.ts';
import type { RunContext } from './run-context.ts';

export interface FunctionOptions extends FunctionSchemas {
  /**
   * Tells this code from other code of the name: runs stay with the version they began with. Without it a run goes on with whatever
   * code has the name, and a difference in what it calls is found when it is run again over its history.
   */
  readonly version?: string;
  readonly limits?: FunctionDefinition['limits'];
}

/** Never there: its type says what a start is given, what a run gives, and what it hears. */
declare const functionTypes: unique symbol;

export interface DurableFunction<Input, Output, Schemas extends FunctionSchemas = FunctionSchemas>
  extends FunctionWorkflow {
  readonly [functionTypes]?: { readonly input: Input; readonly output: Output; readonly schemas: Schemas };
}

/** What a start of it is given. */
export type FunctionInput<W> = W extends { readonly [functionTypes]?: { readonly input: infer Input } } ? Input : Json;
export type FunctionOutput<W> = W extends { readonly [functionTypes]?: { readonly output: infer Output } }
  ? Output
  : unknown;
export type SchemasOf<W> = W extends {
  readonly [functionTypes]?: { readonly schemas: infer Schemas extends FunctionSchemas };
}
  ? Schemas
  : FunctionSchemas;

type Given<S> = S extends Schema ? NonNullable<S['~standard']['types']>['input'] : unknown;
type Taken<S> = S extends Schema ? NonNullable<S['~standard']['types']>['output'] : unknown;

/** The names that are declared; any text where none are. */
export type NamesOf<Declared> = Declared extends object ? keyof Declared & string : string;
/** What a sender gives under a name, and what the function gets of it. */
export type GivenAs<Declared, Name> = Declared extends object ? Given<Declared[Name & keyof Declared]> : Json;
export type TakenAs<Declared, Name> = Declared extends object ? Taken<Declared[Name & keyof Declared]> : Json;
export type AskedOf<Declared, Name> = Declared extends object
  ? Declared[Name & keyof Declared] extends { readonly input: infer S }
    ? Given<S>
    : Json
  : Json;
export type AnsweredBy<Declared, Name> = Declared extends object
  ? Declared[Name & keyof Declared] extends { readonly output: infer S }
    ? Taken<S>
    : Json
  : Json;

/** What an update's handler gets, and what it gives. */
export type TakenBy<Declared, Name> = Declared extends object
  ? Declared[Name & keyof Declared] extends { readonly input: infer S }
    ? Taken<S>
    : Json
  : Json;
export type AnswerOf<Declared, Name> = Declared extends object
  ? Declared[Name & keyof Declared] extends { readonly output: infer S }
    ? Given<S> | Promise<Given<S>>
    : unknown
  : unknown;

type InputBy<Schemas> = Schemas extends { readonly input: infer S } ? Taken<S> : JsonObject;
type StartedBy<Schemas> = Schemas extends { readonly input: infer S } ? Given<S> : JsonObject;
type OutputBy<Schemas, Output> = Schemas extends { readonly output: infer S } ? Taken<S> : Awaited<Output>;

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
