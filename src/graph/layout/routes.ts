/**
 * The way of each edge as a row of points from border to border. Within a rank an edge runs straight along the drawing, in
 * the room its chain keeps; it moves across only between ranks, where no node is. So no edge runs through a node, as a
 * polyline or as curves whose ends are upright.
 *
 * Points are pairs `across, along` in one flat list, from the upper to the lower end.
 */

import type { Placement } from './placement.ts';
import type { Tracks } from './tracks.ts';

/** A node's box along the drawing, and how far its border reaches across for ends side by side. */
export interface Boxes {
  readonly length: Float64Array;
  readonly breadth: Float64Array;
}

/** Distance of the ends of parallel edges, and what their outermost keep from a corner. */
const endGap = 16;
const cornerRoom = 8;
const rounding = 1e-6;

export function routesOf(placement: Placement, tracks: Tracks, boxes: Boxes): number[][] {
  const { part, rank, back, chain, lane, across } = placement;
  const ends = endOffsets(placement, boxes);
  return Array.from(part.edges, (_, edge) => {
    const from = part.from[edge]!;
    const to = part.to[edge]!;
    if (from === to) return [];
    const [upper, lower] = back[edge] === 1 ? [to, from] : [from, to];
    const high = rank[upper]!;
    const low = rank[lower]!;
    const points: number[] = [];
    const upperAt = across[upper]! + ends.upper[edge]!;
    const lowerAt = across[lower]! + ends.lower[edge]!;
    push(points, upperAt, middleOf(tracks, high) + boxes.length[part.nodes[upper]!]! / 2);
    push(points, upperAt, tracks.end[high]!);
    if (!Number.isNaN(lane[edge]!)) {
      push(points, lane[edge]!, tracks.start[high + 1]!);
      push(points, lane[edge]!, tracks.end[low - 1]!);
    } else {
      for (let between = high + 1; between < low; between++) {
        const at = across[chain[edge]! + between - high - 1]!;
        push(points, at, tracks.start[between]!);
        push(points, at, tracks.end[between]!);
      }
    }
    push(points, lowerAt, tracks.start[low]!);
    push(points, lowerAt, middleOf(tracks, low) - boxes.length[part.nodes[lower]!]! / 2);
    return points;
  });
}

export function middleOf({ start, end }: Tracks, rank: number): number {
  return (start[rank]! + end[rank]!) / 2;
}

/** Adds a point; one that goes on straight along, or is the same but for rounding, takes the place of the last. */
function push(points: number[], across: number, along: number): void {
  const count = points.length;
  if (count >= 2 && points[count - 2] === across) {
    const isSame = Math.abs(points[count - 1]! - along) < rounding;
    if (isSame || (count >= 4 && points[count - 4] === across)) {
      points[count - 1] = along;
      return;
    }
  }
  points.push(across, along);
}

/** How far from the middle of a side each edge begins and ends. */
interface EndOffsets {
  readonly upper: Float64Array;
  readonly lower: Float64Array;
}

/**
 * Edges straight from one node to the next below it, when there are several, end side by side; long edges back keep to the
 * side they come from, apart from the heads of edges that lead on.
 */
function endOffsets(placement: Placement, { breadth }: Boxes): EndOffsets {
  const { part, back, chain, lane, across, rank } = placement;
  const ends = { upper: new Float64Array(part.edgeCount), lower: new Float64Array(part.edgeCount) };
  const bundles = new Map<number, number[]>();
  const roomOf = (node: number): number => Math.max(0, breadth[part.nodes[node]!]! / 2 - cornerRoom);
  for (let edge = 0; edge < part.edgeCount; edge++) {
    if (part.from[edge] === part.to[edge]) continue;
    const upper = back[edge] === 1 ? part.to[edge]! : part.from[edge]!;
    const lower = back[edge] === 1 ? part.from[edge]! : part.to[edge]!;
    if (chain[edge]! >= 0 || !Number.isNaN(lane[edge]!)) {
      if (back[edge] === 0) continue;
      const isLane = chain[edge]! < 0;
      const first = isLane ? lane[edge]! : across[chain[edge]!]!;
      const last = isLane ? lane[edge]! : across[chain[edge]! + rank[lower]! - rank[upper]! - 2]!;
      ends.upper[edge] = Math.sign(first - across[upper]!) * Math.min(endGap, roomOf(upper));
      ends.lower[edge] = Math.sign(last - across[lower]!) * Math.min(endGap, roomOf(lower));
      continue;
    }
    const key = upper * part.nodeCount + lower;
    const bundle = bundles.get(key);
    if (bundle === undefined) bundles.set(key, [edge]);
    else bundle.push(edge);
  }
  for (const bundle of bundles.values()) {
    if (bundle.length === 1) continue;
    const room = 2 * Math.min(roomOf(part.from[bundle[0]!]!), roomOf(part.to[bundle[0]!]!));
    const gap = Math.min(endGap, room / (bundle.length - 1));
    for (const [index, edge] of bundle.entries())
      ends.upper[edge] = ends.lower[edge] = (index - (bundle.length - 1) / 2) * gap;
  }
  return ends;
}
