/** What graphology takes for the same: a graph of objects and maps, with its own order, cycle check and components. */

import { DirectedGraph } from 'graphology';
import components from 'graphology-components';
import dag from 'graphology-dag';
import type { GraphInput } from './graph-million.ts';

/** Milliseconds by what was done, once each: a second time would not be faster by what matters here. */
export function measureGraphology({ nodes, edges }: GraphInput): { readonly [metric: string]: number } {
  const graph = new DirectedGraph();
  const took: { [metric: string]: number } = {};
  const time = (metric: string, work: () => unknown): void => {
    const start = performance.now();
    work();
    took[metric] = performance.now() - start;
  };
  time('build', () => {
    for (const id of nodes) graph.addNode(id);
    for (const [from, to] of edges()) graph.addDirectedEdge(from, to);
  });
  time('order', () => dag.topologicalSort(graph));
  time('cycle check', () => dag.hasCycle(graph));
  time('strong components', () => components.stronglyConnectedComponents(graph));
  time('weak components', () => components.countConnectedComponents(graph));
  return took;
}
