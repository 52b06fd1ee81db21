import { describe, expect, it } from 'vitest';
import { fanOut, smallGraphs } from '../../../test/graph-layout/small-graphs.ts';
import { jsonFault } from '../../base/index.ts';
import { toJson } from './to-json.ts';

describe.each(Object.entries(smallGraphs))('given %s', (_, graph) => {
  it('when it is drawn as JSON, then the text of it reads back as the same drawing', () => {
    const drawing = toJson(graph);
    expect(jsonFault(drawing)).toBeUndefined();
    expect(JSON.parse(JSON.stringify(drawing))).toEqual(drawing);
    expect(drawing.edges).toHaveLength(graph === smallGraphs['a fan-out of twenty'] ? 2 : graph.edges.length);
  });
});

describe('given a fan-out', () => {
  it('when it is drawn as JSON, then the collapsed node says its place, count and counts', () => {
    const drawing = toJson(fanOut(20));
    expect(drawing.layers).toBe(3);
    expect(drawing.nodes[1]).toMatchObject({
      id: 'siblings:part 0',
      layer: 1,
      count: 20,
      status: 'failed',
      counts: { failed: 1, succeeded: 19 },
    });
    expect(drawing.edges[0]!.points).toHaveLength(2);
  });

  it('when it is expanded, then each part has a place of its own', () => {
    const { nodes } = toJson(fanOut(20), { expand: 'all' });
    expect(new Set(nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(22);
  });
});
