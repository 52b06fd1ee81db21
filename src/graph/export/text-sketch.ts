/**
 * One component of a graph in letters: boxes for nodes, and between ranks tracks for edges (`text-tracks.ts`). Ranks,
 * order and columns come from the same placement as pictures. Edges back run on the right of the middle of their nodes.
 */

import type { DrawnGraph, DrawnNode } from '../layout/drawn-graph.ts';
import type { Part } from '../layout/parts.ts';
import { type Placement, place, type Sizing } from '../layout/placement.ts';
import { columnsOf } from '../layout/text-columns.ts';
import { oddColumns, type TextCanvas } from './text-canvas.ts';
import { nodeDetail, nodeText, shortText, type TextStyle } from './text-node.ts';
import { type Gap, routeGap, type Wire } from './text-tracks.ts';

export interface Sketch {
  readonly width: number;
  readonly height: number;
  draw(canvas: TextCanvas, row: number, column: number): void;
}

const nodeGap = 3;
const edgeGap = 3;
const boxWidthMin = 7;
/** From the middle of a node to where edges back end. */
const backShift = 2;

/** What each node and edge says, by their numbers in the graph. */
export interface TextContent {
  readonly nodes: readonly DrawnNode[];
  readonly texts: readonly string[];
  readonly details: readonly string[];
  readonly labels: readonly string[];
  readonly dashed: readonly boolean[];
  readonly sizing: Sizing;
}

export function textContent(graph: DrawnGraph, style: TextStyle, isNarrow: boolean): TextContent {
  const loops = new Set(graph.edges.filter(({ from, to }) => from === to).map(({ from }) => from));
  const texts = graph.nodes.map((node) => nodeText(node, loops.has(node.id), style));
  const details = graph.nodes.map((node) => nodeDetail(node, style));
  const labels = graph.edges.map(({ from, to, label }) =>
    label === undefined || from === to ? '' : shortText(label, style),
  );
  const half = Float64Array.from(texts, (text, index) => boxWidth(text, details[index]!) / 2);
  return {
    nodes: graph.nodes,
    texts,
    details,
    labels,
    dashed: graph.edges.map(({ kind }) => kind === 'preferred'),
    sizing: {
      left: half,
      right: half,
      label: Float64Array.from(labels, (label) => (label === '' ? 0 : oddColumns(label))),
      nodeGap,
      edgeGap,
      hasLabels: labels.some((label) => label !== ''),
      isNarrow,
    },
  };
}

/** The component in letters, or undefined when it has edges too long to draw. */
export function sketch(part: Part, content: TextContent, isAscii: boolean): Sketch | undefined {
  const placement = place(part, content.sizing);
  if (placement.lane.some((lane) => !Number.isNaN(lane))) return undefined;
  return new ComponentSketch(placement, content, isAscii);
}

function boxWidth(text: string, detail: string): number {
  return Math.max(boxWidthMin, oddColumns(text) + 4, oddColumns(detail) + 4);
}

class ComponentSketch implements Sketch {
  readonly width: number;
  readonly height: number;
  readonly #placement: Placement;
  readonly #content: TextContent;
  readonly #isAscii: boolean;
  /** The gap below each rank. */
  readonly #gaps: readonly Gap[];
  /** First row of each rank, and first row after it. */
  readonly #top: number[] = [];
  readonly #bottom: number[] = [];

  constructor(placement: Placement, content: TextContent, isAscii: boolean) {
    this.#placement = placement;
    this.#content = content;
    this.#isAscii = isAscii;
    this.#gaps = wiresOf(placement, content, (node) => this.#column(node)).map(routeGap);
    this.width = Math.ceil(placement.high - placement.low) + 1;
    const depth = this.#depths();
    let row = 0;
    for (let rank = 0; rank < placement.rankCount; rank++) {
      this.#top.push(row);
      this.#bottom.push(row + depth[rank]!);
      row = this.#bottom[rank]! + this.#gapRows(rank);
    }
    this.height = this.#bottom.at(-1)!;
  }

  draw(canvas: TextCanvas, row: number, column: number): void {
    this.#drawGaps(canvas, row, column);
    this.#drawChains(canvas, row, column);
    this.#drawBoxes(canvas, row, column);
    this.#drawEnds(canvas, row, column);
  }

  #column(node: number): number {
    return Math.floor(this.#placement.across[node]! - this.#placement.low);
  }

