/**
 * A directed graph of named nodes that is changed edge by edge, or built at once, and refuses cycles.
 *
 * An edge says that `from` comes before `to`: a blocking one gates `to` until `from` is complete, a preferred one only orders.
 * Any string is an id. Nodes and edges keep the order of insertion; a node removed and added again is the last.
 *
 * G1. A graph made with `acyclic: true`, the default, has no cycle and no self loop at any time.
 * G2. There is at most one edge from one node to another, of either kind.
 * G3. A call that throws changes nothing.
 * G4. The snapshot is cached only while no removed node holds a slot: then a node's slot is its index.
 *
 * `addNode`, `removeEdge`, `has…` and `edgeKind` are O(1) expected (`edgeKind` costs the source's edges until the first change); `addEdge` is O(1) when the order at hand agrees, else it
 * costs the part of the graph between the two nodes (`incremental-order.ts`); `removeNode` costs the node's edges. The first
 * change of an edge after a bulk build lays out what that takes, once, in O(n + m). Whole-graph questions (`dag-view.ts`) start from
 * `compact()`, which costs O(n + m) after a change.
 */

import { type BulkInput, bulkBuild, checkId, columnsOf } from './bulk-build.ts';
import { blockingKind, type CompactGraph, compactGraph, rowOf } from './compact-graph.ts';
import { DagView } from './dag-view.ts';
import { type Edge, type EdgeInput, type EdgeKind, kindName, kindNumber } from './edge.ts';
import { EdgeList } from './edge-list.ts';
import { cycleFound, edgeExists, edgeNotFound, nodeExists, nodeNotFound, selfLoop } from './errors.ts';
import { IdTable } from './id-table.ts';
import { LiveEdges } from './live-edges.ts';
import { transitiveClosure, transitiveReduction } from './transitive.ts';

export interface DagOptions {
  /** False for a graph in which cycles and self loops may stand, a flow graph for instance. True unless given. */
  readonly acyclic?: boolean | undefined;
}

export class Dag extends DagView {
  readonly acyclic: boolean;
  #ids = new IdTable();
  #edges = new EdgeList();
  #live: LiveEdges | undefined;
  #compact: CompactGraph | undefined;

  constructor({ acyclic = true }: DagOptions = {}) {
    super();
    this.acyclic = acyclic;
  }

  /**
   * Builds a graph at once from its nodes and the edges between them; cycles are looked for once, at the end.
   *
   * @throws GraphError `node_exists`, `node_not_found` (an edge names a node that is not among `nodes`), `edge_exists`,
   *   `self_loop`, `cycle` with the ids of a cycle.
   */
  static of(input: DagOptions & { readonly nodes: Iterable<string>; readonly edges?: Iterable<EdgeInput> }): Dag {
    return Dag.#built({ nodes: input.nodes, edges: input.edges ?? [], acyclic: input.acyclic ?? true });
  }

  /** As `of`, with the nodes that the edges name, in the order in which they do. */
  static fromEdges(edges: Iterable<EdgeInput>, { acyclic = true }: DagOptions = {}): Dag {
    return Dag.#built({ edges, acyclic });
  }

