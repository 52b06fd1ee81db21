/** Every method of a graph against the model, over 100,000 random graphs. A failure names the seed of its graph. */

import { describe, expect, it } from 'vitest';
import { Dag } from '../../src/graph/index.ts';
import { AdjacencyModel, type ModelEdge } from './adjacency-model.ts';
import {
  agree,
  agreeOnCycles,
  agreeOnExecution,
  agreeOnOrders,
  agreeOnParts,
  agreeOnShape,
  agreeOnWitness,
  errorOf,
} from './agreement.ts';
import { randomFrom, randomGraph } from './random-graph.ts';

function forSeeds(first: number, count: number, check: (random: () => number, seed: number) => void): void {
  for (let seed = first; seed < first + count; seed += 1) {
    try {
      check(randomFrom(seed), seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}

/** The same graph, built one of three ways. */
function built(nodes: readonly string[], edges: readonly ModelEdge[], acyclic: boolean, random: () => number): Dag {
  if (random() < 0.4) return Dag.of({ nodes, edges, acyclic });
  const dag = new Dag({ acyclic });
  for (const id of nodes) dag.addNode(id);
  for (const { from, to, kind } of edges) {
    dag.addEdge(from, to, kind);
    if (random() < 0.1) dag.compact();
  }
  return dag;
}

describe('given random acyclic graphs', () => {
  it('when each is asked everything, then it answers as the model does', { timeout: 60_000 }, () => {
    forSeeds(1, 50_000, (random) => {
      const { nodes, edges } = randomGraph(random, 6, true);
      const model = new AdjacencyModel(nodes, edges);
      const dag = built(nodes, edges, true, random);
      agreeOnShape(dag, model);
      agreeOnParts(dag, model, random);
      agreeOnOrders(dag, model, random);
    });
  });

  it('when each is executed in a random order and grows, then the ready nodes are those of the model', () => {
    forSeeds(100_001, 10_000, (random) => {
      const { nodes, edges } = randomGraph(random, 6, true);
      agreeOnExecution(built(nodes, edges, true, random), new AdjacencyModel(nodes, edges), random);
    });
  });
});

describe('given random graphs in which cycles may stand', () => {
  it('when each is asked everything, then it answers as the model does', { timeout: 60_000 }, () => {
    forSeeds(200_001, 30_000, (random) => {
      const { nodes, edges } = randomGraph(random, 5, false);
      const model = new AdjacencyModel(nodes, edges);
      const dag = built(nodes, edges, false, random);
      agreeOnShape(dag, model);
      agreeOnParts(dag, model, random);
      agreeOnCycles(dag, model);
    });
  });
});

describe('given graphs that random changes are made to', () => {
  it('when an edge would close a cycle, then that edge alone is refused, with the cycle', { timeout: 60_000 }, () => {
    forSeeds(300_001, 20_000, (random) => {
      changed(random, { nodesMost: 6, steps: 14 });
    });
  });

  it('when the graph is larger and changes for long, then the order still holds', { timeout: 60_000 }, () => {
    forSeeds(400_001, 100, (random) => {
      changed(random, { nodesMost: 25, steps: 400 });
    });
  });
});

function changed(random: () => number, { nodesMost, steps }: { nodesMost: number; steps: number }): void {
  const acyclic = random() < 0.8;
  const start = randomGraph(random, 5, acyclic);
  const dag = built(start.nodes, start.edges, acyclic, random);
  let { nodes, edges } = start;
  const id = (): string => (random() < 0.05 ? 'nowhere' : (nodes[Math.floor(random() * nodes.length)] ?? 'nowhere'));
  for (let step = 0; step < steps; step += 1) {
    const choice = random();
    if (choice < 0.2) {
      const added = random() < 0.1 ? id() : `n${Math.floor(random() * nodesMost)}`;
      const expected = nodes.includes(added) ? 'node_exists' : undefined;
      if (nodes.length >= nodesMost || added === 'nowhere') continue;
      agree('addNode', errorOf(() => dag.addNode(added))?.code, expected);
      if (expected === undefined) nodes = [...nodes, added];
    } else if (choice < 0.28) {
      const gone = id();
      agree(
        'removeNode',
        errorOf(() => dag.removeNode(gone))?.code,
        nodes.includes(gone) ? undefined : 'node_not_found',
      );
      nodes = nodes.filter((other) => other !== gone);
      edges = edges.filter(({ from, to }) => from !== gone && to !== gone);
    } else if (choice < 0.4) {
      const some = random() < 0.8 ? edges[Math.floor(random() * edges.length)] : undefined;
      const [from, to] = some === undefined ? [id(), id()] : [some.from, some.to];
      const isThere = edges.some((edge) => edge.from === from && edge.to === to);
      const missing = nodes.includes(from) && nodes.includes(to) ? 'edge_not_found' : 'node_not_found';
      agree('removeEdge', errorOf(() => dag.removeEdge(from, to))?.code, isThere ? undefined : missing);
      edges = edges.filter((edge) => edge.from !== from || edge.to !== to);
    } else {
      const edge: ModelEdge = { from: id(), to: id(), kind: random() < 0.3 ? 'preferred' : 'blocking' };
      const expected = refusal(edge, nodes, edges, acyclic);
      const error = errorOf(() => dag.addEdge(edge.from, edge.to, edge.kind));
      agree(`addEdge ${JSON.stringify(edge)}`, error?.code, expected);
      if (error === undefined) edges = [...edges, edge];
      if (error?.code === 'cycle') {
        const withIt = [...edges, edge];
        agreeOnWitness(error, (from, to) => withIt.some((other) => other.from === from && other.to === to));
      }
    }
    if (steps < 50 || step % 40 === 0) {
      const model = new AdjacencyModel(nodes, edges);
      if (random() < 0.3 || step === steps - 1) agreeOnShape(dag, model);
      if (random() < 0.1) agree('order', acyclic && dag.topologicalOrder(), acyclic && model.depthFirst());
      if (random() < 0.1 && nodes.length > 0) agree('indexOf', dag.indexOf(nodes.at(-1)!), nodes.length - 1);
    }
  }
  agreeOnShape(dag, new AdjacencyModel(nodes, edges));
}

function refusal({ from, to }: ModelEdge, nodes: string[], edges: ModelEdge[], acyclic: boolean): string | undefined {
  if (!nodes.includes(from) || !nodes.includes(to)) return 'node_not_found';
  if (acyclic && from === to) return 'self_loop';
  if (edges.some((edge) => edge.from === from && edge.to === to)) return 'edge_exists';
  return acyclic && new AdjacencyModel(nodes, edges).leads(to, from) ? 'cycle' : undefined;
}

it('given a seed, when random graphs are drawn from it, then they are the same each time', () => {
  expect(randomGraph(randomFrom(7), 6, true)).toEqual(randomGraph(randomFrom(7), 6, true));
});
