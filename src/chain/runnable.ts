/**
 * What can be a step: a function, an async generator, an action, or anything with `invoke`.
 *
 * Recognised by shape, never by class, so that a runnable of another library (LangChain's, say) is one as it stands.
 */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Json, RunId } from '../base/index.ts';
import type { ChainPorts } from './chain-ports.ts';

/** What one call may say. All of it reaches the steps; what a call does not say has the default named here. */
export interface InvokeOptions {
  /** Stops the call: it rejects with the signal's reason at once, whether or not a step listens. */
  readonly signal?: AbortSignal | undefined;
  /** How long this call may take in all, in milliseconds; the shorter of this and the runnable's own counts. Default no limit. */
  readonly timeoutMs?: number | undefined;
  /** When it has to be over: a date, or milliseconds since the epoch. Default never. */
  readonly deadline?: Date | number | undefined;
  /** Which conversation it belongs to, for memory. Default `default`. */
  readonly conversation?: string | undefined;
  /** Data for the steps, which see it as `context.metadata`. Default none. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** What memory gave the runnable around this one; set by it, and seldom by you. */
  readonly history?: Json | undefined;
  /** Handed to every step with `invoke` beside the options here: LangChain's `tags`, `callbacks`, `configurable`, … */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
  /** Gets what actions log. Default nobody. */
  readonly log?: ((text: string, step: string) => void) | undefined;
  /** Clock, timers and randomness; a test brings its own. Default this machine's. */
  readonly ports?: ChainPorts | undefined;
}

export interface BatchOptions extends InvokeOptions {
  /** Calls at once; default 8. */
  readonly width?: number | undefined;
  /** True: an input that fails has its error in its place, and the others go on. Default false: the first failure stops the batch. */
  readonly returnErrors?: boolean | undefined;
}

/** Anything that can be called with an input. `batch` and `stream` are used where they are there. */
export interface Runnable<In = never, Out = unknown, Chunk = unknown> {
  readonly name?: string | undefined;
  invoke(input: In, options?: InvokeOptions): Promise<Out> | Out;
  stream?(input: In, options?: InvokeOptions): AsyncIterable<Chunk> | PromiseLike<AsyncIterable<Chunk>>;
}

/** What a step knows of the attempt it carries out. */
export interface StepContext {
  /** The step's name in its chain or graph. */
  readonly step: string;
  /** From 1; a retry is the next. */
  readonly attempt: number;
  /** Within `map`, the position of its item, from 0. */
  readonly item: number | undefined;
  /** Aborted when the attempt is to stop: its time is up, the caller gave up, or another step failed. */
  readonly signal: AbortSignal;
  readonly conversation: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What memory gave for this conversation; undefined without memory. */
  readonly history: Json | undefined;
}

/** What the handler of an action gets; the same as in a run of a workflow. */
export interface PlainActionContext {
  readonly run: RunId;
  readonly task: string;
  readonly item: number | undefined;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  readonly progress: Json | undefined;
  readonly probe: boolean;
  readonly token: string;
  heartbeat(details?: unknown): void;
  handOver(): Promise<never>;
  log(text: string): void;
}

/** An action, as `defineAction` makes it. */
export interface ActionStep {
  readonly name: string;
  readonly input?: StandardSchemaV1;
  readonly output?: StandardSchemaV1;
  readonly handler: (input: never, context: PlainActionContext) => unknown;
}

/** Anything with `invoke`, whatever it takes and gives. */
export interface AnyRunnable {
  readonly name?: string | undefined;
  invoke(input: never, options?: never): unknown;
}

export type StepFunction = (input: never, context: StepContext) => unknown;

export type AnyStep = StepFunction | AnyRunnable | ActionStep;
