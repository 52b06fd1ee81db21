/** Parallel stages: how many edges deep each node stands. */

import type { CompactGraph } from './compact-graph.ts';

/**
 * The stage of each node: 0 without dependencies, else one more than the highest stage it depends on. Nodes of a stage do
 * not depend on each other, and there are no more stages than nodes on the longest path.
 *
 * `order` is a topological order of the graph. Time O(n + m); space 4 bytes a node.
 */
export function levelsOf(graph: CompactGraph, order: Int32Array): Int32Array {
  const { nodeCount, inStart, inFrom } = graph;
  const level = new Int32Array(nodeCount);
  for (let at = 0; at < nodeCount; at += 1) {
    const node = order[at]!;
    const end = inStart[node + 1]!;
    let deepest = 0;
    for (let row = inStart[node]!; row < end; row += 1) {
      const below = level[inFrom[row]!]! + 1;
      if (below > deepest) deepest = below;
    }
    level[node] = deepest;
  }
  return level;
}
