/**
 * A ranked graph in which every segment joins neighbouring ranks: an edge over several ranks becomes a chain of virtual
 * nodes, one a rank, which keep room for it.
 *
 * Chains of all edges together could take V · E nodes. So there is a budget in proportion to V + E; edges too long for it
 * get no chain but a lane beside the drawing (`lanes.ts`). The longest go first, and below twenty thousand virtual nodes none.
 *
 * P1. Nodes `0 … realCount - 1` are the graph's; the chain of edge `e` is `chain[e]`, `chain[e] + 1`, … from its upper end down.
 * P2. Each segment goes from rank `r` to `r + 1`.
 */

export interface ProperGraph {
  readonly realCount: number;
  readonly nodeCount: number;
  readonly rankCount: number;
  /** Of every node, virtual ones too. */
  readonly rank: Int32Array;
  readonly segmentUpper: Int32Array;
  readonly segmentLower: Int32Array;
  /** First virtual node of each edge; `noChain` when it is short, `inLane` when it is too long. */
  readonly chain: Int32Array;
}

export const noChain = -1;
export const inLane = -2;

const budgetMin = 20_000;
const budgetPerElement = 1.5;

export function properGraph(rank: Int32Array, upper: Int32Array, lower: Int32Array): ProperGraph {
  const realCount = rank.length;
  const rankCount = rank.reduce((most, value) => Math.max(most, value), -1) + 1;
  const span = upper.map((node, edge) => rank[lower[edge]!]! - rank[node]!);
  const spanMax = longestWithin(Math.max(budgetMin, budgetPerElement * (realCount + upper.length)), span, rankCount);

  const chain = new Int32Array(upper.length).fill(noChain);
  let nodeCount = realCount;
  let segmentCount = 0;
  for (let edge = 0; edge < span.length; edge++) {
    const length = span[edge]!;
    if (length > spanMax) chain[edge] = inLane;
    else {
      segmentCount += length;
      if (length < 2) continue;
      chain[edge] = nodeCount;
      nodeCount += length - 1;
    }
  }

  const ranks = new Int32Array(nodeCount);
  ranks.set(rank);
  const segmentUpper = new Int32Array(segmentCount);
  const segmentLower = new Int32Array(segmentCount);
  let segment = 0;
  for (let edge = 0; edge < span.length; edge++) {
    if (chain[edge] === inLane || span[edge] === 0) continue;
    let above = upper[edge]!;
    for (let index = 0; index < span[edge]! - 1; index++) {
      const node = chain[edge]! + index;
      ranks[node] = ranks[above]! + 1;
      segmentUpper[segment] = above;
      segmentLower[segment++] = node;
      above = node;
    }
    segmentUpper[segment] = above;
    segmentLower[segment++] = lower[edge]!;
  }
  return { realCount, nodeCount, rankCount, rank: ranks, segmentUpper, segmentLower, chain };
}

/** The greatest span such that all edges no longer than it fit in the budget of virtual nodes; 2 at least. */
function longestWithin(budget: number, span: Int32Array, rankCount: number): number {
  const edgesOfSpan = new Int32Array(rankCount + 1);
  for (const length of span) edgesOfSpan[length]!++;
  let used = 0;
  for (let length = 2; length <= rankCount; length++) {
    used += edgesOfSpan[length]! * (length - 1);
    if (used > budget) return Math.max(2, length - 1);
  }
  return Math.max(2, rankCount);
}
