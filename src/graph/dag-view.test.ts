import { describe, expect, it } from 'vitest';
import { errorFrom } from '../../test/graph/error-from.ts';
import { Dag } from './index.ts';

const nothing = new Set<string>();
const diamond = Dag.fromEdges([
  ['a', 'b'],
  ['a', 'c'],
  ['b', 'd'],
  ['c', 'd', 'preferred'],
]);
const flow = Dag.of({
  nodes: ['start', 'a', 'b', 'c', 'end'],
  edges: [
    ['start', 'a'],
    ['a', 'b'],
    ['b', 'a'],
    ['b', 'c'],
    ['c', 'a'],
    ['c', 'end'],
    ['end', 'end'],
  ],
  acyclic: false,
});

describe('given a diamond', () => {
  it('when its neighbours are asked for, then they stand in the order of the edges', () => {
    expect([diamond.dependencies('d'), diamond.dependents('a')]).toEqual([
      ['b', 'c'],
      ['b', 'c'],
    ]);
  });

  it('when its ends are asked for, then they are the root and the leaf', () => {
    expect([diamond.roots(), diamond.leaves()]).toEqual([['a'], ['d']]);
  });

  it('when ancestors are asked for, then all nodes before it are named once, the node itself not', () => {
    expect([diamond.ancestors('d'), diamond.ancestors('a')]).toEqual([['a', 'b', 'c'], []]);
  });

  it('when descendants are asked for, then all nodes after it are named once, the node itself not', () => {
    expect([diamond.descendants('a'), diamond.descendants('d')]).toEqual([['b', 'c', 'd'], []]);
  });

  it('when it is ordered, then both orders are the same every time', () => {
    expect(diamond.topologicalOrder()).toEqual(['a', 'b', 'c', 'd']);
    expect(diamond.topologicalOrderKahn()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('when it is divided into stages, then each holds what can run side by side', () => {
    expect(diamond.stages()).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  it('when dominators are asked for, then the way through b or c is dominated by a', () => {
    expect([...diamond.dominators()]).toEqual([
      ['a', null],
      ['b', 'a'],
      ['c', 'a'],
      ['d', 'a'],
    ]);
  });

  it('when it is checked, then it has no cycle and no self loop', () => {
    expect([diamond.hasCycle(), diamond.findCycles()]).toEqual([false, []]);
    expect(() => diamond.validateNoSelfLoops()).not.toThrow();
  });

  it('when its components are asked for, then each node is one, dependencies first', () => {
    expect(diamond.stronglyConnectedComponents()).toEqual([['a'], ['b'], ['c'], ['d']]);
  });
});

describe('given nodes that were added in the reverse of their order', () => {
  const dag = Dag.of({
    nodes: ['d', 'c', 'b', 'a'],
    edges: [
      ['a', 'b'],
      ['b', 'c'],
      ['a', 'd'],
    ],
  });

  it('when they are ordered depth first, then each stands behind what it needs, and otherwise as inserted', () => {
    expect(dag.topologicalOrder()).toEqual(['a', 'd', 'b', 'c']);
  });

  it('when they are ordered by a queue, then each stands behind its last dependency', () => {
    expect(dag.topologicalOrderKahn()).toEqual(['a', 'b', 'd', 'c']);
  });
});

describe('given a graph that is being executed', () => {
  it('when nothing is completed, then the roots are ready and the others blocked', () => {
    expect([diamond.ready(nothing), diamond.blocked(nothing)]).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('when a dependency is completed, then what it gated is ready', () => {
    expect(diamond.ready(new Set(['a']))).toEqual(['b', 'c']);
  });

  it('when only a preferred dependency is missing, then the node is ready', () => {
    expect(diamond.ready(new Set(['a', 'b']))).toEqual(['c', 'd']);
    expect(diamond.isReady('d', new Set(['a', 'b']))).toBe(true);
  });

  it('when a blocking dependency is missing, then the node is blocked', () => {
    expect(diamond.blocked(new Set(['a', 'c']))).toEqual(['d']);
    expect(diamond.isReady('d', new Set(['a', 'c']))).toBe(false);
  });

  it('when a node is completed, then it is neither ready nor blocked', () => {
    const completed = new Set(['a']);

    expect(diamond.isReady('a', completed)).toBe(false);
    expect([...diamond.ready(completed), ...diamond.blocked(completed)]).not.toContain('a');
  });

  it('when all is completed, then nothing is ready and nothing blocked', () => {
    const all = new Set(diamond.nodes());

    expect([diamond.ready(all), diamond.blocked(all)]).toEqual([[], []]);
  });
});

describe('given weights', () => {
  const weights = new Map([
    ['a', 1],
    ['b', 5],
    ['c', 2],
    ['d', 1],
  ]);

  it('when the critical path is asked for, then it is the heaviest, with its length', () => {
    expect(diamond.criticalPath(weights)).toEqual({ path: ['a', 'b', 'd'], length: 7 });
  });

  it('when two paths weigh the same, then the edge added first is taken', () => {
    expect(diamond.criticalPath(() => 1).path).toEqual(['a', 'b', 'd']);
  });

  it('when two roots start paths that weigh the same, then the first root is taken', () => {
    expect(Dag.of({ nodes: ['x', 'y'] }).criticalPath(() => 1).path).toEqual(['x']);
  });

  it('when a weight is missing, then it is 0', () => {
    expect(diamond.criticalPath(new Map([['c', 3]]))).toEqual({ path: ['a', 'c', 'd'], length: 3 });
  });

  it('when ranks are asked for, then each is the heaviest way to the end', () => {
    expect([...diamond.rank(weights)]).toEqual([
      ['a', 7],
      ['b', 6],
      ['c', 3],
      ['d', 1],
    ]);
  });

  it('when slack is asked for, then only what is not critical has some', () => {
    expect(diamond.slack(weights).get('c')).toEqual({ earliest: 1, latest: 4, slack: 3 });
    expect(diamond.slack(weights).get('b')).toEqual({ earliest: 1, latest: 1, slack: 0 });
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
    'when one is %d, then it is refused by every question',
    (weight) => {
      for (const ask of [
        () => diamond.criticalPath(() => weight),
        () => diamond.rank(new Map([['a', weight]])),
        () => diamond.slack(() => weight),
      ]) {
        expect(errorFrom(ask).code).toBe('invalid_operation');
      }
    },
  );
});

describe('given a graph in parts', () => {
  const parts = Dag.of({
    nodes: ['a', 'b', 'x', 'y'],
    edges: [
      ['a', 'b'],
      ['y', 'x'],
    ],
  });

  it('when it is asked whether it is connected, then it says no, and names a node of two parts', () => {
    expect(parts.isConnected()).toBe(false);
    expect(errorFrom(() => parts.validateConnected())).toMatchObject({
      code: 'not_connected',
      details: { components: 2, examples: ['a', 'x'] },
    });
  });

  it('when an edge joins the parts, whichever way, then it is connected', () => {
    const joined = Dag.of({ nodes: parts.nodes(), edges: [...parts.edges(), ['x', 'b', 'preferred']] });

    expect(joined.isConnected()).toBe(true);
    expect(() => joined.validateConnected()).not.toThrow();
  });

  it('when a graph has no node or one, then it is connected', () => {
    expect([new Dag().isConnected(), Dag.of({ nodes: ['a'] }).isConnected()]).toEqual([true, true]);
  });
});

describe('given edges that others imply', () => {
  const dag = Dag.fromEdges([
    ['a', 'b'],
    ['b', 'c'],
    ['a', 'c'],
    ['c', 'd', 'preferred'],
    ['a', 'd'],
    ['b', 'd', 'preferred'],
  ]);
  const said = (of: Dag): string[] =>
    of.edges().map(({ from, to, kind }) => `${from}${to}${kind === 'blocking' ? '' : '?'}`);

  it('when it is reduced, then implied edges go, but no gate that only preferred edges would imply', () => {
    expect(said(dag.transitiveReduction())).toEqual(['ab', 'ad', 'bc', 'cd?']);
  });

  it('when it is closed, then every path is an edge, blocking where gates lead through', () => {
    expect(said(dag.transitiveClosure())).toEqual(['ab', 'ac', 'ad', 'bc', 'bd?', 'cd?']);
  });

  it('when the reduced graph is closed, then nothing was lost', () => {
    expect(said(dag.transitiveReduction().transitiveClosure())).toEqual(said(dag.transitiveClosure()));
  });

  it('when the reduced graph is changed, then cycles are still refused', () => {
    expect(errorFrom(() => dag.transitiveReduction().addEdge('d', 'a')).code).toBe('cycle');
  });
});

describe('given a graph in which cycles may stand', () => {
  it('when it is checked, then its cycles are found, each once from its first node', () => {
    expect([flow.acyclic, flow.hasCycle()]).toEqual([false, true]);
    expect(flow.findCycles()).toEqual([['a', 'b'], ['a', 'b', 'c'], ['end']]);
  });

  it('when a limit is given, then no more cycles than that are listed', () => {
    expect([flow.findCycles(2).length, flow.findCycles(0)]).toEqual([2, []]);
    expect(errorFrom(() => flow.findCycles(-1)).code).toBe('invalid_operation');
  });

  it('when self loops are not wanted, then the first node with one is named', () => {
    expect(errorFrom(() => flow.validateNoSelfLoops())).toMatchObject({ code: 'self_loop', details: { node: 'end' } });
  });

  it('when its components are asked for, then a cycle is one, and they stand in order', () => {
    expect(flow.stronglyConnectedComponents()).toEqual([['start'], ['a', 'b', 'c'], ['end']]);
  });

  it('when it is asked for an order or a path, then it is refused with a cycle', () => {
    const weights = new Map<string, number>();
    for (const ask of [
      () => flow.topologicalOrder(),
      () => flow.topologicalOrderKahn(),
      () => flow.criticalPath(weights),
      () => flow.rank(weights),
      () => flow.slack(weights),
      () => flow.stages(),
      () => flow.transitiveReduction(),
    ]) {
      expect(errorFrom(ask)).toMatchObject({ code: 'cycle', details: { cycle: ['a', 'b'] } });
    }
  });

  it('when a node lies on a cycle, then the others are both before and after it, and it is not its own ancestor', () => {
    expect(flow.ancestors('a')).toEqual(['start', 'b', 'c']);
    expect(flow.descendants('a')).toEqual(['b', 'c', 'end']);
  });

  it('when dominators are asked for, then every way through the cycle is seen', () => {
    expect([...flow.dominators()]).toEqual([
      ['start', null],
      ['a', 'start'],
      ['b', 'a'],
      ['c', 'b'],
      ['end', 'c'],
    ]);
  });

  it('when no root leads to a cycle, then its nodes have no dominators', () => {
    const ring = Dag.fromEdges(
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
      { acyclic: false },
    );

    expect(ring.dominators().size).toBe(0);
  });

  it('when edges are added one by one, then cycles and self loops are accepted and parallel edges are not', () => {
    const dag = new Dag({ acyclic: false });
    dag.addNode('a');
    dag.addNode('b');
    dag.addEdge('a', 'b');
    dag.addEdge('b', 'a');
    dag.addEdge('a', 'a');

    expect(dag.findCycles()).toEqual([['a'], ['a', 'b']]);
    expect(errorFrom(() => dag.addEdge('a', 'a')).code).toBe('edge_exists');
  });
});
