import { describe, expect, it } from 'vitest';
import { errorFrom } from '../../test/graph/error-from.ts';
import { Dag, isGraphError } from './index.ts';

/** a → b → d, a → c → d, and e alone; c is only preferred before d. */
function diamond(): Dag {
  const dag = new Dag();
  for (const id of ['a', 'b', 'c', 'd', 'e']) dag.addNode(id);
  dag.addEdge('a', 'b');
  dag.addEdge('a', 'c');
  dag.addEdge('b', 'd');
  dag.addEdge('c', 'd', 'preferred');
  return dag;
}

describe('given an empty graph', () => {
  it('when it is asked for anything, then there is nothing', () => {
    const dag = new Dag();
    const none = new Set<string>();

    expect([dag.nodeCount, dag.edgeCount, dag.nodes(), dag.edges()]).toEqual([0, 0, [], []]);
    expect([dag.roots(), dag.leaves(), dag.ready(none), dag.blocked(none)]).toEqual([[], [], [], []]);
    expect([dag.topologicalOrder(), dag.topologicalOrderKahn(), dag.stages()]).toEqual([[], [], []]);
    expect([dag.stronglyConnectedComponents(), dag.findCycles(), dag.hasCycle()]).toEqual([[], [], false]);
    expect(dag.criticalPath(new Map())).toEqual({ path: [], length: 0 });
    expect(dag.transitiveReduction().nodeCount).toBe(0);
    expect(dag.compact().nodeCount).toBe(0);
  });

  it('when the first node is added, then there is one node, both root and leaf', () => {
    const dag = new Dag();

    dag.addNode('a');

    expect([dag.nodeCount, dag.roots(), dag.leaves()]).toEqual([1, ['a'], ['a']]);
  });

  it('when a graph is built from nothing, then it is empty', () => {
    expect(Dag.of({ nodes: [] }).nodeCount).toBe(0);
    expect(Dag.fromEdges([]).nodeCount).toBe(0);
  });
});

describe('given a node', () => {
  it('when it is added again, then it is refused by name and nothing changes', () => {
    const dag = Dag.of({ nodes: ['a'] });

    expect(errorFrom(() => dag.addNode('a'))).toMatchObject({ code: 'node_exists', details: { node: 'a' } });
    expect(dag.nodes()).toEqual(['a']);
  });

  it.each(['', '__proto__', 'constructor', ' ', '日本語', '👩‍🚀', 'a\u0000b', 'é', 'é'])(
    'when its id is %j, then it is a node like any other',
    (id) => {
      const dag = new Dag();
      dag.addNode('first');

      expect(dag.hasNode(id)).toBe(false);
      dag.addNode(id);
      dag.addEdge('first', id);

      expect([dag.hasNode(id), dag.dependents('first'), dag.dependencies(id)]).toEqual([true, [id], ['first']]);
      expect(dag.rank(new Map([[id, 2]])).get(id)).toBe(2);
    },
  );

  it('when its id is not text, then it is refused', () => {
    const number: unknown = 5;

    expect(errorFrom(() => new Dag().addNode(number as string)).code).toBe('invalid_operation');
    expect(errorFrom(() => Dag.of({ nodes: [number as string] })).code).toBe('invalid_operation');
  });

  it('when it is removed, then its edges are gone and its neighbours stay', () => {
    const dag = diamond();

    dag.removeNode('a');

    expect(dag.nodes()).toEqual(['b', 'c', 'd', 'e']);
    expect(dag.edges()).toEqual([
      { from: 'b', to: 'd', kind: 'blocking' },
      { from: 'c', to: 'd', kind: 'preferred' },
    ]);
    expect(dag.roots()).toEqual(['b', 'c', 'e']);
  });

  it('when it is removed and added again, then it is the last and has no edges', () => {
    const dag = diamond();

    dag.removeNode('a');
    dag.addNode('a');

    expect([dag.nodes(), dag.dependents('a'), dag.indexOf('a')]).toEqual([['b', 'c', 'd', 'e', 'a'], [], 4]);
  });

  it('when it is removed, then an edge it stood in the way of is accepted', () => {
    const dag = Dag.fromEdges([
      ['a', 'b'],
      ['b', 'c'],
    ]);

    dag.removeNode('b');
    dag.addEdge('c', 'a');

    expect(dag.topologicalOrder()).toEqual(['c', 'a']);
  });

  it('when it has an index, then the id stands there; and nodes behind a removed one move up', () => {
    const dag = diamond();

    expect([dag.indexOf('c'), dag.idAt(2)]).toEqual([2, 'c']);
    dag.removeNode('b');

    expect([dag.indexOf('c'), dag.idAt(1)]).toEqual([1, 'c']);
  });

  it.each([-1, 5, 0.5, Number.NaN])(
    'when the id at index %d is asked for and there is none, then that is refused',
    (index) => {
      expect(errorFrom(() => diamond().idAt(index)).code).toBe('node_not_found');
    },
  );

  it('when nodes are added and removed for long, then the graph stays as small as what is in it', () => {
    const dag = Dag.fromEdges([['a', 'b']]);

    for (let round = 0; round < 1_000; round += 1) {
      dag.addNode('x');
      dag.addEdge('b', 'x');
      dag.removeEdge('a', 'b');
      dag.addEdge('a', 'b');
      dag.removeNode('x');
    }

    expect([dag.nodes(), dag.edges(), dag.indexOf('b')]).toEqual([
      ['a', 'b'],
      [{ from: 'a', to: 'b', kind: 'blocking' }],
      1,
    ]);
  });
});

