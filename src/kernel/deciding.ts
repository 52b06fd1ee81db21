/**
 * One command being decided: emits events and folds them, runs the program, and keeps what is to be done in the world.
 *
 * What every style shares is here: how a task ends, when it is tried again, how a list of items comes out, what pausing,
 * failing and canceling do to what is open. What comes next is the program's.
 */

import {
  assert,
  type Instant,
  isJsonObject,
  type Json,
  plus,
  type RunId,
  type TaskNumber,
  unreachable,
} from '../base/index.ts';
import type { DecisionChoice, FinalStatus, Recorded, RunEvent } from './events.ts';
import { evolve, nextItem, openTask } from './evolve.ts';
import type { Desk, Directive, EndedTask, Program } from './program.ts';
import { RenderError } from './render.ts';
import { longestPauseMs, retryDelayMs } from './retry.ts';
import { isFinal, mayMove, type RunState, type Undo } from './run.ts';
import { seededRandom } from './seeded-random.ts';
import {
  type CachePolicy,
  deadlineMark,
  type Failed,
  inputOf,
  isBusy,
  type OpenTask,
  type Outcome,
  outlives,
  startMark,
  startsBy,
  type TaskKind,
  type TaskSpec,
  unitKind,
  wholeTask,
} from './task.ts';
import { waitFor } from './waits.ts';

export interface KernelOptions {
  /** Attempts in a row that may die with their process before the task fails. Default 5. */
  readonly lossesMax: number;
  /** Tasks without work that one command completes before it lets others have a turn. Default 1,000. */
  readonly stepsMax: number;
}

export type ChildCommand = 'Pause' | 'Resume' | 'Cancel' | 'Terminate';

/** What is to be done in the world once the events are durable. */
export type Effect =
  /** Tell the worker to stop this attempt. */
  | { readonly type: 'abort'; readonly task: TaskNumber; readonly item: number | undefined }
  /** Start the child run of a task. */
  | {
      readonly type: 'startChild';
      readonly task: TaskNumber;
      readonly item: number | undefined;
      /** Retries of the task before: each has a child of its own. */
      readonly round: number;
      readonly input: Json;
    }
  | {
      readonly type: 'childCommand';
      readonly task: TaskNumber;
      readonly item: number | undefined;
      readonly round: number;
      readonly command: ChildCommand;
    }
  /** Keep the result of a task for others that have the same key. */
  | { readonly type: 'keepResult'; readonly task: TaskNumber; readonly cache: CachePolicy; readonly output: Json }
  /** The run begins anew: whatever runs its code runs it from the beginning. */
  | { readonly type: 'renewed' }
  /** There is more to do than one command should: send `Continue`. */
  | { readonly type: 'continue' };

/** The event with its instant. It was made for this call alone, so it is not copied. */
function stamped(event: RunEvent, at: Instant): Recorded {
  (event as { at?: Instant }).at = at;
  return event as Recorded;
}

const nothing: Outcome = { status: 'succeeded', output: null };
const canceled: Outcome = { status: 'canceled', output: null };

/** Failures after which nobody knows whether the attempt did what it was to do. */
const unknownAfter: ReadonlySet<string> = new Set(['timeout', 'heartbeat_timeout', 'outcome_unknown']);

function leavesUnknown(outcome: Outcome): outcome is Failed {
  return outcome.status === 'failed' && unknownAfter.has(outcome.failure.kind);
}

export class Deciding implements Desk {
  readonly run: RunState;
  readonly program: Program;
  readonly at: Instant;
  readonly events: Recorded[] = [];
  readonly effects: Effect[] = [];
  readonly #options: KernelOptions;
  /** Tasks that ended and of which the program has not heard. */
  readonly #ended: EndedTask[] = [];
  /** Tasks that were scheduled and have not begun what the kernel does by itself. */
  readonly #fresh: TaskNumber[] = [];
  /** Tasks to be completed without work. */
  readonly #noops: TaskNumber[] = [];
  #random: (() => number) | undefined;
  #ending = false;
  #outputFailed = false;
  /** Something was undone, and the program may have been waiting for that. */
  #undid = false;
  /** The task whose result came from elsewhere: from another run, or from a person. */
  #given: TaskNumber | undefined;
  /** The task that is just coming to its end: whatever follows from that, it is not dropped. */
  #closing: TaskNumber | undefined;

