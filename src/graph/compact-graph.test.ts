import { describe, expect, it } from 'vitest';
import { errorFrom } from '../../test/graph/error-from.ts';
import {
  ancestorsOf,
  blockingOnly,
  type CompactGraph,
  compactGraph,
  criticalPath,
  cycleWitness,
  Dag,
  depthFirstOrder,
  descendantsOf,
  elementaryCycles,
  hasCycle,
  immediateDominators,
  isWeaklyConnected,
  kahnOrder,
  levelsOf,
  longestFrom,
  ReadySet,
  reversed,
  slackOf,
  strongComponents,
  transitiveReduction,
  weakComponents,
} from './index.ts';

const million = 1_000_000;

/** Each node leads to the next; the highest index is the first node, so that no shortcut for nodes in order applies. */
function longPath(nodeCount: number): CompactGraph {
  const from = Int32Array.from({ length: nodeCount - 1 }, (_, node) => node + 1);
  return compactGraph({ nodeCount, from, to: from.map((node) => node - 1) });
}

/** Every node leads to every other. */
function complete(nodeCount: number): CompactGraph {
  const from: number[] = [];
  const to: number[] = [];
  for (let a = 0; a < nodeCount; a += 1) {
    for (let b = 0; b < nodeCount; b += 1) {
      if (a === b) continue;
      from.push(a);
      to.push(b);
    }
  }
  return compactGraph({ nodeCount, from, to });
}

describe('given a path of a million nodes', () => {
  const path = longPath(million);
  const order = depthFirstOrder(path)!;
  const ones = new Float64Array(million).fill(1);

  it('when it is ordered, then it is, both ways', () => {
    expect([order[0], order[million - 1], kahnOrder(path)![million - 1]]).toEqual([million - 1, 0, 0]);
    expect([hasCycle(path), cycleWitness(path)]).toEqual([false, undefined]);
  });

  it('when its components are counted, then each node is one, and all are connected', () => {
    expect([strongComponents(path).count, weakComponents(path).count, isWeaklyConnected(path)]).toEqual([
      million,
      1,
      true,
    ]);
  });

  it('when it is measured, then every length is right', () => {
    expect(longestFrom(path, order, ones)[million - 1]).toBe(million);
    expect(criticalPath(path, order, ones).path.length).toBe(million);
    expect(slackOf(path, order, ones).latest[0]).toBe(million - 1);
    expect(levelsOf(path, order)[0]).toBe(million - 1);
  });

  it('when it is walked, then nothing overflows', () => {
    expect([ancestorsOf(path, 0).length, descendantsOf(path, million - 1).length]).toEqual([million - 1, million - 1]);
    expect(immediateDominators(path)[0]).toBe(1);
    expect(elementaryCycles(path)).toEqual([]);
    expect(transitiveReduction(path, order).edgeCount).toBe(million - 1);
  });

  it('when its ends are joined, then the cycle holds them all', () => {
    const ring = compactGraph({
      nodeCount: million,
      from: Int32Array.from({ length: million }, (_, node) => node),
      to: Int32Array.from({ length: million }, (_, node) => (node + 1) % million),
    });

    expect([hasCycle(ring), cycleWitness(ring)!.length, strongComponents(ring).count]).toEqual([true, million, 1]);
    expect(elementaryCycles(ring)[0]!.length).toBe(million);
  });

  it('when it is executed, then each node makes the next one ready', () => {
    const set = new ReadySet(path);
    for (let ready = set.readyNodes(); ready.length > 0; ) ready = set.complete(ready[0]!);

    expect(set.remaining).toBe(0);
  });
});

describe('given a graph that is built edge by edge', () => {
  const count = 100_000;

  it.each([
    ['from its start', (step: number) => [step, step + 1] as const],
    ['from its end', (step: number) => [count - step - 1, count - step] as const],
    ['against the order of its nodes, from its start', (step: number) => [count - step, count - step - 1] as const],
    ['against the order of its nodes, from its end', (step: number) => [step + 1, step] as const],
  ])('when a path is built %s, then an edge costs the same however long it is', (_, edgeAt) => {
    const dag = new Dag();
    for (let node = 0; node <= count; node += 1) dag.addNode(`n${node}`);
    for (let step = 0; step < count; step += 1) {
      const [from, to] = edgeAt(step);
      dag.addEdge(`n${from}`, `n${to}`);
    }

    expect([dag.edgeCount, dag.stages().length]).toEqual([count, count + 1]);
  });

  it('when a hub is removed, then all its edges go with it', () => {
    const dag = Dag.fromEdges(Array.from({ length: count }, (_, node) => ['hub', `n${node}`] as const));

    dag.removeNode('hub');

    expect([dag.nodeCount, dag.edgeCount]).toEqual([count, 0]);
  });
});

describe('given a graph of which every node leads to every other', () => {
  it('when there are twelve nodes and a limit, then so many cycles are listed and no more', () => {
    const cycles = elementaryCycles(complete(12), 1_000);

    expect([cycles.length, new Set(cycles.map(String)).size]).toEqual([1_000, 1_000]);
  });

  it('when there are six and no limit, then all 409 cycles are', () => {
    expect(elementaryCycles(complete(6), Number.POSITIVE_INFINITY).length).toBe(409);
  });
});

describe('given edges as columns', () => {
  it.each([
    [[0], [3]],
    [[3], [0]],
    [[0], [-1]],
    [[Number.NaN], [0]],
  ])('when the edge from %j to %j leaves the graph, then it is refused', (from, to) => {
    expect(errorFrom(() => compactGraph({ nodeCount: 3, from, to })).code).toBe('invalid_operation');
  });

  it('when only gates count, then preferred edges are left out', () => {
    const graph = compactGraph({ nodeCount: 3, from: [0, 1], to: [1, 2], kind: [1, 0] });

    expect([[...blockingOnly(graph).outTo], blockingOnly(graph).nodeCount]).toEqual([[2], 3]);
    expect(blockingOnly(blockingOnly(graph)).edgeCount).toBe(1);
  });

  it('when a graph is turned round, then what came before comes after', () => {
    const graph = reversed(compactGraph({ nodeCount: 2, from: [0], to: [1] }));

    expect([[...graph.outTo], [...descendantsOf(graph, 1)]]).toEqual([[0], [0]]);
  });

  it('when several roots lead to a node by ways of their own, then none of them dominates it', () => {
    const graph = compactGraph({ nodeCount: 4, from: [0, 1, 2], to: [2, 2, 3] });

    expect([...immediateDominators(graph)]).toEqual([-1, -1, -1, 2]);
    expect([...immediateDominators(graph, [0])]).toEqual([-1, -2, 0, 2]);
  });
});
