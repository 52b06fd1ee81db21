/**
 * Layered layout of any directed graph, after Sugiyama: edges that close cycles are turned round (`back-edges.ts`), nodes
 * ranked (`ranks.ts`), ranks ordered against crossings (`ordering.ts`), nodes placed (`coordinates.ts`), edges routed
 * (`routes.ts`), and the components put beside each other (`shelves.ts`).
 *
 * L1. The same graph and options give the same layout.
 * L2. No two nodes overlap, and no edge runs through a node that it does not join.
 * L3. An edge that is not `back` leads to a higher layer, and its points never turn round. An acyclic graph has no back edges.
 * L4. An edge's first point is on the border of its first node, its last on that of its second.
 *
 * Costs O(V + E) memory; a sweep over the ranks O((V + E) log V), and there are at most 24, for large graphs 4.
 */

import { assert } from '../../base/index.ts';
import type { DrawnEdge, DrawnGraph, DrawnNode } from './drawn-graph.ts';
import { edgeLabelHeight, type Measure, monospaced, type Size, sizeOf } from './node-size.ts';
import { numbered } from './numbered-graph.ts';
import { partsOf } from './parts.ts';
import { type Placement, place, type Sizing } from './placement.ts';
import { middleOf, routesOf } from './routes.ts';
import { shelve } from './shelves.ts';
import { shortened } from './text-columns.ts';
import { type Tracks, tracksOf } from './tracks.ts';

export interface LayoutOptions {
  /** Where edges lead. Default `down`. */
  readonly direction?: 'down' | 'right';
  /** Default: as in a monospaced font. */
  readonly measure?: Measure;
  /** A node's box. Default: room for its label, second line and sign of status. */
  readonly size?: (node: DrawnNode) => Size;
  /** Longer labels are measured, and drawn, shortened. Default 32. */
  readonly labelColumnsMax?: number;
  /** Between neighbours of one layer, in pixels. Default 28. */
  readonly nodeGap?: number;
  /** Between edges that pass a layer side by side. Default 16. */
  readonly edgeGap?: number;
  /** Between layers, at least. Default 46. */
  readonly rankGap?: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly direction: 'down' | 'right';
  /** In the order of the graph's nodes. */
  readonly nodes: readonly PlacedNode[];
  /** In the order of the graph's edges. */
  readonly edges: readonly PlacedEdge[];
  /** The ids of each layer's nodes in the order in which they stand. */
  readonly layers: readonly (readonly string[])[];
}

export interface PlacedNode {
  readonly id: string;
  /** The centre. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** From 0; counted in each component for itself. */
  readonly layer: number;
}

export type Point = readonly [x: number, y: number];

export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  /** From the border of `from` to that of `to`, in the edge's own direction. */
  readonly points: readonly Point[];
  /** It closes a cycle and is drawn against the direction of the others; a self loop too. */
  readonly back: boolean;
  /** Room kept free for its label. */
  readonly label?: PlacedLabel;
}

export interface PlacedLabel {
  /** The centre. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const loopReach = 18;
const loopStep = 6;
const loopPadding = 4;
const labelPadding = 10;

/** @throws AssertionError An id stands twice, or an edge names a node that is not there. */
export function layout(graph: DrawnGraph, options: LayoutOptions = {}): Layout {
  return new Drawing(graph, options).layout();
}

/** Shortened as `layout` measures it. */
export function edgeLabelText(label: string | undefined, columnsMax: number): string {
  return label === undefined ? '' : shortened(label, columnsMax);
}

export const labelColumnsDefault = 32;

/** One call of `layout`: sizes and positions in drawing coordinates, across and along the ranks, until the end. */
class Drawing {
  readonly #graph: DrawnGraph;
  readonly #isDown: boolean;
  readonly #rankGap: number;
  readonly #nodeGap: number;
  readonly #breadth: Float64Array;
  readonly #length: Float64Array;
  readonly #labelBreadth: Float64Array;
  readonly #labelLength: Float64Array;
  /** How far a self loop reaches from the centre of its node. */
  readonly #loopReach: Float64Array;
  readonly #nodes: (PlacedNode | undefined)[];
  readonly #edges: (PlacedEdge | undefined)[];
  readonly #sizing: Sizing;

