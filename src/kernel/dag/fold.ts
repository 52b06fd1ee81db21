/**
 * Folds events into a DAG run's state. What follows from an end by the shape of the graph alone (who may start, who is cut
 * off) is worked out here and stands in no event.
 */

import { assert, type Json, type JsonObject, unreachable } from '../../base/index.ts';
import type { AddedTask } from '../../definition/index.ts';
import type { Recorded, TaskEnded } from '../events.ts';
import type { RunState } from '../run.ts';
import type { DagNote } from './notes.ts';
import type { DagPlan } from './plan.ts';
import {
  type DagState,
  eachNeed,
  eachUser,
  enqueue,
  isOver,
  isSettled,
  letters,
  nameAt,
  newDagState,
  numberOf,
  someFailed,
  someSkipped,
  someSucceeded,
  taskCount,
  triggerOf,
} from './state.ts';

export function foldDag(run: RunState, event: Recorded): void {
  const state = run.program as DagState;
  switch (event.type) {
    case 'TaskScheduled': {
      const task = event.spec.route ?? -1;
      assert(state.status[task] === letters.ready, `task ${event.spec.name} was scheduled without being ready`);
      state.status[task] = letters.open;
      return;
    }
    case 'TaskEnded':
      return foldEnded(run, state, event);
    case 'ProgramNoted':
      return foldNote(run, state, event.note as unknown as DagNote, event.values ?? null);
    default:
      return;
  }
}

function foldEnded(run: RunState, state: DagState, event: TaskEnded): void {
  const { outcome } = event;
  const task = run.open.get(event.task)?.spec.route ?? -1;
  assert(state.status[task] === letters.open, `task ${event.task} ended and was not open`);
  // What the run left without an outcome goes on when it is rerun.
  if (event.dropped === true) {
    state.status[task] = letters.pending;
    return;
  }
  if (outcome.status === 'succeeded') {
    if (state.users[task]! > 0 || isKept(state, task)) state.results.set(task, outcome.output);
    settle(state, task, letters.succeeded);
  } else {
    state.bad += 1;
    settle(state, task, outcome.status === 'failed' ? letters.failed : letters.canceled);
  }
}

function isKept(state: DagState, task: number): boolean {
  const { kept } = state.plan;
  // The results of added tasks are for those that need them; where nobody does, for the output.
  return task < kept.length ? kept[task] === 1 : !state.addedOut.has(task);
}

function foldNote(run: RunState, state: DagState, note: DagNote, values: Json): void {
  switch (note[0]) {
    case 'begin': {
      state.variables = { ...run.context, ...run.input, ...(values as JsonObject | null) };
      if (note[1] === 'failed') state.isUnset = true;
      else begin(run, state);
      return;
    }
    case 'skipped':
      return settle(state, note[1], letters.skipped);
    case 'added':
      return addTasks(state, note[1], note[2]);
    case 'rerun':
      return runAgain(run, state, note[1]);
    default:
      return unreachable(note, 'note of a dependency graph');
  }
}

/** Lets the tasks that need nothing start; of a run that begins in the middle, those that are named. */
function begin(run: RunState, state: DagState): void {
  if (run.from !== undefined) {
    const named = run.from.map((name) => numberOf(state, name)!);
    const below = reached(state, named);
    // What does not follow from them counts as done.
    for (let task = 0; task < state.status.length; task += 1) {
      if (!below.has(task)) state.status[task] = letters.succeeded;
    }
    recount(state);
    for (const task of named) state.left[task] = 0;
  }
  for (let task = 0; task < state.status.length; task += 1) {
    if (state.status[task] === letters.pending && state.left[task] === 0) enqueue(state, task);
  }
}

/** The task is over: those that wait for it may start, or are cut off, and so on down. */
function settle(state: DagState, task: number, letter: number): void {
  state.status[task] = letter;
  const over = [task];
  for (let next = over.pop(); next !== undefined; next = over.pop()) {
    const how = state.status[next]!;
    const flag = flagOf(how);
    if (isFinal(state, next)) finish(state, next);
    eachUser(state, next, (user, gates) => {
      if (!gates) return;
      state.left[user]! -= 1;
      state.flags[user]! |= flag;
      if (state.status[user] !== letters.pending) return;
      const means = whatFollows(state, user);
      if (means === letters.ready) enqueue(state, user);
      else if (means !== letters.pending) {
        state.status[user] = means;
        over.push(user);
      }
    });
  }
}