  constructor(run: RunState, program: Program, at: Instant, options: KernelOptions) {
    this.run = run;
    this.program = program;
    this.at = at;
    this.#options = options;
  }

  random(): number {
    this.#random ??= seededRandom(this.run.seed, this.run.revision);
    return this.#random();
  }

  emit(event: RunEvent): void {
    const recorded = stamped(event, this.at);
    this.events.push(recorded);
    evolve(this.run, recorded, this.program);
  }

  tell(directive: Directive): TaskNumber {
    switch (directive.type) {
      case 'task':
        return this.#schedule(directive);
      case 'note':
        this.emit({ type: 'ProgramNoted', note: directive.note, values: directive.values });
        return -1;
      case 'error':
        this.emit({ type: 'ErrorLogged', error: directive.error });
        return -1;
      case 'attributes':
        this.emit({ type: 'AttributesSet', changes: directive.changes });
        return -1;
      case 'fail':
        if (this.#ending) this.#outputFailed = true;
        else this.#failRun();
        return -1;
      case 'drop':
        this.#leave(directive.task);
        return -1;
      case 'cancel':
        this.#beginCanceling(undefined, true);
        return -1;
      case 'renew':
        this.#renew(directive);
        return -1;
      case 'succeed':
        // What is being undone has its say; the program is asked again afterwards.
        if (this.run.open.size === 0) this.#end('succeeded');
        return -1;
      default:
        return unreachable(directive, 'directive');
    }
  }

  /** Begins the run anew, also one that is paused; what is open has been left. A limit of the whole run begins again. */
  #renew({ version, input, seed }: Directive & { type: 'renew' }): void {
    const { run } = this;
    const isGoingOn = run.status === 'running' || run.status === 'pausing' || run.status === 'paused';
    if (!isGoingOn || run.open.size > 0) return;
    const began = run.renewedAt ?? run.startedAt;
    const deadlineAt = run.deadlineAt === undefined ? {} : { deadlineAt: plus(this.at, run.deadlineAt - began) };
    const attributes = Object.keys(run.attributes).length === 0 ? {} : { attributes: run.attributes };
    this.emit({ type: 'RunRenewed', version, input, seed, ...deadlineAt, ...attributes });
    this.effects.push({ type: 'renewed' });
  }

