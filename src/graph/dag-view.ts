/**
 * What can be asked of a graph as a whole, by id: readiness, orders, paths, parts.
 *
 * Every answer is computed from the compact snapshot and the ids beside it, in O(n + m) unless said otherwise. Lists of
 * nodes stand in the order of insertion unless said otherwise. `Dag` adds what changes a graph.
 */

import { orderOf } from './bulk-build.ts';
import { blockingKind, type CompactGraph } from './compact-graph.ts';
import { immediateDominators, noDominator, sourcesOf, unreachable } from './dominators.ts';
import { elementaryCycles } from './elementary-cycles.ts';
import { invalidOperation, notConnected, selfLoop } from './errors.ts';
import { levelsOf } from './levels.ts';
import { type CriticalPath, criticalPath, longestFrom } from './longest-path.ts';
import { ancestorsOf, descendantsOf } from './reachability.ts';
import { slackOf } from './slack.ts';
import { type Components, strongComponents } from './strong-components.ts';
import { hasCycle, kahnOrder } from './topological-order.ts';
import { isWeaklyConnected, weakComponents } from './weak-components.ts';
import { type Weights, weightColumn } from './weights.ts';

/** When a node may start, the first start being 0. */
export interface NodeSlack {
  readonly earliest: number;
  readonly latest: number;
  readonly slack: number;
}

export abstract class DagView {
  /** Whether cycles and self loops are refused. */
  abstract readonly acyclic: boolean;
  #order: { readonly of: CompactGraph; readonly nodes: Int32Array } | undefined;

  /** The graph as columns; a node's index is its place among `nodes()`. Cached until the next change. */
  abstract compact(): CompactGraph;
  /** The index of a node. @throws GraphError `node_not_found`. */
  abstract indexOf(id: string): number;
  /** The ids by index. */
  protected abstract ids(): readonly string[];

  /** All nodes from which this one can be reached, itself left out. @throws GraphError `node_not_found`. */
  ancestors(id: string): string[] {
    const node = this.indexOf(id);
    return this.#named(ancestorsOf(this.compact(), node));
  }

  /** All nodes that can be reached from this one, itself left out. @throws GraphError `node_not_found`. */
  descendants(id: string): string[] {
    const node = this.indexOf(id);
    return this.#named(descendantsOf(this.compact(), node));
  }

  /** The nodes that no edge reaches. */
  roots(): string[] {
    return this.#named(sourcesOf(this.compact()));
  }

  /** The nodes that no edge leaves. */
  leaves(): string[] {
    const { outStart } = this.compact();
    return this.ids().filter((_, node) => outStart[node] === outStart[node + 1]);
  }

  /**
   * The nodes that may run: not completed, and every node that a blocking edge leads from to them is. Ids that the graph
   * does not have are ignored. For the next ready nodes after each completion, `ReadySet` costs less.
   */
  ready(completed: ReadonlySet<string>): string[] {
    return this.#uncompleted(completed, true);
  }

  /** The nodes that are neither completed nor ready. */
  blocked(completed: ReadonlySet<string>): string[] {
    return this.#uncompleted(completed, false);
  }

  /** The depth-first order; see `orderOrCycle`. @throws GraphError `cycle`. */
  topologicalOrder(): string[] {
    return this.#named(this.order());
  }

  /** The order of a queue; see `kahnOrder`. @throws GraphError `cycle`. */
  topologicalOrderKahn(): string[] {
    return this.#named(kahnOrder(this.compact()) ?? this.order());
  }