  constructor(graph: DrawnGraph, options: LayoutOptions) {
    const measure = options.measure ?? monospaced;
    const columnsMax = options.labelColumnsMax ?? labelColumnsDefault;
    this.#graph = graph;
    this.#isDown = options.direction !== 'right';
    this.#rankGap = options.rankGap ?? 46;
    this.#nodeGap = options.nodeGap ?? 28;
    this.#breadth = new Float64Array(graph.nodes.length);
    this.#length = new Float64Array(graph.nodes.length);
    this.#labelBreadth = new Float64Array(graph.edges.length);
    this.#labelLength = new Float64Array(graph.edges.length);
    this.#loopReach = new Float64Array(graph.edges.length);
    this.#nodes = new Array(graph.nodes.length);
    this.#edges = new Array(graph.edges.length);
    this.#measureNodes(options.size ?? ((node) => sizeOf(node, measure, columnsMax)));
    this.#measureLabels(measure, columnsMax);
    this.#sizing = this.#sizingOf(options.edgeGap ?? 16);
  }

  layout(): Layout {
    const placements = partsOf(numbered(this.#graph)).map((part) => place(part, this.#sizing));
    const tracks = placements.map((placement) => tracksOf(placement, this.#depthsOf(placement), this.#rankGap));
    const shelved = shelve(
      Float64Array.from(placements, ({ low, high }) => high - low),
      Float64Array.from(tracks, ({ end }) => end[end.length - 1]!),
      this.#nodeGap * 1.5,
      this.#isDown ? 2.5 : 1,
    );
    const layers: string[][] = [];
    for (const [index, placement] of placements.entries()) {
      const across = shelved.across[index]! - placement.low;
      const along = shelved.along[index]!;
      this.#putNodes(placement, tracks[index]!, across, along, layers);
      this.#putEdges(placement, tracks[index]!, across, along);
    }
    const { width, length } = shelved;
    return {
      width: this.#isDown ? width : length,
      height: this.#isDown ? length : width,
      direction: this.#isDown ? 'down' : 'right',
      nodes: complete(this.#nodes),
      edges: complete(this.#edges),
      layers,
    };
  }

  #measureNodes(sizeOfNode: (node: DrawnNode) => Size): void {
    for (const [index, node] of this.#graph.nodes.entries()) {
      const { width, height } = sizeOfNode(node);
      assert(width >= 0 && height >= 0, `the box of node ${JSON.stringify(node.id)} has a size`);
      this.#breadth[index] = this.#isDown ? width : height;
      this.#length[index] = this.#isDown ? height : width;
    }
  }

  #measureLabels(measure: Measure, columnsMax: number): void {
    for (const [index, edge] of this.#graph.edges.entries()) {
      const text = edgeLabelText(edge.label, columnsMax);
      if (text === '') continue;
      const width = measure(text, 'edge') + labelPadding;
      this.#labelBreadth[index] = this.#isDown ? width : edgeLabelHeight;
      this.#labelLength[index] = this.#isDown ? edgeLabelHeight : width;
    }
  }

  /** Self loops lie on the right of their node, each outside the one before and its label; the node's room grows to hold them. */
  #sizingOf(edgeGap: number): Sizing {
    const left = this.#breadth.map((breadth) => breadth / 2);
    const right = left.slice();
    const isLoop = ({ from, to }: DrawnEdge): boolean => from === to;
    const looped = new Set(this.#graph.edges.filter(isLoop).map(({ from }) => from));
    const numbers = new Map<string, number>();
    for (const [number, { id }] of this.#graph.nodes.entries()) if (looped.has(id)) numbers.set(id, number);
    for (const [index, edge] of this.#graph.edges.entries()) {
      const node = isLoop(edge) ? numbers.get(edge.from) : undefined;
      if (node === undefined) continue;
      this.#loopReach[index] = right[node]! + (right[node] === left[node] ? loopReach : loopStep);
      right[node] = this.#loopReach[index]! + loopPadding + this.#labelBreadth[index]!;
    }
    const hasLabels = this.#graph.edges.some((edge, index) => this.#labelBreadth[index]! > 0 && !isLoop(edge));
    return { left, right, label: this.#labelBreadth, nodeGap: this.#nodeGap, edgeGap, hasLabels, isNarrow: false };
  }

  #depthsOf({ part, rank, rankCount, labelRank }: Placement): Float64Array {
    const depth = new Float64Array(rankCount);
    for (let node = 0; node < part.nodeCount; node++)
      depth[rank[node]!] = Math.max(depth[rank[node]!]!, this.#length[part.nodes[node]!]!);
    for (let edge = 0; edge < part.edgeCount; edge++) {
      const at = labelRank[edge]!;
      if (at >= 0) depth[at] = Math.max(depth[at]!, this.#labelLength[part.edges[edge]!]!);
    }
    return depth;
  }

  #putNodes(placement: Placement, tracks: Tracks, across: number, along: number, layers: string[][]): void {
    const { part, rank, step } = placement;
    for (const node of placement.sequence) {
      const number = part.nodes[node]!;
      const layer = rank[node]! / step;
      const { id } = this.#graph.nodes[number]!;
      const [x, y] = this.#point(placement.across[node]! + across, middleOf(tracks, rank[node]!) + along);
      const breadth = this.#breadth[number]!;
      const length = this.#length[number]!;
      const width = this.#isDown ? breadth : length;
      const height = this.#isDown ? length : breadth;
      this.#nodes[number] = { id, x, y, width, height, layer };
      layers[layer] ??= [];
      layers[layer].push(id);
    }
  }

  #putEdges(placement: Placement, tracks: Tracks, across: number, along: number): void {
    const { part, back, rank, chain, labelRank } = placement;
    const routes = routesOf(placement, tracks, { length: this.#length, breadth: this.#breadth });
    for (let edge = 0; edge < part.edgeCount; edge++) {
      const number = part.edges[edge]!;
      const { from, to } = this.#graph.edges[number]!;
      const node = part.from[edge]!;
      if (from === to) {
        const centre = placement.across[node]! + across;
        this.#edges[number] = this.#loop(number, part.nodes[node]!, centre, middleOf(tracks, rank[node]!) + along);
        continue;
      }
      const points = this.#points(routes[edge]!, across, along);
      const isBack = back[edge] === 1;
      if (isBack) points.reverse();
      const placed = { from, to, points, back: isBack };
      const at = labelRank[edge]!;
      if (at < 0) {
        this.#edges[number] = placed;
        continue;
      }
      const upper = isBack ? part.to[edge]! : node;
      const virtual = chain[edge]! + at - rank[upper]! - 1;
      const label = this.#label(number, placement.across[virtual]! + across, middleOf(tracks, at) + along);
      this.#edges[number] = { ...placed, label };
    }
  }

  #loop(number: number, node: number, across: number, along: number): PlacedEdge {
    const { from, to } = this.#graph.edges[number]!;
    const border = across + this.#breadth[node]! / 2;
    const reach = across + this.#loopReach[number]!;
    // Outer loops begin further out: a quarter of the side for the first, towards the corners for the others.
    const spread = this.#length[node]! * (0.45 - 0.2 * (loopReach / (reach - border)));
    const flat = [border, along - spread, reach, along - spread, reach, along + spread, border, along + spread];
    const placed = { from, to, points: this.#points(flat, 0, 0), back: true };
    const breadth = this.#labelBreadth[number]!;
    return breadth === 0
      ? placed
      : { ...placed, label: this.#label(number, reach + loopPadding / 2 + breadth / 2, along) };
  }

  #label(number: number, across: number, along: number): PlacedLabel {
    const [x, y] = this.#point(across, along);
    const breadth = this.#labelBreadth[number]!;
    const length = this.#labelLength[number]!;
    return { x, y, width: this.#isDown ? breadth : length, height: this.#isDown ? length : breadth };
  }

  #points(flat: readonly number[], across: number, along: number): Point[] {
    const points: Point[] = [];
    for (let at = 0; at < flat.length; at += 2) points.push(this.#point(flat[at]! + across, flat[at + 1]! + along));
    return points;
  }

  #point(across: number, along: number): Point {
    return this.#isDown ? [across, along] : [along, across];
  }
}

function complete<T>(list: readonly (T | undefined)[]): readonly T[] {
  for (let index = 0; index < list.length; index++)
    assert(list[index] !== undefined, `the layout places item ${index}`);
  return list as readonly T[];
}
