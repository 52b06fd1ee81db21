import { describe, expect, it } from 'vitest';
import { hostileGraph } from '../../../test/graph-layout/small-graphs.ts';
import { toDot } from './to-dot.ts';

describe('given a small run', () => {
  it('when it is written as DOT, then status colours nodes and preferred edges are dashed', () => {
    const text = toDot({
      name: 'my "run"',
      nodes: [{ id: 'a', status: 'running', detail: 'x & y' }, { id: 'b' }],
      edges: [{ from: 'a', to: 'b', kind: 'preferred', label: 'a\\b' }],
    });
    expect(text).toContain('digraph "my \\"run\\"" {');
    expect(text).toContain('n0 [label="▶ a\\nx &amp; y", class="running", fillcolor="#e5f0fd", color="#1565c0"];');
    expect(text).toContain('n0 -> n1 [label="a\\\\b", style=dashed];');
  });
});

describe('given labels that could end a string', () => {
  it('when they are written, then every statement is one line with its quotes in pairs', () => {
    const statements = toDot(hostileGraph).trim().split('\n').slice(1, -1);
    const faults = statements.filter((line) => !/^ {2}[^"]*("(\\.|[^"\\])*"[^"]*)*;$/.test(line));
    expect(faults).toEqual([]);
    expect(statements).toHaveLength(3 + hostileGraph.nodes.length + hostileGraph.edges.length);
  });
});
