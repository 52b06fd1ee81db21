/**
 * Orders in which every node comes after all it depends on, and the cycle that stands in the way of one.
 *
 * Every edge counts, blocking or preferred. Both orders are stable: the same graph gives the same order.
 */

import type { CompactGraph } from './compact-graph.ts';

export type OrderOrCycle =
  | { readonly acyclic: true; readonly order: Int32Array }
  /** Each node of `cycle` has an edge to the next, the last to the first; the least node stands first. */
  | { readonly acyclic: false; readonly cycle: Int32Array };

const unseen = 0;
const open = 1;
const done = 2;

/**
 * The depth-first order, or a cycle if there is none, in one pass.
 *
 * The nodes are taken by index, and before each, those of its dependencies that are still missing, each in the same way,
 * in the order in which their edges were added. So nodes that already stand in a valid order keep it.
 *
 * Time O(n + m); space 13 bytes a node. Source: Tarjan, "Edge-disjoint spanning trees and depth-first search" (1976).
 */
export function orderOrCycle(graph: CompactGraph): OrderOrCycle {
  const { nodeCount, inStart, inFrom } = graph;
  const order = new Int32Array(nodeCount);
  if (leadsForward(graph)) {
    for (let node = 0; node < nodeCount; node += 1) order[node] = node;
    return { acyclic: true, order };
  }
  const state = new Uint8Array(nodeCount);
  const path = new Int32Array(nodeCount);
  const cursor = new Int32Array(nodeCount);
  let ordered = 0;
  for (let root = 0; root < nodeCount; root += 1) {
    if (state[root] !== unseen) continue;
    let depth = 0;
    let node = root;
    let row = inStart[root]!;
    state[root] = open;
    for (;;) {
      const end = inStart[node + 1]!;
      while (row < end && state[inFrom[row]!] === done) row += 1;
      if (row < end) {
        const before = inFrom[row]!;
        path[depth] = node;
        if (state[before] === open) return { acyclic: false, cycle: cycleOf(path.subarray(0, depth + 1), before) };
        cursor[depth] = row + 1;
        depth += 1;
        node = before;
        row = inStart[before]!;
        state[before] = open;
        continue;
      }
      state[node] = done;
      order[ordered] = node;
      ordered += 1;
      if (depth === 0) break;
      depth -= 1;
      node = path[depth]!;
      row = cursor[depth]!;
    }
  }
  return { acyclic: true, order };
}

/** The depth-first order of `orderOrCycle`; undefined when the graph has a cycle. O(n + m). */
export function depthFirstOrder(graph: CompactGraph): Int32Array | undefined {
  const found = orderOrCycle(graph);
  return found.acyclic ? found.order : undefined;
}

/** A cycle of the graph as in `orderOrCycle`; undefined when it has none. O(n + m). */
export function cycleWitness(graph: CompactGraph): Int32Array | undefined {
  const found = orderOrCycle(graph);
  return found.acyclic ? undefined : found.cycle;
}

/** Whether some node can be reached from itself. O(n + m), and one look at the edges when all lead to higher nodes. */
export function hasCycle(graph: CompactGraph): boolean {
  return !leadsForward(graph) && kahnOrder(graph) === undefined;
}

/**
 * The order of a queue; undefined when the graph has a cycle.
 *
 * First the nodes without dependencies, by index. Each that leaves the queue lets in those whose last missing dependency
 * it was, in the order in which the edges to them were added.
 *
 * Time O(n + m); space 8 bytes a node. Source: Kahn, "Topological sorting of large networks" (1962).
 */
export function kahnOrder(graph: CompactGraph): Int32Array | undefined {
  const { nodeCount, outStart, outTo, inStart } = graph;
  const missing = new Int32Array(nodeCount);
  const order = new Int32Array(nodeCount);
  let queued = 0;
  for (let node = 0; node < nodeCount; node += 1) {
    const count = inStart[node + 1]! - inStart[node]!;
    missing[node] = count;
    if (count === 0) order[queued++] = node;
  }
  for (let taken = 0; taken < queued; taken += 1) {
    const node = order[taken]!;
    const end = outStart[node + 1]!;
    for (let row = outStart[node]!; row < end; row += 1) {
      const to = outTo[row]!;
      const left = missing[to]! - 1;
      missing[to] = left;
      if (left === 0) order[queued++] = to;
    }
  }
  return queued === nodeCount ? order : undefined;
}

/** Whether every edge leads to a higher node: then the nodes stand in a valid order as they are. */
function leadsForward({ nodeCount, outStart, outTo }: CompactGraph): boolean {
  for (let node = 0; node < nodeCount; node += 1) {
    const end = outStart[node + 1]!;
    for (let row = outStart[node]!; row < end; row += 1) if (outTo[row]! <= node) return false;
  }
  return true;
}

/** The path runs against the edges and ends at a node that `first`, itself on the path, has an edge to. */
function cycleOf(path: Int32Array, first: number): Int32Array {
  const cycle = path.slice(path.indexOf(first)).reverse();
  let least = 0;
  for (let at = 1; at < cycle.length; at += 1) if (cycle[at]! < cycle[least]!) least = at;
  const turned = new Int32Array(cycle.length);
  turned.set(cycle.subarray(least));
  turned.set(cycle.subarray(0, least), cycle.length - least);
  return turned;
}
