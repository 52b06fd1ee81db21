/**
 * What a graph needs while it is being changed edge by edge: its edges by node, by pair, and the order that keeps it free of
 * cycles. Made at the first such change; a graph that was built in one go and is only read has none of it.
 */

import { EdgeIndex } from './edge-index.ts';
import type { EdgeList } from './edge-list.ts';
import { IncrementalOrder } from './incremental-order.ts';
import { LinkedEdges } from './linked-edges.ts';

export class LiveEdges {
  readonly links: LinkedEdges;
  readonly #edges: EdgeList;
  readonly #index: EdgeIndex;
  readonly #order: IncrementalOrder | undefined;

  /** @param order A topological order of the graph as it stands; undefined for a graph in which cycles may stand. */
  constructor(edges: EdgeList, nodeCount: number, order: Int32Array | undefined) {
    this.#edges = edges;
    this.links = new LinkedEdges(edges, nodeCount);
    this.#index = new EdgeIndex(edges);
    this.#order = order && new IncrementalOrder(this.links, order);
  }

  addNode(node: number): void {
    this.links.makeRoom(node + 1);
    this.#order?.addNode(node);
  }

  /** The row of the edge, or −1. */
  find(from: number, to: number): number {
    return this.#index.find(from, to);
  }

  /** Adds an edge that is not there yet. If it would close a cycle, adds nothing and answers the way from `to` to `from`. */
  add(from: number, to: number, kind: number): number[] | undefined {
    const way = this.#order?.admit(from, to);
    if (way !== undefined) return way;
    const row = this.#edges.add(from, to, kind);
    this.links.link(row);
    this.#index.add(row);
    return undefined;
  }

  remove(row: number): void {
    this.#index.remove(row);
    this.links.unlink(row);
    this.#edges.remove(row);
  }
}
