/**
 * Sorts one rank by the mean position of each node's neighbours in a fixed rank. A node without such neighbours stays in
 * its place; among equals the present order stands, or is turned round to get out of a dead end.
 *
 * A key and the place it came from share one double (30 + 22 bits), so that the sort is the engine's own over plain
 * numbers, without a comparison function. O(n log n).
 */

import { assert } from '../../base/index.ts';
import type { Neighbors } from './neighbors.ts';
import type { RankOrder } from './rank-order.ts';

const places = 2 ** 22;
const fractions = 256;

export class BarycenterSorter {
  readonly #keys: Float64Array;
  readonly #nodes: Int32Array;

  constructor(widthMax: number) {
    assert(widthMax < places, 'a rank has less than four million nodes');
    this.#keys = new Float64Array(widthMax);
    this.#nodes = new Int32Array(widthMax);
  }

  sort(order: RankOrder, rank: number, neighbors: Neighbors, equalsTurned: boolean): void {
    const { rankStart, sequence, position } = order;
    const first = rankStart[rank]!;
    const width = rankStart[rank + 1]! - first;
    let sortable = 0;
    for (let place = 0; place < width; place++) {
      const node = sequence[first + place]!;
      const start = neighbors.start[node]!;
      const end = neighbors.start[node + 1]!;
      if (start === end) continue;
      let sum = 0;
      for (let at = start; at < end; at++) sum += position[neighbors.nodes[at]!]!;
      const key = Math.floor((sum / (end - start)) * fractions);
      this.#nodes[place] = node;
      this.#keys[sortable++] = key * places + (equalsTurned ? width - 1 - place : place);
    }
    const keys = this.#keys.subarray(0, sortable).sort();

    let next = 0;
    for (let place = 0; place < width; place++) {
      const node = sequence[first + place]!;
      if (neighbors.start[node] === neighbors.start[node + 1]) continue;
      const from = keys[next++]! % places;
      const moved = this.#nodes[equalsTurned ? width - 1 - from : from]!;
      sequence[first + place] = moved;
    }
    for (let place = 0; place < width; place++) position[sequence[first + place]!] = place;
  }
}
