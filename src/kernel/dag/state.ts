/**
 * How far a DAG run has come: a letter for each task, how many dependencies each still waits for, and the results that
 * somebody may yet ask for.
 *
 * G1. A task that is over and whose result nobody needs costs a few bytes: its letter and its counts.
 * G2. Counts and flags follow from the letters: `thaw` counts them anew.
 */

import type { Json, JsonObject } from '../../base/index.ts';
import type { AddedTask, Trigger } from '../../definition/index.ts';
import { blockingKind } from '../../graph/index.ts';
import type { DagPlan } from './plan.ts';

/** Where a task stands. Stored: the letters never change. */
export const letters = {
  pending: 112, // p
  ready: 114, // r
  open: 111, // o
  succeeded: 115, // s
  failed: 102, // f
  canceled: 99, // c
  /** Its condition did not hold, or that of a task it needs. */
  skipped: 107, // k
  /** A task it needs failed. */
  cutOff: 117, // u
} as const;

/** What is known of the dependencies that are over. */
export const someSucceeded = 1;
export const someFailed = 2;
export const someSkipped = 4;

export interface DagState {
  readonly plan: DagPlan;
  /** Inputs and variables. */
  variables: JsonObject;
  /** A letter for each task. */
  status: Uint8Array;
  /** Blocking dependencies that are not over. */
  left: Int32Array;
  flags: Uint8Array;
  /** Those that need the task and are not final, so that its result must stay. */
  users: Int32Array;
  /** Gating dependencies that are not final: they, or what they follow from, may run yet or again. */
  unfinal: Int32Array;
  readonly results: Map<number, Json>;
  /** A heap of tasks that may start, by turn; those that have started meanwhile are passed over. */
  readonly queue: number[];
  /** Tasks that the run added; the first is numbered as the plan is long. */
  readonly added: AddedTask[];
  readonly addedNumbers: Map<string, number>;
  /** Edges that the run added: who waits for the task, and whom it waits for. */
  readonly addedOut: Map<number, number[]>;
  readonly addedIn: Map<number, number[]>;
  /** Tasks that failed or were canceled. */
  bad: number;
  /** True where its variables could not be rendered: nothing of it has begun. */
  isUnset: boolean;
}

export function newDagState(plan: DagPlan): DagState {
  const count = plan.tasks.length;
  const state: DagState = {
    plan,
    variables: {},
    status: new Uint8Array(count).fill(letters.pending),
    left: plan.blocking.slice(),
    flags: new Uint8Array(count),
    users: new Int32Array(count),
    unfinal: plan.blocking.slice(),
    results: new Map(),
    queue: [],
    added: [],
    addedNumbers: new Map(),
    addedOut: new Map(),
    addedIn: new Map(),
    bad: 0,
    isUnset: false,
  };
  const { outStart } = plan.graph;
  for (let task = 0; task < count; task += 1) state.users[task] = outStart[task + 1]! - outStart[task]!;
  return state;
}

export function taskCount(state: DagState): number {
  return state.plan.tasks.length + state.added.length;
}

export function nameAt(state: DagState, task: number): string {
  const { tasks } = state.plan;
  return task < tasks.length ? tasks[task]!.name : state.added[task - tasks.length]!.name;
}

export function numberOf(state: DagState, name: string): number | undefined {
  return state.plan.numberOf.get(name) ?? state.addedNumbers.get(name);
}

export function triggerOf(state: DagState, task: number): Trigger {
  const { triggers } = state.plan;
  return task < triggers.length ? triggers[task]! : (state.added[task - triggers.length]!.trigger ?? 'all_succeeded');
}

/** Calls back with each task that needs `task`, and whether it gates. */
export function eachUser(state: DagState, task: number, call: (user: number, gates: boolean) => void): void {
  const { outStart, outTo, outKind } = state.plan.graph;
  if (task < state.plan.tasks.length) {
    const end = outStart[task + 1]!;
    for (let row = outStart[task]!; row < end; row += 1) call(outTo[row]!, outKind[row] === blockingKind);
  }
  const more = state.addedOut.get(task);
  if (more !== undefined) for (const user of more) call(user, true);
}

/** Calls back with each task that `task` needs, and whether it gates. */
export function eachNeed(state: DagState, task: number, call: (need: number, gates: boolean) => void): void {
  const { inStart, inFrom, inKind } = state.plan.graph;
  if (task < state.plan.tasks.length) {
    const end = inStart[task + 1]!;
    for (let row = inStart[task]!; row < end; row += 1) call(inFrom[row]!, inKind[row] === blockingKind);
  }
  const more = state.addedIn.get(task);
  if (more !== undefined) for (const need of more) call(need, true);
}

/** Puts a task into the queue of those that may start. */
export function enqueue(state: DagState, task: number): void {
  state.status[task] = letters.ready;
  const { queue } = state;
  queue.push(task);
  let at = queue.length - 1;
  const turn = turnOf(state, task);
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (turnOf(state, queue[above]!) <= turn) break;
    queue[at] = queue[above]!;
    at = above;
  }
  queue[at] = task;
}

/** The task whose turn it is, left in the queue; undefined where none may start. */
export function firstReady(state: DagState): number | undefined {
  const { queue, status } = state;
  while (queue.length > 0) {
    const first = queue[0]!;
    if (status[first] === letters.ready) return first;
    removeFirst(state);
  }
  return undefined;
}

function removeFirst(state: DagState): void {
  const { queue } = state;
  const last = queue.pop()!;
  if (queue.length === 0) return;
  const turn = turnOf(state, last);
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= queue.length) break;
    if (below + 1 < queue.length && turnOf(state, queue[below + 1]!) < turnOf(state, queue[below]!)) below += 1;
    if (turnOf(state, queue[below]!) >= turn) break;
    queue[at] = queue[below]!;
    at = below;
  }
  queue[at] = last;
}

/** Added tasks come after all others, in the order they were added. */
function turnOf(state: DagState, task: number): number {
  return task < state.plan.turn.length ? state.plan.turn[task]! : task;
}

export function isOver(letter: number | undefined): boolean {
  return letter !== letters.pending && letter !== letters.ready && letter !== letters.open;
}

/** True where the task ran through, or was not to run. */
export function isSettled(letter: number | undefined): boolean {
  return letter === letters.succeeded || letter === letters.skipped;
}
