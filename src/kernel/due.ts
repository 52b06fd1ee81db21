/** When a run next has something to do by itself. */

import type { Instant } from '../base/index.ts';
import { type Due, isFinal, mayMove, type RunState } from './run.ts';
import { deadlineMark, type OpenTask, startMark, startsBy, wholeTask } from './task.ts';

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
    if (held === 'nothing') timers.pop();
    else if (held === 'wait' || mayMove(run, run.open.get(due.task)!.spec)) return due.at;
    else return soonestThatMoves(run);
  }
  return undefined;
}

/** Whether a timer still stands: for a delay or retry of its task, for a wait, or for nothing any more. */
function heldBy(run: RunState, due: Due): 'delay' | 'wait' | 'nothing' {
  const task: OpenTask | undefined = run.open.get(due.task);
  if (task === undefined) return 'nothing';
  if (due.item === deadlineMark)
    return task.spec.deadlineAt === due.at && task.asked === undefined ? 'wait' : 'nothing';
  if (due.item === startMark) return startsBy(task) === due.at ? 'wait' : 'nothing';
  if (due.item === wholeTask && task.notBefore === due.at) return 'delay';
  return task.waits?.get(due.item)?.dueAt === due.at ? 'wait' : 'nothing';
}

/** The soonest of all that time moves, where the soonest of the heap stands still. Rare, and O(open tasks). */
function soonestThatMoves(run: RunState): Instant | undefined {
  let soonest: Instant | undefined;
  const consider = (at: Instant | undefined): void => {
    if (at !== undefined && (soonest === undefined || at < soonest)) soonest = at;
  };
  for (const task of run.open.values()) {
    if (mayMove(run, task.spec)) consider(task.notBefore);
    if (task.asked === undefined) consider(task.spec.deadlineAt);
    consider(startsBy(task));
    for (const { dueAt } of task.waits?.values() ?? []) consider(dueAt);
  }
  return soonest;
}
