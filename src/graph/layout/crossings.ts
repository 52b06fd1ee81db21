/**
 * Counts the crossings between two neighbouring ranks with an accumulator tree: O(segments · log of the smaller rank).
 *
 * W. Barth, M. Jünger, P. Mutzel, "Simple and Efficient Bilayer Cross Counting", Graph Drawing 2002. A radix sort by both
 * ends makes one sequence of lower positions; its inversions are the crossings.
 */

export class CrossingCounter {
  readonly #tree: Int32Array;
  readonly #cursor: Int32Array;
  readonly #sequence: Int32Array;

  /** `widthMax`: most nodes in a rank; `segmentsMax`: most segments between two ranks. */
  constructor(widthMax: number, segmentsMax: number) {
    let leaves = 1;
    while (leaves < widthMax) leaves *= 2;
    this.#tree = new Int32Array(2 * leaves);
    this.#cursor = new Int32Array(widthMax + 1);
    this.#sequence = new Int32Array(segmentsMax);
  }

  /**
   * @param upperWidth Nodes in the upper rank.
   * @param lower Nodes of the lower rank in order.
   * @param above Positions in the upper rank that a node of the lower rank is joined to: `aboveItems[aboveStart[n]] …`.
   */
  count(
    upperWidth: number,
    lower: Int32Array,
    aboveStart: Int32Array,
    aboveItems: Int32Array,
    position: Int32Array,
  ): number {
    const cursor = this.#cursor.fill(0, 0, upperWidth + 1);
    let total = 0;
    for (const node of lower) {
      for (let at = aboveStart[node]!; at < aboveStart[node + 1]!; at++) cursor[position[aboveItems[at]!]! + 1]!++;
      total += aboveStart[node + 1]! - aboveStart[node]!;
    }
    if (total < 2) return 0;
    for (let at = 0; at < upperWidth; at++) cursor[at + 1]! += cursor[at]!;
    const sequence = this.#sequence;
    for (let index = 0; index < lower.length; index++) {
      const node = lower[index]!;
      for (let at = aboveStart[node]!; at < aboveStart[node + 1]!; at++)
        sequence[cursor[position[aboveItems[at]!]!]!++] = index;
    }
    return this.#inversions(sequence, total, lower.length);
  }

  #inversions(sequence: Int32Array, length: number, width: number): number {
    let first = 1;
    while (first < width) first *= 2;
    const tree = this.#tree.fill(0, 0, 2 * first);
    let crossings = 0;
    for (let index = 0; index < length; index++) {
      let at = sequence[index]! + first;
      tree[at]!++;
      while (at > 1) {
        if (at % 2 === 0) crossings += tree[at + 1]!;
        at >>= 1;
        tree[at]!++;
      }
    }
    return crossings;
  }
}
