/**
 * A flow definition as the graph its program walks: nodes, edges in the order they are evaluated, joins and splits.
 *
 * Every transition and every target of it is an edge of its own. A task that several transitions reach, that has no join
 * and is in no cycle is a *split*: each arrival starts an instance of its own, on a route of its own.
 */

import { assert } from '../../base/index.ts';
import type { FlowDefinition, FlowTask, FlowTransition } from '../../definition/index.ts';

/** The commands a transition may name instead of a task. `retry` is one in the document only. */
export const commands: ReadonlySet<string> = new Set(['noop', 'fail', 'continue']);

export interface FlowEdge {
  /** Its place among all edges. */
  readonly index: number;
  readonly source: string;
  readonly target: string;
  readonly transition: FlowTransition;
  /** `<target>__t<n>`: n counts the edges between the two tasks. */
  readonly id: string;
  /** `<source>__t<n>`: the same edge, as its target names it. */
  readonly backId: string;
}

export interface FlowNode {
  readonly name: string;
  /** Absent for a command. */
  readonly task: FlowTask | undefined;
  /** Sorted by target, then by place in the document: the order of evaluation. */
  readonly out: FlowEdge[];
  readonly inbound: FlowEdge[];
  /** The distinct tasks that lead here. */
  readonly sources: readonly string[];
  /** How many distinct tasks must have led here; absent where the task does not join. */
  readonly join: number | undefined;
  readonly split: boolean;
  readonly inCycle: boolean;
}

export interface FlowGraph {
  readonly nodes: ReadonlyMap<string, FlowNode>;
  readonly edges: readonly FlowEdge[];
  /** True where an expression of the document may ask for the result of a task by its name. */
  readonly asksForResults: boolean;
  /** The declared inputs. */
  readonly inputs: readonly string[];
  /** Tasks without inbound transition, sorted by name. */
  readonly entryPoints: readonly string[];
}

/** Builds the graph of what is reachable from `from`, or from the entry points. O(tasks + edges). */
export function flowGraph(definition: FlowDefinition, from?: readonly string[]): FlowGraph {
  const arrivals = countArrivals(definition);
  const entryPoints = [...definition.tasks.keys()].filter((name) => !arrivals.has(name)).sort();
  const reached = reach(definition, from ?? entryPoints);
  const outgoing = new Map<string, FlowEdge[]>();
  const inbound = new Map<string, FlowEdge[]>();
  const edges: FlowEdge[] = [];
  for (const name of reached) {
    const out = edgesOf(definition.tasks.get(name), name, edges.length);
    outgoing.set(name, out);
    for (const edge of out) {
      edges.push(edge);
      const list = inbound.get(edge.target);
      if (list === undefined) inbound.set(edge.target, [edge]);
      else list.push(edge);
    }
  }
  const cyclic = tasksInCycles(outgoing);
  const nodes = new Map<string, FlowNode>();
  for (const name of reached) {
    const task = definition.tasks.get(name);
    const into = inbound.get(name) ?? [];
    const sources = [...new Set(into.map((edge) => edge.source))];
    const inCycle = cyclic.has(name);
    const join = task?.join === undefined ? undefined : task.join === 'all' ? sources.length : Math.max(1, task.join);
    const split = join === undefined && !inCycle && (arrivals.get(name) ?? 0) > 1;
    nodes.set(name, { name, task, out: outgoing.get(name) ?? [], inbound: into, sources, join, split, inCycle });
  }
  return {
    nodes,
    edges,
    entryPoints,
    asksForResults: asksForResults(definition),
    inputs: definition.input.map((declared) => declared.name),
  };
}

/** The node of that name. */
export function nodeOf(graph: FlowGraph, name: string): FlowNode {
  const node = graph.nodes.get(name);
  assert(node !== undefined, `the workflow has no task "${name}"`);
  return node;
}

/** Looks for `task(` in every template of the document. */
function asksForResults(definition: FlowDefinition): boolean {
  let found = false;
  JSON.stringify([...definition.tasks.values(), definition.output, definition.vars], (key, value: unknown) => {
    if (typeof value === 'string' && /(?<![\w.])task\s*\(/.test(value)) found = true;
    return key === 'faults' ? undefined : value;
  });
  return found;
}

/** How many transitions of the document name each task. */
function countArrivals(definition: FlowDefinition): Map<string, number> {
  const arrivals = new Map<string, number>();
  for (const task of definition.tasks.values()) {
    for (const transition of task.next) {
      for (const target of transition.targets) arrivals.set(target, (arrivals.get(target) ?? 0) + 1);
    }
  }
  return arrivals;
}

function reach(definition: FlowDefinition, from: readonly string[]): Set<string> {
  const reached = new Set<string>(from);
  for (const name of reached) {
    for (const transition of definition.tasks.get(name)?.next ?? []) {
      for (const target of transition.targets) reached.add(target);
    }
  }
  return reached;
}

function edgesOf(task: FlowTask | undefined, source: string, firstIndex: number): FlowEdge[] {
  const pairs = (task?.next ?? []).flatMap((transition) =>
    transition.targets.map((target) => ({ transition, target })),
  );
  pairs.sort((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
  const counts = new Map<string, number>();
  return pairs.map(({ transition, target }, offset) => {
    const n = counts.get(target) ?? 0;
    counts.set(target, n + 1);
    return {
      index: firstIndex + offset,
      source,
      target,
      transition,
      id: `${target}__t${n}`,
      backId: `${source}__t${n}`,
    };
  });
}

/** The tasks on a cycle: those in a strongly connected component of more than one, and self-loops (Tarjan 1972), without recursion. */
function tasksInCycles(outgoing: ReadonlyMap<string, readonly FlowEdge[]>): Set<string> {
  const cyclic = new Set<string>();
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  for (const root of outgoing.keys()) {
    if (order.has(root)) continue;
    const path: { name: string; next: number }[] = [{ name: root, next: 0 }];
    while (path.length > 0) {
      const top = path[path.length - 1]!;
      const { name } = top;
      if (top.next === 0) {
        order.set(name, order.size);
        low.set(name, order.get(name)!);
        stack.push(name);
        onStack.add(name);
      }
      const edge = outgoing.get(name)?.[top.next];
      if (edge !== undefined) {
        top.next += 1;
        if (edge.target === name) cyclic.add(name);
        if (!order.has(edge.target)) path.push({ name: edge.target, next: 0 });
        else if (onStack.has(edge.target)) low.set(name, Math.min(low.get(name)!, order.get(edge.target)!));
        continue;
      }
      path.pop();
      const above = path[path.length - 1];
      if (above !== undefined) low.set(above.name, Math.min(low.get(above.name)!, low.get(name)!));
      if (low.get(name) !== order.get(name)) continue;
      const component = stack.splice(stack.lastIndexOf(name));
      for (const member of component) {
        onStack.delete(member);
        if (component.length > 1) cyclic.add(member);
      }
    }
  }
  return cyclic;
}
