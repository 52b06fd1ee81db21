/** Steps of durable functions: closures that run in place, and what they know of their attempt. */

import { type Json, jsonFault } from '../../base/index.ts';
import { checkName } from './call-options.ts';

/** What a step knows of its attempt. */
export interface StepAttempt {
  /** From 1. A crash repeats an attempt under the next number. */
  readonly attempt: number;
  /** The same for every attempt of this step: give it to services that take one. */
  readonly idempotencyKey: string;
  /** Aborted when the attempt is to stop. */
  readonly signal: AbortSignal;
  /** What an earlier attempt said last in its `heartbeat`; undefined where none did. */
  readonly progress: Json | undefined;
  /** Names this attempt to the outside: see `handOver`. */
  readonly token: string;
  /** A sign of life, for steps whose silence is limited. What it says is kept, at least once a second, for the next attempt. */
  heartbeat(details?: unknown): void;
  /** Return what it gives: the step is not over until the holder of its token says what it came to (`pawl.complete`). */
  handOver(): Promise<never>;
  /** Adds a piece to a stream that readers of the run follow. An attempt that is repeated adds its pieces again. */
  emit(stream: string, value: Json): void;
  /** Keeps a line of output with the attempt. */
  log(text: string): void;
}

/** What the probe of a once-only step found out: it happened, and this is what came of it, or it did not. */
export type Verified<Output> = { readonly happened: true; readonly output: Output } | { readonly happened: false };

/** The code of a step, as the function gave it when it called. */
export interface StepCode {
  readonly work: (attempt: never) => unknown;
  readonly verify?: ((attempt: never) => unknown) | undefined;
}

/** What a worker tells of the attempt of a step. */
export type AttemptOfStep = Omit<StepAttempt, 'emit'> & { readonly probe: boolean };

/** The attempt as its closure sees it. */
export function stepAttempt(context: AttemptOfStep, emit: (stream: string, value: Json) => void): StepAttempt {
  return {
    attempt: context.attempt,
    get idempotencyKey() {
      return context.idempotencyKey;
    },
    get signal() {
      return context.signal;
    },
    progress: context.progress,
    token: context.token,
    heartbeat: (details) => context.heartbeat(details),
    handOver: () => context.handOver(),
    emit: (stream, value) => {
      checkName(stream, 'a stream');
      const fault = jsonFault(value);
      if (fault !== undefined) throw new TypeError(`what is added to the stream "${stream}" is not JSON: ${fault}`);
      emit(stream, structuredClone(value));
    },
    log: (text) => context.log(text),
  };
}
