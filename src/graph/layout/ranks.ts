/**
 * The rank (layer) of each node: the longest path from a source, then each node that has more edges below than above is
 * pulled down to its nearest successor, which shortens the edges in sum. O(V + E).
 *
 * R1. An edge's upper end lies at least `step` ranks above its lower end.
 * R2. Ranks are multiples of `step`, start at 0, and none between is empty: a longest path does not move.
 */

import { assert } from '../../base/index.ts';
import { bucketsOf } from './buckets.ts';

/** Edges as drawn, from `upper` to `lower`: acyclic but for self loops, which are passed over. */
export function ranksOf(nodeCount: number, upper: Int32Array, lower: Int32Array, step: number): Int32Array {
  const below = bucketsOf(
    nodeCount,
    upper.map((node, edge) => (node === lower[edge] ? -1 : node)),
  );
  const entering = new Int32Array(nodeCount);
  for (const edge of below.items) entering[lower[edge]!]!++;

  const rank = new Int32Array(nodeCount);
  const order = new Int32Array(nodeCount);
  const missing = entering.slice();
  let found = 0;
  for (let node = 0; node < nodeCount; node++) if (missing[node] === 0) order[found++] = node;
  for (let head = 0; head < found; head++) {
    const node = order[head]!;
    for (let at = below.start[node]!; at < below.start[node + 1]!; at++) {
      const next = lower[below.items[at]!]!;
      rank[next] = Math.max(rank[next]!, rank[node]! + step);
      if (--missing[next]! === 0) order[found++] = next;
    }
  }
  assert(found === nodeCount, 'a graph has no cycle once its back edges are turned round');

  for (let at = nodeCount - 1; at >= 0; at--) {
    const node = order[at]!;
    if (below.start[node + 1]! - below.start[node]! > entering[node]!) rank[node] = lowest(node);
  }
  return rank;

  function lowest(node: number): number {
    let nearest = Number.POSITIVE_INFINITY;
    for (let at = below.start[node]!; at < below.start[node + 1]!; at++)
      nearest = Math.min(nearest, rank[lower[below.items[at]!]!]!);
    return nearest - step;
  }
}
