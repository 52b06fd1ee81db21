/**
 * A graph as a Mermaid flowchart. Ids are `n0`, `n1`, … so that no id can be a keyword (`end`) or break the syntax; labels
 * are quoted, and what Mermaid, its Markdown or HTML would read in them is written as `#35;`-style entities.
 */

import { type DrawnEdge, type DrawnGraph, type DrawnNode, labelOf } from '../layout/drawn-graph.ts';
import { countText, detailOf } from '../layout/node-size.ts';
import { numbered } from '../layout/numbered-graph.ts';
import { statusLooks, statusWord, statusWords } from './status-look.ts';

export interface MermaidOptions {
  /** Default `down`. */
  readonly direction?: 'down' | 'right';
}

/** @throws AssertionError An id stands twice, or an edge names a node that is not there. */
export function toMermaid(graph: DrawnGraph, { direction = 'down' }: MermaidOptions = {}): string {
  const { from, to } = numbered(graph);
  const lines = [`flowchart ${direction === 'down' ? 'TD' : 'LR'}`];
  for (const [index, node] of graph.nodes.entries()) lines.push(`  n${index}["${nodeText(node)}"]${classOf(node)}`);
  for (const [index, edge] of graph.edges.entries())
    lines.push(`  n${from[index]} ${arrow(edge)}${edgeText(edge)} n${to[index]}`);
  const used = new Set(graph.nodes.flatMap(({ status }) => (status === undefined ? [] : [statusWord(status)])));
  for (const word of statusWords) {
    if (!used.has(word)) continue;
    const { fill, line } = statusLooks[word].light;
    lines.push(`  classDef ${word} fill:${fill},stroke:${line},color:#1c2024`);
  }
  return `${lines.join('\n')}\n`;
}

function nodeText(node: DrawnNode): string {
  const glyph = node.status === undefined ? '' : `${statusLooks[statusWord(node.status)].glyph} `;
  const count = countText(node);
  const first = `${glyph}${mermaidText(labelOf(node))}${count === '' ? '' : ` ${count}`}`;
  const detail = mermaidText(detailOf(node));
  // Mermaid refuses a label without a character.
  return `${first === '' ? '#160;' : first}${detail === '' ? '' : `<br/>${detail}`}`;
}

function classOf({ status }: DrawnNode): string {
  return status === undefined ? '' : `:::${statusWord(status)}`;
}

function arrow({ kind, taken }: DrawnEdge): string {
  if (kind === 'preferred') return '-.->';
  return taken === true ? '==>' : '-->';
}

function edgeText({ label }: DrawnEdge): string {
  const text = label === undefined ? '' : mermaidText(label);
  return text === '' ? '' : `|"${text}"|`;
}

/** What Markdown reads as a list, an underscore at the edge of a word, and any ASCII but letters, digits and harmless signs. */
const meaningful = /^(?:[-+*]|\d+[.)])(?=\s|$)|(?<!\w)_|_(?!\w)|[^\w ,./()\-\u{80}-\u{10ffff}]/gu;

function mermaidText(text: string): string {
  return text
    .toWellFormed()
    .split(/\r\n|[\r\n\u2028\u2029]/)
    .map((line) =>
      line
        .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
        .trim()
        .replace(meaningful, (signs) => Array.from(signs, entity).join('')),
    )
    .join('<br/>');
}

function entity(sign: string): string {
  return `#${sign.codePointAt(0)};`;
}
