import { describe, expect, it } from 'vitest';
import { randomGraph } from '../../../test/graph-layout/random-graphs.ts';
import { fanOut, graphOf, hostileGraph, smallGraphs } from '../../../test/graph-layout/small-graphs.ts';
import { xmlFaults } from '../../../test/graph-layout/xml-faults.ts';
import { toSvg } from './to-svg.ts';

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

describe.each(Object.entries(smallGraphs))('given %s', (_, graph) => {
  it('when it is drawn as SVG, then that is sound XML without a number that is none', () => {
    const svg = toSvg(graph);
    expect(xmlFaults(svg)).toEqual([]);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe('given texts that try to get out of the drawing', () => {
  const svg = toSvg(hostileGraph, { title: '"><script>' });

  it('when they are drawn, then there is no element, attribute or style of theirs', () => {
    expect(svg).not.toMatch(/<script|onload|javascript:|<foreignObject|<image|href/i);
    expect(svg).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('when a prefix could break out of an attribute, then it is refused', () => {
    expect(() => toSvg(hostileGraph, { prefix: 'x" onload="' })).toThrow(
      expect.objectContaining({ code: 'assertion_failed' }),
    );
  });
});

describe('given a run with statuses', () => {
  const graph = {
    name: 'Nightly',
    nodes: [
      { id: 'a', status: 'succeeded' },
      { id: 'b', status: 'failed' },
      { id: 'c', status: 'made up' },
    ],
    edges: [
      { from: 'a', to: 'b', taken: true },
      { from: 'a', to: 'c', kind: 'preferred' as const },
      { from: 'b', to: 'a' },
    ],
  };

  it('when it is drawn, then each status has a class and a sign of its own', () => {
    const svg = toSvg(graph);
    expect(count(svg, /<g class="n (succeeded|failed|unknown)">/g)).toBe(3);
    const signs = Array.from(svg.matchAll(/class="i" d="([^"]+)"/g), ([, sign]) => sign);
    expect(new Set(signs).size).toBe(3);
  });

  it('when it is drawn, then taken, preferred and back edges differ', () => {
    const svg = toSvg(graph);
    expect(['p t', 'p f', 'p b'].map((name) => count(svg, new RegExp(`class="${name}"`, 'g')))).toEqual([1, 1, 1]);
  });

  it('when it is drawn, then title and description tell what is in it', () => {
    const svg = toSvg(graph);
    expect(svg).toContain('<title id="pawl-title">Nightly</title>');
    expect(svg).toContain('3 nodes in 2 layers, 3 edges. 1 failed, 1 unknown, 1 succeeded.');
    expect(svg).toContain('aria-labelledby="pawl-title pawl-desc"');
  });

  it('when no theme is asked for, then the reader’s system decides; else it does not', () => {
    expect(toSvg(graph)).toContain('@media(prefers-color-scheme:dark)');
    expect(toSvg(graph, { theme: 'dark' })).not.toContain('@media');
    expect(toSvg(graph, { theme: 'dark' })).not.toBe(toSvg(graph, { theme: 'light' }));
  });

  it('when two are put in one page, then prefixes keep their ids and classes apart', () => {
    const svg = toSvg(graph, { prefix: 'left' });
    expect(svg).not.toContain('pawl');
    expect(Array.from(svg.matchAll(/id="([^"]+)"/g), ([, id]) => id).every((id) => id!.startsWith('left-'))).toBe(true);
  });
});

describe('given a large fan-out', () => {
  it('when it is drawn, then it is one box with the edge of a second; expanded, a box each', () => {
    expect(count(toSvg(fanOut(40)), /<g class="n/g)).toBe(3);
    expect(count(toSvg(fanOut(40), { expand: 'all' }), /<g class="n/g)).toBe(42);
  });
});

describe('given thousands of nodes', () => {
  it('when there are six thousand, then boxes are drawn without texts and edges in a few paths', () => {
    const svg = toSvg(graphOf(Array.from({ length: 6_000 }, (_, index) => `${index >> 1}>${index + 1}`).join(' ')), {
      expand: 'all',
    });
    expect(count(svg, /<g class="n/g)).toBe(6_001);
    expect(count(svg, /<text/g)).toBe(0);
    expect(count(svg, /<path/g)).toBe(1);
  });
});

describe('given random graphs', () => {
  it('when five hundred are drawn, then each is sound XML', () => {
    for (let seed = 1; seed <= 500; seed++) expect(xmlFaults(toSvg(randomGraph(seed, 20)))).toEqual([]);
  });
});
