/**
 * A dependency graph made ready to be walked: its tasks as numbers, in the order of definition, and who waits for whom as
 * columns. One plan serves all runs of a workflow; what a run adds to it stands in the run's own state.
 */

import type { DagDefinition, DagTask, Trigger } from '../../definition/index.ts';
import { blockingKind, type CompactGraph, compactGraph, kahnOrder, preferredKind } from '../../graph/index.ts';

export interface DagPlan {
  readonly definition: DagDefinition;
  readonly tasks: readonly DagTask[];
  readonly numberOf: ReadonlyMap<string, number>;
  readonly graph: CompactGraph;
  /** Blocking dependencies of each task. */
  readonly blocking: Int32Array;
  readonly triggers: readonly Trigger[];
  /** Which of two tasks that could both start goes first: the lower number. */
  readonly turn: Int32Array;
  /** Tasks whose results the output reads. */
  readonly kept: Uint8Array;
}

export function dagPlan(definition: DagDefinition): DagPlan {
  const tasks = [...definition.tasks.values()];
  const numberOf = new Map(tasks.map((task, index) => [task.name, index]));
  const from: number[] = [];
  const to: number[] = [];
  const kind: number[] = [];
  tasks.forEach((task, index) => {
    for (const need of task.needs) {
      from.push(numberOf.get(need.task)!);
      to.push(index);
      kind.push(need.kind === 'blocking' ? blockingKind : preferredKind);
    }
  });
  const graph = compactGraph({ nodeCount: tasks.length, from, to, kind });
  const blocking = new Int32Array(tasks.length);
  to.forEach((target, row) => {
    if (kind[row] === blockingKind) blocking[target]! += 1;
  });
  return {
    definition,
    tasks,
    numberOf,
    graph,
    blocking,
    triggers: tasks.map((task) => task.trigger),
    turn: turnsOf(tasks, graph),
    kept: keptOf(definition, tasks, graph),
  };
}

/** By priority, then in an order that keeps what is preferred before what prefers it. */
function turnsOf(tasks: readonly DagTask[], graph: CompactGraph): Int32Array {
  const order = kahnOrder(graph) ?? Int32Array.from(tasks.keys());
  const place = new Int32Array(tasks.length);
  order.forEach((task, index) => {
    place[task] = index;
  });
  const sorted = [...tasks.keys()].sort((a, b) => priorityOf(tasks[b]) - priorityOf(tasks[a]) || place[a]! - place[b]!);
  const turn = new Int32Array(tasks.length);
  sorted.forEach((task, index) => {
    turn[task] = index;
  });
  return turn;
}

function priorityOf(task: DagTask | undefined): number {
  return task?.priority ?? 50;
}

function keptOf(definition: DagDefinition, tasks: readonly DagTask[], { outStart }: CompactGraph): Uint8Array {
  const { output, outputNeeds } = definition;
  if (output === undefined)
    return Uint8Array.from(tasks, (_, index) => (outStart[index] === outStart[index + 1] ? 1 : 0));
  if (outputNeeds === undefined) return new Uint8Array(tasks.length).fill(1);
  const named = new Set(outputNeeds);
  return Uint8Array.from(tasks, ({ name }) => (named.has(name) ? 1 : 0));
}
