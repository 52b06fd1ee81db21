/** One case of the `layout` workload, in a process of its own: `child-layout.js INDEX` prints its figures as JSON. */

import { readFileSync } from 'node:fs';
import { type DrawnGraph, layout } from '../src/graph/index.ts';
import { type Figure, median, round } from './measure.ts';

const cases = [
  { nodeCount: 1_000, shape: 'near', rounds: 15 },
  { nodeCount: 10_000, shape: 'near', rounds: 7 },
  { nodeCount: 100_000, shape: 'near', rounds: 3 },
  { nodeCount: 1_000, shape: 'any', rounds: 15 },
  { nodeCount: 10_000, shape: 'any', rounds: 7 },
  { nodeCount: 100_000, shape: 'any', rounds: 3 },
] as const;
type Case = (typeof cases)[number];

process.stdout.write(JSON.stringify(measure(cases[Number(process.argv[2]) as 0])));

function measure({ nodeCount, shape, rounds }: Case): Figure[] {
  const graph = shapedGraph(nodeCount, shape);
  const times = Array.from({ length: rounds + 1 }, () => {
    const start = performance.now();
    layout(graph);
    return performance.now() - start;
  });
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1_024;
  const variant = `${nodeCount} nodes, ${graph.edges.length} edges to ${shape === 'near' ? 'the last 200' : 'any before'}`;
  const figure = (metric: string, unit: string, value: number): Figure => {
    return { workload: 'layout', variant, metric, unit, value: round(value), floor: null };
  };
  return [
    figure('layout', 'ms', median(times.slice(1))),
    figure('layout, first call', 'ms', times[0]!),
    figure('resident, peak', 'MiB', peak),
  ];
}

/** Each node comes after three before it: of the last two hundred, or of all. */
function shapedGraph(nodeCount: number, shape: Case['shape']): DrawnGraph {
  let state = 12_345;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const nodes = Array.from({ length: nodeCount }, (_, index) => ({ id: `task ${index}` }));
  const edges = nodes.slice(1).flatMap(({ id }, index) =>
    Array.from({ length: 3 }, () => {
      const reach = shape === 'near' ? Math.min(200, index + 1) : index + 1;
      return { from: `task ${index - Math.floor(next() * reach)}`, to: id };
    }),
  );
  return { nodes, edges };
}