  static #built(input: BulkInput): Dag {
    const { ids, edges, compact } = bulkBuild(input);
    const dag = new Dag({ acyclic: input.acyclic });
    dag.#ids = ids;
    dag.#edges = edges;
    dag.#compact = compact;
    return dag;
  }

  get nodeCount(): number {
    return this.#ids.count;
  }

  get edgeCount(): number {
    return this.#edges.count;
  }

  hasNode(id: string): boolean {
    return this.#ids.find(id) >= 0;
  }

  /** Whether there is an edge of either kind; false for nodes that the graph does not have. */
  hasEdge(from: string, to: string): boolean {
    return this.edgeKind(from, to) !== undefined;
  }

  /** The kind of an edge; undefined where there is none. */
  edgeKind(from: string, to: string): EdgeKind | undefined {
    const source = this.#ids.find(from);
    const target = this.#ids.find(to);
    if (source < 0 || target < 0) return undefined;
    if (this.#live === undefined && this.#compact !== undefined) {
      const row = rowOf(this.#compact, source, target);
      return row < 0 ? undefined : kindName(this.#compact.outKind[row]!);
    }
    const row = this.#liveEdges().find(source, target);
    return row < 0 ? undefined : kindName(this.#edges.kind[row]!);
  }

  /** All ids. */
  nodes(): string[] {
    return this.#ids.bySlot().filter((id) => id !== undefined);
  }

  /** All edges. */
  edges(): Edge[] {
    const { from, to, kind, rows } = this.#edges;
    const edges: Edge[] = [];
    for (let row = 0; row < rows; row += 1) {
      if (from[row]! < 0) continue;
      edges.push({ from: this.#ids.at(from[row]!)!, to: this.#ids.at(to[row]!)!, kind: kindName(kind[row]!) });
    }
    return edges;
  }

  /** Adds a node without edges. @throws GraphError `node_exists`; `invalid_operation` for an id that is not a string. */
  addNode(id: string): void {
    checkId(id);
    if (this.hasNode(id)) throw nodeExists(id);
    const slot = this.#ids.findOrAdd(id);
    this.#live?.addNode(slot);
    this.#compact = undefined;
  }

  /**
   * Adds an edge: `from` comes before `to`.
   *
   * @throws GraphError `node_not_found`; `edge_exists`, whatever the kinds; of an acyclic graph `self_loop`, and `cycle`
   *   with the ids of the cycle the edge would close, from `from` on.
   */
  addEdge(from: string, to: string, kind: EdgeKind = 'blocking'): void {
    const source = this.#slotOf(from);
    const target = this.#slotOf(to);
    const number = kindNumber(kind);
    if (this.acyclic && source === target) throw selfLoop(from);
    const live = this.#liveEdges();
    if (live.find(source, target) >= 0) throw edgeExists(from, to);
    const way = live.add(source, target, number);
    if (way !== undefined) throw cycleFound([from, ...way.slice(0, -1).map((slot) => this.#ids.at(slot)!)]);
    this.#compact = undefined;
  }

  /** Removes a node and its edges. @throws GraphError `node_not_found`. */
  removeNode(id: string): void {
    const slot = this.#slotOf(id);
    const live = this.#liveEdges();
    const { links } = live;
    for (let row = links.firstOut(slot); row >= 0; row = links.firstOut(slot)) live.remove(row);
    for (let row = links.firstIn(slot); row >= 0; row = links.firstIn(slot)) live.remove(row);
    this.#ids.remove(slot);
    this.#removed();
  }

  /** Removes an edge. @throws GraphError `node_not_found`, `edge_not_found`. */
  removeEdge(from: string, to: string): void {
    const source = this.#slotOf(from);
    const target = this.#slotOf(to);
    const live = this.#liveEdges();
    const row = live.find(source, target);
    if (row < 0) throw edgeNotFound(from, to);
    live.remove(row);
    this.#removed();
  }

  /** The index of a node: its place among `nodes()`, until a node before it is removed. @throws GraphError `node_not_found`. */
  indexOf(id: string): number {
    this.#closeSlots();
    return this.#slotOf(id);
  }

  /** The id at an index. @throws GraphError `node_not_found`. */
  idAt(index: number): string {
    this.#closeSlots();
    const id = this.#ids.at(index);
    if (id === undefined) throw nodeNotFound(`#${index}`);
    return id;
  }

  /** The nodes that edges lead from to this one, in the order of the edges. @throws GraphError `node_not_found`. */
  dependencies(id: string): string[] {
    const slot = this.#slotOf(id);
    const found: string[] = [];
    this.#eachDependency(slot, (from) => found.push(this.#ids.at(from)!));
    return found;
  }

  /** The nodes that edges lead to from this one, in the order of the edges. @throws GraphError `node_not_found`. */
  dependents(id: string): string[] {
    const slot = this.#slotOf(id);
    if (this.#compact !== undefined) {
      const { outStart, outTo } = this.#compact;
      return Array.from(outTo.subarray(outStart[slot], outStart[slot + 1]), (to) => this.#ids.at(to)!);
    }
    const { links } = this.#liveEdges();
    const found: string[] = [];
    for (let row = links.firstOut(slot); row >= 0; row = links.nextOut(row))
      found.push(this.#ids.at(this.#edges.to[row]!)!);
    return found;
  }

  /** Whether `ready(completed)` names the node; costs the edges that reach it. @throws GraphError `node_not_found`. */
  isReady(id: string, completed: ReadonlySet<string>): boolean {
    const slot = this.#slotOf(id);
    let isReady = !completed.has(id);
    this.#eachDependency(slot, (from, kind) => {
      if (isReady && kind === blockingKind) isReady = completed.has(this.#ids.at(from)!);
    });
    return isReady;
  }

  compact(): CompactGraph {
    if (this.#compact === undefined) {
      this.#closeSlots();
      this.#compact = compactGraph({ nodeCount: this.#ids.count, ...columnsOf(this.#edges) });
    }
    return this.#compact;
  }

  /** The graph of these nodes and the edges between them. @throws GraphError `node_not_found`. */
  subgraph(ids: Iterable<string>): Dag {
    const kept = new Set<string>();
    for (const id of ids) {
      this.#slotOf(id);
      kept.add(id);
    }
    const nodes = this.nodes().filter((id) => kept.has(id));
    const edges = this.edges().filter(({ from, to }) => kept.has(from) && kept.has(to));
    return Dag.of({ nodes, edges, acyclic: this.acyclic });
  }

  /** The graph of this node and all it depends on, directly or not. @throws GraphError `node_not_found`. */
  inducedSubgraph(id: string): Dag {
    return this.subgraph([...this.ancestors(id), id]);
  }

  /** The graph without edges that others imply; see `transitiveReduction` for the kinds. @throws GraphError `cycle`. */
  transitiveReduction(): Dag {
    const graph = this.compact();
    return this.#withEdgesOf(transitiveReduction(graph, this.order()));
  }

  /** The graph with an edge wherever there is a path; see `transitiveClosure` for the kinds. Up to n² edges. */
  transitiveClosure(): Dag {
    return this.#withEdgesOf(transitiveClosure(this.compact()));
  }

  protected ids(): readonly string[] {
    this.#closeSlots();
    return this.#ids.bySlot() as readonly string[];
  }

  #withEdgesOf({ nodeCount, outStart, outTo, outKind }: CompactGraph): Dag {
    const dag = new Dag({ acyclic: this.acyclic });
    this.#closeSlots();
    dag.#ids = this.#ids.packed();
    for (let from = 0; from < nodeCount; from += 1) {
      for (let row = outStart[from]!; row < outStart[from + 1]!; row += 1) {
        dag.#edges.add(from, outTo[row]!, outKind[row]!);
      }
    }
    return dag;
  }

  #slotOf(id: string): number {
    const slot = this.#ids.find(id);
    if (slot < 0) throw nodeNotFound(String(id));
    return slot;
  }

  #liveEdges(): LiveEdges {
    if (this.#live === undefined) {
      this.#closeSlots();
      this.#live = new LiveEdges(this.#edges, this.#ids.count, this.acyclic ? this.order() : undefined);
    }
    return this.#live;
  }

  #eachDependency(slot: number, visit: (from: number, kind: number) => void): void {
    if (this.#compact !== undefined) {
      const { inStart, inFrom, inKind } = this.#compact;
      for (let row = inStart[slot]!; row < inStart[slot + 1]!; row += 1) visit(inFrom[row]!, inKind[row]!);
      return;
    }
    const { links } = this.#liveEdges();
    const { from, kind } = this.#edges;
    for (let row = links.firstIn(slot); row >= 0; row = links.nextIn(row)) visit(from[row]!, kind[row]!);
  }

  /** After a removal: the snapshot is out of date, and once more is gone than left, the gaps are closed. */
  #removed(): void {
    this.#compact = undefined;
    const gone = this.#ids.slots - this.#ids.count + this.#edges.rows - this.#edges.count;
    if (gone > this.#ids.count + this.#edges.count + 64) this.#pack();
  }

  #closeSlots(): void {
    if (this.#ids.slots !== this.#ids.count) this.#pack();
  }

  /** Renumbers slots and rows without gaps. What was laid out by slot is laid out anew when it is needed. */
  #pack(): void {
    const renamed = new Int32Array(this.#ids.slots);
    let next = 0;
    this.#ids.bySlot().forEach((id, slot) => {
      if (id === undefined) return;
      renamed[slot] = next;
      next += 1;
    });
    this.#ids = this.#ids.packed();
    this.#edges.pack(renamed);
    this.#live = undefined;
    this.#compact = undefined;
  }
}
