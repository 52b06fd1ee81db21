/**
 * Lanes for the edges that are too long for a chain: straight runs beside the drawing. Runs that share a lane do not
 * overlap, and no more lanes are used than runs lie side by side at the widest. O(runs + ranks), after bucketing by rank.
 */

import { bucketsOf } from './buckets.ts';

/** The lane of each run from rank `first` to rank `last`, both included. */
export function lanesOf(first: Int32Array, last: Int32Array, rankCount: number): Int32Array {
  const starting = bucketsOf(rankCount, first);
  const ending = bucketsOf(rankCount, last);
  const lane = new Int32Array(first.length);
  const free: number[] = [];
  let laneCount = 0;
  for (let rank = 0; rank < rankCount; rank++) {
    for (let at = starting.start[rank]!; at < starting.start[rank + 1]!; at++)
      lane[starting.items[at]!] = free.pop() ?? laneCount++;
    for (let at = ending.start[rank]!; at < ending.start[rank + 1]!; at++) free.push(lane[ending.items[at]!]!);
  }
  return lane;
}
