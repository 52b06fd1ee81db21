/** A step as data: its name, what it calls, and how it may be tried. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { PawlError } from '../base/index.ts';
import type { RetryPolicy } from '../kernel/index.ts';
import type { Attempt } from './attempt.ts';
import { requireTimeout } from './call.ts';
import { type RetryOptions, retryPolicy } from './retries.ts';
import type { ActionStep, AnyRunnable, AnyStep, StepFunction } from './runnable.ts';

/** How one step is to be run. What it does not say, its chain says for all. */
export interface StepOptions<Chunk = unknown, Out = unknown> {
  /** Its name in messages and in a durable run. Default the function's or runnable's name, or `step-1`, `step-2`, … */
  readonly name?: string | undefined;
  /** How long one attempt may take, in milliseconds; for a streamed step, how long it may take to the next chunk. Default none. */
  readonly timeoutMs?: number | undefined;
  /** How often it is tried again when it fails: a number, or with pauses. Default not at all. */
  readonly retries?: number | RetryOptions | undefined;
  /** What the chunks of a step that streams come to when it runs whole. Default text where all are text, else their list. */
  readonly collect?: ((chunks: readonly Chunk[]) => Out) | undefined;
}

/** `stream` is a runnable that can be streamed; the rest run whole, or give a stream when called. */
export type StepKind = 'function' | 'action' | 'runnable';

export interface Step {
  /** Unique among the steps beside it, and the same as long as the definition is. */
  readonly name: string;
  readonly kind: StepKind;
  /** What the user gave. */
  readonly runnable: AnyStep;
  /** Of one attempt. */
  readonly timeoutMs: number | undefined;
  readonly retry: RetryPolicy | undefined;
  readonly collect: ((chunks: readonly never[]) => unknown) | undefined;
  /** Starts one attempt; gives a value, a promise or an async iterable, whatever the user's code gives. */
  readonly start: (input: unknown, attempt: Attempt) => unknown;
  /** The same, streamed where it can be. */
  readonly stream: (input: unknown, attempt: Attempt) => unknown;
}

/** What a chain or graph says for all its steps. */
export interface StepDefaults {
  readonly timeoutMs: number | undefined;
  readonly retry: RetryPolicy | undefined;
}

/** @throws PawlError `bad_definition`: it can not be called, or an option is wrong. */
export function makeStep(runnable: AnyStep, name: string, options: StepOptions<never>, defaults: StepDefaults): Step {
  const owner = `step "${name}"`;
  requireTimeout(options.timeoutMs, 'bad_definition', owner);
  return {
    name,
    runnable,
    timeoutMs: options.timeoutMs ?? defaults.timeoutMs,
    retry: options.retries === undefined ? defaults.retry : retryPolicy(options.retries, owner),
    collect: options.collect,
    ...startOf(runnable, name),
  };
}

/** The name the step brings along. */
export function ownNameOf(runnable: AnyStep): string | undefined {
  const { name } = runnable;
  return typeof name === 'string' && name !== '' && name !== 'anonymous' ? name : undefined;
}

type Start = Pick<Step, 'kind' | 'start' | 'stream'>;

function startOf(runnable: AnyStep, name: string): Start {
  if (typeof runnable === 'function') return startOfFunction(runnable);
  if (typeof runnable === 'object' && runnable !== null) {
    if ('invoke' in runnable && typeof runnable.invoke === 'function') return startOfRunnable(runnable);
    if ('handler' in runnable && typeof runnable.handler === 'function') return startOfAction(runnable);
  }
  const message = `step "${name}" is ${typeof runnable}; give a function, an action, or an object with invoke`;
  throw new PawlError('bad_definition', message, { details: { step: name } });
}

// The inputs of steps are checked by the compiler where the chain is made; in here they are unknown.

function startOfFunction(call: StepFunction): Start {
  const start = (input: unknown, attempt: Attempt): unknown => call(input as never, attempt);
  return { kind: 'function', start, stream: start };
}

function startOfRunnable(runnable: AnyRunnable): Start {
  const start = (input: unknown, attempt: Attempt): unknown =>
    runnable.invoke(input as never, attempt.options() as never);
  const { stream } = runnable as { stream?: unknown };
  return {
    kind: 'runnable',
    start,
    stream:
      typeof stream === 'function'
        ? (input, attempt): unknown => stream.call(runnable, input, attempt.options())
        : start,
  };
}

function startOfAction(action: ActionStep): Start {
  const { input: taken, output: given } = action;
  const call = (input: unknown, attempt: Attempt): unknown => action.handler(input as never, attempt.forAction());
  const start =
    taken === undefined && given === undefined
      ? call
      : async (input: unknown, attempt: Attempt): Promise<unknown> => {
          const checked = taken === undefined ? input : await passed(taken, input, 'bad_input', action.name);
          const output = await call(checked, attempt);
          return given === undefined ? output : passed(given, output, 'failed', action.name);
        };
  return { kind: 'action', start, stream: start };
}

/** The value as its schema lets it through. */
async function passed(
  schema: StandardSchemaV1,
  value: unknown,
  code: 'bad_input' | 'failed',
  action: string,
): Promise<unknown> {
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(({ message, path = [] }) => {
    const place = path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
    return place === '' ? message : `${place}: ${message}`;
  });
  const what = code === 'bad_input' ? 'input' : 'output';
  const message = `the ${what} of action "${action}" does not fit its schema: ${issues.join('; ')}`;
  throw new PawlError(code, message, { details: { action, issues } });
}
