/** How long the tasks of earlier runs took, as estimates for a plan. */

import { type Durations, estimatesFromDurations } from '../definition/index.ts';
import type { RunView } from '../kernel/index.ts';

/**
 * The quantiles of each task's durations over some runs: from its first attempt, or the start of its wait, to its end, pauses
 * between attempts included. Tasks that succeeded count; those whose result was taken from elsewhere, or that undo
 * another, do not.
 */
export function estimatesFromHistory(views: Iterable<Pick<RunView, 'tasks'>>): Map<string, Durations> {
  return estimatesFromDurations(durationsOf(views));
}

function* durationsOf(views: Iterable<Pick<RunView, 'tasks'>>): Generator<{ task: string; durationMs: number }> {
  for (const { tasks } of views) {
    for (const { name, status, startedAt, scheduledAt, endedAt, reusedFrom, undoes } of tasks) {
      if (status !== 'succeeded' || endedAt === undefined || reusedFrom !== undefined || undoes !== undefined) continue;
      yield { task: name, durationMs: Math.max(0, endedAt - (startedAt ?? scheduledAt)) };
    }
  }
}
