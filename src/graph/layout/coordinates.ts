/**
 * Where each node of a ranked order stands across its rank: four alignments, leaning up or down and left or right, of each
 * node with the median of its neighbours; a place is the mean of the middle two. Long edges come out straight, and nothing
 * overlaps: every alignment keeps the distances, so the order statistics of the four do as well. O(nodes + segments).
 *
 * U. Brandes, B. Köpf, "Fast and Simple Horizontal Coordinate Assignment", Graph Drawing 2001. Blocks are packed by longest
 * paths over the graph of blocks instead of the paper's classes, whose shifts are wrong in rare cases (erratum of 2020).
 */

import { assert } from '../../base/index.ts';
import { type Neighbors, sortedNeighbors } from './neighbors.ts';
import type { Ordering } from './ordering.ts';
import type { ProperGraph } from './proper-graph.ts';

/** What each node takes to the left and right of its centre, half of the gap to its neighbour included. */
export interface Extents {
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** `isNarrow`: the narrowest of the four alignments instead of their middle. */
export function coordinatesOf(
  graph: ProperGraph,
  ordering: Ordering,
  extents: Extents,
  isNarrow = false,
): Float64Array {
  const above = sortedNeighbors(ordering.above, ordering.below, ordering.sequence);
  const below = sortedNeighbors(ordering.below, ordering.above, ordering.sequence);
  const broken = brokenSegments(graph, ordering, above);
  const places: Float64Array[] = [];
  for (const downwards of [true, false]) {
    for (const leftwards of [true, false]) {
      const blocks = align(graph, ordering, downwards ? above : below, broken, downwards, leftwards);
      places.push(pack(graph, ordering, extents, blocks, leftwards));
    }
  }
  const narrowest = shiftToNarrowest(places, extents);
  return isNarrow ? places[narrowest]! : middle(places);
}

/** Segments that no alignment may use: those that cross a segment between two virtual nodes, which is to be straight. */
function brokenSegments(graph: ProperGraph, { rankStart, sequence, position }: Ordering, above: Neighbors): Uint8Array {
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

/** Nodes that stand in one column: `root` names the block, `next` leads round its members. */
interface Blocks {
  readonly root: Int32Array;
  readonly next: Int32Array;
}

function align(
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

/** Packs the blocks to one side, then pulls each towards its neighbour on the other. */
function pack(
  graph: ProperGraph,
  { rankStart, sequence, position }: Ordering,
  { left, right }: Extents,
  { root, next }: Blocks,
  leftwards: boolean,
): Float64Array {
  const count = graph.nodeCount;
  const side = leftwards ? 1 : -1;
  const near = leftwards ? left : right;
  const far = leftwards ? right : left;
  const besideOf = (node: number): number => {
    const rank = graph.rank[node]!;
    const at = rankStart[rank]! + position[node]! + side;
    return at < rankStart[rank]! || at >= rankStart[rank + 1]! ? -1 : sequence[at]!;
  };

  const entering = new Int32Array(count);
  for (let node = 0; node < count; node++) {
    const beside = besideOf(node);
    if (beside !== -1) entering[root[beside]!]!++;
  }
  const order = new Int32Array(count);
  let found = 0;
  let blockCount = 0;
  for (let node = 0; node < count; node++) {
    if (root[node] !== node) continue;
    blockCount++;
    if (entering[node] === 0) order[found++] = node;
  }

  const place = new Float64Array(count);
  for (let head = 0; head < found; head++) {
    const block = order[head]!;
    let node = block;
    do {
      const beside = besideOf(node);
      if (beside !== -1) {
        const other = root[beside]!;
        place[other] = Math.max(place[other]!, place[block]! + far[node]! + near[beside]!);
        if (--entering[other]! === 0) order[found++] = other;
      }
      node = next[node]!;
    } while (node !== block);
  }
  assert(found === blockCount, 'blocks of a rank order do not cross');

  for (let at = found - 1; at >= 0; at--) {
    const block = order[at]!;
    let room = Number.POSITIVE_INFINITY;
    let node = block;
    do {
      const beside = besideOf(node);
      if (beside !== -1) room = Math.min(room, place[root[beside]!]! - far[node]! - near[beside]!);
      node = next[node]!;
    } while (node !== block);
    if (room < Number.POSITIVE_INFINITY) place[block] = Math.max(place[block]!, room);
  }
  for (let node = 0; node < count; node++) if (root[node] !== node) place[node] = place[root[node]!]!;
  if (!leftwards) for (let node = 0; node < count; node++) place[node] = -place[node]!;
  return place;
}

/** Moves the four so that the left-leaning share their left border, the right-leaning their right, with the narrowest; tells which that is. */
function shiftToNarrowest(places: readonly Float64Array[], { left, right }: Extents): number {
  const borders = places.map((place) => {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let node = 0; node < place.length; node++) {
      low = Math.min(low, place[node]! - left[node]!);
      high = Math.max(high, place[node]! + right[node]!);
    }
    return { low, high };
  });
  const widths = borders.map(({ low, high }) => high - low);
  const narrowest = widths.indexOf(Math.min(...widths));
  const { low, high } = borders[narrowest]!;
  for (const [index, place] of places.entries()) {
    const shift = index % 2 === 0 ? low - borders[index]!.low : high - borders[index]!.high;
    if (shift !== 0) for (let node = 0; node < place.length; node++) place[node]! += shift;
  }
  return narrowest;
}

function middle([a, b, c, d]: readonly Float64Array[]): Float64Array {
  return a!.map((first, node) => {
    const second = b![node]!;
    const third = c![node]!;
    const fourth = d![node]!;
    const low = Math.min(first, second, third, fourth);
    const high = Math.max(first, second, third, fourth);
    return (first + second + third + fourth - low - high) / 2;
  });
}
