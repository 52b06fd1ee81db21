/**
 * Folds an event into the run it belongs to: the only code that changes a `RunState`.
 *
 * It asks nothing: no expression, no clock, no user code. An event that cannot have happened in this state is a corrupt
 * history and throws `AssertionError`. Cost: what the event touches.
 */

import { assert, noAttributes, plus, unreachable, withAttributes } from '../base/index.ts';
import type { AttemptStarted, ItemEnded, Recorded, RunStarted, TaskScheduled } from './events.ts';
import type { Program } from './program.ts';
import type { RunState } from './run.ts';
import {
  deadlineMark,
  type Failure,
  type Items,
  isBusy,
  newItems,
  type OpenTask,
  type Outcome,
  startMark,
  wholeTask,
} from './task.ts';

/** Folds `event`. But for the first, the program folds before the kernel: it may still ask the task that ends. */
export function evolve(run: RunState, event: Recorded, program: Program): void {
  if (event.type === 'RunStarted') fold(run, event, program);
  if (!concernsUndoing(run, event)) program.evolve(run, event);
  if (event.type !== 'RunStarted') fold(run, event, program);
  run.revision += 1;
}

/** Tasks that undo others are the kernel's own. */
function concernsUndoing(run: RunState, event: Recorded): boolean {
  if (event.type === 'TaskScheduled') return event.spec.undoes !== undefined;
  if (run.undone === 0 || !('task' in event)) return false;
  return run.open.get(event.task)?.spec.undoes !== undefined;
}

