/**
 * A definition as the graph that is planned: its tasks by number, what gates them, and an order.
 *
 * Of a dependency graph the edges are its needs. Of a flow they are its transitions, as if each were taken and each task ran
 * once, after all that lead to it: the widest way it can go, conditions and handled failures included.
 */

import { PawlError } from '../../base/index.ts';
import {
  blockingKind,
  blockingOnly,
  type CompactGraph,
  compactGraph,
  orderOrCycle,
  preferredKind,
} from '../../graph/index.ts';
import type { DagTask, WorkflowDefinition } from '../dag.ts';
import type { FlowDefinition, FlowTask } from '../flow.ts';
import { conditionText } from './condition-text.ts';

export interface PlannedGraph {
  readonly names: readonly string[];
  readonly tasks: readonly (DagTask | FlowTask)[];
  /** Whether a condition may keep the task from running. */
  readonly conditional: readonly boolean[];
  /** Needs of both kinds. */
  readonly all: CompactGraph;
  /** Needs that gate. */
  readonly gates: CompactGraph;
  /** A topological order of both. */
  readonly order: Int32Array;
}

const namesShown = 12;

/** @throws PawlError `cycle`: a flow that loops; `details.cycle` holds the names of one loop. */
export function plannedGraph(definition: WorkflowDefinition): PlannedGraph {
  const names = [...definition.tasks.keys()];
  const tasks: (DagTask | FlowTask)[] = [...definition.tasks.values()];
  const numbers = new Map(names.map((name, index) => [name, index]));
  const edges = { from: [] as number[], to: [] as number[], kind: [] as number[] };
  const add = (from: number | undefined, to: number | undefined, kind: number): void => {
    if (from === undefined || to === undefined) return;
    edges.from.push(from);
    edges.to.push(to);
    edges.kind.push(kind);
  };
  if (definition.style === 'dag') {
    for (const [name, { needs }] of definition.tasks)
      for (const { task, kind } of needs)
        add(numbers.get(task), numbers.get(name), kind === 'blocking' ? blockingKind : preferredKind);
  } else {
    for (const [name, targets] of targetsOf(definition))
      for (const target of targets) add(numbers.get(name), numbers.get(target), blockingKind);
  }
  const all = compactGraph({ nodeCount: names.length, ...edges });
  const found = orderOrCycle(all);
  if (!found.acyclic)
    throw loops(
      definition.name,
      [...found.cycle].map((node) => names[node]!),
    );
  const conditional = conditionalTasks(definition);
  return {
    names,
    tasks,
    conditional: names.map((name) => conditional.has(name)),
    all,
    gates: blockingOnly(all),
    order: found.order,
  };
}

/** The distinct targets of each task's transitions; commands among them. `retry` leads back to the task itself. */
function targetsOf(definition: FlowDefinition): Map<string, Set<string>> {
  const targets = new Map<string, Set<string>>();
  for (const [name, { next }] of definition.tasks) {
    const all = next.flatMap((transition) => transition.targets);
    targets.set(name, new Set(all.map((target) => (target === 'retry' ? name : target))));
  }
  return targets;
}

/** Those with a condition of their own, or in a flow with one on a transition that leads to them. */
function conditionalTasks(definition: WorkflowDefinition): Set<string> {
  if (definition.style === 'dag')
    return new Set([...definition.tasks].filter(([, { when }]) => when !== undefined).map(([name]) => name));
  const conditional = new Set<string>();
  for (const { next, match } of definition.tasks.values()) {
    const isFirstOnly = (match ?? definition.match) === 'first';
    for (const { when, index, targets } of next) {
      const isUsual = ['', 'always'].includes(conditionText(when));
      if (isUsual && !(isFirstOnly && index > 0)) continue;
      for (const target of targets) conditional.add(target);
    }
  }
  return conditional;
}

function loops(workflow: string | undefined, cycle: readonly string[]): PawlError {
  const shown = cycle.length > namesShown ? [...cycle.slice(0, namesShown - 2), '…', cycle.at(-1)!] : cycle;
  const way = [...shown, cycle[0]!].join(' -> ');
  return new PawlError(
    'cycle',
    `${workflow === undefined ? 'the workflow' : `"${workflow}"`} goes round in a loop (${way}), and how often shows only when it runs: a plan needs a workflow without loops; \`pawl graph\` draws this one`,
    { details: { cycle } },
  );
}
