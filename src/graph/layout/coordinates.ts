/**
 * Where each node of a ranked order stands across its rank: four alignments, leaning up or down and left or right, of each
 * node with the median of its neighbours; a place is the mean of the middle two. Long edges come out straight, and nothing
 * overlaps: every alignment keeps the distances, so the order statistics of the four do as well. O(nodes + segments).
 *
 * U. Brandes, B. Köpf, "Fast and Simple Horizontal Coordinate Assignment", Graph Drawing 2001. Blocks are packed by longest
 * paths over the graph of blocks (`block-packing.ts`) instead of the paper's classes, whose shifts are wrong in rare cases
 * (erratum of 2020).
 */

import { align, brokenSegments } from './alignment.ts';
import { type Extents, packBlocks } from './block-packing.ts';
import { sortedNeighbors } from './neighbors.ts';
import type { Ordering } from './ordering.ts';
import type { ProperGraph } from './proper-graph.ts';

/** `isNarrow`: as narrow as can be, the narrowest of the four alignments instead of their middle. */
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
      places.push(packBlocks(graph, ordering, extents, blocks, { leftwards, isNarrow }));
    }
  }
  const narrowest = shiftToNarrowest(places, extents);
  return isNarrow ? places[narrowest]! : middle(places);
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
