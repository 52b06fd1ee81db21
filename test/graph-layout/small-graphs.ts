/** Small graphs with names, each a shape or a text that has its own way to go wrong. */

import type { DrawnEdge, DrawnGraph, DrawnNode } from '../../src/graph/layout/drawn-graph.ts';

/** `graphOf('a>b b>c d')`: nodes in the order in which they are first named. */
export function graphOf(shape: string, more: Partial<DrawnGraph> = {}): DrawnGraph {
  const words = shape.split(' ').filter((word) => word !== '');
  const ids = new Set(words.flatMap((word) => word.split('>')));
  const edges = words
    .filter((word) => word.includes('>'))
    .map((word): DrawnEdge => {
      const [from = '', to = ''] = word.split('>');
      return { from, to };
    });
  return { nodes: Array.from(ids, (id): DrawnNode => ({ id })), edges, ...more };
}

export function fanOut(width: number): DrawnGraph {
  const ids = Array.from({ length: width }, (_, index) => `part ${index}`);
  return {
    nodes: [
      { id: 'split' },
      ...ids.map((id, index) => ({ id, status: index === 0 ? 'failed' : 'succeeded' })),
      { id: 'merge' },
    ],
    edges: ids.flatMap((id) => [
      { from: 'split', to: id },
      { from: id, to: 'merge' },
    ]),
  };
}

export const hostileLabels: readonly string[] = [
  '',
  ' ',
  'x'.repeat(200),
  'say "hello" & <b>bold</b>',
  '<script>alert(1)</script>',
  'line one\nline two\r\nline three',
  ']] --> ((end)) {x} |y| ;',
  "it's `code` #35; #quot; %% comment",
  '\u001b[31mred\u001b[0m \u0007bell \u0000null',
  '日本語のタスク 🚀 e\u0301',
  '\u202Eright to left',
  'back\\slash \\n \\',
  '\ud800 lone',
  '1. first',
  '- item',
  'end',
  'graph',
  'style a:#fff;',
];

export const hostileGraph: DrawnGraph = {
  name: '</title><script>alert("name")</script>',
  nodes: [
    { id: '__proto__' },
    { id: 'constructor' },
    { id: '' },
    ...hostileLabels.map((label, index) => ({ id: `h${index}`, label, detail: label, status: label, kind: label })),
  ],
  edges: hostileLabels.map((label, index) => ({
    from: index % 2 === 0 ? '__proto__' : 'constructor',
    to: `h${index}`,
    label,
  })),
};

export const smallGraphs: { readonly [name: string]: DrawnGraph } = {
  'no nodes': graphOf(''),
  'one node': graphOf('a'),
  'a chain': graphOf('a>b b>c c>d'),
  'a diamond': graphOf('a>b a>c b>d c>d'),
  'a fan-out of twenty': fanOut(20),
  'two components': graphOf('a>b c>d c>e'),
  'a self loop': graphOf('a>a'),
  'several self loops with labels': {
    nodes: [{ id: 'a' }, { id: 'b' }],
    edges: [
      { from: 'a', to: 'a', label: 'again' },
      { from: 'a', to: 'a', label: 'and again' },
      { from: 'a', to: 'b' },
    ],
  },
  'a cycle of two': graphOf('a>b b>a'),
  'parallel edges': graphOf('a>b a>b a>b'),
  'a long edge over five layers': graphOf('a>b b>c c>d d>e e>f a>f'),
  'an id like __proto__': graphOf('__proto__>constructor constructor>toString'),
  'labels on edges': {
    nodes: [{ id: 'a' }, { id: 'b' }, { id: 'c' }],
    edges: [
      { from: 'a', to: 'b', label: 'yes' },
      { from: 'a', to: 'b', label: 'no' },
      { from: 'a', to: 'c' },
      { from: 'c', to: 'a', label: 'back' },
    ],
  },
  'hostile texts': hostileGraph,
};
