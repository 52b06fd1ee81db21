/** Graphs out of a seeded generator: every shape the layout must bear, small enough to check each in full. */

import type { DrawnEdge, DrawnGraph, DrawnNode } from '../../src/graph/layout/drawn-graph.ts';

/** Numbers in [0, 1) that a seed decides (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const statuses = ['ready', 'running', 'waiting', 'retrying', 'succeeded', 'failed', 'canceled', 'skipped', 'odd'];

/** Up to `nodesMax` nodes. Odd seeds may have cycles, self loops and parallel edges; even seeds are acyclic. */
export function randomGraph(seed: number, nodesMax: number): DrawnGraph {
  const next = seeded(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  const nodeCount = below(nodesMax + 1);
  const withLabels = seed % 4 < 2;
  const nodes: DrawnNode[] = Array.from({ length: nodeCount }, (_, index) => ({
    id: `n${index}`,
    ...(next() < 0.3 ? { label: 'x'.repeat(below(40)) } : {}),
    ...(next() < 0.3 ? { status: statuses[below(statuses.length)]! } : {}),
    ...(next() < 0.1 ? { detail: 'a second line' } : {}),
  }));
  const edges: DrawnEdge[] = [];
  const edgeCount = nodeCount === 0 ? 0 : below(nodeCount * 3);
  const reach = 1 + below(nodeCount);
  for (let index = 0; index < edgeCount; index++) {
    const from = below(nodeCount);
    const to = seed % 2 === 1 ? below(nodeCount) : from + 1 + below(reach);
    if (to >= nodeCount) continue;
    edges.push({ from: `n${from}`, to: `n${to}`, ...(withLabels && next() < 0.2 ? { label: `on ${index}` } : {}) });
  }
  return { nodes, edges };
}
