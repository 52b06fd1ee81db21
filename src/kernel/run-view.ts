/** What people are shown of a run: its tasks with their lives, made from its history; and what it waits for, from its state. */

import type { Attributes, Instant, Json } from '../base/index.ts';
import type { Recorded } from './events.ts';
import type { Program } from './program.ts';
import { type RunState, shownStatus } from './run.ts';
import type { Failure, Outcome, RunError, TaskStatus } from './task.ts';

export interface TaskView {
  readonly task: number;
  readonly name: string;
  readonly route: number;
  readonly action: string | undefined;
  readonly status: TaskStatus;
  /** Attempts started; of a with-items task, over all items. */
  readonly attempts: number;
  readonly scheduledAt: Instant;
  readonly startedAt: Instant | undefined;
  readonly endedAt: Instant | undefined;
  readonly input: Json;
  readonly output: Json;
  readonly failure: Failure | undefined;
  /** When time moves it: the end of a delay, of a wait, or the next retry. */
  readonly dueAt: Instant | undefined;
  /** The signal it waits for. */
  readonly signal: string | undefined;
  /** True while it has failed for good and a person is to decide. */
  readonly asksForDecision: boolean;
  /** True once its fallback took over. */
  readonly fellBack: boolean;
  /** The run whose result it took. */
  readonly reusedFrom: string | undefined;
  /** The task that it undoes. */
  readonly undoes: number | undefined;
  readonly items:
    | { readonly count: number; readonly succeeded: number; readonly failed: number; readonly running: number }
    | undefined;
}

export interface RunView {
  readonly id: string;
  readonly workflow: string;
  readonly version: string;
  readonly status: string;
  readonly input: Json;
  /** By what it can be found. */
  readonly attributes: Attributes;
  readonly output: Json;
  readonly errors: readonly RunError[];
  readonly reason: string | undefined;
  readonly blocked: string | undefined;
  readonly startedAt: Instant;
  readonly endedAt: Instant | undefined;
  readonly epoch: number;
  readonly revision: number;
  readonly parent: string | undefined;
  /** The run it was forked from, and at which event. */
  readonly forkedFrom: { readonly run: string; readonly revision: number } | undefined;
  readonly tasks: readonly TaskView[];
  /** How often each task has run. */
  readonly iterations: { readonly [name: string]: number };
  /** Signals that have come and that no task has taken yet, by name. */
  readonly signals: { readonly [name: string]: number };
  /** What the program says of its own state, such as joins that wait for more arrivals. */
  readonly program: Json;
}

/** The view of a run whose history is `history` and whose state is its fold. O(events). */
export function viewRun(state: RunState, history: Iterable<Recorded>, program: Program): RunView {
  const tasks = new Map<number, Draft>();
  for (const event of history) applyTo(tasks, event);
  // To other styles the route is a number of their own.
  if (program.style !== 'flow') for (const task of tasks.values()) task.route = 0;
  return {
    id: state.id,
    workflow: state.workflow,
    version: state.version,
    status: shownStatus(state),
    input: state.input,
    attributes: state.attributes,
    output: state.output,
    errors: state.errors.list,
    reason: state.reason,
    blocked: state.blocked,
    startedAt: state.startedAt,
    endedAt: state.endedAt,
    epoch: state.epoch,
    revision: state.revision,
    parent: state.parent?.run,
    forkedFrom: state.forkedFrom,
    tasks: [...tasks.values()],
    iterations: Object.fromEntries(state.iterations),
    signals: Object.fromEntries([...state.signals].map(([name, queue]) => [name, queue.length])),
    program: program.describe?.(state) ?? null,
  };
}

type Draft = { -readonly [Key in keyof TaskView]: TaskView[Key] } & { wasSkipped?: boolean };

function applyTo(tasks: Map<number, Draft>, event: Recorded): void {
  if (event.type === 'RunEnded') {
    for (const task of tasks.values())
      if (!isOver(task.status)) Object.assign(task, { status: 'canceled', endedAt: event.at, dueAt: undefined });
    return;
  }
  if (event.type === 'TaskScheduled') {
    tasks.set(event.task, draftOf(event));
    return;
  }
  if (!('task' in event) || typeof event.task !== 'number') return;
  const task = tasks.get(event.task);
  if (task === undefined) return;
  switch (event.type) {
    case 'AttemptStarted':
      task.status = 'running';
      task.attempts += 1;
      task.startedAt ??= event.at;
      if (task.items !== undefined) task.items = { ...task.items, running: task.items.running + 1 };
      return;
    case 'AttemptLost':
      if (task.items === undefined) task.status = 'ready';
      else task.items = { ...task.items, running: task.items.running - 1 };
      return;
    case 'DelayPassed':
      task.status = 'ready';
      task.dueAt = undefined;
      return;
    case 'WaitStarted':
      task.status = 'waiting';
      task.startedAt ??= event.at;
      task.dueAt = event.dueAt;
      task.signal = event.signal;
      if (task.items !== undefined) task.items = { ...task.items, running: task.items.running + 1 };
      return;
    case 'FallbackTaken':
      task.fellBack = true;
      task.status = 'ready';
      task.items = undefined;
      setOutcome(task, event.outcome);
      return;
    case 'DecisionAsked':
      task.asksForDecision = true;
      task.status = 'waiting';
      setOutcome(task, event.outcome);
      return;
    case 'DecisionTaken':
      task.asksForDecision = false;
      if (event.choice === 'skip') task.wasSkipped = true;
      return;
    case 'ResultReused':
      task.reusedFrom = event.from.run;
      return;
    case 'ItemEnded':
      task.items = countItem(task.items, event.outcome);
      return;
    case 'RetryScheduled':
      task.status = 'retrying';
      task.dueAt = event.notBefore;
      setOutcome(task, event.outcome);
      if (task.items !== undefined) task.items = { count: task.items.count, succeeded: 0, failed: 0, running: 0 };
      return;
    case 'TaskEnded':
      task.status = task.wasSkipped === true ? 'skipped' : event.outcome.status;
      task.endedAt = event.at;
      task.dueAt = undefined;
      setOutcome(task, event.outcome);
      return;
    default:
      return;
  }
}

function draftOf(event: Recorded & { type: 'TaskScheduled' }): Draft {
  const { task, spec, at } = event;
  const items =
    spec.kind === 'items'
      ? { count: (spec.input as readonly Json[]).length, succeeded: 0, failed: 0, running: 0 }
      : undefined;
  const delayed = spec.notBefore !== undefined && spec.notBefore > at;
  return {
    task,
    name: spec.name,
    route: spec.route ?? 0,
    action: spec.action,
    status: delayed ? 'waiting' : 'ready',
    attempts: 0,
    scheduledAt: at,
    startedAt: undefined,
    endedAt: undefined,
    input: spec.input,
    output: null,
    failure: undefined,
    dueAt: delayed ? spec.notBefore : undefined,
    signal: undefined,
    asksForDecision: false,
    fellBack: false,
    reusedFrom: undefined,
    undoes: spec.undoes,
    items,
  };
}

function setOutcome(task: Draft, outcome: Outcome): void {
  task.output = outcome.output;
  task.failure = outcome.status === 'failed' ? outcome.failure : undefined;
}

function countItem(items: TaskView['items'], outcome: Outcome): TaskView['items'] {
  if (items === undefined) return undefined;
  const running = Math.max(0, items.running - 1);
  if (outcome.status === 'succeeded') return { ...items, running, succeeded: items.succeeded + 1 };
  return { ...items, running, failed: items.failed + 1 };
}

function isOver(status: TaskStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'canceled' || status === 'skipped';
}
