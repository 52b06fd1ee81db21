/**
 * Where ranks and the gaps between them lie along the drawing. A gap grows with the widest step that an edge takes across
 * it, so that edges to far places do not come in flat.
 */

import type { Placement } from './placement.ts';

export interface Tracks {
  /** Where each rank begins and ends. */
  readonly start: Float64Array;
  readonly end: Float64Array;
}

const stretch = 0.06;
const stretchMax = 90;

/** `depth` is how much of the drawing's length each rank takes. */
export function tracksOf(placement: Placement, depth: Float64Array, rankGap: number): Tracks {
  const { rankCount, step } = placement;
  const steps = widestSteps(placement);
  const start = new Float64Array(rankCount);
  const end = new Float64Array(rankCount);
  let at = 0;
  for (let rank = 0; rank < rankCount; rank++) {
    start[rank] = at;
    end[rank] = at + depth[rank]!;
    at = end[rank]! + rankGap / step + Math.min(stretchMax, steps[rank]! * stretch);
  }
  return { start, end };
}

function widestSteps({ part, rank, rankCount, back, chain, lane, across }: Placement): Float64Array {
  const widest = new Float64Array(rankCount);
  for (let edge = 0; edge < part.edgeCount; edge++) {
    const upper = back[edge] === 1 ? part.to[edge]! : part.from[edge]!;
    const lower = back[edge] === 1 ? part.from[edge]! : part.to[edge]!;
    if (!Number.isNaN(lane[edge]!)) continue;
    let at = across[upper]!;
    for (let below = rank[upper]!; below < rank[lower]!; below++) {
      const last = below + 1 === rank[lower]!;
      const next = across[last ? lower : chain[edge]! + below - rank[upper]!]!;
      widest[below] = Math.max(widest[below]!, Math.abs(next - at));
      at = next;
    }
  }
  return widest;
}
