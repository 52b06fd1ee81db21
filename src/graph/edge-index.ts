/**
 * Finds the row of an edge by its two nodes: a hash table of rows, open addressing, linear probing.
 *
 * Keys are read from the edge list, so an edge is taken out here before its row is removed there. At most half full, so a
 * look-up costs O(1) expected; 8 to 16 bytes an edge. Deletion moves later entries up (Knuth, 6.4, algorithm R).
 */

import type { EdgeList } from './edge-list.ts';

export class EdgeIndex {
  readonly #edges: EdgeList;
  /** Row + 1; 0 is an empty place. The length is a power of two. */
  #table: Int32Array;
  #used = 0;

  constructor(edges: EdgeList) {
    this.#edges = edges;
    let size = 16;
    while (size < edges.count * 2) size *= 2;
    this.#table = new Int32Array(size);
    for (let row = 0; row < edges.rows; row += 1) if (edges.from[row]! >= 0) this.add(row);
  }

  /** The row of the edge, or −1. */
  find(from: number, to: number): number {
    return this.#table[this.#placeOf(from, to)]! - 1;
  }

  add(row: number): void {
    if ((this.#used + 1) * 2 > this.#table.length) this.#double();
    this.#table[this.#placeOf(this.#edges.from[row]!, this.#edges.to[row]!)] = row + 1;
    this.#used += 1;
  }

  remove(row: number): void {
    const mask = this.#table.length - 1;
    const { from, to } = this.#edges;
    let gap = this.#placeOf(from[row]!, to[row]!);
    this.#table[gap] = 0;
    this.#used -= 1;
    for (let place = (gap + 1) & mask; this.#table[place] !== 0; place = (place + 1) & mask) {
      const entry = this.#table[place]! - 1;
      const wanted = hash(from[entry]!, to[entry]!) & mask;
      // An entry may move up to the gap unless its own place lies behind the gap.
      if (((place - wanted) & mask) < ((place - gap) & mask)) continue;
      this.#table[gap] = entry + 1;
      this.#table[place] = 0;
      gap = place;
    }
  }

  /** Where the edge stands, or the empty place where it would. */
  #placeOf(from: number, to: number): number {
    const mask = this.#table.length - 1;
    const edges = this.#edges;
    let place = hash(from, to) & mask;
    for (;;) {
      const row = this.#table[place]! - 1;
      if (row < 0 || (edges.from[row] === from && edges.to[row] === to)) return place;
      place = (place + 1) & mask;
    }
  }

  #double(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2);
    for (const entry of old) {
      if (entry > 0) this.#table[this.#placeOf(this.#edges.from[entry - 1]!, this.#edges.to[entry - 1]!)] = entry;
    }
  }
}

/** Mixes two node numbers (the finisher of MurmurHash3). */
function hash(from: number, to: number): number {
  let mixed = Math.imul(from, 0x9e3779b1) ^ Math.imul(to, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
