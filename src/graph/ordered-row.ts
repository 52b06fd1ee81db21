/**
 * Nodes in a row: which of two stands first is asked in O(1), and nodes move anywhere in it.
 *
 * A linked list whose nodes carry integers that rise along it (places). Where a gap is too narrow for what moves in, so many
 * nodes behind it are spread anew that they stand apart again: O(log n) a move, amortised. At both ends there is always room.
 *
 * Source: Dietz and Sleator, "Two Algorithms for Maintaining Order in a List" (1987).
 */

import { grown } from './grown-array.ts';

/** Between neighbours at the ends. 2⁵³ / 2²⁰ moves to an end are more than anyone makes. */
const gap = 2 ** 20;

export class OrderedRow {
  #place: Float64Array;
  /** Neighbours, counted from 1; 0 is none. */
  #next: Int32Array;
  #before: Int32Array;
  #first = 0;
  #last = 0;

  constructor(order: Int32Array) {
    this.#place = new Float64Array(order.length);
    this.#next = new Int32Array(order.length);
    this.#before = new Int32Array(order.length);
    for (const node of order) this.append(node);
  }

  placeOf(node: number): number {
    return this.#place[node]!;
  }

  /** Adds a new node at the end. */
  append(node: number): void {
    this.#place = grown(this.#place, node + 1);
    this.#next = grown(this.#next, node + 1);
    this.#before = grown(this.#before, node + 1);
    this.#insert(this.#last - 1, [node]);
  }

  moveToEnd(node: number): void {
    this.#unlink(node);
    this.#insert(this.#last - 1, [node]);
  }

  moveToStart(node: number): void {
    this.#unlink(node);
    this.#insert(-1, [node]);
  }

  /** Moves nodes, in the order they have in the row, to stand behind `node`, which is none of them. */
  moveAfter(node: number, nodes: number[]): void {
    this.#takeOut(nodes);
    this.#insert(node, nodes);
  }

  /** Moves nodes, in the order they have in the row, to stand before `node`, which is none of them. */
  moveBefore(node: number, nodes: number[]): void {
    this.#takeOut(nodes);
    this.#insert(this.#before[node]! - 1, nodes);
  }

  #takeOut(nodes: number[]): void {
    nodes.sort((a, b) => this.#place[a]! - this.#place[b]!);
    for (const node of nodes) this.#unlink(node);
  }

  #unlink(node: number): void {
    const next = this.#next[node]!;
    const before = this.#before[node]!;
    if (before === 0) this.#first = next;
    else this.#next[before - 1] = next;
    if (next === 0) this.#last = before;
    else this.#before[next - 1] = before;
  }

  /** Links nodes that are not in the row behind `after`, or at the start if that is −1, and gives them places. */
  #insert(after: number, nodes: readonly number[]): void {
    const next = after < 0 ? this.#first : this.#next[after]!;
    let last = after;
    for (const node of nodes) {
      this.#before[node] = last + 1;
      if (last < 0) this.#first = node + 1;
      else this.#next[last] = node + 1;
      last = node;
    }
    this.#next[last] = next;
    if (next === 0) this.#last = last + 1;
    else this.#before[next - 1] = last + 1;
    this.#spread(after, nodes, next - 1);
  }

  /** Gives places to `nodes`, which stand behind `after` (−1: at the start), and to as many behind them as are in the way. */
  #spread(after: number, nodes: readonly number[], next: number): void {
    if (after < 0) {
      const end = next < 0 ? 0 : this.#place[next]!;
      nodes.forEach((node, index) => {
        this.#place[node] = end - (nodes.length - index) * gap;
      });
      return;
    }
    const start = this.#place[after]!;
    // The first node behind that is so far off that all before it fit in with a distance of their number.
    let count = nodes.length + 1;
    let stop = next;
    while (stop >= 0 && this.#place[stop]! - start <= count * count) {
      stop = this.#next[stop]! - 1;
      count += 1;
    }
    const step = stop < 0 ? gap : (this.#place[stop]! - start) / count;
    let node = nodes[0]!;
    for (let index = 1; index < count; index += 1) {
      this.#place[node] = start + Math.floor(step * index);
      node = this.#next[node]! - 1;
    }
  }
}