describe('given an edge', () => {
  it('when it is added, then its target depends on its source', () => {
    const dag = Dag.of({ nodes: ['a', 'b'] });

    dag.addEdge('a', 'b');

    expect([dag.hasEdge('a', 'b'), dag.hasEdge('b', 'a'), dag.edgeCount]).toEqual([true, false, 1]);
    expect([dag.dependencies('b'), dag.dependents('a')]).toEqual([['a'], ['b']]);
  });

  it('when no kind is given, then it is blocking; otherwise of the kind given', () => {
    const dag = diamond();

    expect([dag.edgeKind('a', 'b'), dag.edgeKind('c', 'd'), dag.edgeKind('a', 'd')]).toEqual([
      'blocking',
      'preferred',
      undefined,
    ]);
  });

  it('when its kind is no kind, then it is refused and nothing changes', () => {
    const dag = Dag.of({ nodes: ['a', 'b'] });

    expect(errorFrom(() => dag.addEdge('a', 'b', 'soft' as 'preferred')).code).toBe('invalid_operation');
    expect(dag.edgeCount).toBe(0);
  });

  it.each(['blocking', 'preferred'] as const)('when it is added again as %s, then it is refused by name', (kind) => {
    const dag = diamond();

    expect(errorFrom(() => dag.addEdge('a', 'b', kind))).toMatchObject({
      code: 'edge_exists',
      details: { from: 'a', to: 'b' },
    });
    expect([dag.edgeCount, dag.edgeKind('a', 'b')]).toEqual([4, 'blocking']);
  });

  it('when it leads to its own source, then it is refused with the node', () => {
    expect(errorFrom(() => diamond().addEdge('a', 'a'))).toMatchObject({ code: 'self_loop', details: { node: 'a' } });
  });

  it('when it would close a cycle, then it is refused with the cycle, and nothing changes', () => {
    const dag = diamond();

    const error = errorFrom(() => dag.addEdge('d', 'a'));

    expect(error).toMatchObject({ code: 'cycle', details: { cycle: ['d', 'a', 'b'] } });
    expect([dag.edgeCount, dag.hasEdge('d', 'a'), dag.hasCycle()]).toEqual([4, false, false]);
  });

  it('when a preferred edge would close a cycle, then it is refused as well', () => {
    expect(errorFrom(() => diamond().addEdge('d', 'c', 'preferred')).code).toBe('cycle');
  });

  it('when the message of a long cycle is read, then it is short, and the details hold every node', () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => `n${index}`);
    const dag = Dag.fromEdges(ids.slice(1).map((id, index) => [ids[index]!, id] as const));

    const error = errorFrom(() => dag.addEdge('n999', 'n0'));

    expect(error.message.length).toBeLessThan(300);
    expect(isGraphError(error, 'cycle') && error.details.cycle.length).toBe(1_000);
  });

  it('when it is removed, then it is gone, and the opposite edge is accepted', () => {
    const dag = Dag.fromEdges([['a', 'b']]);

    dag.removeEdge('a', 'b');
    dag.addEdge('b', 'a');

    expect(dag.edges()).toEqual([{ from: 'b', to: 'a', kind: 'blocking' }]);
  });

  it('when it is not there and removed, then that is refused by name', () => {
    expect(errorFrom(() => diamond().removeEdge('a', 'd'))).toMatchObject({
      code: 'edge_not_found',
      details: { from: 'a', to: 'd' },
    });
  });

  it('when it is removed and added again, then it is the last of its source', () => {
    const dag = diamond();

    dag.removeEdge('a', 'b');
    dag.addEdge('a', 'b');

    expect(dag.dependents('a')).toEqual(['c', 'b']);
  });
});

