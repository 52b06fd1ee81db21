/** When a run next has something to do by itself. */

import type { Instant } from '../base/index.ts';
import { type Due, isFinal, type RunState } from './run.ts';
import { type OpenTask, wholeTask } from './task.ts';

/** The soonest instant at which `PassTime` would do something; undefined where time alone changes nothing. */
export function nextDue(run: RunState): Instant | undefined {
  if (isFinal(run.status)) return undefined;
  const soonest = soonestTimer(run);
  if (run.deadlineAt === undefined || run.status === 'failing' || run.status === 'canceling') return soonest;
  return soonest === undefined || run.deadlineAt < soonest ? run.deadlineAt : soonest;
}

function soonestTimer(run: RunState): Instant | undefined {
  const { timers } = run;
  for (let due = timers.peek(); due !== undefined; due = timers.peek()) {
    const held = heldBy(run, due);
    if (held === 'wait') return due.at;
    if (held === 'delay') return run.status === 'running' && run.blocked === undefined ? due.at : soonestWait(run);
    timers.pop();
  }
  return undefined;
}

/** Whether a timer still stands: for a delay or retry of its task, for a wait, or for nothing any more. */
function heldBy(run: RunState, due: Due): 'delay' | 'wait' | 'nothing' {
  const task: OpenTask | undefined = run.open.get(due.task);
  if (task === undefined) return 'nothing';
  if (due.item === wholeTask && task.notBefore === due.at) return 'delay';
  return task.waits?.get(due.item)?.dueAt === due.at ? 'wait' : 'nothing';
}

/** Delays stand still while the run does: only waits count. Rare, and O(open tasks). */
function soonestWait(run: RunState): Instant | undefined {
  let soonest: Instant | undefined;
  for (const task of run.open.values()) {
    for (const { dueAt } of task.waits?.values() ?? []) {
      if (dueAt !== undefined && (soonest === undefined || dueAt < soonest)) soonest = dueAt;
    }
  }
  return soonest;
}
