/** What the compiler knows of a durable function from its schemas: of its input and output, and of what it hears and answers. */

import type { Json, JsonObject } from '../../base/index.ts';
import type { FunctionSchemas, FunctionWorkflow, Schema } from '../../definition/index.ts';

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

export type Given<S> = S extends Schema ? NonNullable<S['~standard']['types']>['input'] : unknown;
export type Taken<S> = S extends Schema ? NonNullable<S['~standard']['types']>['output'] : unknown;

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

export type InputBy<Schemas> = Schemas extends { readonly input: infer S } ? Taken<S> : JsonObject;
export type StartedBy<Schemas> = Schemas extends { readonly input: infer S } ? Given<S> : JsonObject;
export type OutputBy<Schemas, Output> = Schemas extends { readonly output: infer S } ? Taken<S> : Awaited<Output>;