  /** Lets the program react until nothing more follows, then takes the run as far as its status goes. */
  settle(): void {
    const { run, program } = this;
    let steps = 0;
    for (;;) {
      this.hear();
      const fresh = this.#fresh.shift();
      if (fresh !== undefined) {
        const task = run.open.get(fresh);
        if (task !== undefined) this.#activate(task);
        continue;
      }
      const noop = this.#noops.shift();
      if (noop !== undefined) {
        if (steps >= this.#options.stepsMax) {
          this.effects.push({ type: 'continue' });
          this.#finish();
          return;
        }
        steps += 1;
        this.#completeNoop(noop);
        continue;
      }
      if (isFinal(run.status)) break;
      const more = program.next?.(run, this) === true;
      // What it told before it met a limit begins all the same.
      if (more || this.#fresh.length > 0 || this.#noops.length > 0) continue;
      if (this.#undid && run.status === 'running' && run.open.size === 0) {
        this.#undid = false;
        program.resumed?.(run, this);
        continue;
      }
      if (!this.#finish()) break;
    }
  }

  /** Lets the program hear of what has ended. Where one command ends several tasks, each is heard before the next one ends. */
  hear(): void {
    for (let ended = this.#ended.shift(); ended !== undefined; ended = this.#ended.shift()) {
      this.program.taskEnded(this.run, ended, this);
    }
  }

  /** True where the run's status lets an attempt of this task start. */
  mayBegin(task: OpenTask): boolean {
    return mayMove(this.run, task.spec);
  }

  /** What one unit of the task is: the kind of its items where it has them. */
  kindOf(task: OpenTask): TaskKind {
    return unitKind(task.spec);
  }

  /** An attempt, a wait, or one item's, came out as `outcome`. */
  endAttempt(task: OpenTask, item: number | undefined, outcome: Outcome): void {
    if (item === undefined) {
      if (task.unknown) this.#heedProbe(task, outcome);
      else if (task.spec.once !== undefined && leavesUnknown(outcome) && this.#mayFindOut(task))
        this.#loseOutcome(task, outcome.failure.message);
      else this.#endTask(task, outcome);
      return;
    }
    this.emit({ type: 'ItemEnded', task: task.task, item, outcome });
    this.#settleItems(task, outcome);
  }

  /** Its worker is done with the attempt; who holds its token says what it came to. */
  handOver(task: OpenTask, item: number | undefined): void {
    const { status } = this.run;
    if ((status === 'canceling' || status === 'failing') && !outlives(task.spec)) {
      // Nobody would wait for the answer.
      this.endAttempt(task, item, canceled);
      return;
    }
    const { timeoutMs } = task.spec;
    const dueAt = timeoutMs === undefined ? undefined : plus(task.since, timeoutMs);
    if (item === undefined) this.emit({ type: 'WaitStarted', task: task.task, dueAt });
    else {
      const failure = { kind: 'invalid_output', message: 'an item of a list cannot be handed over', retryable: false };
      this.endAttempt(task, item, { status: 'failed', output: null, failure });
    }
  }

  /** What a once-only task came to is not known: a probe finds out, or a person is asked. It is not done again meanwhile. */
  #loseOutcome(task: OpenTask, reason: string): void {
    this.emit({ type: 'OutcomeLost', task: task.task, reason });
    if (task.spec.once === 'ask') this.#askAboutOutcome(task, reason);
  }

  /** False in a run that is on its way out: nobody would find out any more, and it would wait for that. */
  #mayFindOut(task: OpenTask): boolean {
    const { status } = this.run;
    return (status !== 'canceling' && status !== 'failing') || outlives(task.spec);
  }

  #askAboutOutcome(task: OpenTask, reason: string): void {
    const message = `nobody knows whether it happened: ${reason}; it is not done again until somebody decides`;
    const failure = { kind: 'outcome_unknown', message, retryable: false };
    this.emit({ type: 'DecisionAsked', task: task.task, outcome: { status: 'failed', output: null, failure } });
  }

