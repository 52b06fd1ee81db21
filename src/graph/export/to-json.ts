/** A laid out graph as JSON for front ends that draw it themselves: places, routes, and fan-outs collapsed with their counts. */

import type { Json } from '../../base/index.ts';
import type { DrawnEdge, DrawnGraph, DrawnNode } from '../layout/drawn-graph.ts';
import { labelOf } from '../layout/drawn-graph.ts';
import { type LayoutOptions, layout, type PlacedEdge, type PlacedNode } from '../layout/layout.ts';
import { type CollapseOptions, collapse } from './collapse.ts';
import { statusWord } from './status-look.ts';

export type JsonDrawingOptions = LayoutOptions & CollapseOptions;

/** Nodes and edges keep the order of the collapsed graph. Numbers are pixels, rounded to tenths. */
export interface JsonDrawing {
  readonly name?: string;
  readonly direction: 'down' | 'right';
  readonly width: number;
  readonly height: number;
  readonly layers: number;
  readonly nodes: readonly JsonDrawingNode[];
  readonly edges: readonly JsonDrawingEdge[];
}

export interface JsonDrawingNode {
  readonly id: string;
  readonly label: string;
  readonly detail?: string;
  readonly status?: string;
  readonly kind?: string;
  readonly group?: string;
  /** More than 1 for a node that stands for several; name its id in `expand` to see them. */
  readonly count: number;
  readonly counts: { readonly [status: string]: number };
  readonly layer: number;
  /** The centre. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface JsonDrawingEdge {
  readonly from: string;
  readonly to: string;
  readonly label?: string;
  readonly kind?: string;
  readonly taken: boolean;
  readonly back: boolean;
  readonly count: number;
  readonly points: readonly (readonly [number, number])[];
  /** The centre of the room kept for the label. */
  readonly labelAt?: readonly [number, number];
}

export function toJson(graph: DrawnGraph, options: JsonDrawingOptions = {}): JsonDrawing & Json {
  const shown = collapse(graph, options);
  const drawn = layout(shown, options);
  return {
    ...(graph.name === undefined ? {} : { name: graph.name }),
    direction: drawn.direction,
    width: tenths(drawn.width),
    height: tenths(drawn.height),
    layers: drawn.layers.length,
    nodes: shown.nodes.map((node, index) => jsonNode(node, drawn.nodes[index]!)),
    edges: shown.edges.map((edge, index) => jsonEdge(edge, drawn.edges[index]!)),
  };
}

function jsonNode(node: DrawnNode, { layer, x, y, width, height }: PlacedNode): JsonDrawingNode & Json {
  const counts = (node.counts ?? []).map(({ status, count }): [string, number] => [statusWord(status), count]);
  return {
    id: node.id,
    label: labelOf(node),
    ...(node.detail === undefined ? {} : { detail: node.detail }),
    ...(node.status === undefined ? {} : { status: statusWord(node.status) }),
    ...(node.kind === undefined ? {} : { kind: node.kind }),
    ...(node.group === undefined ? {} : { group: node.group }),
    count: node.count ?? 1,
    counts: Object.fromEntries(counts),
    layer,
    x: tenths(x),
    y: tenths(y),
    width: tenths(width),
    height: tenths(height),
  };
}

function jsonEdge(edge: DrawnEdge, { back, points, label }: PlacedEdge): JsonDrawingEdge & Json {
  return {
    from: edge.from,
    to: edge.to,
    ...(edge.label === undefined ? {} : { label: edge.label }),
    ...(edge.kind === undefined ? {} : { kind: edge.kind }),
    taken: edge.taken === true,
    back,
    count: edge.count ?? 1,
    points: points.map(([x, y]): [number, number] => [tenths(x), tenths(y)]),
    ...(label === undefined ? {} : { labelAt: [tenths(label.x), tenths(label.y)] as [number, number] }),
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