/** True where the task has run through, or was not to run, and so has all that it follows from: no rerun brings it back by itself. */
function isFinal(state: DagState, task: number): boolean {
  return isSettled(state.status[task]) && state.unfinal[task] === 0;
}

/** The task is final, and so may be those that need it: nobody will ask for what they needed. */
function finish(state: DagState, task: number): void {
  const final = [task];
  for (let next = final.pop(); next !== undefined; next = final.pop()) {
    releaseNeeds(state, next);
    eachUser(state, next, (user, gates) => {
      if (!gates) return;
      state.unfinal[user]! -= 1;
      if (isFinal(state, user)) final.push(user);
    });
  }
}

function flagOf(letter: number): number {
  if (letter === letters.succeeded) return someSucceeded;
  return letter === letters.skipped ? someSkipped : someFailed;
}

/**
 * Where a pending task stands after what has become of those it needs. In which order they ended makes no difference: a
 * failure cuts off at once, and a skip counts when the last is over.
 */
function whatFollows(state: DagState, task: number): number {
  const flags = state.flags[task]!;
  const isLast = state.left[task]! <= 0;
  const trigger = triggerOf(state, task);
  if (trigger === 'any_succeeded') {
    if ((flags & someSucceeded) !== 0) return letters.ready;
    if (!isLast) return letters.pending;
    return (flags & someFailed) !== 0 ? letters.cutOff : letters.skipped;
  }
  if (trigger !== 'all_done' && (flags & someFailed) !== 0) return letters.cutOff;
  if (!isLast) return letters.pending;
  return trigger === 'all_succeeded' && (flags & someSkipped) !== 0 ? letters.skipped : letters.ready;
}

/** Drops results that nobody will ask for any more. */
function releaseNeeds(state: DagState, task: number): void {
  eachNeed(state, task, (need) => {
    state.users[need]! -= 1;
    if (state.users[need] === 0 && !isKept(state, need)) state.results.delete(need);
  });
}

function addTasks(state: DagState, by: number, added: readonly AddedTask[]): void {
  const first = taskCount(state);
  state.added.push(...added);
  for (const [index, one] of added.entries()) state.addedNumbers.set(one.name, first + index);
  grow(state, taskCount(state));
  added.forEach((one, index) => {
    const task = first + index;
    const named = (one.needs ?? []).map((name) => numberOf(state, name)!);
    // The one that added it has succeeded, and is not what a task with `any_succeeded` waits for.
    const isAny = one.trigger === 'any_succeeded' && named.length > 0;
    for (const need of new Set(isAny ? named : [by, ...named])) addEdge(state, need, task);
    for (const name of one.before ?? []) {
      const after = numberOf(state, name)!;
      const letter = state.status[after];
      // One that is not to run needs nothing before it.
      if (letter !== letters.skipped && letter !== letters.cutOff) addEdge(state, task, after);
    }
  });
  for (let task = first; task < taskCount(state); task += 1) {
    if (state.status[task] !== letters.pending) continue;
    const means = whatFollows(state, task);
    if (means === letters.ready) enqueue(state, task);
    else if (means !== letters.pending) settle(state, task, means);
  }
}

function addEdge(state: DagState, from: number, to: number): void {
  const out = state.addedOut.get(from);
  if (out === undefined) state.addedOut.set(from, [to]);
  else out.push(to);
  const into = state.addedIn.get(to);
  if (into === undefined) state.addedIn.set(to, [from]);
  else into.push(from);
  const how = state.status[from]!;
  state.users[from]! += 1;
  if (!isFinal(state, from)) state.unfinal[to]! += 1;
  if (isOver(how)) state.flags[to]! |= flagOf(how);
  else {
    state.left[to]! += 1;
    // It could have started, and now waits again.
    if (state.status[to] === letters.ready) state.status[to] = letters.pending;
  }
}

function grow(state: DagState, count: number): void {
  if (count <= state.status.length) return;
  const size = Math.max(count, Math.ceil(state.status.length * 1.5));
  const status = new Uint8Array(size).fill(letters.pending);
  status.set(state.status);
  const left = new Int32Array(size);
  left.set(state.left);
  const flags = new Uint8Array(size);
  flags.set(state.flags);
  const users = new Int32Array(size);
  users.set(state.users);
  const unfinal = new Int32Array(size);
  unfinal.set(state.unfinal);
  Object.assign(state, { status, left, flags, users, unfinal });
}

