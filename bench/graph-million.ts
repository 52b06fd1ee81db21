/**
 * The graph that the `graph` workload measures: layers of a thousand nodes, each node with three distinct sources in the layer
 * before it, drawn from a fixed seed. Ids are text; `shuffled` hands the nodes over in random order instead of layer by layer.
 */

const width = 1_000;

export interface GraphInput {
  readonly nodes: readonly string[];
  /** Each edge is to be read before the next is asked for. */
  edges(): Iterable<readonly [from: string, to: string]>;
}

export function layeredGraph(nodeCount: number, { shuffled = false } = {}): GraphInput {
  const nodes = Array.from({ length: nodeCount }, (_, index) => `task-${index}`);
  const named = shuffled ? nodes.slice() : nodes;
  if (shuffled) {
    const random = numbers(99);
    for (let last = nodeCount - 1; last > 0; last -= 1) {
      const other = random() % (last + 1);
      [nodes[last], nodes[other]] = [nodes[other]!, nodes[last]!];
    }
  }
  return {
    nodes,
    edges: () => ({ [Symbol.iterator]: () => new Edges(named) }),
  };
}

/** Hands over one tuple again and again: what is measured is the graph, and not what a million tuples leave behind. */
class Edges implements IterableIterator<readonly [string, string]> {
  readonly #named: readonly string[];
  readonly #random = numbers(7);
  readonly #edge: [string, string] = ['', ''];
  readonly #result: IteratorYieldResult<readonly [string, string]> = { done: false, value: this.#edge };
  // The last layer's sources are chosen in the layer before; the first layer has none and its share goes to the second.
  #node = width - 1;
  #left = 0;
  #first = 0;
  #next = 0;
  #step = 0;

  constructor(named: readonly string[]) {
    this.#named = named;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<readonly [string, string], undefined> {
    if (this.#left === 0) {
      this.#node += 1;
      if (this.#node === this.#named.length) return { done: true, value: undefined };
      this.#first = this.#node - (this.#node % width) - width;
      this.#next = this.#random() % width;
      // Odd: so that the first six multiples differ.
      this.#step = 1 + 2 * (this.#random() % (width / 2));
      this.#left = this.#node < 2 * width ? 6 : 3;
    }
    this.#edge[0] = this.#named[this.#first + (this.#next % width)]!;
    this.#edge[1] = this.#named[this.#node]!;
    this.#next += this.#step;
    this.#left -= 1;
    return this.#result;
  }
}

/** Unsigned 31-bit numbers from a seed (xorshift). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 1;
  };
}
