import { describe, expect, it } from 'vitest';
import { fanOut, graphOf } from '../../../test/graph-layout/small-graphs.ts';
import { collapse } from './collapse.ts';

describe('given a fan-out of forty equal siblings, one of them failed', () => {
  const graph = fanOut(40);

  it('when it is collapsed, then they are one node with their count, counts by status and the foremost status', () => {
    const { nodes, edges } = collapse(graph);
    expect(nodes.map(({ id }) => id)).toEqual(['split', 'siblings:part 0', 'merge']);
    expect(nodes[1]).toMatchObject({
      label: 'part …',
      count: 40,
      status: 'failed',
      counts: [
        { status: 'failed', count: 1 },
        { status: 'succeeded', count: 39 },
      ],
    });
    expect(edges).toEqual([
      { from: 'split', to: 'siblings:part 0', count: 40 },
      { from: 'siblings:part 0', to: 'merge', count: 40 },
    ]);
  });

  it.each([['all'], [['siblings:part 0']]] as const)(
    'when it is to be expanded by %j, then every sibling is there',
    (expand) => {
      expect(collapse(graph, { expand }).nodes).toHaveLength(42);
    },
  );

  it('when as many siblings are allowed, then nothing is collapsed', () => {
    expect(collapse(graph, { siblingsMax: 40 })).toBe(graph);
  });
});

describe('given siblings that differ in one successor', () => {
  it('when they are collapsed, then the one that differs stands alone', () => {
    const graph = fanOut(14);
    const shown = collapse({
      ...graph,
      nodes: [...graph.nodes, { id: 'x' }],
      edges: [...graph.edges, { from: 'part 3', to: 'x' }],
    });
    expect(shown.nodes.map(({ id }) => id)).toEqual(['split', 'siblings:part 0', 'part 3', 'merge', 'x']);
    expect(shown.nodes[1]!.count).toBe(13);
  });
});

describe('given nodes that share a group', () => {
  const graph = {
    nodes: [
      { id: 'a', group: 'load', status: 'running' },
      { id: 'b', group: 'load', status: 'nonsense' },
      { id: 'c' },
      { id: 'group:load' },
      { id: 'd', group: 'alone' },
    ],
    edges: [
      { from: 'a', to: 'b' },
      { from: 'a', to: 'c', taken: true },
      { from: 'b', to: 'c' },
      { from: 'c', to: 'group:load' },
    ],
  };

  it('when they are collapsed, then inner edges go, equal ones join, and the new id is no other', () => {
    const shown = collapse(graph);
    expect(shown.nodes.map(({ id }) => id)).toEqual(["group:load'", 'c', 'group:load', 'd']);
    expect(shown.edges).toEqual([
      { from: "group:load'", to: 'c', taken: true, count: 2 },
      { from: 'c', to: 'group:load' },
    ]);
    expect(shown.nodes[0]!.counts).toEqual([
      { status: 'running', count: 1 },
      { status: 'unknown', count: 1 },
    ]);
  });

  it('when the group is to be expanded by its name, then its members are there', () => {
    expect(collapse(graph, { expand: ['load'] }).nodes).toHaveLength(5);
  });

  it('when two groups have one member each in a chain, then nothing changes', () => {
    const chain = graphOf('a>b b>c');
    expect(collapse(chain)).toBe(chain);
  });
});