function fold(run: RunState, event: Recorded, program: Program): void {
  switch (event.type) {
    case 'RunStarted':
      return foldRunStarted(run, event, program);
    case 'TaskScheduled':
      return foldTaskScheduled(run, event, program);
    case 'AttemptStarted':
      return foldAttemptStarted(run, openTask(run, event.task), event);
    case 'AttemptLost':
      return foldAttemptLost(run, openTask(run, event.task), event.item);
    case 'DelayPassed': {
      const task = openTask(run, event.task);
      task.notBefore = undefined;
      task.status = 'ready';
      return offer(run, task);
    }
    case 'AttemptProgressed': {
      const task = openTask(run, event.task);
      task.progress ??= new Map();
      task.progress.set(event.item ?? wholeTask, event.details);
      return;
    }
    case 'OutcomeLost': {
      const task = openTask(run, event.task);
      if (isBusy(task)) run.busy -= 1;
      task.status = 'unknown';
      task.unknown = true;
      // Whoever finds out takes the time that needs: the deadline was for what came before.
      if (task.spec.deadlineAt !== undefined) task.spec = { ...task.spec, deadlineAt: undefined };
      task.waits = undefined;
      return offer(run, task);
    }
    case 'OutcomeRuledOut': {
      const task = openTask(run, event.task);
      if (isBusy(task)) run.busy -= 1;
      task.status = 'ready';
      task.unknown = false;
      return offer(run, task);
    }
    case 'WaitStarted': {
      const task = openTask(run, event.task);
      const item = event.item ?? wholeTask;
      // Its worker has handed it over: somebody else says what it comes to.
      if (task.status === 'running' && task.items === undefined) run.busy -= 1;
      task.waits ??= new Map();
      task.waits.set(item, { dueAt: event.dueAt, signal: event.signal });
      task.since = event.at;
      task.notBefore = undefined;
      if (task.items === undefined) task.status = 'waiting';
      else beginItem(task.items, item);
      offer(run, task);
      if (event.dueAt !== undefined) run.timers.push({ at: event.dueAt, task: task.task, item });
      return;
    }
    case 'ItemEnded':
      return foldItemEnded(run, openTask(run, event.task), event);
    case 'TaskEnded': {
      const task = openTask(run, event.task);
      if (event.dropped !== true && isNews(task, event.outcome)) logFailure(run, task, event.outcome);
      if (isBusy(task)) run.busy -= task.items === undefined ? 1 : task.items.running - (task.waits?.size ?? 0);
      run.open.delete(event.task);
      run.ready.delete(event.task);
      return;
    }
    case 'RetryScheduled': {
      const task = openTask(run, event.task);
      if (task.items === undefined && task.spec.undoes === undefined) logFailure(run, task, event.outcome);
      if (isBusy(task)) run.busy -= 1;
      task.status = 'retrying';
      task.unknown = false;
      task.retries += 1;
      task.lost = 0;
      task.waits = undefined;
      task.items = task.items && newItems(task.items.status.length, undefined, task.items.attempt);
      if (event.notBefore <= event.at) {
        task.status = 'ready';
        return offer(run, task);
      }
      task.notBefore = event.notBefore;
      run.ready.delete(task.task);
      run.timers.push({ at: event.notBefore, task: task.task, item: wholeTask });
      return;
    }
    case 'FallbackTaken':
      return foldFallback(run, openTask(run, event.task), event.outcome);
    case 'DecisionAsked': {
      const task = openTask(run, event.task);
      if (isBusy(task)) run.busy -= task.items === undefined ? 1 : task.items.running - (task.waits?.size ?? 0);
      // Of a list that failed as a whole, what was under way is over: its answers must not be taken for those of another round.
      task.items = task.items && newItems(task.items.status.length, undefined, task.items.attempt);
      task.notBefore = undefined;
      task.status = task.unknown ? 'unknown' : 'waiting';
      task.waits = undefined;
      task.asked = event.outcome;
      run.ready.delete(event.task);
      return;
    }
    case 'DecisionTaken': {
      const task = openTask(run, event.task);
      task.asked = undefined;
      // Whoever decides takes the time that needs: the deadline was for what came before.
      if (task.spec.deadlineAt !== undefined) task.spec = { ...task.spec, deadlineAt: undefined };
      return;
    }
    case 'CompensationArmed':
      run.undo.push({ task: event.task, spec: event.spec });
      return;
    case 'GroupFailed':
      run.failedGroups.add(event.group);
      return;
    case 'ResultReused':
      return;
    case 'RunForked':
      run.forkedFrom = { run: event.run, revision: event.revision };
      return;
    case 'AttributesSet':
      run.attributes = withAttributes(run.attributes, event.changes);
      return;
    case 'ProgramNoted':
      return;
    case 'ErrorLogged':
      return run.errors.add(event.error);
    case 'SignalReceived': {
      const queue = run.signals.get(event.name);
      if (queue === undefined) run.signals.set(event.name, [event.payload]);
      else if (event.again === true) queue.unshift(event.payload);
      else queue.push(event.payload);
      if (event.id !== undefined) run.signalIds.add(event.id);
      return;
    }
    case 'SignalConsumed': {
      const queue = run.signals.get(event.name);
      assert(
        queue !== undefined && queue.length > 0,
        `a signal "${event.name}" was consumed that had not been received`,
      );
      if (queue.length === 1) run.signals.delete(event.name);
      else queue.shift();
      return;
    }
    case 'PauseRequested':
      run.status = 'pausing';
      return;
    case 'RunPaused':
      run.status = 'paused';
      return;
    case 'RunResumed':
      run.status = 'running';
      return;
    case 'CancelRequested':
      run.status = 'canceling';
      run.reason = event.reason;
      run.canceledByTask = event.byTask === true;
      return;
    case 'RunFailing':
      run.status = 'failing';
      return;
    case 'RunBlocked':
      run.blocked = event.reason;
      return;
    case 'RunUnblocked':
      run.blocked = undefined;
      return;
    case 'RunEnded':
      run.status = event.status;
      run.endedAt = event.at;
      run.output = event.output;
      run.reason = event.reason ?? run.reason;
      run.blocked = undefined;
      run.open.clear();
      run.ready.clear();
      run.busy = 0;
      return;
    case 'RunRenewed':
      run.version = event.version;
      run.input = event.input;
      run.seed = event.seed;
      run.deadlineAt = event.deadlineAt;
      run.begunAt = run.revision;
      run.renewedAt = event.at;
      run.renewals += 1;
      run.errors.clear();
      return;
    case 'RunReopened':
      run.status = 'running';
      run.epoch = event.epoch;
      run.endedAt = undefined;
      run.output = null;
      run.failedGroups.clear();
      return;
    default:
      return unreachable(event, 'event');
  }
}

