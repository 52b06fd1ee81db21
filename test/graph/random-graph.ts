/** Random graphs from a seed: small, of every density, with ids that have tripped programs before. */

import type { ModelEdge } from './adjacency-model.ts';

/** A seeded source of numbers in [0, 1) (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const ids = ['a', '', '__proto__', 'constructor', '0', 'né', '日本', '👩‍🚀', 'toString', ' ', 'b', 'c'];

export interface RandomGraph {
  readonly nodes: string[];
  readonly edges: ModelEdge[];
}

/** At most `most` nodes; with `acyclic` the edges follow a hidden order that is not that of the nodes. */
export function randomGraph(random: () => number, most: number, acyclic: boolean): RandomGraph {
  const nodes = shuffled(ids, random).slice(0, Math.floor(random() * (most + 1)));
  const hidden = shuffled(nodes, random);
  const density = random() ** 1.5;
  const kinds = random() < 0.5 ? 0 : random();
  const edges: ModelEdge[] = [];
  hidden.forEach((from, a) => {
    hidden.forEach((to, b) => {
      if ((acyclic && a >= b) || random() >= density) return;
      edges.push({ from, to, kind: random() < kinds ? 'preferred' : 'blocking' });
    });
  });
  return { nodes, edges: shuffled(edges, random) };
}

export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const copy = [...values];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [copy[last], copy[other]] = [copy[other]!, copy[last]!];
  }
  return copy;
}