/** These and all that follows from them are as if they had never run. */
function runAgain(run: RunState, state: DagState, tasks: readonly number[]): void {
  for (const task of reached(state, tasks)) {
    run.errors.forget(nameAt(state, task));
    state.status[task] = letters.pending;
    state.results.delete(task);
  }
  recount(state);
  requeue(state);
}

/** The tasks and all that need them, directly or not. */
export function reached(state: DagState, tasks: readonly number[]): Set<number> {
  const found = new Set(tasks);
  const path = [...tasks];
  for (let task = path.pop(); task !== undefined; task = path.pop()) {
    eachUser(state, task, (user, gates) => {
      if (!gates || found.has(user)) return;
      found.add(user);
      path.push(user);
    });
  }
  return found;
}

/** Works out counts and flags from the letters. O(tasks + edges). */
function recount(state: DagState): void {
  const count = taskCount(state);
  state.left.fill(0);
  state.flags.fill(0);
  state.users.fill(0);
  state.unfinal.fill(0);
  state.bad = 0;
  for (let task = 0; task < count; task += 1) {
    const how = state.status[task]!;
    const over = isOver(how);
    if (how === letters.failed || how === letters.canceled) state.bad += 1;
    eachUser(state, task, (user, gates) => {
      if (!gates) return;
      state.unfinal[user]! += 1;
      if (over) state.flags[user]! |= flagOf(how);
      else state.left[user]! += 1;
    });
  }
  const final: number[] = [];
  for (let task = 0; task < count; task += 1) if (isFinal(state, task)) final.push(task);
  for (let next = final.pop(); next !== undefined; next = final.pop()) {
    eachUser(state, next, (user, gates) => {
      if (!gates) return;
      state.unfinal[user]! -= 1;
      if (isFinal(state, user)) final.push(user);
    });
  }
  for (let task = 0; task < count; task += 1) {
    eachUser(state, task, (user) => {
      if (!isFinal(state, user)) state.users[task]! += 1;
    });
  }
}

/** Puts every task that may start into the queue. */
function requeue(state: DagState): void {
  state.queue.length = 0;
  const count = taskCount(state);
  for (let task = 0; task < count; task += 1) {
    const letter = state.status[task];
    if (letter === letters.ready) enqueue(state, task);
    else if (letter === letters.pending) {
      const means = whatFollows(state, task);
      if (means === letters.ready) enqueue(state, task);
      else if (means !== letters.pending) settle(state, task, means);
    }
  }
}

export function freezeDag(state: DagState): Json {
  const count = taskCount(state);
  let status = '';
  for (let from = 0; from < count; from += 8192) {
    status += String.fromCharCode(...state.status.subarray(from, Math.min(count, from + 8192)));
  }
  const { variables, added, isUnset } = state;
  const edges = [...state.addedOut].map(([from, to]) => [from, to]);
  return {
    status,
    variables,
    results: [...state.results],
    added,
    edges,
    ...(isUnset ? { isUnset } : {}),
  } as unknown as Json;
}

export function thawDag(frozen: Json, plan: DagPlan): DagState {
  const stored = frozen as unknown as {
    status: string;
    variables: JsonObject;
    results: [number, Json][];
    added: AddedTask[];
    edges: [number, number[]][];
    isUnset?: boolean;
  };
  const state = newDagState(plan);
  state.variables = stored.variables;
  state.isUnset = stored.isUnset === true;
  state.added.push(...stored.added);
  for (const [index, one] of stored.added.entries()) state.addedNumbers.set(one.name, plan.tasks.length + index);
  grow(state, taskCount(state));
  for (let task = 0; task < stored.status.length; task += 1) state.status[task] = stored.status.charCodeAt(task);
  for (const [from, targets] of stored.edges) {
    state.addedOut.set(from, targets);
    for (const to of targets) {
      const into = state.addedIn.get(to);
      if (into === undefined) state.addedIn.set(to, [from]);
      else into.push(from);
    }
  }
  for (const [task, result] of stored.results) state.results.set(task, result);
  recount(state);
  for (let task = 0; task < taskCount(state); task += 1) if (state.status[task] === letters.ready) enqueue(state, task);
  return state;
}
