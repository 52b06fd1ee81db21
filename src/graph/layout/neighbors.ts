/** Who is joined to whom between neighbouring ranks, flat: the neighbours of `n` are `nodes[start[n]] … nodes[start[n + 1] - 1]`. */

import { bucketsOf } from './buckets.ts';
import type { ProperGraph } from './proper-graph.ts';

export interface Neighbors {
  readonly start: Int32Array;
  readonly nodes: Int32Array;
  /** The segment that leads to each. */
  readonly segments: Int32Array;
}

export function neighborsAbove({ nodeCount, segmentUpper, segmentLower }: ProperGraph): Neighbors {
  return neighbors(nodeCount, segmentLower, segmentUpper);
}

export function neighborsBelow({ nodeCount, segmentUpper, segmentLower }: ProperGraph): Neighbors {
  return neighbors(nodeCount, segmentUpper, segmentLower);
}

function neighbors(nodeCount: number, own: Int32Array, other: Int32Array): Neighbors {
  const { start, items } = bucketsOf(nodeCount, own);
  return { start, segments: items, nodes: items.map((segment) => other[segment]!) };
}

/** The same neighbours, each node's in the order `sequence` names them. O(nodes + segments): a radix sort from the other side. */
export function sortedNeighbors(own: Neighbors, opposite: Neighbors, sequence: Int32Array): Neighbors {
  const cursor = own.start.slice(0, own.start.length - 1);
  const nodes = new Int32Array(own.nodes.length);
  const segments = new Int32Array(own.nodes.length);
  for (const other of sequence) {
    for (let at = opposite.start[other]!; at < opposite.start[other + 1]!; at++) {
      const slot = cursor[opposite.nodes[at]!]!++;
      nodes[slot] = other;
      segments[slot] = opposite.segments[at]!;
    }
  }
  return { start: own.start, nodes, segments };
}
