/** Which nodes come before and after a node, by any number of edges of any kind. */

import { type CompactGraph, reversed } from './compact-graph.ts';

/** All nodes from which `node` can be reached, by index, itself left out. Time O(n + m), space 5 bytes a node. */
export function ancestorsOf(graph: CompactGraph, node: number): Int32Array {
  return descendantsOf(reversed(graph), node);
}

/** All nodes that can be reached from `node`, by index, itself left out. Time O(n + m), space 5 bytes a node. */
export function descendantsOf(graph: CompactGraph, node: number): Int32Array {
  const { nodeCount, outStart, outTo } = graph;
  const isSeen = new Uint8Array(nodeCount);
  const found = new Int32Array(nodeCount);
  isSeen[node] = 1;
  found[0] = node;
  let count = 1;
  for (let taken = 0; taken < count; taken += 1) {
    const from = found[taken]!;
    const end = outStart[from + 1]!;
    for (let row = outStart[from]!; row < end; row += 1) {
      const to = outTo[row]!;
      if (isSeen[to] === 1) continue;
      isSeen[to] = 1;
      found[count] = to;
      count += 1;
    }
  }
  return found.slice(1, count).sort();
}
