/**
 * The `layout` workload: places and routes of layered drawings at three sizes, with three edges a node.
 *
 * Each case runs in a process of its own, so that peak memory is that of one layout, the graph and Node itself. Times are
 * medians; the first call, which still compiles, stands apart. There is no floor to put beside it: no shorter loop does the same.
 *
 * `node bench/graph-layout.ts` prints the figures alone.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type DrawnGraph, layout } from '../src/graph/index.ts';
import { type Figure, median, round } from './measure.ts';

const script = fileURLToPath(import.meta.url);
const cases = [
  { nodeCount: 1_000, shape: 'near', rounds: 15 },
  { nodeCount: 10_000, shape: 'near', rounds: 7 },
  { nodeCount: 100_000, shape: 'near', rounds: 3 },
  { nodeCount: 1_000, shape: 'any', rounds: 15 },
  { nodeCount: 10_000, shape: 'any', rounds: 7 },
  { nodeCount: 100_000, shape: 'any', rounds: 3 },
] as const;
type Case = (typeof cases)[number];

export async function graphLayout(): Promise<Figure[]> {
  return cases.flatMap((_, index) => {
    const out = execFileSync(process.execPath, [script, `--case=${index}`], { encoding: 'utf8' });
    return JSON.parse(out) as Figure[];
  });
}

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

if (process.argv[1] === script) {
  const chosen = process.argv.find((argument) => argument.startsWith('--case='));
  const figures = chosen === undefined ? await graphLayout() : measure(cases[Number(chosen.slice(7)) as 0]);
  const lines = figures.map(({ variant, metric, value, unit }) => `${variant}: ${metric} ${value} ${unit}\n`);
  process.stdout.write(chosen === undefined ? lines.join('') : JSON.stringify(figures));
}