describe('given nodes and edges at once', () => {
  it('when a graph is built of them, then it holds them in their order', () => {
    const dag = Dag.of({ nodes: ['b', 'a'], edges: [['a', 'b', 'preferred']] });

    expect([dag.nodes(), dag.edges()]).toEqual([['b', 'a'], [{ from: 'a', to: 'b', kind: 'preferred' }]]);
  });

  it('when only edges are given, then the nodes are those they name', () => {
    expect(Dag.fromEdges([['b', 'c'], { from: 'a', to: 'b' }]).nodes()).toEqual(['b', 'c', 'a']);
  });

  it('when a graph is built of what another holds, then both are the same', () => {
    const dag = diamond();

    const copy = Dag.of({ nodes: dag.nodes(), edges: dag.edges() });

    expect([copy.nodes(), copy.edges()]).toEqual([dag.nodes(), dag.edges()]);
  });

  it.each([
    ['node_exists', { nodes: ['a', 'a'] }, { node: 'a' }],
    ['node_not_found', { nodes: ['a'], edges: [['a', 'x']] }, { node: 'x' }],
    [
      'edge_exists',
      {
        nodes: ['a', 'b'],
        edges: [
          ['a', 'b'],
          ['a', 'b', 'preferred'],
        ],
      },
      { from: 'a', to: 'b' },
    ],
    ['self_loop', { nodes: ['a'], edges: [['a', 'a']] }, { node: 'a' }],
    [
      'cycle',
      {
        nodes: ['a', 'b', 'c'],
        edges: [
          ['c', 'b'],
          ['b', 'c'],
          ['a', 'b'],
        ],
      },
      { cycle: ['b', 'c'] },
    ],
  ] as const)('when they hold a fault, then it is refused as %s with the witness', (code, input, details) => {
    expect(errorFrom(() => Dag.of(input))).toMatchObject({ code, details });
  });

  it('when it is changed afterwards, then cycles are still refused', () => {
    const dag = Dag.fromEdges([
      ['c', 'b'],
      ['b', 'a'],
    ]);

    expect(errorFrom(() => dag.addEdge('a', 'c'))).toMatchObject({
      code: 'cycle',
      details: { cycle: ['a', 'c', 'b'] },
    });
    dag.addNode('d');
    dag.addEdge('a', 'd');
    expect(dag.topologicalOrder()).toEqual(['c', 'b', 'a', 'd']);
  });
});

describe('given an id that the graph does not have', () => {
  const calls: [string, (dag: Dag) => unknown][] = [
    ['addEdge from', (dag) => dag.addEdge('x', 'a')],
    ['addEdge to', (dag) => dag.addEdge('a', 'x')],
    ['removeNode', (dag) => dag.removeNode('x')],
    ['removeEdge from', (dag) => dag.removeEdge('x', 'a')],
    ['removeEdge to', (dag) => dag.removeEdge('a', 'x')],
    ['indexOf', (dag) => dag.indexOf('x')],
    ['dependencies', (dag) => dag.dependencies('x')],
    ['dependents', (dag) => dag.dependents('x')],
    ['ancestors', (dag) => dag.ancestors('x')],
    ['descendants', (dag) => dag.descendants('x')],
    ['isReady', (dag) => dag.isReady('x', new Set())],
    ['subgraph', (dag) => dag.subgraph(['a', 'x'])],
    ['inducedSubgraph', (dag) => dag.inducedSubgraph('x')],
  ];

  it.each(calls)('when %s is asked of it, then the error names it', (_, call) => {
    expect(errorFrom(() => call(diamond()))).toMatchObject({ code: 'node_not_found', details: { node: 'x' } });
  });

  it('when the graph is asked whether it has it, then it says no', () => {
    const dag = diamond();

    expect([dag.hasNode('x'), dag.hasEdge('a', 'x'), dag.hasEdge('x', 'a'), dag.edgeKind('x', 'y')]).toEqual([
      false,
      false,
      false,
      undefined,
    ]);
  });

  it('when it is among the completed or the weights, then it is ignored', () => {
    const dag = diamond();

    expect(dag.ready(new Set(['x']))).toEqual(['a', 'e']);
    expect(dag.criticalPath(new Map([['x', 9]])).length).toBe(0);
  });
});

describe('given part of a graph is asked for', () => {
  it('when some nodes are named, then the subgraph has them and the edges between them', () => {
    const part = diamond().subgraph(['d', 'c', 'a', 'a']);

    expect(part.nodes()).toEqual(['a', 'c', 'd']);
    expect(part.edges()).toEqual([
      { from: 'a', to: 'c', kind: 'blocking' },
      { from: 'c', to: 'd', kind: 'preferred' },
    ]);
  });

  it('when the subgraph is changed, then the graph is not', () => {
    const dag = diamond();

    dag.subgraph(['a', 'b']).removeNode('a');

    expect(dag.hasNode('a')).toBe(true);
  });

  it('when a node is named, then the induced subgraph is that node with all it needs', () => {
    const part = diamond().inducedSubgraph('d');

    expect([part.nodes(), part.edgeCount]).toEqual([['a', 'b', 'c', 'd'], 4]);
    expect(diamond().inducedSubgraph('a').nodes()).toEqual(['a']);
  });
});

describe('given a snapshot', () => {
  it('when nothing changes, then the same one is given again; after a change another', () => {
    const dag = diamond();
    const before = dag.compact();

    expect(dag.compact()).toBe(before);
    dag.removeEdge('a', 'b');

    expect([dag.compact().edgeCount, before.edgeCount]).toEqual([3, 4]);
  });

  it('when it is read, then it holds the edges of each node in their order', () => {
    const { outStart, outTo, inStart, inFrom, inKind } = diamond().compact();

    expect([[...outStart], [...outTo]]).toEqual([
      [0, 2, 3, 4, 4, 4],
      [1, 2, 3, 3],
    ]);
    expect([[...inStart], [...inFrom], [...inKind]]).toEqual([
      [0, 0, 1, 2, 4, 4],
      [0, 0, 1, 2],
      [0, 0, 0, 1],
    ]);
  });
});
