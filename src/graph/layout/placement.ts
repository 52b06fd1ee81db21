/**
 * One connected part of a graph, ranked, ordered and placed across the ranks; along them nothing is decided yet. What
 * `layout` and the drawing in a terminal share.
 *
 * With labels on edges every rank is doubled: nodes stand on even ranks, and an odd rank in the middle of a labelled
 * edge keeps the room for its label. So a label never lies on a node or on another label.
 */

import { backEdges } from './back-edges.ts';
import { coordinatesOf } from './coordinates.ts';
import { lanesOf } from './lanes.ts';
import { orderRanks } from './ordering.ts';
import type { Part } from './parts.ts';
import { inLane, noChain, properGraph } from './proper-graph.ts';
import { ranksOf } from './ranks.ts';

/** Sizes across the ranks. Numbers are those of the whole graph. */
export interface Sizing {
  /** From a node's centre to its left and right border; the right may hold room for self loops. */
  readonly left: Float64Array;
  readonly right: Float64Array;
  /** Of each edge's label; 0 for none. */
  readonly label: Float64Array;
  readonly nodeGap: number;
  readonly edgeGap: number;
  /** There are labels on edges, so ranks are doubled. */
  readonly hasLabels: boolean;
  /** Rather narrow than in balance. */
  readonly isNarrow: boolean;
}

export interface Placement {
  readonly part: Part;
  /** One byte an edge: drawn from its lower to its upper end. Self loops too. */
  readonly back: Uint8Array;
  readonly rankCount: number;
  /** 2 when ranks are doubled for labels, else 1. */
  readonly step: number;
  /** Of the part's nodes. */
  readonly rank: Int32Array;
  /** Centres across the rank, of the part's nodes and then of the virtual nodes. */
  readonly across: Float64Array;
  /** Of each edge: the first virtual node of its chain, else -1. */
  readonly chain: Int32Array;
  /** Of each edge: where its lane runs, else NaN. */
  readonly lane: Float64Array;
  /** Of each edge: the rank its label stands on, else -1. */
  readonly labelRank: Int32Array;
  /** Of the part's nodes: in the order in which they stand, rank by rank. */
  readonly sequence: Int32Array;
  readonly low: number;
  readonly high: number;
}

export function place(part: Part, sizing: Sizing): Placement {
  const back = backEdges(part);
  const upper = part.from.map((node, edge) => (back[edge] === 1 ? part.to[edge]! : node));
  const lower = part.to.map((node, edge) => (back[edge] === 1 ? part.from[edge]! : node));
  const step = sizing.hasLabels ? 2 : 1;
  const rank = ranksOf(part.nodeCount, upper, lower, step);
  const graph = properGraph(rank, upper, lower);
  const labelRank = part.edges.map((edge, index) => {
    if (sizing.label[edge] === 0 || graph.chain[index]! < 0) return -1;
    const middle = (rank[upper[index]!]! + rank[lower[index]!]!) >> 1;
    return middle % 2 === 0 ? middle - 1 : middle;
  });

  const left = new Float64Array(graph.nodeCount).fill(sizing.edgeGap / 2);
  const right = left.slice();
  for (let node = 0; node < part.nodeCount; node++) {
    left[node] = sizing.left[part.nodes[node]!]! + sizing.nodeGap / 2;
    right[node] = sizing.right[part.nodes[node]!]! + sizing.nodeGap / 2;
  }
  for (let edge = 0; edge < part.edgeCount; edge++) {
    if (labelRank[edge] === -1) continue;
    const node = graph.chain[edge]! + labelRank[edge]! - rank[upper[edge]!]! - 1;
    left[node] = right[node] = (sizing.label[part.edges[edge]!]! + sizing.edgeGap) / 2;
  }

  const ordering = orderRanks(graph);
  const across = coordinatesOf(graph, ordering, { left, right }, sizing.isNarrow);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let node = 0; node < graph.nodeCount; node++) {
    const gap = node < part.nodeCount ? sizing.nodeGap / 2 : 0;
    low = Math.min(low, across[node]! - left[node]! + gap);
    high = Math.max(high, across[node]! + right[node]! - gap);
  }
  const lane = laneAcross(graph.chain, rank, upper, lower, graph.rankCount, high + sizing.nodeGap, sizing.edgeGap);
  for (const at of lane) if (at > high) high = at + sizing.edgeGap;
  return {
    part,
    back,
    rankCount: graph.rankCount,
    step,
    rank,
    across,
    chain: graph.chain.map((first) => (first === inLane ? noChain : first)),
    lane,
    labelRank,
    sequence: ordering.sequence.filter((node) => node < part.nodeCount),
    low,
    high,
  };
}

function laneAcross(
  chain: Int32Array,
  rank: Int32Array,
  upper: Int32Array,
  lower: Int32Array,
  rankCount: number,
  firstAt: number,
  gap: number,
): Float64Array {
  const across = new Float64Array(chain.length).fill(Number.NaN);
  const edges = Int32Array.from(chain.keys()).filter((edge) => chain[edge] === inLane);
  const lanes = lanesOf(
    edges.map((edge) => rank[upper[edge]!]! + 1),
    edges.map((edge) => rank[lower[edge]!]! - 1),
    rankCount,
  );
  for (const [index, edge] of edges.entries()) across[edge] = firstAt + lanes[index]! * gap;
  return across;
}