  #height(node: number): number {
    return this.#content.details[this.#placement.part.nodes[node]!] === '' ? 3 : 4;
  }

  #depths(): Int32Array {
    const { part, rank, rankCount, labelRank } = this.#placement;
    const depth = new Int32Array(rankCount);
    for (let node = 0; node < part.nodeCount; node++)
      depth[rank[node]!] = Math.max(depth[rank[node]!]!, this.#height(node));
    for (const at of labelRank) if (at >= 0) depth[at] = Math.max(depth[at]!, 1);
    return depth;
  }

  /** Tracks, and a row on either side of a rank with nodes for the heads of arrows. */
  #gapRows(rank: number): number {
    const { step, rankCount } = this.#placement;
    if (rank === rankCount - 1) return 0;
    const { nets, trackCount } = this.#gaps[rank]!;
    const isAboveNodes = (rank + 1) % step === 0;
    const hasBack = this.#placement.back.includes(1);
    const isBelowNodes = rank % step === 0 && hasBack;
    return Math.max(nets.length > 0 ? 1 : 0, trackCount + (isAboveNodes ? 1 : 0) + (isBelowNodes ? 1 : 0));
  }

  #drawGaps(canvas: TextCanvas, row: number, column: number): void {
    const hasBack = this.#placement.back.includes(1);
    for (const [rank, { nets }] of this.#gaps.entries()) {
      const top = row + this.#bottom[rank]! - 1;
      const bottom = row + this.#top[rank + 1]!;
      const firstTrack = top + 1 + (rank % this.#placement.step === 0 && hasBack ? 1 : 0);
      for (const { wires, track } of nets) {
        for (const wire of wires) {
          const from = column + wire.top;
          const to = column + wire.bottom;
          const bend = track < 0 ? top + 1 : firstTrack + track;
          canvas.vertical(from, top + 1, bend, wire.isDashed);
          canvas.horizontal(bend, from, to, wire.isDashed);
          canvas.vertical(to, bend, bottom - 1, wire.isDashed);
          // The halves of cells that meet the ranks.
          if (!wire.headAtTop) canvas.vertical(from, top, top + 1, wire.isDashed);
          if (!wire.headAtBottom) canvas.vertical(to, bottom - 1, bottom, wire.isDashed);
        }
      }
    }
  }

  /** Chains through the ranks they pass, and the labels on them. */
  #drawChains(canvas: TextCanvas, row: number, column: number): void {
    const { part, rank, back, chain, labelRank } = this.#placement;
    for (let edge = 0; edge < part.edgeCount; edge++) {
      if (chain[edge]! < 0) continue;
      const upper = back[edge] === 1 ? part.to[edge]! : part.from[edge]!;
      const lower = back[edge] === 1 ? part.from[edge]! : part.to[edge]!;
      const number = part.edges[edge]!;
      const isDashed = this.#content.dashed[number]! || back[edge] === 1;
      for (let at = rank[upper]! + 1; at < rank[lower]!; at++) {
        const middle = column + this.#column(chain[edge]! + at - rank[upper]! - 1);
        canvas.vertical(middle, row + this.#top[at]! - 1, row + this.#bottom[at]!, isDashed);
        if (at !== labelRank[edge]) continue;
        const label = this.#content.labels[number]!;
        canvas.text(row + this.#top[at]!, middle - (columnsOf(label) >> 1), label);
      }
    }
  }

  #drawBoxes(canvas: TextCanvas, row: number, column: number): void {
    const { part, rank } = this.#placement;
    for (let node = 0; node < part.nodeCount; node++) {
      const number = part.nodes[node]!;
      const text = this.#content.texts[number]!;
      const detail = this.#content.details[number]!;
      const { status } = this.#content.nodes[number]!;
      const width = boxWidth(text, detail);
      const left = column + this.#column(node) - (width >> 1);
      const top = row + this.#top[rank[node]!]!;
      const height = this.#height(node);
      canvas.box({ row: top, column: left, width, height }, status);
      canvas.text(top + 1, left + 2 + ((width - 4 - columnsOf(text)) >> 1), text, status);
      if (detail !== '') canvas.text(top + 2, left + 2 + ((width - 4 - columnsOf(detail)) >> 1), detail, status);
    }
  }

  /** From a low box's border to the end of its rank, and the heads of arrows. */
  #drawEnds(canvas: TextCanvas, row: number, column: number): void {
    const { part, rank, back } = this.#placement;
    for (let edge = 0; edge < part.edgeCount; edge++) {
      const from = part.from[edge]!;
      const to = part.to[edge]!;
      if (from === to) continue;
      const isBack = back[edge] === 1;
      const [upper, lower] = isBack ? [to, from] : [from, to];
      const shift = isBack ? backShift : 0;
      const border = row + this.#top[rank[upper]!]! + this.#height(upper) - 1;
      const upperColumn = column + this.#column(upper) + shift;
      canvas.vertical(upperColumn, isBack ? border + 1 : border, row + this.#bottom[rank[upper]!]!, isBack);
      if (isBack) canvas.text(border + 1, upperColumn, this.#isAscii ? '^' : '▲');
      else canvas.text(row + this.#top[rank[lower]!]! - 1, column + this.#column(lower), this.#isAscii ? 'v' : '▼');
    }
  }
}

/** The wires of each gap between ranks, one for each segment of an edge. */
function wiresOf(placement: Placement, content: TextContent, columnOf: (node: number) => number): Wire[][] {
  const { part, rank, back, chain, rankCount } = placement;
  const wires: Wire[][] = Array.from({ length: Math.max(0, rankCount - 1) }, () => []);
  for (let edge = 0; edge < part.edgeCount; edge++) {
    if (part.from[edge] === part.to[edge]) continue;
    const isBack = back[edge] === 1;
    const upper = isBack ? part.to[edge]! : part.from[edge]!;
    const lower = isBack ? part.from[edge]! : part.to[edge]!;
    const shift = isBack ? backShift : 0;
    const isDashed = isBack || content.dashed[part.edges[edge]!]!;
    let top = columnOf(upper) + shift;
    for (let at = rank[upper]!; at < rank[lower]!; at++) {
      const isLast = at + 1 === rank[lower]!;
      const bottom = isLast ? columnOf(lower) + shift : columnOf(chain[edge]! + at - rank[upper]!);
      const headAtTop = isBack && at === rank[upper];
      wires[at]!.push({ top, bottom, isDashed, headAtTop, headAtBottom: isLast && !isBack });
      top = bottom;
    }
  }
  return wires;
}
