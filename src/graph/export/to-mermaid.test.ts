import { describe, expect, it } from 'vitest';
import { graphOf, hostileGraph } from '../../../test/graph-layout/small-graphs.ts';
import { toMermaid } from './to-mermaid.ts';

describe('given a small run', () => {
  it('when it is written as Mermaid, then ids are safe, status is a class, and edges show their kind', () => {
    const text = toMermaid(
      {
        nodes: [
          { id: 'end', status: 'succeeded', detail: '2 s' },
          { id: 'b', status: 'odd' },
        ],
        edges: [
          { from: 'end', to: 'b', taken: true, label: 'go' },
          { from: 'b', to: 'end', kind: 'preferred' },
          { from: 'b', to: 'b' },
        ],
      },
      { direction: 'right' },
    );
    expect(text.split('\n')).toEqual([
      'flowchart LR',
      '  n0["✓ end<br/>2 s"]:::succeeded',
      '  n1["? b"]:::unknown',
      '  n0 ==>|"go"| n1',
      '  n1 -.-> n0',
      '  n1 --> n1',
      '  classDef unknown fill:#f3f4f6,stroke:#5f6773,color:#1c2024',
      '  classDef succeeded fill:#e6f4ea,stroke:#1e7b34,color:#1c2024',
      '',
    ]);
  });
});

describe('given labels with quotes, brackets, HTML, breaks and lists', () => {
  it.each([
    ['say "hi"', 'say #34;hi#34;'],
    ['<b>&amp;</b>', '#60;b#62;#38;amp#59;#60;/b#62;'],
    ['a\r\nb', 'a<br/>b'],
    ['#35; `x`', '#35;35#59; #96;x#96;'],
    ['1. first', '#49;#46; first'],
    ['snake_case _x_', 'snake_case #95;x#95;'],
    ['日本 é', '日本 é'],
    ['', '#160;'],
  ])('when %j is written, then it is %j', (label, expected) => {
    expect(toMermaid({ nodes: [{ id: 'a', label }], edges: [] })).toContain(`n0["${expected}"]\n`);
  });

  it('when all of them are written, then every line is one node, edge or class', () => {
    const line =
      /^(flowchart TD| {2}n\d+\["[^"<>]*(<br\/>[^"<>]*)*"\](:::\w+)?| {2}n\d+ -->(\|"[^"<>]*(<br\/>[^"<>]*)*"\|)? n\d+| {2}classDef .*|)$/;
    expect(
      toMermaid(hostileGraph)
        .split('\n')
        .filter((text) => !line.test(text)),
    ).toEqual([]);
  });

  it('when there are no nodes, then the chart is empty', () => {
    expect(toMermaid(graphOf(''))).toBe('flowchart TD\n');
  });
});
