/**
 * The graph that the `graph` workload measures: layers of a thousand nodes, each node with three distinct sources in the layer
 * before it, drawn from a fixed seed. Ids are text; `shuffled` hands the nodes over in random order instead of layer by layer.
 */

import type { EdgeInput } from '../src/graph/index.ts';

const width = 1_000;

export interface GraphInput {
  readonly nodes: readonly string[];
  /** Made on the way, so that no million tuples lie about while memory is measured. */
  edges(): Iterable<EdgeInput>;
}

export function layeredGraph(nodeCount: number, { shuffled = false } = {}): GraphInput {
  const nodes = Array.from({ length: nodeCount }, (_, index) => `task-${index}`);
  const named = nodes.slice();
  if (shuffled) {
    const random = numbers(99);
    for (let last = nodeCount - 1; last > 0; last -= 1) {
      const other = random() % (last + 1);
      [nodes[last], nodes[other]] = [nodes[other]!, nodes[last]!];
    }
  }
  return {
    nodes,
    *edges() {
      const random = numbers(7);
      // The last layer's sources are chosen in the layer before; the first layer has none and its share goes to the second.
      for (let node = width; node < nodeCount; node += 1) {
        const first = node - (node % width) - width;
        const start = random() % width;
        // Odd: so that the first six multiples differ.
        const step = 1 + 2 * (random() % (width / 2));
        const count = node < 2 * width ? 6 : 3;
        for (let edge = 0; edge < count; edge += 1) {
          yield [named[first + ((start + edge * step) % width)]!, named[node]!];
        }
      }
    },
  };
}

/** Unsigned 31-bit numbers from a seed (xorshift). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 1;
  };
}
