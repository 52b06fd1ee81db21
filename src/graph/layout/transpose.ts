/**
 * Swaps neighbours within a rank while that saves crossings: what the mean positions of a whole rank are too blunt for.
 * E. R. Gansner, E. Koutsofios, S. C. North, K.-P. Vo, "A Technique for Drawing Directed Graphs", 1993. Each round costs
 * O(sum of degrees · log); meant for small graphs.
 */

import type { Neighbors } from './neighbors.ts';
import type { RankOrder } from './rank-order.ts';

const roundsMax = 6;

export function transpose(order: RankOrder, above: Neighbors, below: Neighbors): void {
  const { rankStart, sequence, position } = order;
  for (let round = 0; round < roundsMax; round++) {
    let saved = 0;
    for (let rank = 0; rank + 1 < rankStart.length; rank++) {
      for (let at = rankStart[rank]!; at + 1 < rankStart[rank + 1]!; at++) {
        const left = sequence[at]!;
        const right = sequence[at + 1]!;
        const gain = gainOfSwap(above, position, left, right) + gainOfSwap(below, position, left, right);
        if (gain <= 0) continue;
        sequence[at] = right;
        sequence[at + 1] = left;
        position[right]!--;
        position[left]!++;
        saved += gain;
      }
    }
    if (saved === 0) return;
  }
}

/** How many crossings go when `left` and `right` change places, counting one side. */
function gainOfSwap(neighbors: Neighbors, position: Int32Array, left: number, right: number): number {
  const a = positionsOf(neighbors, position, left);
  const b = positionsOf(neighbors, position, right);
  return inversions(a, b) - inversions(b, a);
}

function positionsOf(neighbors: Neighbors, position: Int32Array, node: number): Int32Array {
  return neighbors.nodes
    .subarray(neighbors.start[node]!, neighbors.start[node + 1]!)
    .map((other) => position[other]!)
    .sort();
}

/** Pairs of one of `left` and a smaller one of `right`; both sorted. */
function inversions(left: Int32Array, right: Int32Array): number {
  let total = 0;
  let smaller = 0;
  for (const value of left) {
    while (smaller < right.length && right[smaller]! < value) smaller++;
    total += smaller;
  }
  return total;
}
