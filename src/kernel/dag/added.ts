/** What a task adds to its run while the run is under way: read from what it gave, and held against the graph as it stands. */

import { fail, isJsonObject, type Json, jsonEqual, ok, type Result } from '../../base/index.ts';
import type { AddedTask, Trigger } from '../../definition/index.ts';
import { type DagState, eachUser, isOver, letters, nameAt, numberOf, taskCount } from './state.ts';

const triggers: readonly string[] = ['all_succeeded', 'all_done', 'any_succeeded', 'none_failed'] satisfies Trigger[];
const fields: ReadonlySet<string> = new Set(['name', 'action', 'input', 'needs', 'before', 'trigger']);

/** The tasks that `given` describes, or the first thing that is wrong with it. Changes nothing. */
export function readAdded(given: Json, state: DagState): Result<readonly AddedTask[], string> {
  if (given === null) return ok([]);
  if (!Array.isArray(given)) return fail('it must give a list of tasks');
  const tasks: AddedTask[] = [];
  const names = new Map<string, number>();
  for (const [index, one] of (given as readonly Json[]).entries()) {
    const task = readOne(one, index);
    if (!task.ok) return task;
    const { name } = task.value;
    // A task that runs again adds again what it added before.
    if (isAddedSo(state, task.value)) continue;
    if (numberOf(state, name) !== undefined || names.has(name)) return fail(`there is a task "${name}" already`);
    names.set(name, taskCount(state) + tasks.length);
    tasks.push(task.value);
  }
  const placeOf = (name: string): number | undefined => numberOf(state, name) ?? names.get(name);
  for (const { name, needs, before } of tasks) {
    for (const need of needs ?? []) {
      if (placeOf(need) === undefined) return fail(`"${name}" needs "${need}", and there is no such task`);
      if (need === name) return fail(`"${name}" needs itself`);
    }
    for (const after of before ?? []) {
      const place = numberOf(state, after);
      if (place === undefined)
        return fail(`"${name}" is to come before "${after}", and there is no such task that was there before`);
      const letter = state.status[place]!;
      if (letter === letters.skipped || letter === letters.cutOff) continue;
      if (isOver(letter) || letter === letters.open)
        return fail(`"${name}" is to come before "${after}", which has begun already`);
    }
  }
  const cycle = cycleIn(tasks, state, placeOf);
  return cycle === undefined ? ok(tasks) : fail(`the tasks would wait for each other: ${cycle.join(' -> ')}`);
}

function isAddedSo(state: DagState, task: AddedTask): boolean {
  const number = state.addedNumbers.get(task.name);
  const before = number === undefined ? undefined : state.added[number - state.plan.tasks.length];
  return before !== undefined && jsonEqual(before as unknown as Json, task as unknown as Json);
}

function readOne(one: Json, index: number): Result<AddedTask, string> {
  if (!isJsonObject(one)) return fail(`task ${index} of the list is no map`);
  const unknown = Object.keys(one).find((key) => !fields.has(key));
  if (unknown !== undefined)
    return fail(`task ${index} of the list has "${unknown}"; it may have ${[...fields].join(', ')}`);
  const { name, action, input, needs, before, trigger } = one;
  if (typeof name !== 'string' || name === '') return fail(`task ${index} of the list has no name`);
  if (action !== undefined && (typeof action !== 'string' || action === ''))
    return fail(`"${name}" has an action that is no name`);
  if (!areNames(needs)) return fail(`"${name}" has "needs" that are no list of names`);
  if (!areNames(before)) return fail(`"${name}" has a "before" that is no list of names`);
  if (trigger !== undefined && !triggers.includes(trigger as string))
    return fail(`"${name}" has the trigger ${JSON.stringify(trigger)}; it may be ${triggers.join(', ')}`);
  return ok({
    name,
    ...(action === undefined ? {} : { action }),
    ...(input === undefined ? {} : { input }),
    ...(needs === undefined ? {} : { needs }),
    ...(before === undefined ? {} : { before }),
    ...(trigger === undefined ? {} : { trigger: trigger as Trigger }),
  });
}

function areNames(value: Json | undefined): value is readonly string[] | undefined {
  return value === undefined || (Array.isArray(value) && value.every((name) => typeof name === 'string'));
}

/** A cycle that the new edges would close, by names. Every new edge begins or ends at a new task, so it passes one. */
function cycleIn(
  tasks: readonly AddedTask[],
  state: DagState,
  placeOf: (name: string) => number | undefined,
): string[] | undefined {
  const first = taskCount(state);
  const out = new Map<number, number[]>();
  const join = (from: number, to: number): void => {
    const targets = out.get(from);
    if (targets === undefined) out.set(from, [to]);
    else targets.push(to);
  };
  tasks.forEach(({ needs, before }, index) => {
    for (const need of needs ?? []) join(placeOf(need)!, first + index);
    for (const after of before ?? []) join(first + index, placeOf(after)!);
  });
  const nameOf = (task: number): string => (task >= first ? tasks[task - first]!.name : nameAt(state, task));
  const done = new Set<number>();
  for (let index = 0; index < tasks.length; index += 1) {
    const cycle = cycleFrom(first + index, state, first, out, done);
    if (cycle !== undefined) return cycle.map(nameOf);
  }
  return undefined;
}

/** Depth first from `start`; what is `done` leads to no cycle. */
function cycleFrom(
  start: number,
  state: DagState,
  first: number,
  out: ReadonlyMap<number, readonly number[]>,
  done: Set<number>,
): number[] | undefined {
  const followers = (task: number): number[] => {
    const users: number[] = [...(out.get(task) ?? [])];
    if (task < first) eachUser(state, task, (user) => users.push(user));
    return users;
  };
  const path: { task: number; rest: number[] }[] = [{ task: start, rest: followers(start) }];
  const onPath = new Set([start]);
  while (path.length > 0) {
    const top = path[path.length - 1]!;
    const next = top.rest.pop();
    if (next === undefined) {
      done.add(top.task);
      onPath.delete(top.task);
      path.pop();
    } else if (onPath.has(next)) {
      const from = path.findIndex(({ task }) => task === next);
      return [...path.slice(from).map(({ task }) => task), next];
    } else if (!done.has(next)) {
      onPath.add(next);
      path.push({ task: next, rest: followers(next) });
    }
  }
  return undefined;
}
