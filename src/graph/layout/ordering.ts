/**
 * Orders the nodes within ranks so that few segments cross: sweeps down and up by barycenters (K. Sugiyama, S. Tagawa,
 * M. Toda 1981), swaps of neighbours where the graph is small, and the best order seen is kept.
 *
 * A sweep costs O(segments · log). The number of sweeps shrinks with the graph, so that a large one takes seconds, not minutes.
 */

import { BarycenterSorter } from './barycenter.ts';
import { CrossingCounter } from './crossings.ts';
import { type Neighbors, neighborsAbove, neighborsBelow } from './neighbors.ts';
import type { ProperGraph } from './proper-graph.ts';
import { firstOrder, type RankOrder, renumber } from './rank-order.ts';
import { transpose } from './transpose.ts';

/** Sweeps without a better order before giving up. */
const patience = 4;
const transposeSegmentsMax = 5_000;

export interface Ordering extends RankOrder {
  readonly above: Neighbors;
  readonly below: Neighbors;
  readonly crossings: number;
}

export function orderRanks(graph: ProperGraph): Ordering {
  const above = neighborsAbove(graph);
  const below = neighborsBelow(graph);
  const order = firstOrder(graph, above, below);
  const widthMax = widest(order.rankStart);
  const sorter = new BarycenterSorter(widthMax);
  const counter = new CrossingCounter(widthMax, mostSegments(graph));
  const isSmall = graph.segmentUpper.length <= transposeSegmentsMax;

  let best = order.sequence.slice();
  let fewest = countAll(order, above, counter);
  let idle = 0;
  const sweeps = sweepsFor(graph.segmentUpper.length);
  for (let sweep = 0; sweep < sweeps && fewest > 0 && idle < patience; sweep++) {
    const equalsTurned = sweep % 4 >= 2;
    if (sweep % 2 === 0) {
      for (let rank = 1; rank < graph.rankCount; rank++) sorter.sort(order, rank, above, equalsTurned);
    } else {
      for (let rank = graph.rankCount - 2; rank >= 0; rank--) sorter.sort(order, rank, below, equalsTurned);
    }
    if (isSmall) transpose(order, above, below);
    const crossings = countAll(order, above, counter);
    idle++;
    if (crossings >= fewest) continue;
    fewest = crossings;
    best = order.sequence.slice();
    idle = 0;
  }
  order.sequence.set(best);
  renumber(order);
  return { ...order, above, below, crossings: fewest };
}

function sweepsFor(segments: number): number {
  if (segments <= 10_000) return 24;
  return segments <= 400_000 ? 8 : 4;
}

function countAll({ rankStart, sequence, position }: RankOrder, above: Neighbors, counter: CrossingCounter): number {
  let crossings = 0;
  for (let rank = 1; rank + 1 < rankStart.length; rank++) {
    const lower = sequence.subarray(rankStart[rank], rankStart[rank + 1]);
    crossings += counter.count(rankStart[rank]! - rankStart[rank - 1]!, lower, above.start, above.nodes, position);
  }
  return crossings;
}

function widest(rankStart: Int32Array): number {
  let width = 0;
  for (let rank = 0; rank + 1 < rankStart.length; rank++)
    width = Math.max(width, rankStart[rank + 1]! - rankStart[rank]!);
  return width;
}

function mostSegments({ rank, rankCount, segmentLower }: ProperGraph): number {
  const into = new Int32Array(rankCount);
  for (const node of segmentLower) into[rank[node]!]!++;
  return into.reduce((most, count) => Math.max(most, count), 0);
}
