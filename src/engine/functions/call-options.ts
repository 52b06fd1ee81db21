/**
 * What a function says of a call: its name, its durations, its retries. Each is checked where the call is made, so that a slip shows
 * at its line and not as a call that is never tried again, or tried for ever.
 */

import { type Instant, type Json, parseDuration } from '../../base/index.ts';
import type { RetryPolicy } from '../../kernel/index.ts';

export interface CallOptions {
  /** Names the call in the history. Default the action's name. */
  readonly name?: string;
  /** Retries after the first attempt; delays are seconds, or text such as `30s`. Default none. */
  readonly retry?: {
    readonly count: number;
    readonly delay?: number | string;
    readonly factor?: number;
    readonly maxDelay?: number | string;
    readonly jitter?: number;
  };
  /** Longest one attempt may take: seconds, or text. Default no limit. */
  readonly timeout?: number | string;
  /** Longest the call may take in all, retries included. */
  readonly deadline?: number | string;
  /** Longest it may wait for a worker that is free. Default no limit. */
  readonly startTimeout?: number | string;
  /** Longest an attempt may give no sign of life (`heartbeat`). Default no limit. */
  readonly heartbeat?: number | string;
  /** True: failed for good, it waits for a person: `pawl decide`. */
  readonly intervention?: boolean;
  /**
   * What an attempt that was cut off means. `pure` and `idempotent` (default; it is given a key) are repeated. `once` is not: where
   * nobody knows what it came to (its process died, its time was up) it waits in `unknown` for its `verify`, or for a person.
   */
  readonly effect?: 'pure' | 'idempotent' | 'once';
}

const taskOptions = [
  'name',
  'retry',
  'timeout',
  'deadline',
  'startTimeout',
  'heartbeat',
  'intervention',
  'effect',
] as const;
const effects = ['pure', 'idempotent', 'once'];

/** Options that each kind of call has. */
export const optionsOf = {
  task: taskOptions,
  step: [...taskOptions.slice(1), 'verify'],
  transaction: ['retry'],
  signal: ['timeout'],
  callback: ['timeout'],
  child: ['onParentClose', 'timeout'],
  map: ['width'],
} as const satisfies { readonly [kind: string]: readonly string[] };

/** @throws TypeError It is no map, or has an option that `kind` has not. */
export function checkOptions(kind: keyof typeof optionsOf, options: unknown, what: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new TypeError(`the options of ${what} are ${shownValue(options)}; write a map of them, or nothing`);
  const known: readonly string[] = optionsOf[kind];
  for (const key of Object.keys(options))
    if (!known.includes(key)) throw new TypeError(`${what} has no option "${key}"; it has ${known.join(', ')}`);
}

/** @throws TypeError It is no text, or empty: the history could not tell what was called. */
export function checkName(name: unknown, what: string): void {
  if (typeof name !== 'string' || name.trim() === '')
    throw new TypeError(`the name of ${what} is ${shownValue(name)}; write a text that says what it is`);
}

/** The name of an action or a workflow that is given by its name or its definition. @throws TypeError It has none. */
export function nameOf(called: unknown, what: string): string {
  const name = typeof called === 'object' && called !== null && 'name' in called ? called.name : called;
  if (typeof name !== 'string' || name.trim() === '')
    throw new TypeError(`${what} is ${shownValue(called)}; give its definition, or its name`);
  return name;
}

/** @throws TypeError It is no function. */
export function checkFunction(work: unknown, what: string): void {
  if (typeof work === 'function') return;
  const isPromise = typeof work === 'object' && work !== null && 'then' in work;
  const found = isPromise ? 'a promise, of what is under way already' : shownValue(work);
  throw new TypeError(`${what} is ${found}; give a function, () => …, that is called when it is time`);
}

/** How many at the same time. @throws TypeError It is no whole number from 1 on. */
export function checkWidth(width: unknown): void {
  if (width === Number.POSITIVE_INFINITY) return;
  if (typeof width !== 'number' || !Number.isInteger(width) || width < 1)
    throw new TypeError(`the width of a map is ${shownValue(width)}; write a whole number from 1 on, or none`);
}

