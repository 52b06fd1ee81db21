/**
 * The edges of each node of a graph that changes: two doubly linked lists a node, over the rows of an edge list.
 *
 * Lists keep the order of adding. Adding and removing an edge is O(1). Links count from 1 and 0 ends a list, so that a
 * column that has just grown holds empty lists. 16 bytes a node and 16 an edge.
 */

import type { EdgeList } from './edge-list.ts';
import { grown } from './grown-array.ts';

/** One direction: the lists by node, their rows linked both ways. */
class Lists {
  first = new Int32Array(8);
  last = new Int32Array(8);
  next = new Int32Array(8);
  before = new Int32Array(8);

  append(node: number, row: number): void {
    this.next = grown(this.next, row + 1);
    this.before = grown(this.before, row + 1);
    const last = this.last[node]!;
    this.next[row] = 0;
    this.before[row] = last;
    if (last === 0) this.first[node] = row + 1;
    else this.next[last - 1] = row + 1;
    this.last[node] = row + 1;
  }

  unlink(node: number, row: number): void {
    const next = this.next[row]!;
    const before = this.before[row]!;
    if (before === 0) this.first[node] = next;
    else this.next[before - 1] = next;
    if (next === 0) this.last[node] = before;
    else this.before[next - 1] = before;
  }

  makeRoom(nodeCount: number): void {
    this.first = grown(this.first, nodeCount);
    this.last = grown(this.last, nodeCount);
  }
}

export class LinkedEdges {
  readonly edges: EdgeList;
  readonly #out = new Lists();
  readonly #in = new Lists();

  constructor(edges: EdgeList, nodeCount: number) {
    this.edges = edges;
    this.makeRoom(nodeCount);
    for (let row = 0; row < edges.rows; row += 1) if (edges.from[row]! >= 0) this.link(row);
  }

  makeRoom(nodeCount: number): void {
    this.#out.makeRoom(nodeCount);
    this.#in.makeRoom(nodeCount);
  }

  link(row: number): void {
    this.#out.append(this.edges.from[row]!, row);
    this.#in.append(this.edges.to[row]!, row);
  }

  unlink(row: number): void {
    this.#out.unlink(this.edges.from[row]!, row);
    this.#in.unlink(this.edges.to[row]!, row);
  }

  /** The first row that leaves a node, or −1; `nextOut` goes on from there. */
  firstOut(node: number): number {
    return this.#out.first[node]! - 1;
  }

  nextOut(row: number): number {
    return this.#out.next[row]! - 1;
  }

  /** The first row that reaches a node, or −1; `nextIn` goes on from there. */
  firstIn(node: number): number {
    return this.#in.first[node]! - 1;
  }

  nextIn(row: number): number {
    return this.#in.next[row]! - 1;
  }
}
