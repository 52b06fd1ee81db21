/**
 * A topological order that stays valid while edges come and go, and so refuses the edge that would close a cycle.
 *
 * Each node has a place. An edge that agrees with the places costs O(1). One that does not is searched from both ends, only
 * through nodes whose places lie between the two, and those found change places among themselves. A source that nothing
 * leads to moves to the very front instead, a target that leads nowhere to the very back: O(1). Removal leaves every place
 * as it is.
 *
 * O1. For every edge, place[from] < place[to]; no two nodes share a place.
 *
 * Source: Pearce and Kelly, "A Dynamic Topological Sort Algorithm for Directed Acyclic Graphs" (2006).
 */

import { grown } from './grown-array.ts';
import type { LinkedEdges } from './linked-edges.ts';

export class IncrementalOrder {
  readonly #links: LinkedEdges;
  /** Doubles: places run below zero and are never used up. */
  #place: Float64Array;
  #front = 0;
  #back = -1;
  /** The search that saw a node last, and the node it came from. */
  #seenBy: Int32Array;
  #cameFrom: Int32Array;
  #search = 0;

  /** @param order A topological order of the graph as it stands. */
  constructor(links: LinkedEdges, order: Int32Array) {
    this.#links = links;
    this.#place = new Float64Array(order.length);
    this.#seenBy = new Int32Array(order.length);
    this.#cameFrom = new Int32Array(order.length);
    for (const node of order) this.addNode(node);
  }

  addNode(node: number): void {
    this.#place = grown(this.#place, node + 1);
    this.#seenBy = grown(this.#seenBy, node + 1);
    this.#cameFrom = grown(this.#cameFrom, node + 1);
    this.#back += 1;
    this.#place[node] = this.#back;
  }

  /**
   * Makes the order fit an edge that is about to be added between two different nodes. If it would close a cycle, nothing
   * changes and the answer is the way from `to` to `from`, both included.
   */
  admit(from: number, to: number): number[] | undefined {
    const upper = this.#place[from]!;
    const lower = this.#place[to]!;
    if (upper < lower) return undefined;
    if (this.#links.firstOut(to) < 0) {
      this.#back += 1;
      this.#place[to] = this.#back;
      return undefined;
    }
    if (this.#links.firstIn(from) < 0) {
      this.#front -= 1;
      this.#place[from] = this.#front;
      return undefined;
    }
    const after = this.#nodesAfter(to, from, upper);
    if (after === undefined) return this.#wayBack(from, to);
    this.#swap(this.#nodesBefore(from, lower), after);
    return undefined;
  }

  /** The nodes from `start` on whose places are below `upper`; undefined if `wanted`, at `upper`, is reached. */
  #nodesAfter(start: number, wanted: number, upper: number): number[] | undefined {
    const { edges } = this.#links;
    const found = this.#begin(start);
    for (let taken = 0; taken < found.length; taken += 1) {
      const node = found[taken]!;
      for (let row = this.#links.firstOut(node); row >= 0; row = this.#links.nextOut(row)) {
        const to = edges.to[row]!;
        if (this.#place[to]! > upper || this.#seenBy[to] === this.#search) continue;
        this.#seenBy[to] = this.#search;
        this.#cameFrom[to] = node;
        if (to === wanted) return undefined;
        found.push(to);
      }
    }
    return found;
  }

  /** The nodes up to `start` whose places are above `lower`. */
  #nodesBefore(start: number, lower: number): number[] {
    const { edges } = this.#links;
    const found = this.#begin(start);
    for (let taken = 0; taken < found.length; taken += 1) {
      for (let row = this.#links.firstIn(found[taken]!); row >= 0; row = this.#links.nextIn(row)) {
        const from = edges.from[row]!;
        if (this.#place[from]! < lower || this.#seenBy[from] === this.#search) continue;
        this.#seenBy[from] = this.#search;
        found.push(from);
      }
    }
    return found;
  }

  #begin(start: number): number[] {
    if (this.#search === 0x7fffffff) {
      this.#seenBy.fill(0);
      this.#search = 0;
    }
    this.#search += 1;
    this.#seenBy[start] = this.#search;
    return [start];
  }

  /** Gives the places of both lists out anew: first to `before`, then to `after`, each in the order it had. */
  #swap(before: number[], after: number[]): void {
    const byPlace = (a: number, b: number): number => this.#place[a]! - this.#place[b]!;
    const nodes = [...before.sort(byPlace), ...after.sort(byPlace)];
    const places = Float64Array.from(nodes, (node) => this.#place[node]!).sort();
    nodes.forEach((node, index) => {
      this.#place[node] = places[index]!;
    });
  }

  #wayBack(from: number, to: number): number[] {
    const way = [from];
    for (let node = from; node !== to; way.push(node)) node = this.#cameFrom[node]!;
    return way.reverse();
  }
}