function foldRunStarted(run: RunState, event: Recorded<RunStarted>, program: Program): void {
  assert(run.revision === 0, 'a run starts with its first event');
  run.workflow = event.workflow;
  run.version = event.version;
  run.style = event.style;
  run.input = event.input;
  run.context = event.context;
  run.seed = event.seed;
  run.from = event.from;
  run.parent = event.parent;
  run.pinned = event.pinned ?? {};
  run.attributes = withAttributes(noAttributes, event.attributes ?? {});
  run.startedAt = event.at;
  run.deadlineAt = event.deadlineAt;
  run.iterationsMax = event.iterationsMax;
  run.program = program.initial();
}

/** The attempts are used up; the task goes on with another action, and without what belonged to the first. */
function foldFallback(run: RunState, task: OpenTask, outcome: Outcome): void {
  const { fallback, retry: _retry, each: _each, actions: _actions, width: _width, ...spec } = task.spec;
  assert(fallback !== undefined, `task ${task.task} has no fallback`);
  if (task.items === undefined) logFailure(run, task, outcome);
  if (isBusy(task)) run.busy -= task.items === undefined ? 1 : task.items.running - (task.waits?.size ?? 0);
  // A sub-workflow that takes over is another one.
  task.retries += 1;
  task.lost = 0;
  task.spec = { ...spec, ...fallback, cache: undefined, fallback: undefined };
  task.items = undefined;
  task.waits = undefined;
  task.status = 'ready';
  offer(run, task);
}

function foldTaskScheduled(run: RunState, event: Recorded<TaskScheduled>, program: Program): void {
  const { task: number, spec } = event;
  assert(number >= run.nextTask, `task ${number} was scheduled twice`);
  const task: OpenTask = {
    task: number,
    spec,
    status: 'ready',
    attempt: 0,
    retries: 0,
    lost: 0,
    since: event.at,
    notBefore: undefined,
    waits: undefined,
    items: spec.kind === 'items' ? newItems((spec.input as readonly unknown[]).length, spec.kept) : undefined,
    asked: undefined,
    unknown: false,
    progress: undefined,
  };
  run.nextTask = number + 1;
  run.open.set(number, task);
  if (spec.undoes !== undefined) {
    const undone = run.undo.findLastIndex((one) => one.task === spec.undoes);
    assert(undone !== -1, `task ${spec.undoes} is undone and had nothing to undo`);
    run.undo.splice(undone, 1);
    run.undone += 1;
  } else if (program.runsOnce !== true) run.iterations.set(spec.name, (run.iterations.get(spec.name) ?? 0) + 1);
  if (spec.deadlineAt !== undefined) run.timers.push({ at: spec.deadlineAt, task: number, item: deadlineMark });
  if (spec.startWithinMs !== undefined)
    run.timers.push({ at: plus(event.at, spec.startWithinMs), task: number, item: startMark });
  if (spec.notBefore !== undefined && spec.notBefore > event.at) {
    task.status = 'waiting';
    task.notBefore = spec.notBefore;
    run.timers.push({ at: spec.notBefore, task: number, item: wholeTask });
  } else {
    offer(run, task);
  }
}

