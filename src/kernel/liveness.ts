/**
 * Structural liveness, asserted after every command: a run that is open has something that can move it.
 *
 * An attempt under way, one that could start, a timer, a wait for a signal, a person or a child, or a noop to be completed.
 * Paused and blocked runs are moved from outside. Costs O(1) in nearly every case: the first open task usually answers.
 */

import { assert } from '../base/index.ts';
import type { Program } from './program.ts';
import { isFinal, type RunState } from './run.ts';
import { isBusy, type OpenTask } from './task.ts';

export function assertAlive(run: RunState, program: Program): void {
  if (isFinal(run.status)) {
    assert(run.open.size === 0, `run ${run.id} has ended with ${run.open.size} open tasks`);
    return;
  }
  if (run.status === 'paused' || run.blocked !== undefined) return;
  // A program without `next` is moved by its host, which proposes what follows.
  if (program.next === undefined) return;
  assert(run.busy >= 0, `run ${run.id} counts ${run.busy} attempts under way`);
  if (run.busy > 0 || run.ready.size > 0) return;
  for (const task of run.open.values()) {
    if (canMove(task)) return;
  }
  assert(false, `run ${run.id} is ${run.status}, and nothing can move it`);
}

/** The whole check, for tests and for a run that was loaded: each open task on its own, and the counts. */
export function assertConsistent(run: RunState, program: Program): void {
  assertAlive(run, program);
  let busy = 0;
  for (const task of run.open.values()) {
    if (isBusy(task)) busy += task.items === undefined ? 1 : task.items.running - (task.waits?.size ?? 0);
    assert(
      canMove(task) || run.ready.has(task.task) || isBusy(task),
      `nothing can move task ${task.task} (${task.spec.name})`,
    );
  }
  assert(busy === run.busy, `run ${run.id} counts ${run.busy} attempts under way, and has ${busy}`);
}

function canMove(task: OpenTask): boolean {
  if (task.asked !== undefined) return true;
  return task.notBefore !== undefined || (task.waits !== undefined && task.waits.size > 0) || task.spec.kind === 'noop';
}
