/**
 * Where blocks of aligned nodes stand: packed to one side by longest paths over the graph of blocks, then each pulled
 * towards its neighbour on the other side.
 *
 * Straight columns can make a staircase that is many times wider than any rank. So while the drawing is wider than its
 * widest rank needs, by a margin, blocks on the paths that make it wide are cut where such a path turns from one rank to
 * another. O(nodes) a round; few rounds for large graphs.
 */

import { assert } from '../../base/index.ts';
import type { Blocks } from './alignment.ts';
import type { Ordering } from './ordering.ts';
import type { ProperGraph } from './proper-graph.ts';

/** What each node takes to the left and right of its centre, half of the gap to its neighbour included. */
export interface Extents {
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** How much wider than its widest rank a drawing may be for the sake of straight edges: by a share, and by so many nodes. */
const widthShare = 1.35;
const spareNodes = 2;

function roundsFor(nodeCount: number): number {
  if (nodeCount <= 3_000) return 40;
  return nodeCount <= 50_000 ? 5 : 2;
}

export interface PackingOptions {
  /** The side to which blocks are packed. */
  readonly leftwards: boolean;
  /** No wider than the widest rank, if a few rounds can do it. */
  readonly isNarrow: boolean;
}

/** Changes `blocks` where it cuts them. */
export function packBlocks(
  graph: ProperGraph,
  ordering: Ordering,
  extents: Extents,
  blocks: Blocks,
  { leftwards, isNarrow }: PackingOptions,
): Float64Array {
  const packing = new Packing(graph, ordering, extents, blocks, leftwards);
  const widest = packing.widestRank();
  const widthMax = isNarrow ? widest : widest * widthShare + packing.meanNode() * spareNodes;
  packing.pack();
  for (let round = roundsFor(graph.nodeCount); round > 0 && packing.cut(widthMax); round--) packing.pack();
  return packing.spread();
}

/** Places grow away from the side to which blocks are packed; `near` and `far` are what a node takes towards it and away. */
class Packing {
  readonly #graph: ProperGraph;
  readonly #blocks: Blocks;
  readonly #side: 1 | -1;
  /** Of each node: its neighbours in its rank on the far and near side, or -1. */
  readonly #farther: Int32Array;
  readonly #nearer: Int32Array;
  readonly #near: Float64Array;
  readonly #far: Float64Array;
  /** Of each block, by its root. */
  readonly #place: Float64Array;
  /** Of each block: the member that its neighbour keeps in place, or -1. */
  readonly #held: Int32Array;
  readonly #entering: Int32Array;
  /** Blocks, each after those on its near side. */
  readonly #order: Int32Array;
  #blockCount = 0;

  constructor(graph: ProperGraph, ordering: Ordering, extents: Extents, blocks: Blocks, leftwards: boolean) {
    this.#graph = graph;
    const { before, after } = neighborsInRank(ordering);
    this.#farther = leftwards ? after : before;
    this.#nearer = leftwards ? before : after;
    this.#blocks = blocks;
    this.#side = leftwards ? 1 : -1;
    this.#near = leftwards ? extents.left : extents.right;
    this.#far = leftwards ? extents.right : extents.left;
    this.#place = new Float64Array(graph.nodeCount);
    this.#held = new Int32Array(graph.nodeCount);
    this.#entering = new Int32Array(graph.nodeCount);
    this.#order = new Int32Array(graph.nodeCount);
  }

