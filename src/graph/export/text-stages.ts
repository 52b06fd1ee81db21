/**
 * A graph too wide for the terminal as a list: a paragraph for each layer, what needs eyes first, each node with what it
 * comes after. O(V log V + E).
 */

import { backEdges } from '../layout/back-edges.ts';
import { bucketsOf } from '../layout/buckets.ts';
import { type DrawnGraph, type DrawnNode, labelOf } from '../layout/drawn-graph.ts';
import { type NumberedGraph, numbered } from '../layout/numbered-graph.ts';
import { ranksOf } from '../layout/ranks.ts';
import { shortened } from '../layout/text-columns.ts';
import { statusWord, statusWords } from './status-look.ts';
import type { Paint } from './text-canvas.ts';
import { nodeDetail, nodeText, shortText, type TextStyle } from './text-node.ts';

const nodesMax = 12;
const sourcesMax = 3;

export interface StagesOptions {
  readonly columns: number;
  readonly paint: Paint;
  readonly style: TextStyle;
}

export function stagesText(graph: DrawnGraph, { columns, paint, style }: StagesOptions): string[] {
  const numbers = numbered(graph);
  const { from, to } = numbers;
  const back = backEdges(numbers);
  const upper = from.map((node, edge) => (back[edge] === 1 ? to[edge]! : node));
  const lower = to.map((node, edge) => (back[edge] === 1 ? from[edge]! : node));
  const rank = ranksOf(numbers.nodeCount, upper, lower, 1);
  const stages = bucketsOf(rank.reduce((most, value) => Math.max(most, value), -1) + 1, rank);
  const before = sourcesOf(graph, numbers, style);
  const loops = new Set(graph.edges.filter((edge) => edge.from === edge.to).map((edge) => edge.from));
  const ellipsis = style.isAscii ? '...' : '…';

  const lines: string[] = [];
  for (let stage = 0; stage + 1 < stages.start.length; stage++) {
    const members = Array.from(stages.items.subarray(stages.start[stage], stages.start[stage + 1]));
    const nodes = members.map((member) => graph.nodes[member]!);
    lines.push(shortened(`stage ${stage + 1}: ${summary(nodes, 'task')}`, columns, ellipsis));
    const urgent = members.sort((a, b) => urgency(graph.nodes[a]!) - urgency(graph.nodes[b]!) || a - b);
    for (const member of urgent.slice(0, nodesMax)) {
      const node = graph.nodes[member]!;
      const detail = nodeDetail(node, style);
      const words = [nodeText(node, loops.has(node.id), style), detail === '' ? '' : `(${detail})`, before(member)];
      const text = shortened(words.filter((word) => word !== '').join(' '), columns - 2, ellipsis);
      lines.push(`  ${node.status === undefined ? text : paint(node.status, text)}`);
    }
    const rest = urgent.slice(nodesMax).map((member) => graph.nodes[member]!);
    if (rest.length > 0)
      lines.push(`  ${shortened(`${ellipsis} and ${summary(rest, 'more')}`, columns - 2, ellipsis)}`);
  }
  return lines;
}

function urgency({ status }: DrawnNode): number {
  return status === undefined ? statusWords.length : statusWords.indexOf(statusWord(status));
}

/** `128 tasks: 3 failed, 125 succeeded`, `1 task, running` or `12 more, ready`. */
function summary(nodes: readonly DrawnNode[], noun: 'task' | 'more'): string {
  const counts = new Map<string, number>();
  let total = 0;
  for (const { status, count = 1, counts: several } of nodes) {
    total += count;
    const entries = several ?? (status === undefined ? [] : [{ status, count }]);
    for (const entry of entries)
      counts.set(statusWord(entry.status), (counts.get(statusWord(entry.status)) ?? 0) + entry.count);
  }
  const present = statusWords.filter((word) => counts.has(word));
  const what = `${total} ${noun === 'task' && total !== 1 ? 'tasks' : noun}`;
  if (present.length === 0) return what;
  if (present.length === 1 && counts.get(present[0]!) === total) return `${what}, ${present[0]}`;
  return `${what}: ${present.map((word) => `${counts.get(word)} ${word}`).join(', ')}`;
}

/** Says what a node comes after: `← a, b +3`. */
function sourcesOf(graph: DrawnGraph, { nodeCount, from, to }: NumberedGraph, style: TextStyle) {
  const entering = bucketsOf(
    nodeCount,
    to.map((node, edge) => (from[edge] === node ? -1 : node)),
  );
  return (node: number): string => {
    const edges = entering.items.subarray(entering.start[node], entering.start[node + 1]);
    if (edges.length === 0) return '';
    const sources = [...new Set(Array.from(edges, (edge) => from[edge]!))];
    const names = sources.slice(0, sourcesMax).map((source) => shortText(labelOf(graph.nodes[source]!), style));
    return `${style.isAscii ? '<-' : '←'} ${names.join(', ')}${sources.length > sourcesMax ? ` +${sources.length - sourcesMax}` : ''}`;
  };
}
