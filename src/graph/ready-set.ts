/**
 * What may run now, while a graph is being executed.
 *
 * A node is ready when every node that a blocking edge leads from to it is complete; preferred edges gate nothing. Start
 * what `readyNodes()` names, and call `complete` as each ends: it names what that made ready. The graph may grow on the way.
 *
 * S1. A node becomes ready once: it is named by `readyNodes()` at the start, by `addNode`'s caller, or by one `complete`;
 *     again only after an edge added later held it back.
 * S2. Only a ready node can be completed, and only once.
 *
 * `complete` costs the edges that leave its node. Space: 8 bytes a node and 8 an added edge, beside the graph.
 */

import { blockingKind, type CompactGraph } from './compact-graph.ts';
import { invalidOperation, nodeNotFound, selfLoop } from './errors.ts';
import { grown } from './grown-array.ts';

const complete = -1;

export class ReadySet {
  readonly #graph: CompactGraph;
  #nodeCount: number;
  #completed = 0;
  /** For each node how many of its gates are closed, or `complete`. */
  #waiting: Int32Array;
  /** Added edges: a list for each source, newest first. Rows count from 1; 0 ends a list. */
  #lastAdded: Int32Array;
  #addedTo = new Int32Array(8);
  #addedBefore = new Int32Array(8);
  #added = 0;

  constructor(graph: CompactGraph) {
    this.#graph = graph;
    this.#nodeCount = graph.nodeCount;
    this.#waiting = new Int32Array(graph.nodeCount);
    this.#lastAdded = new Int32Array(graph.nodeCount);
    this.#closeGates();
  }

  /** How many nodes there are, added ones too. */
  get nodeCount(): number {
    return this.#nodeCount;
  }

  /** How many nodes are not complete. */
  get remaining(): number {
    return this.#nodeCount - this.#completed;
  }

  /** All nodes that are ready and not complete, by index. Looks at every node: ask once, when execution starts. */
  readyNodes(): number[] {
    const ready: number[] = [];
    for (let node = 0; node < this.#nodeCount; node += 1) if (this.#waiting[node] === 0) ready.push(node);
    return ready;
  }

  /** @throws GraphError `node_not_found`. */
  isReady(node: number): boolean {
    return this.#stateOf(node) === 0;
  }

  /** @throws GraphError `node_not_found`. */
  isComplete(node: number): boolean {
    return this.#stateOf(node) === complete;
  }

  /**
   * Marks a node complete and answers the nodes that this made ready: by the graph's edges in their order, then by added
   * edges, newest first. Time: the edges that leave the node.
   *
   * @throws GraphError `node_not_found`; `invalid_operation` when the node is complete already or is not ready.
   */
  complete(node: number): number[] {
    const state = this.#stateOf(node);
    if (state === complete) throw invalidOperation('complete', `node ${node} is complete already; complete it once`);
    if (state > 0) {
      throw invalidOperation('complete', `node ${node} waits for ${state} more; complete what it depends on first`);
    }
    this.#waiting[node] = complete;
    this.#completed += 1;
    const ready: number[] = [];
    this.#eachGated(node, (to) => {
      const left = this.#waiting[to]! - 1;
      this.#waiting[to] = left;
      if (left === 0) ready.push(to);
    });
    return ready;
  }

  /** Adds a node and answers its index, the next one. It is ready until an edge holds it back. */
  addNode(): number {
    const node = this.#nodeCount;
    this.#nodeCount += 1;
    this.#waiting = grown(this.#waiting, this.#nodeCount);
    this.#lastAdded = grown(this.#lastAdded, this.#nodeCount);
    return node;
  }

  /**
   * Adds a blocking edge: from now on `to` waits for `from`, unless that is complete. O(1), so it does not look for cycles:
   * nodes that wait for each other never become ready (`Dag.addEdge` refuses such an edge).
   *
   * @throws GraphError `node_not_found`; `self_loop`; `invalid_operation` when `to` is complete already.
   */
  addEdge(from: number, to: number): void {
    const source = this.#stateOf(from);
    const target = this.#stateOf(to);
    if (from === to) throw selfLoop(String(from));
    if (target === complete) throw invalidOperation('addEdge', `node ${to} is complete; it can wait for nothing now`);
    this.#added += 1;
    this.#addedTo = grown(this.#addedTo, this.#added + 1);
    this.#addedBefore = grown(this.#addedBefore, this.#added + 1);
    this.#addedTo[this.#added] = to;
    this.#addedBefore[this.#added] = this.#lastAdded[from]!;
    this.#lastAdded[from] = this.#added;
    if (source !== complete) this.#waiting[to]! += 1;
  }

  /** Forgets what is complete and keeps what was added: execution starts anew. O(n + m). */
  reset(): void {
    this.#completed = 0;
    this.#waiting.fill(0);
    this.#closeGates();
  }

  #closeGates(): void {
    for (let node = 0; node < this.#nodeCount; node += 1) {
      this.#eachGated(node, (to) => {
        this.#waiting[to]! += 1;
      });
    }
  }

  #eachGated(node: number, visit: (to: number) => void): void {
    if (node < this.#graph.nodeCount) {
      const { outStart, outTo, outKind } = this.#graph;
      const end = outStart[node + 1]!;
      for (let row = outStart[node]!; row < end; row += 1) if (outKind[row] === blockingKind) visit(outTo[row]!);
    }
    for (let row = this.#lastAdded[node]!; row !== 0; row = this.#addedBefore[row]!) visit(this.#addedTo[row]!);
  }

  #stateOf(node: number): number {
    if (!(Number.isInteger(node) && node >= 0 && node < this.#nodeCount)) throw nodeNotFound(String(node));
    return this.#waiting[node]!;
  }
}