  /** A heaviest path and its weight; see `criticalPath`. Every edge counts. @throws GraphError `cycle`, `invalid_operation`. */
  criticalPath(weights: Weights): CriticalPath<string> {
    const column = weightColumn(weights, this.ids());
    const { path, length } = criticalPath(this.compact(), this.order(), column);
    return { path: this.#named(path), length };
  }

  /** For each node the weight of the heaviest path from it on. @throws GraphError `cycle`, `invalid_operation`. */
  rank(weights: Weights): Map<string, number> {
    const column = weightColumn(weights, this.ids());
    const ranks = longestFrom(this.compact(), this.order(), column);
    return this.#byId((node) => ranks[node]!);
  }

  /** For each node its earliest and latest start and what lies between. @throws GraphError `cycle`, `invalid_operation`. */
  slack(weights: Weights): Map<string, NodeSlack> {
    const column = weightColumn(weights, this.ids());
    const { earliest, latest, slack } = slackOf(this.compact(), this.order(), column);
    return this.#byId((node) => ({ earliest: earliest[node]!, latest: latest[node]!, slack: slack[node]! }));
  }

  /** The nodes by how many edges deep they stand: those of a stage can run side by side. @throws GraphError `cycle`. */
  stages(): string[][] {
    const level = levelsOf(this.compact(), this.order());
    let count = 0;
    for (const each of level) count = Math.max(count, each + 1);
    return this.#grouped({ count, componentOf: level });
  }

  /** Whether some node can be reached from itself. O(1) for a graph that refuses cycles. */
  hasCycle(): boolean {
    return !this.acyclic && hasCycle(this.compact());
  }

  /**
   * Elementary cycles, self loops too, at most `limit`: each once, starting at its first node, ordered by that node. A graph
   * can have more than any computer could list; see `elementaryCycles` for the cost.
   */
  findCycles(limit = 1_000): string[][] {
    if (!(limit >= 0)) throw invalidOperation('findCycles', `the limit is ${limit}; it is a number from 0`);
    if (this.acyclic) return [];
    return elementaryCycles(this.compact(), limit).map((cycle) => this.#named(cycle));
  }

  /** @throws GraphError `self_loop`, with the first node that has an edge to itself. */
  validateNoSelfLoops(): void {
    if (this.acyclic) return;
    const { nodeCount, outStart, outTo } = this.compact();
    for (let node = 0; node < nodeCount; node += 1) {
      for (let row = outStart[node]!; row < outStart[node + 1]!; row += 1) {
        if (outTo[row] === node) throw selfLoop(this.ids()[node]!);
      }
    }
  }

  /** Whether the graph is one part when the direction of edges is forgotten; true without nodes. */
  isConnected(): boolean {
    return isWeaklyConnected(this.compact());
  }

  /** @throws GraphError `not_connected`, with a node of each of two parts. */
  validateConnected(): void {
    const { count, componentOf } = weakComponents(this.compact());
    if (count <= 1) return;
    throw notConnected(count, [this.ids()[0]!, this.ids()[componentOf.indexOf(1)]!]);
  }

  /** The sets of nodes that reach each other, in such an order that edges between sets lead to later ones. */
  stronglyConnectedComponents(): string[][] {
    return this.#grouped(strongComponents(this.compact()));
  }

  /**
   * For each node the nearest of those that lie on every way to it from the roots; null for a root and where separate ways
   * meet. A node that no root leads to (a cycle without a way in) has no entry. O(n · m) at worst, near O(n + m) in fact.
   */
  dominators(): Map<string, string | null> {
    const dominators = new Map<string, string | null>();
    immediateDominators(this.compact()).forEach((by, node) => {
      if (by !== unreachable) dominators.set(this.ids()[node]!, by === noDominator ? null : this.ids()[by]!);
    });
    return dominators;
  }

  /** The depth-first order by index, kept as long as the snapshot. @throws GraphError `cycle`. */
  protected order(): Int32Array {
    const graph = this.compact();
    if (this.#order?.of !== graph) this.#order = { of: graph, nodes: orderOf(graph, this.ids()) };
    return this.#order.nodes;
  }

  #uncompleted(completed: ReadonlySet<string>, wanted: boolean): string[] {
    const { inStart, inFrom, inKind } = this.compact();
    const ids = this.ids();
    const isDone = Uint8Array.from(ids, (id) => (completed.has(id) ? 1 : 0));
    return ids.filter((_, node) => {
      if (isDone[node] === 1) return false;
      for (let row = inStart[node]!; row < inStart[node + 1]!; row += 1) {
        if (inKind[row] === blockingKind && isDone[inFrom[row]!] === 0) return !wanted;
      }
      return wanted;
    });
  }

  #named(nodes: ArrayLike<number>): string[] {
    const ids = this.ids();
    return Array.from(nodes, (node) => ids[node]!);
  }

  #byId<Value>(answer: (node: number) => Value): Map<string, Value> {
    return new Map(this.ids().map((id, node) => [id, answer(node)]));
  }

  #grouped({ count, componentOf }: Components): string[][] {
    const groups = Array.from({ length: count }, (): string[] => []);
    this.ids().forEach((id, node) => {
      groups[componentOf[node]!]!.push(id);
    });
    return groups;
  }
}
