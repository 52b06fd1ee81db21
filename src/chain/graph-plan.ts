/**
 * A graph that can be run: its nodes in an order in which each comes after those it waits for.
 *
 * What is wrong with a graph is said when the plan is made, with the nodes that show it: no entry or finish point, a cycle, a node
 * that no entry point leads to, a finish point that is not reached.
 */

import { PawlError } from '../base/index.ts';
import { Dag } from '../graph/index.ts';
import type { Step } from './step.ts';

export interface PlannedNode {
  readonly step: Step;
  /** Places in the plan. */
  readonly predecessors: readonly number[];
  readonly successors: readonly number[];
}

export interface GraphPlan {
  readonly nodes: readonly PlannedNode[];
  readonly edges: readonly (readonly [string, string])[];
  /** Places of the entry points, in the order they were named. */
  readonly entries: readonly number[];
  readonly finishes: readonly number[];
}

/** What the builder has collected: every name in it is a node's. */
export interface GraphParts {
  readonly owner: string;
  readonly steps: ReadonlyMap<string, Step>;
  readonly edges: readonly (readonly [string, string])[];
  readonly entryPoints: readonly string[];
  readonly finishPoints: readonly string[];
}

/** @throws PawlError `bad_definition`; `details.nodes` are those at fault, for a cycle in its order. Time and space: nodes and edges. */
export function planGraph({ owner, steps, edges, entryPoints, finishPoints }: GraphParts): GraphPlan {
  if (steps.size === 0) throw bad(`${owner} has no nodes; add some with addNode`, []);
  if (entryPoints.length === 0) throw bad(`${owner} has no entry point; name one with setEntryPoint`, []);
  if (finishPoints.length === 0) throw bad(`${owner} has no finish point; name one with setFinishPoint`, []);

  const dag = Dag.of({ nodes: steps.keys(), edges, acyclic: false });
  const [cycle] = dag.findCycles(1);
  if (cycle !== undefined)
    throw bad(`${owner} has a cycle: ${[...cycle, cycle[0]].join(' → ')}; take one of its edges away`, cycle);

  const led = entryPoints.find((name) => dag.dependencies(name).length > 0);
  if (led !== undefined) {
    const [before] = dag.dependencies(led);
    const message = `the entry point "${led}" of ${owner} has an edge from "${before}"; an entry point gets the graph's input`;
    throw bad(message, [led]);
  }
  const reached = reachable(entryPoints, dag);
  const order = dag.topologicalOrderKahn();
  const lost = order.filter((name) => !reached.has(name));
  const lostFinish = finishPoints.find((name) => !reached.has(name));
  if (lostFinish !== undefined)
    throw bad(`no entry point of ${owner} leads to its finish point "${lostFinish}"; add the edge that is missing`, [
      lostFinish,
    ]);
  if (lost.length > 0)
    throw bad(`no entry point of ${owner} leads to ${listed(lost)}; add an edge, or make it an entry point`, lost);

  const placeOf = new Map(order.map((name, place) => [name, place] as const));
  const places = (names: readonly string[]): number[] => names.map((name) => placeOf.get(name)!);
  return {
    nodes: order.map((name) => ({
      step: steps.get(name)!,
      predecessors: places(dag.dependencies(name)),
      successors: places(dag.dependents(name)),
    })),
    edges,
    entries: places(entryPoints),
    finishes: places(finishPoints),
  };
}

function reachable(from: readonly string[], dag: Dag): Set<string> {
  const found = new Set(from);
  for (const name of found) for (const next of dag.dependents(name)) found.add(next);
  return found;
}

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

function bad(message: string, nodes: readonly string[]): PawlError {
  return new PawlError('bad_definition', message, { details: { nodes } });
}
