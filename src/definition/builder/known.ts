/**
 * What the compiler knows of a graph while it is built: which tasks there are, what each gives, and what a closure may see.
 *
 * Nothing here exists at run time. One type parameter, `Known`, goes from call to call; each call adds to it.
 */

import type { Json, JsonObject } from '../../base/index.ts';
import type { FailurePolicy, Trigger } from '../dag.ts';
import type { InputOf, OutputOf, Schema } from '../schema-check.ts';

/** What is known of a graph after so many calls. */
export interface Known {
  /** What a handler is told of its attempt. */
  readonly context: unknown;
  /** What a start is given. */
  readonly given: unknown;
  /** What closures see of it: after the schema. */
  readonly input: unknown;
  readonly vars: object;
  /** What each task gives, by its name. */
  readonly results: object;
  /** Names of tasks that may be skipped, or fail without failing the run, so that an output may find null there. */
  readonly unsure: string;
  readonly output: unknown;
}

/**
 * What is known, part by part.
 *
 * The calls of a builder write it out, each part for itself. A type, or an alias, over the whole `K` of the call before would
 * go on holding that, and so on: nested as deep as the graph is long, and the compiler gives up at a hundred.
 */
export interface Knows<Context, Given, Input, Vars, Results, Unsure extends string, Output> extends Known {
  readonly context: Context;
  readonly given: Given;
  readonly input: Input;
  readonly vars: Vars & object;
  readonly results: Results & object;
  readonly unsure: Unsure;
  readonly output: Output;
}

/** What closures see of the input. */
export type InputSeen<S> = S extends Schema ? OutputOf<S> : JsonObject;

/** A graph without a task. */
export type Begun<Context, S, Vars, Policy> = Knows<
  Context,
  S extends Schema ? InputOf<S> : JsonObject,
  InputSeen<S>,
  VarsSeen<Vars>,
  unknown,
  'partial' extends Policy ? string : never,
  JsonObject
>;

/** `K` with tasks whose names only show at run time. */
export type Open<K extends Known> = Knows<
  K['context'],
  K['given'],
  K['input'],
  K['vars'],
  { readonly [task: string]: Json },
  string,
  K['output']
>;

/** What a graph comes to by one more call: `Next`, but an open one stays as it is. */
export type Then<K extends Known, Next extends Known> = string extends NamesIn<K> ? K : Next;

/** What closures see of variables: values, and what code gives. */
export type VarsSeen<Vars> = {
  readonly [Name in keyof Vars]: Vars[Name] extends (...given: never[]) => infer Value ? Value : Vars[Name];
};

/** What one task adds to the results. */
export type Gives<Name extends string, Result> = { readonly [N in Name]: Result };

/** Results of a segment, by the names they have outside. */
export type Prefixed<Prefix extends string, Results> = {
  readonly [N in keyof Results & string as `${Prefix}.${N}`]: Results[N];
};

/** Names of a segment that may be null in an output; all of them where it waits for one that may be skipped. */
export type UnsureIn<K extends Known, Prefix extends string, Segment extends Known, Needs> =
  | `${Prefix}.${Segment['unsure']}`
  | ([Extract<NeededBy<Needs>, K['unsure']>] extends [never] ? never : `${Prefix}.${NamesIn<Segment>}`);

export type NamesIn<K extends Known> = Extract<keyof K['results'], string>;

/** A task that is needed: by its name, or with how much it counts. */
export type NeedOf<Name extends string> =
  | Name
  | { readonly task: Name; readonly kind?: 'blocking' | 'preferred' | undefined };

/** `unknown` where a task may have the name; a sentence that nothing is assignable to where it may not. */
export type Fresh<K extends Known, Name extends string> =
  string extends NamesIn<K>
    ? unknown
    : Name extends NamesIn<K>
      ? { readonly 'there is a task of this name already': Name }
      : Name extends 'input' | 'result' | Extract<keyof K['vars'], string>
        ? { readonly 'closures see something else under this name': Name }
        : unknown;

/** What closures of a task see: the workflow's input, its variables, and the result of each task it needs. */
export type Seen<K extends Known, Needs, T> = Flat<
  { readonly input: K['input'] } & K['vars'] & {
      readonly [N in NeedIn<Needs> as NameOfNeed<N>]: ResultSeen<K, N, T>;
    }
>;

type NeedIn<Needs> = Needs extends readonly (infer N)[] ? N : never;
type NameOfNeed<N> = N extends string ? N : N extends { readonly task: infer Name extends string } ? Name : never;
/** Names that hold a task back: preferred ones do not. */
type NeededBy<Needs> = NameOfNeed<Exclude<NeedIn<Needs>, { readonly kind: 'preferred' }>>;

/** Null where the task may start although that one gave nothing. */
type ResultSeen<K extends Known, N, T> =
  | K['results'][NameOfNeed<N> & keyof K['results']]
  | (N extends { readonly kind: 'preferred' } ? null : [T] extends ['all_succeeded'] ? never : null);

type Flat<T> = { [Key in keyof T]: T[Key] };

/** `Name`, where the task may be skipped: it has a condition, or needs a task that may be. */
export type UnsureIf<K extends Known, Name extends string, Needs, T, Condition> = [Condition] extends [never]
  ? [Extract<NeededBy<Needs>, K['unsure']>] extends [never]
    ? never
    : [T] extends ['all_done' | 'none_failed']
      ? never
      : Name
  : Name;

/** What the output's closure sees. */
export type SeenByOutput<K extends Known, Names> = Flat<
  { readonly input: K['input'] } & K['vars'] & {
      readonly [N in NeedIn<Names> & string]:
        | K['results'][N & keyof K['results']]
        | (N extends K['unsure'] ? null : never);
    }
>;

/** An action as the graph sees it: what `defineAction` returns. */
export interface ActionLike {
  readonly name: string;
  readonly input?: Schema | undefined;
  readonly output?: Schema | undefined;
  readonly handler: (input: never, context: never) => unknown;
}

/** What a task gives: what its `run` returns, or its action; any Json for an action that is only named. */
export type OwnResult<Result, Action> = [Action] extends [never] ? AsJson<Result> : ResultOfAction<Action>;

export type ResultOfAction<Action> = Action extends string
  ? Json
  : Action extends { readonly handler: (...given: never[]) => infer Result }
    ? unknown extends Awaited<Result>
      ? Json
      : AsJson<Awaited<Result>>
    : never;

/** Nothing is kept as null. */
export type AsJson<T> = T extends void ? null : T;

/**
 * `T` where JSON can hold it; else something that `T` is not assignable to. A field may be missing, and must not be there as undefined. Functions and symbols
 * in it, dates, maps and instances of classes with methods are refused here; the rest when the task has run.
 */
export type Jsonable<T> = { [Key in keyof T]: JsonField<T[Key]> };

type JsonField<T> = [T] extends [Json]
  ? T
  : T extends string | number | boolean | null
    ? T
    : T extends (...given: never[]) => unknown
      ? never
      : T extends object
        ? Jsonable<T>
        : never;

export type { FailurePolicy, Trigger };