/** The policies of a call as the kernel takes them. @throws TypeError One of them is none. */
export function policiesOf(
  { retry, timeout, deadline, startTimeout, heartbeat, intervention, effect }: Omit<CallOptions, 'name'>,
  { canVerify, now }: { readonly canVerify: boolean; readonly now: Instant },
) {
  if (effect !== undefined && !effects.includes(effect))
    throw new TypeError(`the effect ${shownValue(effect)} is none; write ${effects.join(', ')}`);
  if (intervention !== undefined && typeof intervention !== 'boolean')
    throw new TypeError(`intervention is ${shownValue(intervention)}; write true or false`);
  return {
    ...(startTimeout === undefined ? {} : { startWithinMs: msOf(startTimeout, 'startTimeout') }),
    ...(heartbeat === undefined ? {} : { heartbeatMs: msOf(heartbeat, 'heartbeat') }),
    ...(effect === 'once' ? { once: canVerify ? ('probe' as const) : ('ask' as const) } : {}),
    ...(retry === undefined ? {} : { retry: retryOf(retry) }),
    ...(timeout === undefined ? {} : { timeoutMs: msOf(timeout, 'timeout') }),
    ...(deadline === undefined ? {} : { deadlineAt: (now + msOf(deadline, 'deadline')) as Instant }),
    ...(intervention === true ? { intervenes: true } : {}),
  };
}

const retryOptions = ['count', 'delay', 'factor', 'maxDelay', 'jitter'];

function retryOf(retry: NonNullable<CallOptions['retry']>): RetryPolicy {
  if (typeof retry !== 'object' || retry === null || Array.isArray(retry))
    throw new TypeError(
      `retry is ${shownValue(retry)}; write { count: 3 }, with delay, factor, maxDelay, jitter as you like`,
    );
  const odd = Object.keys(retry).find((key) => !retryOptions.includes(key));
  if (odd !== undefined) throw new TypeError(`retry has no option "${odd}"; it has ${retryOptions.join(', ')}`);
  const { count, delay = 0, factor = 1, maxDelay, jitter = 0 } = retry;
  if (typeof count !== 'number' || !(count >= 0) || (Number.isFinite(count) && !Number.isInteger(count)))
    throw new TypeError(
      `the count of retries is ${shownValue(count)}; write how often after the first attempt, from 0 on, or Infinity`,
    );
  if (typeof factor !== 'number' || !Number.isFinite(factor) || factor < 1)
    throw new TypeError(`the factor of retry is ${shownValue(factor)}; write a number from 1 on`);
  if (typeof jitter !== 'number' || !(jitter >= 0 && jitter <= 1))
    throw new TypeError(`the jitter of retry is ${shownValue(jitter)}; write a number from 0 to 1`);
  return {
    // JSON has no infinity.
    count: Math.min(count, Number.MAX_SAFE_INTEGER),
    delayMs: msOf(delay, 'the delay of retry'),
    factor,
    jitter,
    conditional: false,
    ...(maxDelay === undefined ? {} : { maxDelayMs: msOf(maxDelay, 'the maxDelay of retry') }),
  };
}

/** An instant that is so far away is still one that a Date can hold. */
const longestMs = 50_000_000 * 86_400_000;

/** Seconds as a number, or text with a unit, as everywhere. */
export function msOf(duration: number | string, what: string): number {
  const ms = parseDuration(duration);
  if (ms === undefined)
    throw new TypeError(`${what} is ${shownValue(duration)}; write seconds, or text such as 30s, 5m, 2h`);
  if (ms > longestMs)
    throw new TypeError(
      `${what} is ${shownValue(duration)}, longer than 50,000,000 days; write a duration such as 30s, 5m, 2h`,
    );
  return ms;
}

/** Latest year that ISO 8601 writes with four digits. */
const latest = Date.UTC(9999, 11, 31);

/** An instant as ISO text. @throws TypeError It is none. */
export function instantTextOf(when: unknown, what: string): string {
  const isKnown = when instanceof Date || typeof when === 'number' || typeof when === 'string';
  const at = isKnown ? new Date(when) : undefined;
  if (at === undefined || Number.isNaN(at.getTime()) || Math.abs(at.getTime()) > latest)
    throw new TypeError(
      `the time of ${what} is ${shownValue(when)}; write a Date, milliseconds since 1970, or text such as 2030-01-31T12:00:00Z`,
    );
  return at.toISOString();
}

/** A value in a message. */
function shownValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (typeof value === 'function') return 'a function';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a map';
  return String(value as Json | undefined | symbol | bigint);
}
