/**
 * Says what a command comes to: the events it causes and what is to be done in the world, or a refusal.
 *
 * Each event is folded as soon as it is decided, since what follows asks the state it leaves; so after `decide` the run
 * is the fold of its history with these events, and a caller that cannot commit them must forget the run and load it
 * again. Given the same run, command and instant, the same events come out.
 *
 * D1. A refused command has changed nothing.
 * D2. The program hears of every task that ended, in the order they ended, before it is asked for the next ones.
 * D3. After a command that was accepted, an open run has something that can move it (`assertAlive`).
 */

import {
  type AttributeChanges,
  assert,
  attributesFault,
  type Instant,
  plus,
  type RunId,
  type TaskNumber,
  unreachable,
  withAttributes,
} from '../base/index.ts';
import type { Command } from './command.ts';
import { Deciding, type Effect, type KernelOptions } from './deciding.ts';
import type { Recorded, RunEvent, RunStarted } from './events.ts';
import { assertAlive } from './liveness.ts';
import type { Program } from './program.ts';
import { type Refusal, refuse } from './refusal.ts';
import { isFinal, type RunState } from './run.ts';
import { isBusy, type OpenTask, type Outcome, wholeTask } from './task.ts';

export interface Accepted {
  readonly accepted: true;
  readonly events: readonly Recorded[];
  readonly effects: readonly Effect[];
}

export type Decision = Accepted | Refusal;

/** Begins a run: its first events. `run` must be new. */
export function begin(
  run: RunState,
  started: RunStarted,
  at: Instant,
  program: Program,
  options: KernelOptions,
): Accepted {
  const deciding = new Deciding(run, program, at, options);
  deciding.emit(started);
  program.start(run, deciding);
  deciding.settle();
  return accepted(deciding);
}

/**
 * Begins a run with the history of another, up to where a commit of that one ended. `run` must be new, and `history` is its own
 * to change. What ran there is to run here as well, and sub-workflows are started anew.
 *
 * Times are of now: a delay that was under way goes on to the instant it had, and a limit of the whole run begins again.
 */
export function fork(
  run: RunState,
  history: readonly Recorded[],
  from: { readonly run: RunId; readonly revision: number },
  at: Instant,
  program: Program,
  options: KernelOptions,
  edited?: EditedResult,
): Accepted {
  const deciding = new Deciding(run, program, at, options);
  for (const event of history) deciding.emit(ofNow(event, at));
  deciding.emit({ type: 'RunForked', ...from });
  assert(!isFinal(run.status), `run ${from.run} had ended at revision ${from.revision}`);
  deciding.restartChildren();
  if (run.status === 'canceling' || run.status === 'failing') deciding.tellChildren('Cancel');
  else if (run.status !== 'running') deciding.tellChildren('Pause');
  const task = edited && run.open.get(edited.task);
  if (task !== undefined) deciding.giveResult(task, edited!.outcome);
  loseAttempts(deciding, { type: 'LoseAttempts', alive: [] });
  return accepted(deciding);
}

/** What a task of a fork came to, in the place of what it did come to. */
export interface EditedResult {
  readonly task: TaskNumber;
  readonly outcome: Outcome;
}

/** Limits and deadlines begin again; instants that were chosen stay. */
function ofNow(event: Recorded, at: Instant): RunEvent {
  if (event.type === 'RunStarted') return startedAnew(event, at);
  if (event.type !== 'TaskScheduled' || event.spec.deadlineAt === undefined) return event;
  return { ...event, spec: { ...event.spec, deadlineAt: plus(at, event.spec.deadlineAt - event.at) } };
}

function startedAnew({ parent: _parent, deadlineAt, ...event }: Recorded<RunStarted>, at: Instant): RunStarted {
  return { ...event, deadlineAt: deadlineAt === undefined ? undefined : plus(at, deadlineAt - event.at) };
}

/** Carries out `command` on a run that has begun. */
export function decide(
  run: RunState,
  command: Command,
  at: Instant,
  program: Program,
  options: KernelOptions,
): Decision {
  const deciding = new Deciding(run, program, at, options);
  const refusal = carryOut(deciding, command);
  return refusal ?? accepted(deciding);
}

function accepted(deciding: Deciding): Accepted {
  assertAlive(deciding.run, deciding.program);
  return { accepted: true, events: deciding.events, effects: deciding.effects };
}

