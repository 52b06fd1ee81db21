/** A drawn graph by numbers: node and edge `i` is the `i`-th of its list. Costs O(V + E). */

import { assert } from '../../base/index.ts';
import type { DrawnGraph } from './drawn-graph.ts';

export interface NumberedGraph {
  readonly nodeCount: number;
  readonly edgeCount: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** @throws AssertionError An id stands twice, or an edge names a node that is not there. */
export function numbered(graph: DrawnGraph): NumberedGraph {
  const numbers = new Map<string, number>();
  for (const [number, node] of graph.nodes.entries()) {
    assert(!numbers.has(node.id), `two nodes of the drawn graph have the id ${JSON.stringify(node.id)}`);
    numbers.set(node.id, number);
  }
  const edgeCount = graph.edges.length;
  const from = new Int32Array(edgeCount);
  const to = new Int32Array(edgeCount);
  for (let edge = 0; edge < edgeCount; edge++) {
    from[edge] = numberOf(numbers, graph.edges[edge]!.from, edge);
    to[edge] = numberOf(numbers, graph.edges[edge]!.to, edge);
  }
  return { nodeCount: graph.nodes.length, edgeCount, from, to };
}

function numberOf(numbers: ReadonlyMap<string, number>, id: string, edge: number): number {
  const number = numbers.get(id);
  assert(
    number !== undefined,
    `edge ${edge} of the drawn graph names the node ${JSON.stringify(id)}, which is not in it`,
  );
  return number;
}
