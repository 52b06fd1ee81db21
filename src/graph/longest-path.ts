/**
 * Longest paths by the weights of nodes: the rank of each node, and the critical path of the graph.
 *
 * `order` is a topological order of the graph (`depthFirstOrder`, `kahnOrder`): to have one is to know that there is no cycle.
 * Weights are durations: finite, not negative, one a node. Every edge counts; hand over `blockingOnly(graph)` to let only
 * those count that gate.
 */

import type { CompactGraph } from './compact-graph.ts';

export interface CriticalPath<Node> {
  /** The nodes of the path, first to last; none for a graph without nodes. */
  readonly path: readonly Node[];
  /** The sum of their weights. */
  readonly length: number;
}

/**
 * For each node the weight of the heaviest path that begins with it, its own weight included: the rank by which list
 * schedulers choose. Time O(n + m); space 8 bytes a node. Source: Hu, "Parallel sequencing and assembly line problems" (1961).
 */
export function longestFrom(graph: CompactGraph, order: Int32Array, weights: ArrayLike<number>): Float64Array {
  const { nodeCount, outStart, outTo } = graph;
  const rank = new Float64Array(nodeCount);
  for (let at = nodeCount - 1; at >= 0; at -= 1) {
    const node = order[at]!;
    const end = outStart[node + 1]!;
    let heaviest = 0;
    for (let row = outStart[node]!; row < end; row += 1) {
      const after = rank[outTo[row]!]!;
      if (after > heaviest) heaviest = after;
    }
    rank[node] = heaviest + weights[node]!;
  }
  return rank;
}

/**
 * A heaviest path of the graph: no schedule, however many workers it has, is shorter.
 *
 * It ends only where no edge leaves. Of paths that weigh the same, the one that starts at the lowest node and then takes the
 * edge added first. Time O(n + m). Source: Kelley and Walker, "Critical-path planning and scheduling" (1959).
 */
export function criticalPath(graph: CompactGraph, order: Int32Array, weights: ArrayLike<number>): CriticalPath<number> {
  const rank = longestFrom(graph, order, weights);
  let node = -1;
  for (let root = 0; root < graph.nodeCount; root += 1) {
    if (graph.inStart[root] !== graph.inStart[root + 1]) continue;
    if (node < 0 || rank[root]! > rank[node]!) node = root;
  }
  const length = node < 0 ? 0 : rank[node]!;
  const path: number[] = [];
  while (node >= 0) {
    path.push(node);
    let next = -1;
    for (let row = graph.outStart[node]!; row < graph.outStart[node + 1]!; row += 1) {
      const to = graph.outTo[row]!;
      if (next < 0 || rank[to]! > rank[next]!) next = to;
    }
    node = next;
  }
  return { path, length };
}
