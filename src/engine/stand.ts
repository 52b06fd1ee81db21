/** How a run stands, for who started it: told once it has ended, or once nothing here moves it any more. */

import { type Instant, type Json, PawlError, type RunId } from '../base/index.ts';
import { isFinal, isWaiting, nextDue, type RunError, type RunState, shownStatus } from '../kernel/index.ts';
import type { Engine } from './engine.ts';
import { childrenAwaited } from './load.ts';

export interface RunStand {
  readonly id: RunId;
  readonly workflow: string;
  /** As people see it: `waiting` where only a signal or a person moves it on. */
  readonly status: string;
  readonly output: Json;
  readonly errors: readonly RunError[];
  /** What it lacks. */
  readonly blocked: string | undefined;
  readonly startedAt: Instant;
  readonly endedAt: Instant | undefined;
}

export function standOf(state: RunState): RunStand {
  const { id, workflow, output, blocked, startedAt, endedAt } = state;
  return { id, workflow, status: shownStatus(state), output, errors: state.errors.list, blocked, startedAt, endedAt };
}

/**
 * Resolves once the run has ended, or it and the sub-workflows it waits for stand still until someone does something: a signal, an
 * answer, a decision, a resume. Nothing polls: it looks again when something happened to one of them.
 *
 * @throws PawlError `not_found`: there is no such run.
 */
export async function untilStill(engine: Engine, run: RunId): Promise<RunStand> {
  let moved = Promise.withResolvers<void>();
  const looked = new Set<RunId>([run]);
  const stop = engine.subscribe((id) => {
    if (looked.has(id)) moved.resolve();
  });
  const stopHearing = engine.whenStopped((error, id) => {
    if (id === undefined || looked.has(id)) moved.reject(error);
  });
  try {
    for (;;) {
      moved = Promise.withResolvers<void>();
      moved.promise.catch(() => {});
      const state = await engine.state(run);
      if (state === undefined) throw new PawlError('not_found', `there is no run "${run}"`);
      if (await isStill(engine, state, looked)) return standOf(state);
      await moved.promise;
    }
  } finally {
    stop();
    stopHearing();
  }
}

async function isStill(engine: Engine, state: RunState, looked: Set<RunId>): Promise<boolean> {
  if (isFinal(state.status) || state.status === 'paused' || state.blocked !== undefined) return true;
  if (!isWaiting(state) || nextDue(state) !== undefined) return false;
  for (const child of childrenAwaited(state)) {
    looked.add(child);
    const below = await engine.state(child);
    if (below === undefined || isFinal(below.status) || !(await isStill(engine, below, looked))) return false;
  }
  return true;
}
