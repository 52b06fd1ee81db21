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

export function routesOf(placement: Placement, tracks: Tracks, boxes: Boxes): number[][] {
  const { part, rank, back, chain, lane, across } = placement;
  const offset = offsetsOfParallels(placement, boxes);
  return Array.from(part.edges, (_, edge) => {
    const from = part.from[edge]!;
    const to = part.to[edge]!;
    if (from === to) return [];
    const [upper, lower] = back[edge] === 1 ? [to, from] : [from, to];
    const high = rank[upper]!;
    const low = rank[lower]!;
    const points: number[] = [];
    const upperAt = across[upper]! + offset[edge]!;
    const lowerAt = across[lower]! + offset[edge]!;
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

/** Adds a point; one that goes on straight along takes the place of the last. */
function push(points: number[], across: number, along: number): void {
  const count = points.length;
  if (count >= 2 && points[count - 2] === across) {
    if (points[count - 1] === along) return;
    if (count >= 4 && points[count - 4] === across) {
      points[count - 1] = along;
      return;
    }
  }
  points.push(across, along);
}

/** Edges straight from one node to the next below it, when there are several, end side by side. */
function offsetsOfParallels({ part, back, chain, lane }: Placement, { breadth }: Boxes): Float64Array {
  const offset = new Float64Array(part.edgeCount);
  const bundles = new Map<number, number[]>();
  for (let edge = 0; edge < part.edgeCount; edge++) {
    const from = part.from[edge]!;
    const to = part.to[edge]!;
    if (from === to || chain[edge]! >= 0 || !Number.isNaN(lane[edge]!)) continue;
    const key = back[edge] === 1 ? to * part.nodeCount + from : from * part.nodeCount + to;
    const bundle = bundles.get(key);
    if (bundle === undefined) bundles.set(key, [edge]);
    else bundle.push(edge);
  }
  for (const bundle of bundles.values()) {
    if (bundle.length === 1) continue;
    const from = part.nodes[part.from[bundle[0]!]!]!;
    const to = part.nodes[part.to[bundle[0]!]!]!;
    const room = Math.max(0, Math.min(breadth[from]!, breadth[to]!) - 2 * cornerRoom);
    const gap = Math.min(endGap, room / (bundle.length - 1));
    for (const [index, edge] of bundle.entries()) offset[edge] = (index - (bundle.length - 1) / 2) * gap;
  }
  return offset;
}
