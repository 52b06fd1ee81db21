import { describe, expect, it } from 'vitest';
import { layoutFaults } from '../../../test/graph-layout/layout-checks.ts';
import { fanOut, graphOf, smallGraphs } from '../../../test/graph-layout/small-graphs.ts';
import { layout } from './layout.ts';

describe.each(Object.entries(smallGraphs))('given %s', (_, graph) => {
  it.each(['down', 'right'] as const)(
    'when it is laid out %s, then nothing overlaps and edges lead on',
    (direction) => {
      expect(layoutFaults(graph, layout(graph, { direction }))).toEqual([]);
    },
  );
});

describe('given a graph without nodes', () => {
  it('when it is laid out, then the drawing is empty', () => {
    expect(layout(graphOf(''))).toEqual({ width: 0, height: 0, direction: 'down', nodes: [], edges: [], layers: [] });
  });
});

describe('given a chain', () => {
  const chain = graphOf('a>b b>c');

  it('when it is laid out down, then its nodes stand in one column', () => {
    const { nodes, layers } = layout(chain, { size: () => ({ width: 100, height: 40 }) });
    expect(new Set(nodes.map(({ x }) => x))).toEqual(new Set([50]));
    expect(layers).toEqual([['a'], ['b'], ['c']]);
  });

  it('when it is laid out right, then its nodes stand in one row, each after the one before', () => {
    const { nodes } = layout(chain, { direction: 'right' });
    expect(new Set(nodes.map(({ y }) => y)).size).toBe(1);
    expect(nodes.map(({ x }) => x)).toEqual(nodes.map(({ x }) => x).sort((a, b) => a - b));
  });
});

describe('given a fan-out and fan-in', () => {
  it('when it is laid out, then both ends stand in the middle of the parts', () => {
    const { nodes } = layout(fanOut(5), { size: () => ({ width: 80, height: 40 }) });
    const [split, first, , third, , fifth, merge] = nodes;
    expect(split!.x).toBeCloseTo((first!.x + fifth!.x) / 2);
    expect([third!.x, merge!.x]).toEqual([split!.x, split!.x]);
  });
});

describe('given a node that only a late node needs', () => {
  it('when it is laid out, then it stands right before that node and not at the top', () => {
    const { nodes } = layout(graphOf('a>b b>c c>d config>d'));
    expect(nodes.find(({ id }) => id === 'config')!.layer).toBe(2);
  });
});

describe('given a long edge beside a chain', () => {
  it('when it is laid out, then it bends twice at most on its way past the layers', () => {
    const drawn = layout(graphOf('a>b b>c c>d d>e e>f a>f'));
    expect(drawn.edges.at(-1)!.points.length).toBeLessThanOrEqual(6);
  });
});

describe('given edges that can be drawn without a crossing', () => {
  it('when insertion order would cross them, then the order in the layer is another', () => {
    const { layers } = layout(graphOf('root>a root>b x y a>y b>x y>z'));
    expect(layers[1]!.indexOf('a') < layers[1]!.indexOf('b')).toBe(layers[2]!.indexOf('y') < layers[2]!.indexOf('x'));
  });
});

describe('given a cycle', () => {
  it('when it is laid out, then the edge that closes it in order of insertion is the one drawn back', () => {
    const { edges } = layout(graphOf('a>b b>c c>a'));
    expect(edges.map(({ back }) => back)).toEqual([false, false, true]);
  });

  it('when both edges join two neighbours, then they are drawn side by side', () => {
    const [on, back] = layout(graphOf('a>b b>a')).edges;
    expect(on!.points[0]![0]).not.toBe(back!.points.at(-1)![0]);
  });
});

describe('given labels on edges', () => {
  it('when the graph is laid out, then each has room of its own width, and layers count nodes only', () => {
    const graph = smallGraphs['labels on edges']!;
    const { edges, layers } = layout(graph);
    expect(edges.map(({ label }) => label !== undefined)).toEqual([true, true, false, true]);
    expect(edges[0]!.label!.width).toBeGreaterThan(3 * 6);
    expect(layers).toHaveLength(2);
  });
});

describe('given edges between nearby ones of three hundred nodes', () => {
  it('when they are laid out, then straight edges do not make the drawing much wider than its widest layer', () => {
    const shape = Array.from(
      { length: 300 },
      (_, index) => `n${Math.max(0, index - 8 - ((index * index) % 23))}>n${index + 1}`,
    );
    const { nodes, layers, width } = layout(graphOf(shape.join(' ')), { size: () => ({ width: 100, height: 40 }) });
    const widest = Math.max(...layers.map((layer) => layer.length));
    expect(nodes).toHaveLength(301);
    expect(width).toBeLessThan(2.5 * widest * 128);
  });
});

describe('given components of different sizes', () => {
  it('when they are laid out, then they stand side by side, each from the top', () => {
    const { nodes } = layout(graphOf('a>b b>c c>d e>f'));
    const [a, , , , e] = nodes;
    expect(e!.y).toBe(a!.y);
    expect(e!.x - e!.width / 2).toBeGreaterThan(a!.x + a!.width / 2);
  });

  it('when there are hundreds without edges, then they fill rows instead of one endless line', () => {
    const { width, height } = layout(graphOf(Array.from({ length: 400 }, (_, index) => `n${index}`).join(' ')));
    expect(width / height).toBeLessThan(4);
  });
});

describe('given so many long edges that not each can keep room in every layer', () => {
  const length = 400;
  const chain = Array.from({ length }, (_, index) => `n${index}>n${index + 1}`);
  const leaps = Array.from({ length }, (_, index) => `n${index % 40}>n${length - ((index * 7) % 60)}`);
  const graph = graphOf([...chain, ...leaps].join(' '));

  it('when it is laid out, then they run beside the drawing and through no node', () => {
    expect(layoutFaults(graph, layout(graph))).toEqual([]);
  });

  it('when it is laid out, then the points stay in proportion to the edges', () => {
    const points = layout(graph).edges.reduce((sum, edge) => sum + edge.points.length, 0);
    expect(points).toBeLessThan(40 * graph.edges.length);
  });
});

describe('given a graph that names a node twice or not at all', () => {
  it('when an id stands twice, then layout refuses it as a bug of the caller', () => {
    expect(() => layout({ nodes: [{ id: 'a' }, { id: 'a' }], edges: [] })).toThrow(
      expect.objectContaining({ code: 'assertion_failed' }),
    );
  });

  it('when an edge names a node that is not there, then layout refuses it as a bug of the caller', () => {
    expect(() => layout({ nodes: [{ id: 'a' }], edges: [{ from: 'a', to: 'b' }] })).toThrow(
      expect.objectContaining({ code: 'assertion_failed' }),
    );
  });
});

describe('given a path of a hundred thousand nodes', () => {
  it('when it is laid out, then no recursion overflows', () => {
    const nodes = Array.from({ length: 100_000 }, (_, index) => ({ id: `${index}` }));
    const edges = nodes.slice(1).map(({ id }, index) => ({ from: `${index}`, to: id }));
    expect(layout({ nodes, edges }).layers).toHaveLength(100_000);
  });
});
