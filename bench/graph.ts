/**
 * The `graph` workload: a million nodes and three million edges, built from text ids, ordered, checked, divided, measured.
 *
 * Each figure stands beside a plain loop over the same columns (`graph-sketch.ts`), both run in turns in one process, medians
 * of nine. Memory is that of a process of its own that holds nothing else.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  type CompactGraph,
  Dag,
  depthFirstOrder,
  type EdgeInput,
  hasCycle,
  kahnOrder,
  longestFrom,
  strongComponents,
  weakComponents,
} from '../src/graph/index.ts';
import { layeredGraph } from './graph-million.ts';
import { measureGraphology } from './graph-peers.ts';
import { sketchBuild, sketchDepthFirst, sketchLongest, sketchOrder, sketchStrong, sketchWeak } from './graph-sketch.ts';
import { type Figure, median, residentBytes, round } from './measure.ts';

const nodeCount = 1_000_000;
const rounds = 9;

export async function graph(): Promise<Figure[]> {
  const figures = [...memoryFigures()];
  for (const shuffled of [false, true]) {
    const variant = shuffled ? '1 M nodes, 3 M edges, shuffled' : '1 M nodes, 3 M edges, by layers';
    const input = layeredGraph(nodeCount, { shuffled });
    let dag = new Dag();
    const { ours, floor } = inTurns(
      3,
      () => (dag = Dag.of({ nodes: input.nodes, edges: input.edges() })),
      () => sketchBuild(input),
    );
    figures.push(...compared(variant, 'build from ids', ours, floor));
    figures.push(...algorithms(variant, dag.compact()));
  }
  const small = layeredGraph(100_000);
  const smallVariant = '100,000 nodes, 300,000 edges';
  const whole = timed(() => void Dag.of({ nodes: small.nodes, edges: small.edges() }));
  figures.push(figure(smallVariant, 'build from ids', 'ms', whole, null));
  const inLayers = Array.from(small.edges(), ([from, to]) => [from, to] as const);
  const inOrder = timed(() => edgeByEdge(small.nodes, inLayers));
  figures.push(figure(smallVariant, 'edge by edge', 'ms', inOrder, null));
  const mixed = inLayers.map((edge, index) => ({ edge, key: Math.imul(index + 1, 0x9e3779b1) >>> 0 }));
  const edges = mixed.sort((a, b) => a.key - b.key).map(({ edge }) => edge);
  figures.push(
    figure(
      smallVariant,
      'edge by edge, mixed',
      'ms',
      timed(() => edgeByEdge(small.nodes, edges)),
      null,
    ),
  );
  for (const [metric, ms] of Object.entries(measureGraphology(small))) {
    figures.push(figure('graphology, 100,000 nodes, 300,000 edges', metric, 'ms', ms, null));
  }
  return figures;
}

/** Every edge is checked against a cycle as it comes. */
function edgeByEdge(nodes: readonly string[], edges: readonly EdgeInput[]): void {
  const dag = new Dag();
  for (const id of nodes) dag.addNode(id);
  for (const edge of edges as readonly [string, string][]) dag.addEdge(edge[0], edge[1]);
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Run in a process of its own, started by `graph`: what the graph and its algorithms need, and the process around them. */
export async function graphMemory(): Promise<Figure[]> {
  const input = layeredGraph(nodeCount);
  globalThis.gc?.();
  const before = held();
  const dag = Dag.of({ nodes: input.nodes, edges: input.edges() });
  const compact = dag.compact();
  const order = depthFirstOrder(compact)!;
  hasCycle(compact);
  strongComponents(compact);
  weakComponents(compact);
  longestFrom(compact, order, new Float64Array(nodeCount).fill(1));
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1_024;
  const resident = (await residentBytes()) / 1_048_576;
  const nursery = process.execArgv.some((flag) => flag.includes('semi-space')) ? 'small nursery' : 'as Node starts';
  const variant = `${dag.nodeCount / 1e6} M nodes, ${dag.edgeCount / 1e6} M edges, ${nursery}`;
  return [
    figure(variant, 'held by the graph', 'MiB', held() - before, null),
    figure(variant, 'resident, peak', 'MiB', peak, null),
    figure(variant, 'resident, at rest', 'MiB', resident, null),
  ];
}

/** Once as Node starts, whose nursery may grow to 128 MiB while a million ids are made, and once with a nursery of three times 16 MiB. */
function memoryFigures(): Figure[] {
  return [[], ['--max-semi-space-size=16']].flatMap((flags) => {
    const args = ['--expose-gc', ...flags, process.argv[1]!, 'graph-memory', '--one'];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Figure[];
  });
}

/** Heap and columns in use, in MiB. */
function held(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1_048_576;
}

function algorithms(variant: string, compact: CompactGraph): Figure[] {
  const order = depthFirstOrder(compact)!;
  const weight = Float64Array.from({ length: nodeCount }, (_, node) => node % 17);
  const pairs: readonly [string, () => unknown, () => unknown][] = [
    ['depth-first order', () => depthFirstOrder(compact), () => sketchDepthFirst(compact)],
    ['queue order', () => kahnOrder(compact), () => sketchOrder(compact)],
    ['cycle check', () => hasCycle(compact), () => sketchOrder(compact)],
    ['strong components', () => strongComponents(compact), () => sketchStrong(compact)],
    ['weak components', () => weakComponents(compact), () => sketchWeak(compact)],
    ['longest path', () => longestFrom(compact, order, weight), () => sketchLongest(compact, order, weight)],
  ];
  return pairs.flatMap(([metric, one, other]) => {
    const { ours, floor } = inTurns(rounds, one, other);
    return compared(variant, metric, ours, floor);
  });
}

/** Both by turns, after a warm-up of two each; a neighbour who takes the core hits both alike. */
function inTurns(times: number, one: () => unknown, other: () => unknown): { ours: number; floor: number } {
  const took: { one: number[]; other: number[] } = { one: [], other: [] };
  for (let turn = -2; turn < times; turn += 1) {
    for (const [key, work] of [
      ['one', one],
      ['other', other],
    ] as const) {
      globalThis.gc?.();
      const start = performance.now();
      work();
      if (turn >= 0) took[key].push(performance.now() - start);
    }
  }
  return { ours: median(took.one), floor: median(took.other) };
}

function compared(variant: string, metric: string, ours: number, floor: number): Figure[] {
  return [
    figure(variant, metric, 'ms', ours, floor),
    figure(variant, `${metric}, ratio to the floor`, '', ours / floor, null),
  ];
}

function figure(variant: string, metric: string, unit: string, value: number, floor: number | null): Figure {
  return { workload: 'graph', variant, metric, unit, value: round(value, 2), floor: floor && round(floor, 2) };
}
