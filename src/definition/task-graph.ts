/**
 * The tasks of a document as a graph: who leads where, which tasks are in a cycle, and where runs begin.
 *
 * An edge is one naming of a task in a `do`: two transitions to the same task, or its name twice in one, are two edges.
 * Commands and names that no task has are no nodes. Everything here is linear in tasks and edges.
 */

import { targetsOfTask, type WorkflowDraft } from './draft.ts';
import { isCommand } from './language.ts';

export interface TaskGraph {
  /** The names of `do`, commands and unknown names included, sorted as Orquesta follows them. */
  readonly next: ReadonlyMap<string, readonly string[]>;
  /** How many edges lead to each task. */
  readonly inbound: ReadonlyMap<string, number>;
  /** The tasks with an edge to each task, without repeats. */
  readonly sources: ReadonlyMap<string, ReadonlySet<string>>;
  /** The number of the cycle that a task is in, shared by all tasks of intertwined cycles; absent outside of any. */
  readonly cycleOf: ReadonlyMap<string, number>;
  /** The tasks that no transition leads to, sorted by name. */
  readonly starts: readonly string[];
}

export function graphOf(draft: WorkflowDraft): TaskGraph {
  const next = new Map<string, string[]>();
  const inbound = new Map<string, number>();
  const sources = new Map<string, Set<string>>();
  for (const { name } of draft.tasks) {
    const targets = targetsOfTask(draft, name).map((target) => target.name);
    next.set(name, targets.sort(byCodePoint));
    for (const target of targets) {
      inbound.set(target, (inbound.get(target) ?? 0) + 1);
      const from = sources.get(target);
      if (from) from.add(name);
      else sources.set(target, new Set([name]));
    }
  }
  const starts = draft.tasks.map((task) => task.name).filter((name) => !inbound.has(name));
  return { next, inbound, sources, cycleOf: cyclesOf(next), starts: starts.sort(byCodePoint) };
}

/** Whether each way to the task starts an instance of it on its own: several edges, no `join`, not in a cycle. */
export function isSplit(draft: WorkflowDraft, graph: TaskGraph, name: string): boolean {
  const task = draft.byName.get(name);
  return task !== undefined && !hasJoin(draft, name) && (graph.inbound.get(name) ?? 0) > 1 && !graph.cycleOf.has(name);
}

export function hasJoin(draft: WorkflowDraft, name: string): boolean {
  const join = isCommand(name) ? undefined : draft.byName.get(name)?.join;
  return join !== undefined && !(join.kind === 'scalar' && join.value === null);
}

/** The order of Python's text: by code point. */
export function byCodePoint(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    const isSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff;
    return isSurrogate(a) === isSurrogate(b) ? a - b : isSurrogate(a) ? 1 : -1;
  }
  return left.length - right.length;
}

/** The nodes on some cycle, by Tarjan's strongly connected components, with a stack of its own. */
function cyclesOf(next: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const found = new Map<string, number>();
  let components = 0;

  const enter = (name: string) => {
    order.set(name, order.size);
    low.set(name, order.size - 1);
    open.push(name);
    isOpen.add(name);
    return { name, targets: (next.get(name) ?? []).filter((target) => next.has(target)), at: 0 };
  };
  const close = (name: string) => {
    const component: string[] = [];
    let member: string;
    do {
      member = open.pop()!;
      isOpen.delete(member);
      component.push(member);
    } while (member !== name);
    if (component.length === 1 && !next.get(name)!.includes(name)) return;
    for (const one of component) found.set(one, components);
    components += 1;
  };

  for (const root of next.keys()) {
    if (order.has(root)) continue;
    const path = [enter(root)];
    while (path.length > 0) {
      const frame = path.at(-1)!;
      const target = frame.targets[frame.at++];
      if (target === undefined) {
        path.pop();
        const parent = path.at(-1);
        if (parent) low.set(parent.name, Math.min(low.get(parent.name)!, low.get(frame.name)!));
        if (low.get(frame.name) === order.get(frame.name)) close(frame.name);
      } else if (!order.has(target)) {
        path.push(enter(target));
      } else if (isOpen.has(target)) {
        low.set(frame.name, Math.min(low.get(frame.name)!, order.get(target)!));
      }
    }
  }
  return found;
}
