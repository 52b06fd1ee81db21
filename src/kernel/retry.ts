import type { RetryPolicy } from './task.ts';

/** Fifty million days: an instant that is so far away is still one that a Date can hold. */
export const longestPauseMs = 50_000_000 * 86_400_000;

/** The pause before the retry that follows `retriesUsed` earlier ones, in milliseconds. `random` is in [0, 1). */
export function retryDelayMs(policy: RetryPolicy, retriesUsed: number, random: () => number): number {
  // Nothing times infinity is no number.
  if (policy.delayMs === 0) return 0;
  const grown = policy.delayMs * policy.factor ** retriesUsed;
  const capped = Math.min(grown, policy.maxDelayMs ?? longestPauseMs);
  if (policy.jitter <= 0) return Math.ceil(capped);
  return Math.ceil(capped * (1 - policy.jitter * random()));
}
