/**
 * A graph as one SVG file that needs nothing else: no script, no font, no link. Status is a colour and a sign; preferred
 * edges are dashed, edges back dotted in their own colour; title and description are there for readers that do not see it.
 *
 * All text of the graph is escaped and free of control characters; none of it gets into an attribute or the style.
 */

import { assert } from '../../base/index.ts';
import type { DrawnEdge, DrawnGraph } from '../layout/drawn-graph.ts';
import {
  edgeLabelText,
  type Layout,
  type LayoutOptions,
  labelColumnsDefault,
  layout,
  type PlacedEdge,
} from '../layout/layout.ts';
import { type CollapseOptions, collapse } from './collapse.ts';
import { statusWord, statusWords } from './status-look.ts';
import { type Fullness, svgNode } from './svg-node.ts';
import { smoothPath, tenths } from './svg-path.ts';
import { svgStyle, type Theme } from './svg-style.ts';
import { xmlText } from './xml-text.ts';

export interface SvgOptions extends Omit<LayoutOptions, 'size'>, CollapseOptions {
  /** Default `auto`: as the reader's system prefers. */
  readonly theme?: Theme;
  /** Default true. Without, the page shines through. */
  readonly background?: boolean;
  /** Begins every id and class, so that several drawings can stand in one page. Letters, digits and hyphens. Default `pawl`. */
  readonly prefix?: string;
  /** Default: the graph's name, else `Graph`. */
  readonly title?: string;
}

const margin = 24;
const headLength = 8;
const tipsMax = 1_500;
const labelsMax = 5_000;

/** @throws AssertionError An id stands twice, or an edge names a node that is not there. */
export function toSvg(graph: DrawnGraph, options: SvgOptions = {}): string {
  const { theme = 'auto', background = true, prefix = 'pawl' } = options;
  assert(/^[A-Za-z][A-Za-z0-9-]*$/.test(prefix), 'the prefix of an SVG is a letter, then letters, digits and hyphens');
  const shown = collapse(graph, options);
  const drawn = layout(shown, options);
  const columnsMax = options.labelColumnsMax ?? labelColumnsDefault;
  const fullness = fullnessFor(shown.nodes.length);
  const width = Math.ceil(drawn.width + 2 * margin);
  const height = Math.ceil(drawn.height + 2 * margin);
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="${prefix}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${prefix}-title ${prefix}-desc">`,
    `<title id="${prefix}-title">${xmlText(options.title ?? graph.name ?? 'Graph')}</title>`,
    `<desc id="${prefix}-desc">${xmlText(description(shown, drawn))}</desc>`,
    `<style>${svgStyle(theme, prefix)}</style>`,
    fullness === 'boxes' ? '' : heads(prefix),
    background ? `<rect class="g" width="${width}" height="${height}"/>` : '',
    `<g transform="translate(${margin} ${margin})">`,
    ...edgePaths(shown, drawn, fullness, prefix),
    ...shown.nodes.map((node, index) => svgNode(node, drawn.nodes[index]!, fullness, columnsMax)),
    ...(fullness === 'boxes' ? [] : shown.edges.map((edge, index) => edgeText(edge, drawn.edges[index]!, columnsMax))),
    '</g>',
    '</svg>',
  ];
  return `${lines.filter((line) => line !== '').join('\n')}\n`;
}

function fullnessFor(nodeCount: number): Fullness {
  if (nodeCount > labelsMax) return 'boxes';
  return nodeCount > tipsMax ? 'plain' : 'full';
}

function description({ nodes, edges }: DrawnGraph, { layers }: Layout): string {
  const counts = new Map<string, number>();
  const add = (status: string, count: number): unknown =>
    counts.set(statusWord(status), (counts.get(statusWord(status)) ?? 0) + count);
  for (const { status, count, counts: several } of nodes) {
    if (several !== undefined) for (const entry of several) add(entry.status, entry.count);
    else if (status !== undefined) add(status, count ?? 1);
  }
  const total = nodes.reduce((sum, { count }) => sum + (count ?? 1), 0);
  const words = statusWords.flatMap((word) => (counts.has(word) ? [`${counts.get(word)} ${word}`] : []));
  const sizes = `${total} nodes in ${layers.length} layers, ${edges.length} edges.`;
  return words.length === 0 ? sizes : `${sizes} ${words.join(', ')}.`;
}

/** What an edge looks like: taken, back, preferred. */
type Look = '' | ' t' | ' b' | ' f' | ' t f' | ' t b';

function lookOf({ kind, taken }: DrawnEdge, { back }: PlacedEdge): Look {
  if (back) return taken === true ? ' t b' : ' b';
  if (kind === 'preferred') return taken === true ? ' t f' : ' f';
  return taken === true ? ' t' : '';
}

const headKinds = ['', ' t', ' b'] as const;

function headId(prefix: string, kind: (typeof headKinds)[number]): string {
  return `${prefix}-head${kind.trim() === '' ? '' : `-${kind.trim()}`}`;
}

function heads(prefix: string): string {
  const markers = headKinds.map(
    (kind) =>
      `<marker id="${headId(prefix, kind)}" viewBox="0 0 8 8" refX="0.5" refY="4" markerWidth="${headLength}" markerHeight="${headLength}" markerUnits="userSpaceOnUse" orient="auto"><path class="a${kind}" d="M0 0.6L8 4L0 7.4z"/></marker>`,
  );
  return `<defs>${markers.join('')}</defs>`;
}

/** One path an edge; in a very large drawing one path for all that look alike, without heads. */
function edgePaths(graph: DrawnGraph, drawn: Layout, fullness: Fullness, prefix: string): string[] {
  const isDown = drawn.direction === 'down';
  if (fullness === 'boxes') {
    const byLook = Map.groupBy(graph.edges.keys(), (index) => lookOf(graph.edges[index]!, drawn.edges[index]!));
    return Array.from(byLook, ([look, indexes]) => {
      const paths = indexes.map((index) => smoothPath(drawn.edges[index]!, { isDown, endGap: 0 }));
      return `<path class="p${look}" d="${paths.join('')}"/>`;
    });
  }
  // Edges the run took are drawn over the others.
  const order = [...graph.edges.keys()].sort(
    (a, b) => Number(graph.edges[a]!.taken === true) - Number(graph.edges[b]!.taken === true),
  );
  return order.map((index) => {
    const placed = drawn.edges[index]!;
    const look = lookOf(graph.edges[index]!, placed);
    const head = headId(prefix, look.endsWith('b') ? ' b' : look.startsWith(' t') ? ' t' : '');
    return `<path class="p${look}" d="${smoothPath(placed, { isDown, endGap: headLength - 0.5 })}" marker-end="url(#${head})"/>`;
  });
}

function edgeText({ label }: DrawnEdge, placed: PlacedEdge, columnsMax: number): string {
  const text = edgeLabelText(label, columnsMax);
  if (text === '' || placed.label === undefined) return '';
  const { x, y, width, height } = placed.label;
  const inset = 2;
  const room = `<rect class="c" x="${tenths(x - width / 2 + inset)}" y="${tenths(y - height / 2 + inset)}" width="${tenths(width - 2 * inset)}" height="${tenths(height - 2 * inset)}" rx="4"/>`;
  return `${room}<text class="e" x="${tenths(x)}" y="${tenths(y + 4)}">${xmlText(text)}</text>`;
}