function foldAttemptStarted(
  run: RunState,
  task: OpenTask,
  { item, attempt, probe, at }: Recorded<AttemptStarted>,
): void {
  run.busy += 1;
  if (task.items === undefined || item === undefined) {
    const expected = probe === true ? 'unknown' : 'ready';
    assert(task.status === expected, `an attempt of task ${task.task} started while it was ${task.status}`);
    task.status = 'running';
    task.attempt = attempt;
    task.since = at;
  } else {
    beginItem(task.items, item);
    task.items.attempt[item] = attempt;
    task.attempt = Math.max(task.attempt, 1);
    task.status = 'running';
  }
  offer(run, task);
}

function beginItem(items: Items, item: number): void {
  assert(items.status[item] === 'ready', `item ${item} started while it was ${items.status[item]}`);
  items.status[item] = 'running';
  items.running += 1;
}

function foldAttemptLost(run: RunState, task: OpenTask, item: number | undefined): void {
  run.busy -= 1;
  if (task.items === undefined || item === undefined) {
    task.lost += 1;
    task.status = 'ready';
  } else {
    task.items.lost[item] = (task.items.lost[item] ?? 0) + 1;
    task.items.status[item] = 'ready';
    task.items.running -= 1;
    task.items.cursor = Math.min(task.items.cursor, item);
  }
  offer(run, task);
}

function foldItemEnded(run: RunState, task: OpenTask, event: Recorded<ItemEnded>): void {
  const { item, outcome } = event;
  const items = task.items;
  assert(items !== undefined, `task ${task.task} has no items`);
  const before = items.status[item];
  assert(before === 'ready' || before === 'running', `item ${item} of task ${task.task} ended twice`);
  if (before === 'running') {
    items.running -= 1;
    if (task.waits?.delete(item) !== true) run.busy -= 1;
  }
  items.status[item] = outcome.status;
  items.output[item] = outcome.output;
  items.ended += 1;
  if (outcome.status === 'failed') items.failed += 1;
  if (outcome.status === 'canceled') items.canceled += 1;
  delete items.lost[item];
  logFailure(run, task, outcome);
  offer(run, task);
}

/** Keeps `ready` true to its word: in it are the tasks of which an attempt could start now, width included. */
function offer(run: RunState, task: OpenTask): void {
  if (startable(task)) run.ready.add(task.task);
  else run.ready.delete(task.task);
}

function startable(task: OpenTask): boolean {
  if (task.notBefore !== undefined || task.asked !== undefined) return false;
  if (task.items === undefined)
    return task.status === 'ready' || (task.status === 'unknown' && task.spec.once === 'probe');
  return task.items.running < (task.spec.width ?? Number.POSITIVE_INFINITY) && nextItem(task.items) !== undefined;
}

/** The first item that has not begun. Moves the cursor over those that have: all calls together cost one pass. */
export function nextItem(items: Items): number | undefined {
  const { status } = items;
  while (items.cursor < status.length && status[items.cursor] !== 'ready') items.cursor += 1;
  return items.cursor < status.length ? items.cursor : undefined;
}

function logFailure(run: RunState, task: OpenTask, outcome: Outcome): void {
  // A function hears of it and copes, or throws: that is its error.
  if (run.style === 'function') return;
  if (outcome.status !== 'failed' || outcome.failure.logged === false) return;
  run.errors.add({
    kind: kindOfError(task, outcome.failure),
    message: outcome.failure.message,
    task: task.spec.name,
    result: outcome.output,
  });
}

/** The failures of items were logged one by one; what failed the list as a whole was not. */
function isNews(task: OpenTask, outcome: Outcome): boolean {
  return task.items === undefined || (outcome.status === 'failed' && outcome.failure.kind !== 'failed');
}

function kindOfError(task: OpenTask, failure: Failure): string {
  if (task.spec.undoes !== undefined) return 'compensation_failed';
  return failure.kind === 'failed' ? 'task_failed' : failure.kind;
}

export function openTask(run: RunState, number: number): OpenTask {
  const task = run.open.get(number);
  assert(task !== undefined, `task ${number} is not open`);
  return task;
}