function carryOut(deciding: Deciding, command: Command): Refusal | undefined {
  const { run } = deciding;
  switch (command.type) {
    case 'StartAttempt':
      return startAttempt(deciding, command);
    case 'CompleteAttempt':
      return completeAttempt(deciding, command);
    case 'LoseAttempts':
      return loseAttempts(deciding, command);
    case 'PassTime':
      deciding.passTime();
      deciding.settle();
      return undefined;
    case 'Continue':
      deciding.resumeNoops();
      deciding.settle();
      return undefined;
    case 'Signal':
      // Also of a run that has ended: whoever asks again because the answer was lost must not hear that it was refused.
      if (command.id !== undefined && run.signalIds.has(command.id)) {
        return refuse('signal_known', `signal ${command.id} is already in the history`);
      }
      if (isFinal(run.status)) return ended(run);
      deciding.signal(command.name, command.payload, command.id);
      deciding.settle();
      return undefined;
    case 'ReportProgress':
      return reportProgress(deciding, command);
    case 'HandOver':
      return handOver(deciding, command);
    case 'CompleteLater':
      return completeLater(deciding, command);
    case 'Answer':
      return endWait(deciding, 'ask', command, { status: 'succeeded', output: command.answer });
    case 'Decide':
      return takeDecision(deciding, command);
    case 'ReuseResult':
      return reuseResult(deciding, command);
    case 'CompleteChild':
      return endWait(deciding, 'workflow', command, command.outcome);
    case 'SetAttributes':
      return setAttributes(deciding, command.changes);
    case 'Pause':
      return pause(deciding);
    case 'Resume':
      return resume(deciding);
    case 'Cancel':
      return cancel(deciding, command.reason);
    case 'Terminate':
      if (isFinal(run.status)) return ended(run);
      deciding.terminate(command.reason);
      return undefined;
    case 'Rerun':
      return rerun(deciding, command);
    case 'Block':
      if (isFinal(run.status)) return ended(run);
      if (run.blocked !== command.reason) deciding.emit({ type: 'RunBlocked', reason: command.reason });
      return undefined;
    case 'Unblock':
      if (run.blocked !== undefined) deciding.emit({ type: 'RunUnblocked' });
      deciding.resumeNoops();
      deciding.settle();
      return undefined;
    case 'Advance':
      if (isFinal(run.status)) return ended(run);
      if (run.revision !== command.revision) {
        return refuse('stale_revision', `the run is at revision ${run.revision}, not at ${command.revision}`);
      }
      for (const directive of command.directives) deciding.tell(directive);
      deciding.settle();
      return undefined;
    default:
      return unreachable(command, 'command');
  }
}

function setAttributes(deciding: Deciding, changes: AttributeChanges): Refusal | undefined {
  const { run } = deciding;
  if (isFinal(run.status)) return ended(run);
  const fault = attributesFault(withAttributes(run.attributes, changes));
  if (fault !== undefined) return refuse('too_many_attributes', fault);
  deciding.emit({ type: 'AttributesSet', changes, asked: true });
  return undefined;
}

function ended(run: RunState): Refusal {
  return refuse('run_not_open', `the run has ended: ${run.status}`);
}

function startAttempt(deciding: Deciding, command: Command & { type: 'StartAttempt' }): Refusal | undefined {
  const { run } = deciding;
  const task = run.open.get(command.task);
  if (task === undefined) return refuse('task_not_open', `task ${command.task} is over, or was never scheduled`);
  if (!deciding.mayBegin(task))
    return refuse('task_not_ready', `task ${command.task} cannot start while the run is ${run.status}`);
  if (!run.ready.has(command.task)) return refuse('task_not_ready', `task ${command.task} has no attempt to start`);
  const { item } = command;
  if (task.items !== undefined && (item === undefined || task.items.status[item] !== 'ready')) {
    return refuse('task_not_ready', `item ${item} of task ${command.task} cannot start`);
  }
  const begun = item === undefined ? task.attempt : (task.items?.attempt[item] ?? 0);
  const probe = task.unknown ? { probe: true } : {};
  deciding.emit({ type: 'AttemptStarted', task: command.task, item, attempt: begun + 1, ...probe });
  return undefined;
}

function completeAttempt(deciding: Deciding, command: Command & { type: 'CompleteAttempt' }): Refusal | undefined {
  const found = attemptUnderWay(deciding, command);
  if ('accepted' in found) return found;
  deciding.endAttempt(found, command.item, command.outcome);
  deciding.settle();
  return undefined;
}

