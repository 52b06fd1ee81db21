/**
 * The edges of a graph that changes, as columns in the order in which they were added.
 *
 * An edge is known by its row. A removed edge leaves its row behind, its source −1, until the owner packs the list.
 */

import { grown, resized } from './grown-array.ts';

export class EdgeList {
  from = new Int32Array(8);
  to = new Int32Array(8);
  kind = new Uint8Array(8);
  /** Rows in use, those of removed edges too. */
  rows = 0;
  /** Edges: rows that are not removed. */
  count = 0;

  add(from: number, to: number, kind: number): number {
    const row = this.rows;
    if (row === this.from.length) {
      this.from = grown(this.from, row + 1);
      this.to = grown(this.to, row + 1);
      this.kind = grown(this.kind, row + 1);
    }
    this.from[row] = from;
    this.to[row] = to;
    this.kind[row] = kind;
    this.rows += 1;
    this.count += 1;
    return row;
  }

  /** Gives back what is beyond the rows in use. O(1) as a rule: the memory's tail is let go in place. */
  trim(): void {
    this.from = resized(this.from, this.rows);
    this.to = resized(this.to, this.rows);
    this.kind = resized(this.kind, this.rows);
  }

  remove(row: number): void {
    this.from[row] = -1;
    this.count -= 1;
  }

  /** Closes the gaps and renames nodes by `renamed`, if given. Rows change; the order of edges does not. O(rows). */
  pack(renamed?: Int32Array): void {
    let next = 0;
    for (let row = 0; row < this.rows; row += 1) {
      const from = this.from[row]!;
      if (from < 0) continue;
      const to = this.to[row]!;
      this.from[next] = renamed === undefined ? from : renamed[from]!;
      this.to[next] = renamed === undefined ? to : renamed[to]!;
      this.kind[next] = this.kind[row]!;
      next += 1;
    }
    this.rows = next;
  }
}
