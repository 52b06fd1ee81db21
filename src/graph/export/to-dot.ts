/** A graph in Graphviz's DOT. Ids are `n0`, `n1`, …; labels are quoted strings with `\`, `"` and `&` escaped (Graphviz reads HTML entities in them). */

import { type DrawnEdge, type DrawnGraph, type DrawnNode, labelOf } from '../layout/drawn-graph.ts';
import { countText, detailOf } from '../layout/node-size.ts';
import { numbered } from '../layout/numbered-graph.ts';
import { statusLooks, statusWord } from './status-look.ts';

export interface DotOptions {
  /** Default `down`. */
  readonly direction?: 'down' | 'right';
}

/** @throws AssertionError An id stands twice, or an edge names a node that is not there. */
export function toDot(graph: DrawnGraph, { direction = 'down' }: DotOptions = {}): string {
  const { from, to } = numbered(graph);
  const lines = [
    `digraph ${quoted(graph.name ?? 'graph')} {`,
    `  rankdir=${direction === 'down' ? 'TB' : 'LR'};`,
    '  node [shape=box, style="rounded,filled", fillcolor="#f3f4f6", color="#5f6773", fontname="sans-serif", fontsize=12];',
    '  edge [color="#5f6773", fontname="sans-serif", fontsize=10];',
  ];
  for (const [index, node] of graph.nodes.entries()) lines.push(`  n${index} [${nodeAttributes(node)}];`);
  for (const [index, edge] of graph.edges.entries())
    lines.push(`  n${from[index]} -> n${to[index]}${edgeAttributes(edge)};`);
  return `${lines.join('\n')}\n}\n`;
}

function nodeAttributes(node: DrawnNode): string {
  const look = node.status === undefined ? undefined : statusLooks[statusWord(node.status)];
  const first = [look?.glyph ?? '', labelOf(node), countText(node)].filter((part) => part !== '').join(' ');
  const detail = detailOf(node);
  const attributes = [`label=${quoted(detail === '' ? first : `${first}\n${detail}`)}`];
  if (node.status !== undefined) attributes.push(`class=${quoted(statusWord(node.status))}`);
  if (look !== undefined) attributes.push(`fillcolor="${look.light.fill}"`, `color="${look.light.line}"`);
  return attributes.join(', ');
}

function edgeAttributes({ label, kind, taken }: DrawnEdge): string {
  const attributes = [
    ...(label === undefined || label === '' ? [] : [`label=${quoted(label)}`]),
    ...(kind === 'preferred' ? ['style=dashed'] : []),
    ...(taken === true ? ['penwidth=2'] : []),
  ];
  return attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`;
}

function quoted(text: string): string {
  const escaped = text
    .toWellFormed()
    .replace(/\r\n|[\r\u2028\u2029]/g, '\n')
    .replace(/[\p{Cf}]|(?!\n)\p{Cc}/gu, ' ')
    .replace(/[\\"]/g, (sign) => `\\${sign}`)
    .replaceAll('&', '&amp;')
    .replaceAll('\n', '\\n');
  return `"${escaped}"`;
}
