/** When a failed step is tried again, and after how long. */

import { PawlError, type Random } from '../base/index.ts';
import type { RetryPolicy } from '../kernel/index.ts';

export interface RetryOptions {
  /** Retries after the first attempt. */
  readonly count: number;
  /** The pause before the first retry, in milliseconds. Default 200. */
  readonly delayMs?: number | undefined;
  /** Each further pause is the one before times this. Default 2. */
  readonly factor?: number | undefined;
  /** The longest pause, in milliseconds. Default 30,000. */
  readonly maxDelayMs?: number | undefined;
  /** Share of a pause that is drawn at random, 0 to 1, so that callers that failed together do not return together. Default 0.5. */
  readonly jitter?: number | undefined;
}

/**
 * The policy as the kernel knows it; undefined where there are no retries.
 *
 * @throws PawlError `bad_definition`
 */
export function retryPolicy(retries: number | RetryOptions | undefined, owner: string): RetryPolicy | undefined {
  if (retries === undefined) return undefined;
  const given: RetryOptions = typeof retries === 'number' ? { count: retries } : retries;
  const { count, delayMs = 200, factor = 2, maxDelayMs = 30_000, jitter = 0.5 } = given;
  const bad = (what: string): PawlError =>
    new PawlError('bad_definition', `the retries of ${owner} have ${what}`, { details: { retries } });
  if (!Number.isInteger(count) || count < 0) throw bad(`a count of ${count}; give a whole number from 0`);
  if (!(delayMs >= 0) || !(maxDelayMs >= 0)) throw bad('a negative delay; give milliseconds from 0');
  if (!(factor >= 1)) throw bad(`a factor of ${factor}; give 1 or more`);
  if (!(jitter >= 0 && jitter <= 1)) throw bad(`a jitter of ${jitter}; give a share from 0 to 1`);
  return count === 0 ? undefined : { count, delayMs, factor, maxDelayMs, jitter, conditional: false };
}

/** The pause before the retry that follows `retriesUsed` earlier ones, in milliseconds. */
export function pauseMs(policy: RetryPolicy, retriesUsed: number, random: Random): number {
  const grown = policy.delayMs * policy.factor ** retriesUsed;
  const capped = Math.min(grown, policy.maxDelayMs ?? Number.MAX_SAFE_INTEGER);
  return policy.jitter === 0 ? capped : Math.ceil(capped * (1 - (policy.jitter * random.uint32()) / 2 ** 32));
}

/** False for an error that says so (`retryable: false`), and for an abort. */
export function canRetry(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return true;
  if ('retryable' in error && error.retryable === false) return false;
  return !('name' in error && error.name === 'AbortError');
}
