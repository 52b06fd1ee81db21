/**
 * Which nodes of neighbouring ranks are to stand in one column: each with the median of its neighbours above (or below),
 * as far as columns do not cross. One of the four leanings of Brandes and Köpf (`coordinates.ts`). O(nodes + segments).
 */

import type { Neighbors } from './neighbors.ts';
import type { Ordering } from './ordering.ts';
import type { ProperGraph } from './proper-graph.ts';

/** Segments that no alignment may use: those that cross a segment between two virtual nodes, which is to be straight. */
export function brokenSegments(
  graph: ProperGraph,
  { rankStart, sequence, position }: Ordering,
  above: Neighbors,
): Uint8Array {
  const broken = new Uint8Array(graph.segmentUpper.length);
  const innerAbove = (node: number): number => {
    if (node < graph.realCount) return -1;
    const other = above.nodes[above.start[node]!]!;
    return other < graph.realCount ? -1 : position[other]!;
  };
  for (let rank = 1; rank < graph.rankCount; rank++) {
    const first = rankStart[rank]!;
    const end = rankStart[rank + 1]!;
    let from = 0;
    let scanned = first;
    for (let at = first; at < end; at++) {
      const inner = innerAbove(sequence[at]!);
      if (inner === -1 && at + 1 < end) continue;
      const to = inner === -1 ? Number.POSITIVE_INFINITY : inner;
      for (; scanned <= at; scanned++) {
        const node = sequence[scanned]!;
        if (innerAbove(node) !== -1) continue;
        for (let slot = above.start[node]!; slot < above.start[node + 1]!; slot++) {
          const place = position[above.nodes[slot]!]!;
          if (place < from || place > to) broken[above.segments[slot]!] = 1;
        }
      }
      from = inner;
    }
  }
  return broken;
}

/** Nodes that stand in one column: `root` names the block, `next` leads round its members, rank by rank. */
export interface Blocks {
  readonly root: Int32Array;
  readonly next: Int32Array;
}

export function align(
  graph: ProperGraph,
  { rankStart, sequence, position }: Ordering,
  neighbors: Neighbors,
  broken: Uint8Array,
  downwards: boolean,
  leftwards: boolean,
): Blocks {
  const root = new Int32Array(graph.nodeCount).map((_, node) => node);
  const next = root.slice();
  for (let step = 1; step < graph.rankCount; step++) {
    const rank = downwards ? step : graph.rankCount - 1 - step;
    const first = rankStart[rank]!;
    const end = rankStart[rank + 1]!;
    // The outermost place that is still free for an alignment.
    let limit = leftwards ? -1 : Number.POSITIVE_INFINITY;
    for (let index = 0; index < end - first; index++) {
      const node = sequence[leftwards ? first + index : end - 1 - index]!;
      const start = neighbors.start[node]!;
      const degree = neighbors.start[node + 1]! - start;
      if (degree === 0) continue;
      const low = start + ((degree - 1) >> 1);
      const high = start + (degree >> 1);
      for (let turn = 0; turn <= high - low; turn++) {
        const slot = leftwards ? low + turn : high - turn;
        const other = neighbors.nodes[slot]!;
        const place = position[other]!;
        if (broken[neighbors.segments[slot]!] === 1 || (leftwards ? place <= limit : place >= limit)) continue;
        next[other] = node;
        root[node] = root[other]!;
        next[node] = root[node]!;
        limit = place;
        break;
      }
    }
  }
  return { root, next };
}
