/**
 * Which edges must be drawn against the direction so that the others form no cycle: those that lead back to a node on the
 * path of a depth-first search. It starts at nodes without predecessors, then at any left over, both in order of insertion,
 * and takes edges in order of insertion: a flow's own first way is drawn forward. Self loops count. O(V + E), no recursion.
 *
 * B1. An acyclic graph has none.
 * B2. With the found edges turned round, the graph is acyclic.
 */

import { bucketsOf } from './buckets.ts';
import type { NumberedGraph } from './numbered-graph.ts';

const onPath = 1;
const done = 2;

/** One byte an edge: 1 for an edge that leads back. */
export function backEdges({ nodeCount, from, to }: NumberedGraph): Uint8Array {
  const { start, items } = bucketsOf(nodeCount, from);
  const state = new Uint8Array(nodeCount);
  const cursor = start.slice(0, nodeCount);
  const path = new Int32Array(nodeCount);
  const back = new Uint8Array(from.length);

  const search = (root: number): void => {
    let depth = 0;
    path[0] = root;
    state[root] = onPath;
    while (depth >= 0) {
      const node = path[depth]!;
      if (cursor[node]! === start[node + 1]!) {
        state[node] = done;
        depth--;
        continue;
      }
      const edge = items[cursor[node]!++]!;
      const next = to[edge]!;
      if (state[next] === onPath) back[edge] = 1;
      else if (state[next] !== done) {
        state[next] = onPath;
        path[++depth] = next;
      }
    }
  };

  const entered = new Uint8Array(nodeCount);
  for (const node of to) entered[node] = 1;
  for (let node = 0; node < nodeCount; node++) if (entered[node] === 0) search(node);
  for (let node = 0; node < nodeCount; node++) if (state[node] === 0) search(node);
  return back;
}
