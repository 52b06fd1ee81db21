/** The floor of the `graph` workload: the shortest honest loops over typed arrays that do the same, without checks or names. */

import type { CompactGraph } from '../src/graph/index.ts';
import type { GraphInput } from './graph-million.ts';

/** Ids to numbers, edges to columns, both sides sorted by counting. */
export function sketchBuild({ nodes, edges }: GraphInput): object {
  const slots = new Map<string, number>();
  for (const id of nodes) slots.set(id, slots.size);
  const n = slots.size;
  let from = new Int32Array(1 << 16);
  let to = new Int32Array(1 << 16);
  let m = 0;
  for (const edge of edges()) {
    if (m === from.length) {
      const a = new Int32Array(m * 2);
      a.set(from);
      from = a;
      const b = new Int32Array(m * 2);
      b.set(to);
      to = b;
    }
    from[m] = slots.get(edge[0])!;
    to[m] = slots.get(edge[1])!;
    m += 1;
  }
  const side = (key: Int32Array, value: Int32Array) => {
    const start = new Int32Array(n + 2);
    for (let e = 0; e < m; e += 1) start[key[e]! + 2]! += 1;
    for (let v = 2; v < n + 2; v += 1) start[v]! += start[v - 1]!;
    const rows = new Int32Array(m);
    for (let e = 0; e < m; e += 1) rows[start[key[e]! + 1]!++] = value[e]!;
    return { start, rows };
  };
  return { slots, out: side(from, to), into: side(to, from) };
}

/** Order and cycle check in one: a queue of nodes whose sources are all out. */
export function sketchOrder({ nodeCount: n, outStart, outTo, inStart }: CompactGraph): Int32Array | undefined {
  const missing = new Int32Array(n);
  const order = new Int32Array(n);
  let end = 0;
  for (let v = 0; v < n; v += 1) {
    missing[v] = inStart[v + 1]! - inStart[v]!;
    if (missing[v] === 0) order[end++] = v;
  }
  for (let at = 0; at < end; at += 1) {
    const v = order[at]!;
    for (let e = outStart[v]!; e < outStart[v + 1]!; e += 1) if (--missing[outTo[e]!]! === 0) order[end++] = outTo[e]!;
  }
  return end === n ? order : undefined;
}

/** The depth-first order: each node after its sources, in their order. */
export function sketchDepthFirst({ nodeCount: n, inStart, inFrom }: CompactGraph): Int32Array | undefined {
  const state = new Uint8Array(n);
  const order = new Int32Array(n);
  const path = new Int32Array(n);
  const cursor = new Int32Array(n);
  let end = 0;
  for (let root = 0; root < n; root += 1) {
    if (state[root] !== 0) continue;
    let depth = 0;
    path[0] = root;
    cursor[0] = inStart[root]!;
    state[root] = 1;
    while (depth >= 0) {
      const v = path[depth]!;
      if (cursor[depth]! < inStart[v + 1]!) {
        const w = inFrom[cursor[depth]!++]!;
        if (state[w] === 1) return undefined;
        if (state[w] === 2) continue;
        state[w] = 1;
        path[++depth] = w;
        cursor[depth] = inStart[w]!;
        continue;
      }
      state[v] = 2;
      order[end++] = v;
      depth -= 1;
    }
  }
  return order;
}

/** Strongly connected components: Tarjan's algorithm with a stack of its own. */
export function sketchStrong({ nodeCount: n, inStart, inFrom }: CompactGraph): number {
  const index = new Int32Array(n);
  const low = new Int32Array(n);
  const part = new Int32Array(n).fill(-1);
  const cursor = new Int32Array(n);
  const path = new Int32Array(n);
  const open = new Int32Array(n);
  let count = 0;
  let seen = 0;
  let opened = 0;
  for (let root = 0; root < n; root += 1) {
    if (index[root] !== 0) continue;
    let depth = 0;
    path[0] = root;
    index[root] = low[root] = ++seen;
    cursor[root] = inStart[root]!;
    open[opened++] = root;
    while (depth >= 0) {
      const v = path[depth]!;
      if (cursor[v]! < inStart[v + 1]!) {
        const w = inFrom[cursor[v]!++]!;
        if (index[w] === 0) {
          index[w] = low[w] = ++seen;
          cursor[w] = inStart[w]!;
          open[opened++] = w;
          path[++depth] = w;
        } else if (part[w] === -1 && index[w]! < low[v]!) low[v] = index[w]!;
        continue;
      }
      if (low[v] === index[v]) {
        let w: number;
        do {
          w = open[--opened]!;
          part[w] = count;
        } while (w !== v);
        count += 1;
      }
      depth -= 1;
      if (depth >= 0 && low[v]! < low[path[depth]!]!) low[path[depth]!] = low[v]!;
    }
  }
  return count;
}

/** Weakly connected components: union-find. */
export function sketchWeak({ nodeCount: n, outStart, outTo }: CompactGraph): number {
  const parent = new Int32Array(n);
  for (let v = 0; v < n; v += 1) parent[v] = v;
  const root = (v: number): number => {
    let at = v;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  let count = n;
  for (let v = 0; v < n; v += 1) {
    for (let e = outStart[v]!; e < outStart[v + 1]!; e += 1) {
      const a = root(v);
      const b = root(outTo[e]!);
      if (a === b) continue;
      parent[Math.max(a, b)] = Math.min(a, b);
      count -= 1;
    }
  }
  for (let v = 0; v < n; v += 1) parent[v] = root(v);
  return count;
}

/** The longest path from each node, along a given order. */
export function sketchLongest(
  { nodeCount: n, outStart, outTo }: CompactGraph,
  order: Int32Array,
  weight: Float64Array,
) {
  const rank = new Float64Array(n);
  for (let at = n - 1; at >= 0; at -= 1) {
    const v = order[at]!;
    let most = 0;
    for (let e = outStart[v]!; e < outStart[v + 1]!; e += 1) most = Math.max(most, rank[outTo[e]!]!);
    rank[v] = most + weight[v]!;
  }
  return rank;
}
