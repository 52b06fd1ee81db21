/**
 * The connected components of a graph, each with its own small numbers, so that each is laid out alone and put beside
 * the others. In order of their first nodes; inside, nodes and edges keep their order. O(V + E), nearly.
 */

import { bucketsOf } from './buckets.ts';
import type { NumberedGraph } from './numbered-graph.ts';

export interface Part extends NumberedGraph {
  /** The numbers its nodes have in the whole graph. */
  readonly nodes: Int32Array;
  readonly edges: Int32Array;
}

export function partsOf(graph: NumberedGraph): Part[] {
  const { partOf, partCount } = membership(graph);
  const nodes = bucketsOf(partCount, partOf);
  const edges = bucketsOf(
    partCount,
    graph.from.map((node) => partOf[node]!),
  );
  const small = new Int32Array(graph.nodeCount);
  const parts: Part[] = [];
  for (let part = 0; part < partCount; part++) {
    const members = nodes.items.subarray(nodes.start[part]!, nodes.start[part + 1]!);
    const inside = edges.items.subarray(edges.start[part]!, edges.start[part + 1]!);
    for (let index = 0; index < members.length; index++) small[members[index]!] = index;
    parts.push({
      nodes: members,
      edges: inside,
      nodeCount: members.length,
      edgeCount: inside.length,
      from: inside.map((edge) => small[graph.from[edge]!]!),
      to: inside.map((edge) => small[graph.to[edge]!]!),
    });
  }
  return parts;
}

/** Union by the smaller number with halving of paths: a root is the first node of its part. */
function membership({ nodeCount, edgeCount, from, to }: NumberedGraph): { partOf: Int32Array; partCount: number } {
  const parent = new Int32Array(nodeCount).map((_, node) => node);
  const rootOf = (node: number): number => {
    let at = node;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (let edge = 0; edge < edgeCount; edge++) {
    const a = rootOf(from[edge]!);
    const b = rootOf(to[edge]!);
    if (a !== b) parent[Math.max(a, b)] = Math.min(a, b);
  }
  const partOf = new Int32Array(nodeCount);
  let partCount = 0;
  for (let node = 0; node < nodeCount; node++) {
    const root = rootOf(node);
    partOf[node] = root === node ? partCount++ : partOf[root]!;
  }
  return { partOf, partCount };
}
