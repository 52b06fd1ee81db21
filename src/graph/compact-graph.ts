/**
 * A directed graph as frozen columns: what every algorithm of this room runs over.
 *
 * Nodes are the integers from 0. The edges that leave node `n` are the rows `outStart[n]` to `outStart[n + 1]` (not
 * included) of `outTo` and `outKind`; those that reach it stand likewise in `inStart`, `inFrom`, `inKind` (compressed sparse
 * rows, both ways). An edge `from → to` says that `from` comes before `to`.
 *
 * C1. Nobody writes to the columns once the graph is made: a snapshot may be shared and cached.
 * C2. Within a node, edges stand in the order in which they were given, on both sides.
 *
 * Costs 10 bytes an edge and 8 a node.
 */

import { invalidOperation } from './errors.ts';

/** The kind of an edge that gates: its target waits until its source is complete. */
export const blockingKind = 0;
/** The kind of an edge that only orders: it gates nothing. */
export const preferredKind = 1;

export interface CompactGraph {
  readonly nodeCount: number;
  readonly edgeCount: number;
  readonly outStart: Int32Array;
  readonly outTo: Int32Array;
  readonly outKind: Uint8Array;
  readonly inStart: Int32Array;
  readonly inFrom: Int32Array;
  readonly inKind: Uint8Array;
}

export interface EdgeColumns {
  readonly nodeCount: number;
  /** Sources, one an edge; a negative source is a removed edge and left out. */
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
  /** Kinds, 0 (blocking) or 1 (preferred); without it every edge is blocking. */
  readonly kind?: ArrayLike<number> | undefined;
  /** How many rows of the columns count; all of them without it. */
  readonly rows?: number;
}

/**
 * Builds the graph of some edges by a counting sort each way.
 *
 * Takes any edges, self loops and parallel edges too: what may stand is the caller's to say. Time O(n + m).
 *
 * @throws GraphError `invalid_operation` when an edge names a node outside 0 … nodeCount − 1.
 */
export function compactGraph({ nodeCount, from, to, kind, rows = from.length }: EdgeColumns): CompactGraph {
  // Two entries more than nodes: counts stand two to the right, so that filling moves each start to its place.
  const outStart = new Int32Array(nodeCount + 2);
  const inStart = new Int32Array(nodeCount + 2);
  let edgeCount = 0;
  for (let row = 0; row < rows; row += 1) {
    const source = from[row]!;
    if (source < 0) continue;
    const target = to[row]!;
    if (!(source < nodeCount && target >= 0 && target < nodeCount)) throw outside(row, source, target, nodeCount);
    outStart[source + 2]! += 1;
    inStart[target + 2]! += 1;
    edgeCount += 1;
  }
  for (let node = 2; node < nodeCount + 2; node += 1) {
    outStart[node]! += outStart[node - 1]!;
    inStart[node]! += inStart[node - 1]!;
  }
  const outTo = new Int32Array(edgeCount);
  const inFrom = new Int32Array(edgeCount);
  const outKind = new Uint8Array(edgeCount);
  const inKind = new Uint8Array(edgeCount);
  for (let row = 0; row < rows; row += 1) {
    const source = from[row]!;
    if (source < 0) continue;
    const target = to[row]!;
    const out = outStart[source + 1]!;
    const into = inStart[target + 1]!;
    outStart[source + 1] = out + 1;
    inStart[target + 1] = into + 1;
    outTo[out] = target;
    inFrom[into] = source;
    if (kind === undefined || kind[row] === blockingKind) continue;
    outKind[out] = preferredKind;
    inKind[into] = preferredKind;
  }
  return Object.freeze({
    nodeCount,
    edgeCount,
    outStart: outStart.subarray(0, nodeCount + 1),
    outTo,
    outKind,
    inStart: inStart.subarray(0, nodeCount + 1),
    inFrom,
    inKind,
  });
}

/** The same graph with every edge turned round. Shares the columns: O(1). */
export function reversed(graph: CompactGraph): CompactGraph {
  const { nodeCount, edgeCount, outStart, outTo, outKind, inStart, inFrom, inKind } = graph;
  return Object.freeze({
    nodeCount,
    edgeCount,
    outStart: inStart,
    outTo: inFrom,
    outKind: inKind,
    inStart: outStart,
    inFrom: outTo,
    inKind: outKind,
  });
}

/** The graph of the blocking edges alone, with the same nodes; the graph itself when it has no other edges. O(n + m). */
export function blockingOnly(graph: CompactGraph): CompactGraph {
  return graph.outKind.includes(preferredKind)
    ? edgesWhere(graph, (row) => graph.outKind[row] === blockingKind)
    : graph;
}

/** The graph of those edges whose row in `outTo` passes, with the same nodes; edges by source. O(n + m). */
export function edgesWhere(graph: CompactGraph, keeps: (row: number, from: number) => boolean): CompactGraph {
  const { nodeCount, edgeCount, outStart, outTo, outKind } = graph;
  const from = new Int32Array(edgeCount).fill(-1);
  for (let node = 0; node < nodeCount; node += 1) {
    const end = outStart[node + 1]!;
    for (let row = outStart[node]!; row < end; row += 1) if (keeps(row, node)) from[row] = node;
  }
  return compactGraph({ nodeCount, from, to: outTo, kind: outKind });
}

/** The row in `outTo` of the first edge between two nodes, or −1. Costs the edges that leave the source. */
export function rowOf({ outStart, outTo }: CompactGraph, from: number, to: number): number {
  const row = outTo.subarray(outStart[from], outStart[from + 1]).indexOf(to);
  return row < 0 ? row : outStart[from]! + row;
}

function outside(row: number, from: number, to: number, nodeCount: number): Error {
  return invalidOperation(
    'compactGraph',
    `edge ${row} (${from} -> ${to}) names a node outside 0 … ${nodeCount - 1}; raise nodeCount or mend the edge`,
  );
}
