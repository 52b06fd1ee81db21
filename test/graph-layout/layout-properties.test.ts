/** Layouts of thousands of random graphs, checked in full. A fault names the seed that made its graph. */

import { describe, expect, it } from 'vitest';
import { layout } from '../../src/graph/layout/layout.ts';
import { layoutFaults } from './layout-checks.ts';
import { randomGraph } from './random-graphs.ts';

describe('given random graphs with and without cycles', () => {
  it('when 5,000 are laid out, then nothing overlaps, edges lead forward, end on borders and run through no node', () => {
    const faults: string[] = [];
    for (let seed = 1; seed <= 5_000 && faults.length < 5; seed++) {
      const graph = randomGraph(seed, seed % 50 === 0 ? 60 : 16);
      const drawn = layout(graph, { direction: seed % 3 === 0 ? 'right' : 'down' });
      faults.push(...layoutFaults(graph, drawn).map((fault) => `seed ${seed}: ${fault}`));
    }
    expect(faults).toEqual([]);
  });

  it('when one is laid out twice, then both layouts are the same', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const graph = randomGraph(seed, 20);
      expect(layout(graph)).toEqual(layout(structuredClone(graph)));
    }
  });
});
