/** How long tasks are expected to take: a number each, or the quantiles of how long they took before. Milliseconds. */

import { PawlError } from '../../base/index.ts';

export type Quantile = 'p50' | 'p90' | 'p99';

export type Quantiles = { readonly [quantile in Quantile]: number };

/** Quantiles, and of how many durations. */
export interface Durations extends Quantiles {
  readonly count: number;
}

export type Estimate = number | Quantiles;

/** By the names of tasks. A name without one falls back on what its task declares. */
export type Estimates = ReadonlyMap<string, Estimate> | ((task: string) => Estimate | undefined);

const shares: { readonly [quantile in Quantile]: number } = { p50: 0.5, p90: 0.9, p99: 0.99 };

/** The quantiles of each task's durations, by nearest rank: each is a duration that was seen. O(n log n). */
export function estimatesFromDurations(
  seen: Iterable<{ readonly task: string; readonly durationMs: number }>,
): Map<string, Durations> {
  const byTask = new Map<string, number[]>();
  for (const { task, durationMs } of seen) {
    const durations = byTask.get(task);
    if (durations === undefined) byTask.set(task, [durationMs]);
    else durations.push(durationMs);
  }
  return new Map([...byTask].map(([task, durations]) => [task, quantilesOf(durations)]));
}

function quantilesOf(durations: number[]): Durations {
  const count = durations.length;
  durations.sort((a, b) => a - b);
  const at = (quantile: Quantile): number => durations[Math.max(0, Math.ceil(shares[quantile] * count) - 1)]!;
  return { p50: at('p50'), p90: at('p90'), p99: at('p99'), count };
}

/**
 * The estimate of one task; undefined where nobody has one.
 *
 * @throws PawlError `bad_input`: it is negative, infinite or no number.
 */
export function estimateOf(
  task: string,
  declaredMs: number | undefined,
  estimates: Estimates | undefined,
  quantile: Quantile,
): number | undefined {
  const given = typeof estimates === 'function' ? estimates(task) : estimates?.get(task);
  const estimate: unknown = typeof given === 'object' ? given[quantile] : (given ?? declaredMs);
  if (estimate === undefined) return undefined;
  if (typeof estimate === 'number' && estimate >= 0 && estimate < Number.POSITIVE_INFINITY) return estimate;
  throw new PawlError(
    'bad_input',
    `the estimate of task "${task}" is ${String(estimate)}; give milliseconds, a finite number from 0`,
    { details: { task } },
  );
}