/** The task of an attempt that is under way, or why there is none. */
function attemptUnderWay(
  { run }: Deciding,
  { task: number, item, attempt }: { task: number; item?: number | undefined; attempt: number },
): OpenTask | Refusal {
  const task = run.open.get(number);
  if (task === undefined) return refuse('attempt_over', `task ${number} is over`);
  const current = currentAttempt(task, item);
  if (current === attempt) return task;
  return refuse(
    'attempt_over',
    `attempt ${attempt} of task ${number} is over; the current one is ${current ?? 'none'}`,
  );
}

function reportProgress(deciding: Deciding, command: Command & { type: 'ReportProgress' }): Refusal | undefined {
  const found = attemptUnderWay(deciding, command);
  if ('accepted' in found) {
    // Whoever holds the token of an attempt that was handed over reports too.
    const handed = handedOver(deciding, command);
    if ('accepted' in handed) return found;
  }
  deciding.emit({ type: 'AttemptProgressed', task: command.task, item: command.item, details: command.details });
  return undefined;
}

function handOver(deciding: Deciding, command: Command & { type: 'HandOver' }): Refusal | undefined {
  const found = attemptUnderWay(deciding, command);
  if ('accepted' in found) return found;
  deciding.handOver(found, command.item);
  deciding.settle();
  return undefined;
}

function completeLater(deciding: Deciding, command: Command & { type: 'CompleteLater' }): Refusal | undefined {
  const found = handedOver(deciding, command);
  if ('accepted' in found) return found;
  deciding.endAttempt(found, command.item, command.outcome);
  deciding.settle();
  return undefined;
}

/** The task that waits for the holder of a token, or why none does. */
function handedOver(
  deciding: Deciding,
  { task: number, item, attempt }: { task: number; item?: number | undefined; attempt: number },
): OpenTask | Refusal {
  const task = deciding.run.open.get(number);
  if (task === undefined) return refuse('task_not_open', `task ${number} is over, or was never scheduled`);
  const kind = deciding.kindOf(task);
  // Whoever was given the token may answer before the attempt has said that it hands over.
  const isUnderWay = kind === 'action' && currentAttempt(task, item) === attempt && item === undefined;
  const isAwaited = task.waits?.has(item ?? wholeTask) === true && (kind === 'action' || kind === 'ask');
  if (isUnderWay) return task;
  const current = kind === 'ask' ? 0 : item === undefined ? task.attempt : task.items?.attempt[item];
  if (isAwaited && current === attempt) return task;
  return refuse('task_not_waiting', `task ${number} does not wait for the holder of this token any more`);
}

/** The attempt under way, or undefined where none is. */
function currentAttempt(task: OpenTask, item: number | undefined): number | undefined {
  if (task.asked !== undefined) return undefined;
  if (task.items === undefined) return item === undefined && task.status === 'running' ? task.attempt : undefined;
  if (item === undefined || task.items.status[item] !== 'running' || task.waits?.has(item)) return undefined;
  return task.items.attempt[item];
}

function loseAttempts(deciding: Deciding, command: Command & { type: 'LoseAttempts' }): Refusal | undefined {
  const { run } = deciding;
  if (isFinal(run.status)) return ended(run);
  const isAlive = (task: number, item: number | undefined, attempt: number | undefined): boolean =>
    command.alive.some((one) => one.task === task && one.item === item && one.attempt === attempt);
  for (const task of [...run.open.values()]) {
    if (!isBusy(task)) continue;
    if (task.items === undefined) {
      if (run.open.has(task.task) && !isAlive(task.task, undefined, task.attempt))
        deciding.loseAttempt(task, undefined);
      deciding.hear();
      continue;
    }
    const { items } = task;
    items.status.forEach((status, item) => {
      if (!run.open.has(task.task) || task.items !== items) return;
      if (status === 'running' && !task.waits?.has(item) && !isAlive(task.task, item, items.attempt[item]))
        deciding.loseAttempt(task, item);
      deciding.hear();
    });
  }
  deciding.resumeNoops();
  deciding.settle();
  return undefined;
}

