/**
 * The order of the nodes within each rank: `sequence` holds rank after rank, `position[n]` is a node's place in its own.
 *
 * O1. `sequence[rankStart[rank[n]] + position[n]] === n` for every node.
 */

import { bucketsOf } from './buckets.ts';
import type { Neighbors } from './neighbors.ts';
import type { ProperGraph } from './proper-graph.ts';

export interface RankOrder {
  readonly rankStart: Int32Array;
  readonly sequence: Int32Array;
  readonly position: Int32Array;
}

/** Nodes in the order in which a depth-first walk downwards from the sources first meets them: a tree has no crossings. O(V + E). */
export function firstOrder(graph: ProperGraph, above: Neighbors, below: Neighbors): RankOrder {
  const rankStart = bucketsOf(graph.rankCount, graph.rank).start;
  const order: RankOrder = {
    rankStart,
    sequence: new Int32Array(graph.nodeCount),
    position: new Int32Array(graph.nodeCount).fill(-1),
  };
  const placed = new Int32Array(graph.rankCount);
  const path = new Int32Array(graph.rankCount);
  const cursor = below.start.slice(0, graph.nodeCount);

  const place = (node: number): void => {
    const rank = graph.rank[node]!;
    order.position[node] = placed[rank]!;
    order.sequence[rankStart[rank]! + placed[rank]!++] = node;
  };
  const walk = (root: number): void => {
    let depth = 0;
    path[0] = root;
    place(root);
    while (depth >= 0) {
      const node = path[depth]!;
      if (cursor[node] === below.start[node + 1]) {
        depth--;
        continue;
      }
      const next = below.nodes[cursor[node]!++]!;
      if (order.position[next] !== -1) continue;
      path[++depth] = next;
      place(next);
    }
  };
  for (let node = 0; node < graph.nodeCount; node++) {
    if (above.start[node] === above.start[node + 1]) walk(node);
  }
  return order;
}

/** Makes `position` agree with `sequence` again (O1). */
export function renumber({ rankStart, sequence, position }: RankOrder): void {
  for (let rank = 0; rank + 1 < rankStart.length; rank++) {
    const first = rankStart[rank]!;
    for (let at = first; at < rankStart[rank + 1]!; at++) position[sequence[at]!] = at - first;
  }
}