  /** A probe answered `{ happened: true, output }` or `{ happened: false }`; anything else leaves it to a person. */
  #heedProbe(task: OpenTask, outcome: Outcome): void {
    if (!this.#mayFindOut(task)) {
      this.#endTask(task, canceled);
      return;
    }
    const found = outcome.status === 'succeeded' && isJsonObject(outcome.output) ? outcome.output : undefined;
    if (found?.happened === true) this.#endTask(task, { status: 'succeeded', output: found.output ?? null });
    else if (found?.happened === false) this.emit({ type: 'OutcomeRuledOut', task: task.task });
    else {
      const why = outcome.status === 'failed' ? outcome.failure.message : 'its probe did not say';
      this.#askAboutOutcome(task, why);
    }
  }

  /** The process under an attempt died. */
  loseAttempt(task: OpenTask, item: number | undefined): void {
    const { status } = this.run;
    if ((status === 'canceling' || status === 'failing') && !outlives(task.spec)) {
      this.endAttempt(task, item, canceled);
      return;
    }
    if (task.spec.once !== undefined && item === undefined) {
      const reason = 'the process that ran it died';
      // A probe that died is repeated, as any attempt is: up to a limit.
      if (task.unknown && task.attempt > this.#options.lossesMax) this.#askAboutOutcome(task, reason);
      else this.#loseOutcome(task, reason);
      return;
    }
    const lostBefore = task.items === undefined || item === undefined ? task.lost : (task.items.lost[item] ?? 0);
    if (lostBefore + 1 >= this.#options.lossesMax) {
      const message = `the process that ran it died ${this.#options.lossesMax} times in a row`;
      this.endAttempt(task, item, { status: 'failed', output: null, failure: { kind: 'worker_lost', message } });
      return;
    }
    this.emit({ type: 'AttemptLost', task: task.task, item });
  }

  /** Does what is due at this command's instant. */
  passTime(): void {
    const { run } = this;
    if (
      run.deadlineAt !== undefined &&
      this.at >= run.deadlineAt &&
      run.status !== 'failing' &&
      run.status !== 'canceling'
    ) {
      if (isFinal(run.status)) return;
      this.emit({ type: 'ErrorLogged', error: { kind: 'limit', message: 'the run lasted longer than its limit' } });
      this.#failRun();
      this.#abortBusy();
    }
    const later = [];
    for (let due = run.timers.peek(); due !== undefined && due.at <= this.at; due = run.timers.peek()) {
      run.timers.pop();
      const task = run.open.get(due.task);
      if (task === undefined) continue;
      if (due.item === startMark) {
        if (startsBy(task) === due.at) this.#missStart(task);
        this.hear();
      } else if (due.item === deadlineMark) {
        if (task.spec.deadlineAt !== due.at) continue;
        this.#missDeadline(task);
        this.hear();
      } else if (due.item === wholeTask && task.notBefore === due.at) {
        if (!this.mayBegin(task)) later.push(due);
        else this.#endDelay(task);
        this.hear();
      } else if (task.waits?.get(due.item)?.dueAt === due.at) {
        this.#endWait(task, due.item === wholeTask ? undefined : due.item);
        this.hear();
      }
    }
    for (const due of later) run.timers.push(due);
  }

  signal(name: string, payload: Json, id: string | undefined): void {
    this.emit({ type: 'SignalReceived', name, payload, id });
    for (const task of this.run.open.values()) {
      if (task.waits === undefined) continue;
      for (const [item, wait] of task.waits) {
        if (wait.signal !== name) continue;
        this.#consume(task, item === wholeTask ? undefined : item, name);
        return;
      }
    }
  }

  cancelRun(reason: string | undefined): void {
    this.#beginCanceling(reason, false);
    this.#abortBusy();
    this.tellChildren('Cancel');
  }

  terminate(reason: string | undefined): void {
    this.#abortBusy();
    this.tellChildren('Terminate');
    const undoing = [...this.run.open.values()].filter((task) => task.spec.undoes !== undefined);
    const left = [...undoing, ...this.run.undo].map(({ spec }) => spec.name.replace(/^undo /, ''));
    if (left.length > 0) {
      const message = `the run was terminated before ${left.length === 1 ? 'a task was' : `${left.length} tasks were`} undone: ${left.join(', ')}`;
      this.emit({ type: 'ErrorLogged', error: { kind: 'not_compensated', message } });
    }
    for (const task of [...this.run.open.values()]) this.#drop(task);
    this.emit({ type: 'RunEnded', status: 'terminated', output: null, reason });
  }

  tellChildren(command: ChildCommand): void {
    for (const task of this.run.open.values()) {
      // What undoes others is not canceled with them.
      if (!outlives(task.spec) || command !== 'Cancel') this.#tellChildrenOf(task, command);
    }
  }

  /** Starts the sub-workflows that open tasks wait for: those of the run this one was forked from are not its own. */
  restartChildren(): void {
    for (const task of this.run.open.values()) {
      if (this.kindOf(task) !== 'workflow' || task.waits === undefined) continue;
      for (const item of task.waits.keys()) {
        const of = item === wholeTask ? undefined : item;
        const input = inputOf(task.spec, of);
        this.effects.push({ type: 'startChild', task: task.task, item: of, round: task.retries, input });
      }
    }
  }

  #tellChildrenOf(task: OpenTask, command: ChildCommand): void {
    if (this.kindOf(task) !== 'workflow' || task.waits === undefined) return;
    const { onLeave } = task.spec;
    const isEnding = command === 'Cancel' || command === 'Terminate';
    if (isEnding && onLeave === 'abandon') return;
    const told = isEnding && onLeave === 'terminate' ? 'Terminate' : command;
    for (const item of task.waits.keys()) {
      this.effects.push({
        type: 'childCommand',
        task: task.task,
        item: item === wholeTask ? undefined : item,
        round: task.retries,
        command: told,
      });
    }
  }

  /** Takes up what an earlier command left, or a pause held back: tasks without work, and waits that have not begun. */
  resumeNoops(): void {
    const { run } = this;
    for (const group of run.failedGroups) this.#undoGroup(group);
    for (const task of [...run.open.values()]) {
      const begun = task.items === undefined && task.waits !== undefined;
      if (!run.open.has(task.task) || task.notBefore !== undefined || begun || !this.mayBegin(task)) continue;
      this.#activate(task);
      this.hear();
    }
  }

  #schedule(directive: Directive & { type: 'task' }): TaskNumber {
    const { run } = this;
    const { spec } = directive;
    if (this.program.runsOnce !== true && (run.iterations.get(spec.name) ?? 0) >= run.iterationsMax) {
      const message = `the task has run ${run.iterationsMax} times, its limit; raise limits.iterations if that is meant`;
      this.emit({ type: 'ErrorLogged', error: { kind: 'limit', message, task: spec.name } });
      this.#failRun();
      return -1;
    }
    const number = run.nextTask;
    this.emit({ type: 'TaskScheduled', task: number, spec });
    // Begins later: a wait may end at once, and the program is not to hear of that while it tells what comes next.
    const task = openTask(run, number);
    // Of a run that is failing nothing new begins; a host's program does not know, and would wait for it.
    if (run.status === 'failing' && this.program.next === undefined && !this.mayBegin(task)) this.#drop(task);
    else if (spec.group !== undefined && run.failedGroups.has(spec.group)) this.#refuseOfGroup(task, spec.group);
    else if (task.notBefore === undefined) this.#fresh.push(number);
    return number;
  }

  /** Begins what the kernel does by itself; an action waits for a worker. */
  #activate(task: OpenTask): void {
    const { items } = task;
    if (task.asked !== undefined) return;
    if (items === undefined) {
      if (task.spec.kind === 'noop') this.#noops.push(task.task);
      else if (task.spec.kind !== 'action' && task.status === 'ready') this.#startWait(task, undefined);
      return;
    }
    if (items.ended === items.status.length || this.kindOf(task) === 'noop') this.#noops.push(task.task);
    else this.#fillWaits(task);
  }

  /** Starts as many of the items' waits as the width allows. */
  #fillWaits(task: OpenTask): void {
    const { items, spec } = task;
    if (items === undefined || this.kindOf(task) === 'action') return;
    const width = spec.width ?? Number.POSITIVE_INFINITY;
    while (this.run.open.has(task.task) && items.running < width && this.mayBegin(task)) {
      const item = nextItem(items);
      if (item === undefined) return;
      this.#startWait(task, item);
    }
  }

  #startWait(task: OpenTask, item: number | undefined): void {
    const kind = this.kindOf(task);
    const input = inputOf(task.spec, item);
    const wait = waitFor(kind, input, this.at, task.spec.timeoutMs);
    if (!wait.ok) {
      const failure = { kind: 'invalid_input', message: wait.error, retryable: false };
      this.endAttempt(task, item, { status: 'failed', output: null, failure });
      return;
    }
    const { dueAt, signal } = wait.value;
    if (signal !== undefined && this.run.signals.has(signal)) {
      this.#consume(task, item, signal);
      return;
    }
    this.emit({ type: 'WaitStarted', task: task.task, item, dueAt, signal });
    if (kind === 'workflow')
      this.effects.push({ type: 'startChild', task: task.task, item, round: task.retries, input });
    if (dueAt !== undefined && dueAt <= this.at) this.#endWait(task, item);
  }

  #consume(task: OpenTask, item: number | undefined, name: string): void {
    const output = this.run.signals.get(name)?.[0] ?? null;
    this.emit({ type: 'SignalConsumed', name, task: task.task });
    this.endAttempt(task, item, { status: 'succeeded', output });
  }

  #endDelay(task: OpenTask): void {
    this.emit({ type: 'DelayPassed', task: task.task });
    this.#activate(task);
  }

  /** Time has ended a wait: a sleep is over, anything else took too long. */
  #endWait(task: OpenTask, item: number | undefined): void {
    const kind = this.kindOf(task);
    if (kind === 'sleep') {
      this.endAttempt(task, item, nothing);
      return;
    }
    if (kind === 'workflow') {
      this.effects.push({ type: 'childCommand', task: task.task, item, round: task.retries, command: 'Cancel' });
    }
    // Handed over, and nobody said in time what came of it.
    if (kind === 'action' && task.spec.once !== undefined) {
      this.#loseOutcome(task, 'the holder of its token did not answer in time');
      return;
    }
    const waitedFor = {
      action: 'the answer of the holder of its token',
      ask: 'an answer',
      receive: 'the signal',
      workflow: 'the sub-workflow',
    }[kind as 'ask'];
    const message = `${waitedFor ?? 'it'} did not come in time`;
    this.endAttempt(task, item, { status: 'failed', output: null, failure: { kind: 'timeout', message } });
  }

  #completeNoop(number: TaskNumber): void {
    const task = this.run.open.get(number);
    if (task === undefined) return;
    this.#endTask(task, task.items === undefined ? nothing : { status: 'succeeded', output: [...task.items.output] });
  }

  /** What a list of items comes to after one of them ended as `last`. */
  #settleItems(task: OpenTask, last: Outcome): void {
    const { items } = task;
    assert(items !== undefined, 'a list has items');
    const idle = items.running === 0;
    const complete = items.ended === items.status.length;
    if (this.run.status === 'canceling') {
      if (idle) this.#endList(task, complete && items.failed === 0 && items.canceled === 0 ? 'succeeded' : 'canceled');
      return;
    }
    if (idle && items.canceled > 0) this.#endList(task, 'canceled');
    else if (idle && items.failed > 0) this.#endList(task, 'failed');
    else if (complete) this.#endList(task, 'succeeded');
    else if (idle && this.run.status === 'failing') this.#drop(task);
    else if (last.status === 'canceled') this.#beginCanceling(undefined, true);
    else this.#fillWaits(task);
  }

  #endList(task: OpenTask, status: Outcome['status']): void {
    const output = [...(task.items?.output ?? [])];
    const failed = task.items?.failed ?? 0;
    if (status !== 'failed') this.#endTask(task, { status, output });
    else
      this.#endTask(task, {
        status,
        output,
        failure: { kind: 'failed', message: `${failed} of ${output.length} items failed` },
      });
  }

  #endTask(task: OpenTask, outcome: Outcome): void {
    this.#closing = task.task;
    this.#endOrGoOn(task, outcome);
    this.#closing = undefined;
  }

  #endOrGoOn(task: OpenTask, outcome: Outcome): void {
    const { run } = this;
    const { undoes } = task.spec;
    if (this.#wantsRetry(task, outcome)) {
      if (run.status === 'canceling' && !outlives(task.spec)) this.#drop(task);
      else this.#retry(task, outcome);
      return;
    }
    if (outcome.status === 'failed' && undoes === undefined && this.#goesOn(task, outcome)) return;
    this.#closeTask(task, outcome);
  }

  /** What follows a failure for good, short of the end: a fallback takes over, or a person is asked. */
  #goesOn(task: OpenTask, outcome: Failed): boolean {
    const { fallback, intervenes } = task.spec;
    const { kind } = outcome.failure;
    const { status } = this.run;
    if (status !== 'running' && status !== 'pausing' && status !== 'paused') return false;
    if (fallback !== undefined && kind !== 'deadline' && kind !== 'group_failed') {
      this.emit({ type: 'FallbackTaken', task: task.task, outcome });
      if (this.mayBegin(task)) this.#fresh.push(task.task);
      return true;
    }
    if (intervenes !== true || kind === 'group_failed') return false;
    this.emit({ type: 'DecisionAsked', task: task.task, outcome });
    return true;
  }

  /** Ends the task for good: arms what would undo it, and has its group undone where it failed. */
  #closeTask(task: OpenTask, outcome: Outcome): void {
    const { run } = this;
    const { spec } = task;
    // What was not done here is neither undone here, nor worth keeping for others.
    const isOwn = outcome.status === 'succeeded' && this.#given !== task.task;
    const undo = isOwn && spec.compensates === true ? this.#compensationOf(task, outcome) : undefined;
    this.emit({ type: 'TaskEnded', task: task.task, outcome });
    if (undo instanceof RenderError) this.#blameUndoing(task, undo);
    else if (undo !== undefined) this.emit({ type: 'CompensationArmed', task: task.task, spec: undo });
    if (isOwn && spec.cache !== undefined)
      this.effects.push({ type: 'keepResult', task: task.task, cache: spec.cache, output: outcome.output });
    const { group } = spec;
    if (spec.undoes !== undefined) this.#undid = true;
    else {
      if (group !== undefined && outcome.status === 'failed' && !run.failedGroups.has(group))
        this.emit({ type: 'GroupFailed', group });
      this.#ended.push({ task: task.task, spec, outcome });
    }
    if (group !== undefined && run.failedGroups.has(group)) this.#undoGroup(group);
  }

  /** How to undo the task cannot be told: the run fails, with what came before undone. */
  #blameUndoing(task: OpenTask, { kind, message }: RenderError): void {
    const text = `how to undo "${task.spec.name}" could not be told: ${message}`;
    this.emit({ type: 'ErrorLogged', error: { kind, message: text, task: task.spec.name } });
    this.#failRun();
  }

  /** What would undo the task, by its program, or why that cannot be told. */
  #compensationOf(task: OpenTask, outcome: Outcome): TaskSpec | RenderError | undefined {
    try {
      const spec = this.program.compensation?.(this.run, task, outcome, this);
      return spec && { ...spec, group: task.spec.group };
    } catch (error) {
      if (error instanceof RenderError) return error;
      throw error;
    }
  }

  /** Undoes the latest of the group's tasks that can be undone, unless one is being undone already. */
  #undoGroup(group: string): void {
    const { run } = this;
    if (run.status !== 'running') return;
    for (const task of run.open.values()) if (task.spec.undoes !== undefined && task.spec.group === group) return;
    const entry = run.undo.findLast((one) => one.spec.group === group);
    if (entry !== undefined) this.#undo(entry);
  }

  #undo(entry: Undo): void {
    const number = this.run.nextTask;
    this.emit({ type: 'TaskScheduled', task: number, spec: { ...entry.spec, undoes: entry.task } });
    this.#fresh.push(number);
  }

  #refuseOfGroup(task: OpenTask, group: string): void {
    const message = `another task of the group "${group}" has failed`;
    const failure = { kind: 'group_failed', message, retryable: false };
    this.#closeTask(task, { status: 'failed', output: null, failure });
  }

  #missStart(task: OpenTask): void {
    const message = `no attempt of it started within ${(task.spec.startWithinMs ?? 0) / 1000} s`;
    this.#endTask(task, {
      status: 'failed',
      output: null,
      failure: { kind: 'start_timeout', message, retryable: false },
    });
  }

  /** Time is up for the task as a whole: what runs is told to stop, and is not waited for. */
  #missDeadline(task: OpenTask): void {
    if (task.asked !== undefined) return;
    this.#abort(task);
    this.#tellChildrenOf(task, 'Cancel');
    if (task.spec.once !== undefined && (isBusy(task) || task.unknown) && this.#mayFindOut(task)) {
      this.#loseOutcome(task, 'it was not over by its deadline');
      return;
    }
    const failure = { kind: 'deadline', message: 'it was not over by its deadline', retryable: false };
    this.#endTask(task, { status: 'failed', output: null, failure });
  }

  /** Leaves an open task before it has an outcome. */
  #leave(number: TaskNumber): void {
    const task = this.run.open.get(number);
    if (task === undefined) return;
    this.#abort(task);
    this.#tellChildrenOf(task, 'Cancel');
    this.#drop(task);
  }

  /** A person decided what becomes of a task that failed for good. */
  takeDecision(task: OpenTask, choice: DecisionChoice, output: Json | undefined, reason: string | undefined): void {
    const { asked } = task;
    assert(asked !== undefined, `task ${task.task} waits for no decision`);
    this.emit({ type: 'DecisionTaken', task: task.task, choice, reason });
    if (choice === 'retry') {
      this.emit({ type: 'RetryScheduled', task: task.task, outcome: asked, notBefore: this.at });
      if (this.mayBegin(task)) this.#fresh.push(task.task);
    } else if (choice === 'skip') {
      this.#given = task.task;
      this.#closeTask(task, { status: 'succeeded', output: output ?? null });
    } else this.#closeTask(task, asked);
  }

  /** A person says what the task came to, before it is tried again. */
  giveResult(task: OpenTask, outcome: Outcome): void {
    this.#given = task.task;
    this.#tellChildrenOf(task, 'Cancel');
    this.#closeTask(task, outcome);
  }

  /** A result that was found elsewhere takes the place of an attempt. */
  reuseResult(task: OpenTask, output: Json, from: { readonly run: RunId; readonly task: TaskNumber }): void {
    this.emit({ type: 'ResultReused', task: task.task, from });
    this.#given = task.task;
    this.#closeTask(task, { status: 'succeeded', output });
  }

  #wantsRetry(task: OpenTask, outcome: Outcome): boolean {
    const policy = task.spec.retry;
    if (policy === undefined || task.retries >= policy.count) return false;
    if (this.run.status === 'failing' && !outlives(task.spec)) return false;
    if (outcome.status === 'failed' && outcome.failure.kind === 'deadline') return false;
    if (policy.conditional) return this.program.retries?.(this.run, task, outcome, this) === true;
    return outcome.status === 'failed' && outcome.failure.retryable !== false;
  }

  #retry(task: OpenTask, outcome: Outcome): void {
    assert(task.spec.retry !== undefined, 'a task that is retried has a policy');
    const chosenMs = retryDelayMs(task.spec.retry, task.retries, () => this.random());
    const delayMs = Math.max(chosenMs, (outcome.status === 'failed' && outcome.failure.retryAfterMs) || 0);
    this.emit({
      type: 'RetryScheduled',
      task: task.task,
      outcome,
      notBefore: plus(this.at, Math.min(delayMs, longestPauseMs)),
    });
    if (task.notBefore === undefined && this.mayBegin(task)) this.#activate(task);
  }

  /** Leaves a task before it has an outcome of its own. */
  #drop(task: OpenTask): void {
    this.emit({ type: 'TaskEnded', task: task.task, outcome: canceled, dropped: true });
  }

  #failRun(): void {
    const { run } = this;
    if (run.status === 'failing' || isFinal(run.status)) return;
    // Whoever canceled it hears that it is canceled, whatever else went wrong on the way.
    if (run.status === 'canceling' && !run.canceledByTask) return;
    this.emit({ type: 'RunFailing' });
    this.tellChildren('Cancel');
    this.#dropIdle();
  }

  #beginCanceling(reason: string | undefined, byTask: boolean): void {
    const { run } = this;
    if (run.status === 'canceling' || run.status === 'failing' || isFinal(run.status)) return;
    this.emit({ type: 'CancelRequested', reason, ...(byTask ? { byTask } : {}) });
    this.#dropIdle();
  }

  /** Drops what has not begun or only waits; attempts and child runs under way have their say first. */
  #dropIdle(): void {
    for (const task of [...this.run.open.values()]) {
      if (isBusy(task) || outlives(task.spec) || task.task === this.#closing) continue;
      const waiting = task.waits !== undefined && task.waits.size > 0;
      if (waiting && this.kindOf(task) === 'workflow' && task.spec.onLeave !== 'abandon') continue;
      this.#drop(task);
    }
  }

  #abortBusy(): void {
    for (const task of this.run.open.values()) if (!outlives(task.spec)) this.#abort(task);
  }

  #abort(task: OpenTask): void {
    if (!isBusy(task)) return;
    if (task.items === undefined) {
      this.effects.push({ type: 'abort', task: task.task, item: undefined });
      return;
    }
    task.items.status.forEach((status, item) => {
      if (status === 'running' && !task.waits?.has(item)) this.effects.push({ type: 'abort', task: task.task, item });
    });
  }

  /**
   * Takes the next step of a run that is pausing, failing or canceling once nothing holds it: undoes what is to be undone, one
   * after the other, the latest first; then ends it. True where there is more to settle.
   */
  #finish(): boolean {
    const { run } = this;
    if (run.status === 'pausing' && run.busy === 0) this.emit({ type: 'RunPaused' });
    if ((run.status !== 'canceling' && run.status !== 'failing') || run.open.size > 0) return false;
    if (run.status === 'canceling' && this.program.isOpen?.(run) === true) return false;
    const entry = run.undo[run.undo.length - 1];
    if (entry !== undefined) this.#undo(entry);
    else this.#end(run.status === 'canceling' ? 'canceled' : 'failed');
    return entry !== undefined;
  }

  #end(status: Exclude<FinalStatus, 'terminated'>): void {
    const { run } = this;
    assert(run.open.size === 0, `run ${run.id} cannot end while ${run.open.size} tasks are open`);
    this.#ending = true;
    const output = this.program.output(run, this);
    this.#ending = false;
    // A run that cannot say what it gives has failed: what it did is undone first.
    if (status === 'succeeded' && this.#outputFailed) this.#failRun();
    else this.emit({ type: 'RunEnded', status, output, reason: status === 'canceled' ? run.reason : undefined });
  }
}