function endWait(
  deciding: Deciding,
  kind: 'ask' | 'workflow',
  command: Command & { type: 'Answer' | 'CompleteChild' },
  outcome: Parameters<Deciding['endAttempt']>[2],
): Refusal | undefined {
  const task = deciding.run.open.get(command.task);
  if (task === undefined) return refuse('task_not_open', `task ${command.task} is over, or was never scheduled`);
  if (command.type === 'CompleteChild' && (command.round ?? 0) !== task.retries) {
    return refuse('task_not_waiting', `task ${command.task} was tried again, and waits for another child run`);
  }
  const item = command.item ?? wholeTask;
  if (deciding.kindOf(task) !== kind || task.waits?.has(item) !== true) {
    return refuse('task_not_waiting', `task ${command.task} waits for no ${kind === 'ask' ? 'answer' : 'child run'}`);
  }
  deciding.endAttempt(task, command.item, outcome);
  deciding.settle();
  return undefined;
}

function takeDecision(deciding: Deciding, command: Command & { type: 'Decide' }): Refusal | undefined {
  const task = deciding.run.open.get(command.task);
  if (task === undefined) return refuse('task_not_open', `task ${command.task} is over, or was never scheduled`);
  if (task.asked === undefined) {
    return refuse('task_not_waiting', `task ${command.task} waits for no decision: it is ${task.status}`);
  }
  deciding.takeDecision(task, command.choice, command.output, command.reason);
  deciding.settle();
  return undefined;
}

/** Only in the place of an attempt that could start now: what has begun has its own result. */
function reuseResult(deciding: Deciding, command: Command & { type: 'ReuseResult' }): Refusal | undefined {
  const { run } = deciding;
  const task = run.open.get(command.task);
  if (task === undefined) return refuse('task_not_open', `task ${command.task} is over, or was never scheduled`);
  if (!deciding.mayBegin(task) || !run.ready.has(command.task) || task.spec.cache === undefined) {
    return refuse('task_not_ready', `task ${command.task} has no attempt to start`);
  }
  deciding.reuseResult(task, command.output, command.from);
  deciding.settle();
  return undefined;
}

function pause(deciding: Deciding): Refusal | undefined {
  const { run } = deciding;
  if (isFinal(run.status)) return ended(run);
  if (run.status === 'pausing' || run.status === 'paused') return undefined;
  if (run.status !== 'running')
    return refuse('run_is_ending', `the run is ${run.status} and cannot be paused any more`);
  deciding.emit({ type: 'PauseRequested' });
  deciding.tellChildren('Pause');
  deciding.settle();
  return undefined;
}

function resume(deciding: Deciding): Refusal | undefined {
  const { run } = deciding;
  if (isFinal(run.status)) return ended(run);
  if (run.status !== 'paused' && run.status !== 'pausing') {
    return refuse('run_not_paused', `the run is ${run.status}, not paused`);
  }
  const wasPaused = run.status === 'paused';
  deciding.emit({ type: 'RunResumed' });
  deciding.tellChildren('Resume');
  deciding.resumeNoops();
  deciding.hear();
  if (wasPaused) deciding.program.resumed?.(run, deciding);
  deciding.settle();
  return undefined;
}

function cancel(deciding: Deciding, reason: string | undefined): Refusal | undefined {
  const { run } = deciding;
  if (isFinal(run.status)) return ended(run);
  if (run.status === 'canceling') return undefined;
  if (run.status === 'failing')
    return refuse('run_is_ending', 'the run is failing and cannot be canceled any more; terminate stops it now');
  deciding.cancelRun(reason);
  deciding.settle();
  return undefined;
}

function rerun(deciding: Deciding, command: Command & { type: 'Rerun' }): Refusal | undefined {
  const { run, program } = deciding;
  if (!isFinal(run.status))
    return refuse('run_not_ended', `the run is ${run.status}; only a run that has ended runs again`);
  if (program.rerun === undefined)
    return refuse('rerun_not_possible', `a run of style ${program.style} cannot run tasks again`);
  if (run.undone > 0) {
    return refuse('rerun_not_possible', 'tasks of the run were undone; fork it at an event before that instead');
  }
  const requests = command.tasks ?? [];
  const refusal = program.refuseRerun?.(run, requests);
  if (refusal !== undefined) return refusal;
  deciding.emit({ type: 'RunReopened', epoch: run.epoch + 1 });
  for (const { name, payload } of command.signals?.toReversed() ?? [])
    deciding.emit({ type: 'SignalReceived', name, payload, again: true });
  program.rerun(run, requests, deciding);
  deciding.settle();
  return undefined;
}
