/** What steps take and give, as types, and whether a list of them fits together. */

import type { AnyStep } from './runnable.ts';

/** What the step takes; `unknown` where it takes anything. */
export type InputOf<Step> = Step extends (input: infer In, ...rest: never[]) => unknown
  ? In
  : Step extends { invoke(input: infer In, ...rest: never[]): unknown }
    ? In
    : Step extends { handler: (input: infer In, ...rest: never[]) => unknown }
      ? In
      : unknown;

type Given<Step> = Step extends (...args: never[]) => infer Out
  ? Out
  : Step extends { invoke(...args: never[]): infer Out }
    ? Out
    : Step extends { handler: (...args: never[]) => infer Out }
      ? Out
      : unknown;

/** Chunks put together: text where all are text, a list otherwise. */
export type Collected<Chunk> = [Chunk] extends [string] ? string : Chunk[];

/** What the step gives when it runs whole. */
export type OutputOf<Step> = WholeOf<Awaited<Given<Step>>>;

type WholeOf<Out> = unknown extends Out ? unknown : Out extends AsyncIterable<infer Chunk> ? Collected<Chunk> : Out;

/** What the step gives bit by bit when it is streamed; its output, where it does not stream. */
export type ChunkOf<Step> = Step extends { stream(...args: never[]): infer Out }
  ? Awaited<Out> extends AsyncIterable<infer Chunk>
    ? Chunk
    : unknown
  : ChunkIn<Awaited<Given<Step>>>;

type ChunkIn<Out> = unknown extends Out ? unknown : Out extends AsyncIterable<infer Chunk> ? Chunk : Out;

/** A step that takes `In`: what a step that does not is compared with in the compiler's message. */
export type StepTaking<In> =
  | ((input: In, ...rest: never[]) => unknown)
  | { invoke(input: In, ...rest: never[]): unknown }
  | { handler: (input: In, ...rest: never[]) => unknown };

/** The list itself where each step takes what the one before gives; with the first that does not replaced by what would. */
export type Fitting<Steps extends readonly unknown[]> = Steps extends readonly [infer One, infer Next, ...infer Rest]
  ? unknown extends OutputOf<One>
    ? [One, ...Fitting<[Next, ...Rest]>]
    : [OutputOf<One>] extends [InputOf<Next>]
      ? [One, ...Fitting<[Next, ...Rest]>]
      : [One, StepTaking<OutputOf<One>>, ...Rest]
  : Steps;

export type FirstOf<Steps extends readonly unknown[]> = Steps extends readonly [infer One, ...unknown[]]
  ? One
  : Steps[number];

export type LastOf<Steps extends readonly unknown[]> = Steps extends readonly [...unknown[], infer One]
  ? One
  : Steps[number];

/** What all of the steps take at once. */
export type CommonInputOf<Step> = (Step extends AnyStep ? (input: InputOf<Step>) => void : never) extends (
  input: infer In,
) => void
  ? In
  : unknown;

/** `Out` with the declared output keys only. */
export type Narrowed<Out, Key extends string> = string extends Key
  ? Out
  : Out extends object
    ? Pick<Out, Key & keyof Out>
    : Out;
