/**
 * Builds the parts of a graph from all its nodes and edges at once, and checks them once at the end.
 *
 * Time O(n + m) with at most one look-up of an id for each end of an edge.
 */

import { type CompactGraph, compactGraph } from './compact-graph.ts';
import { type EdgeInput, kindNumber } from './edge.ts';
import { EdgeList } from './edge-list.ts';
import { cycleFound, edgeExists, invalidOperation, nodeExists, nodeNotFound, selfLoop } from './errors.ts';
import { IdTable } from './id-table.ts';
import { hasCycle, orderOrCycle } from './topological-order.ts';

export interface GraphParts {
  readonly ids: IdTable;
  readonly edges: EdgeList;
  readonly compact: CompactGraph;
}

export interface BulkInput {
  /** Without it, the nodes are those that the edges name, in the order in which they do. */
  readonly nodes?: Iterable<string> | undefined;
  readonly edges: Iterable<EdgeInput>;
  readonly acyclic: boolean;
}

/**
 * @throws GraphError `node_exists`, `node_not_found`, `edge_exists`, `invalid_operation`, and of an acyclic graph
 *   `self_loop` or `cycle`.
 */
export function bulkBuild({ nodes, edges, acyclic }: BulkInput): GraphParts {
  const ids = new IdTable(Array.isArray(nodes) ? nodes.length : 0);
  for (const id of nodes ?? []) {
    checkId(id);
    const before = ids.count;
    ids.findOrAdd(id);
    if (ids.count === before) throw nodeExists(id);
  }
  const slotOf = (id: string): number => {
    if (nodes === undefined) {
      checkId(id);
      return ids.findOrAdd(id);
    }
    const slot = ids.find(id);
    if (slot < 0) throw nodeNotFound(String(id));
    return slot;
  };
  const list = new EdgeList();
  // Edges often come grouped by one end: an id that is the same as before is not looked up again.
  let lastFrom: string | undefined;
  let lastTo: string | undefined;
  let source = -1;
  let target = -1;
  for (const edge of edges) {
    // Read one by one: an object for each edge would be three million of them.
    const isNamed = 'from' in edge;
    const from = isNamed ? edge.from : edge[0];
    const to = isNamed ? edge.to : edge[1];
    const kind = isNamed ? edge.kind : edge[2];
    if (from !== lastFrom) {
      source = slotOf(from);
      lastFrom = from;
    }
    if (to !== lastTo) {
      target = slotOf(to);
      lastTo = to;
    }
    if (acyclic && source === target) throw selfLoop(from);
    list.add(source, target, kindNumber(kind));
  }
  list.trim();
  const compact = compactGraph({ nodeCount: ids.count, ...columnsOf(list) });
  refuseParallel(compact, ids);
  if (acyclic && hasCycle(compact)) orderOf(compact, ids.bySlot() as readonly string[]);
  return { ids, edges: list, compact };
}

/** The columns of an edge list, as a compact graph is built from them. */
export function columnsOf({ from, to, kind, rows }: EdgeList): Pick<EdgeList, 'from' | 'to' | 'kind' | 'rows'> {
  return { from, to, kind, rows };
}

/** @throws GraphError `invalid_operation` for an id that is not a string. */
export function checkId(id: unknown): void {
  if (typeof id !== 'string') throw invalidOperation('addNode', `an id is ${String(id)}; an id is a string`);
}

/** The depth-first order. @throws GraphError `cycle`, with the cycle's ids. */
export function orderOf(graph: CompactGraph, ids: readonly string[]): Int32Array {
  const found = orderOrCycle(graph);
  if (found.acyclic) return found.order;
  throw cycleFound(Array.from(found.cycle, (node) => ids[node]!));
}

function refuseParallel({ nodeCount, outStart, outTo }: CompactGraph, ids: IdTable): void {
  const lastSource = new Int32Array(nodeCount).fill(-1);
  for (let from = 0; from < nodeCount; from += 1) {
    const end = outStart[from + 1]!;
    for (let row = outStart[from]!; row < end; row += 1) {
      const to = outTo[row]!;
      if (lastSource[to] === from) throw edgeExists(ids.at(from)!, ids.at(to)!);
      lastSource[to] = from;
    }
  }
}