  widestRank(): number {
    const width = new Float64Array(this.#graph.rankCount);
    for (let node = 0; node < this.#graph.nodeCount; node++)
      width[this.#graph.rank[node]!]! += this.#near[node]! + this.#far[node]!;
    return width.reduce((most, value) => Math.max(most, value), 0);
  }

  /** How much a node that is not virtual takes on average. */
  meanNode(): number {
    let sum = 0;
    for (let node = 0; node < this.#graph.realCount; node++) sum += this.#near[node]! + this.#far[node]!;
    return sum / this.#graph.realCount;
  }

  /** Gives each block the nearest place that its neighbours leave. */
  pack(): void {
    const { root, next } = this.#blocks;
    const place = this.#place.fill(0);
    const held = this.#held.fill(-1);
    const order = this.#order;
    let found = this.#startBlocks();
    for (let head = 0; head < found; head++) {
      const block = order[head]!;
      let node = block;
      do {
        const beside = this.#farther[node]!;
        if (beside !== -1) {
          const other = root[beside]!;
          const at = place[block]! + this.#far[node]! + this.#near[beside]!;
          if (at > place[other]!) {
            place[other] = at;
            held[other] = beside;
          }
          if (--this.#entering[other]! === 0) order[found++] = other;
        }
        node = next[node]!;
      } while (node !== block);
    }
    assert(found === this.#blockCount, 'blocks of a rank order do not cross');
  }

  /** Cuts the blocks at which a path that reaches beyond `widthMax` turns. False if there are none. */
  cut(widthMax: number): boolean {
    const { root } = this.#blocks;
    const seen = new Uint8Array(this.#graph.nodeCount);
    const cuts: [node: number, other: number][] = [];
    for (let end = 0; end < this.#graph.nodeCount; end++) {
      if (this.#place[root[end]!]! + this.#far[end]! <= widthMax) continue;
      let leaving = end;
      while (leaving !== -1 && seen[root[leaving]!] === 0) {
        const block = root[leaving]!;
        seen[block] = 1;
        const held = this.#held[block]!;
        if (held === -1) break;
        if (held !== leaving) cuts.push([held, leaving]);
        leaving = this.#nearer[held]!;
      }
    }
    for (const [node, other] of cuts) this.#cutBetween(node, other);
    return cuts.length > 0;
  }

  /** Pulls each block to its neighbour on the far side; then the places of all nodes. */
  spread(): Float64Array {
    const { root, next } = this.#blocks;
    const place = this.#place;
    for (let at = this.#blockCount - 1; at >= 0; at--) {
      const block = this.#order[at]!;
      let room = Number.POSITIVE_INFINITY;
      let node = block;
      do {
        const beside = this.#farther[node]!;
        if (beside !== -1) room = Math.min(room, place[root[beside]!]! - this.#far[node]! - this.#near[beside]!);
        node = next[node]!;
      } while (node !== block);
      if (room < Number.POSITIVE_INFINITY) place[block] = Math.max(place[block]!, room);
    }
    return place.map((_, node) => this.#side * place[root[node]!]!);
  }

  /** Counts the blocks on the near side of each, and puts those without any first in order. */
  #startBlocks(): number {
    const { root } = this.#blocks;
    const entering = this.#entering.fill(0);
    for (let node = 0; node < root.length; node++) {
      const beside = this.#farther[node]!;
      if (beside !== -1) entering[root[beside]!]!++;
    }
    let found = 0;
    this.#blockCount = 0;
    for (let node = 0; node < root.length; node++) {
      if (root[node] !== node) continue;
      this.#blockCount++;
      if (entering[node] === 0) this.#order[found++] = node;
    }
    return found;
  }

  /** Makes two blocks of one, beside a real node if there is one between the two members, else in the middle. */
  #cutBetween(one: number, other: number): void {
    const { root, next } = this.#blocks;
    const { rank, realCount } = this.#graph;
    const block = root[one]!;
    const firstRank = rank[block]!;
    const [first, last] =
      Math.abs(rank[one]! - firstRank) < Math.abs(rank[other]! - firstRank) ? [one, other] : [other, one];
    const members: number[] = [];
    for (let node = first; node !== last; node = next[node]!) members.push(node);
    const beforeReal = members.findIndex((node) => node < realCount || next[node]! < realCount);
    const end = members[beforeReal === -1 ? members.length >> 1 : beforeReal]!;
    const start = next[end]!;
    next[end] = block;
    let node = start;
    for (; next[node] !== block; node = next[node]!) root[node] = start;
    root[node] = start;
    next[node] = start;
  }
}

function neighborsInRank({ rankStart, sequence }: Ordering): { before: Int32Array; after: Int32Array } {
  const before = new Int32Array(sequence.length).fill(-1);
  const after = new Int32Array(sequence.length).fill(-1);
  for (let rank = 0; rank + 1 < rankStart.length; rank++) {
    for (let at = rankStart[rank]! + 1; at < rankStart[rank + 1]!; at++) {
      before[sequence[at]!] = sequence[at - 1]!;
      after[sequence[at - 1]!] = sequence[at]!;
    }
  }
  return { before, after };
}
