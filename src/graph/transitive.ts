/**
 * The least and the most edges that say the same: transitive reduction and closure.
 *
 * Two things are said by a graph with two kinds of edges, and both results keep both: which nodes come before which (by any
 * path), and which nodes gate which (by a path of blocking edges).
 */

import {
  blockingKind,
  blockingOnly,
  type CompactGraph,
  compactGraph,
  edgesWhere,
  preferredKind,
} from './compact-graph.ts';

/**
 * The graph without the edges that others imply: a preferred edge goes when a longer path joins the same nodes, a blocking
 * edge when a longer path of blocking edges does. There is one such graph and no smaller. Edges by source, in given order.
 *
 * `order` is a topological order. Time O(n · m) at worst, and never beyond the targets of a node; space 9 bytes a node.
 * Source: Aho, Garey and Ullman, "The transitive reduction of a directed graph" (1972).
 */
export function transitiveReduction(graph: CompactGraph, order: Int32Array): CompactGraph {
  const place = new Int32Array(graph.nodeCount);
  for (let at = 0; at < order.length; at += 1) place[order[at]!] = at;
  const blocking = blockingOnly(graph);
  const ofAny = redundantTargets(graph, place);
  const ofBlocking = blocking === graph ? ofAny : redundantTargets(blocking, place);
  let current = -1;
  let redundant: ReadonlySet<number> = none;
  let redundantBlocking: ReadonlySet<number> = none;
  return edgesWhere(graph, (row, from) => {
    if (from !== current) {
      current = from;
      redundant = ofAny(from);
      redundantBlocking = ofBlocking === ofAny ? redundant : ofBlocking(from);
    }
    const implied = graph.outKind[row] === blockingKind ? redundantBlocking : redundant;
    return !implied.has(graph.outTo[row]!);
  });
}

const none: ReadonlySet<number> = new Set();

/** For a node, which of its targets can be reached by a path of two edges or more. */
function redundantTargets({ nodeCount, outStart, outTo }: CompactGraph, place: Int32Array) {
  const seenFrom = new Int32Array(nodeCount).fill(-1);
  const stack: number[] = [];
  return (from: number): ReadonlySet<number> => {
    const targets = outTo.slice(outStart[from]!, outStart[from + 1]!);
    if (targets.length < 2) return none;
    targets.sort((a, b) => place[a]! - place[b]!);
    const last = place[targets[targets.length - 1]!]!;
    const redundant = new Set<number>();
    for (const target of targets) {
      // An earlier target reached it: so that one also reached all that this one would.
      if (seenFrom[target] === from) {
        redundant.add(target);
        continue;
      }
      seenFrom[target] = from;
      stack.push(target);
      for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
        for (let row = outStart[node]!; row < outStart[node + 1]!; row += 1) {
          const to = outTo[row]!;
          if (seenFrom[to] === from || place[to]! > last) continue;
          seenFrom[to] = from;
          stack.push(to);
        }
      }
    }
    return redundant;
  };
}

/**
 * The graph with an edge wherever there is a path: blocking if some path has only blocking edges, otherwise preferred. A
 * node on a cycle gets an edge to itself. Edges by source, then by target.
 *
 * Time O(n · m); space that of the result, which has up to n² edges.
 */
export function transitiveClosure(graph: CompactGraph): CompactGraph {
  const { nodeCount } = graph;
  const blocking = blockingOnly(graph);
  const from: number[] = [];
  const to: number[] = [];
  const kind: number[] = [];
  const reachAny = reachFrom(graph);
  const reachBlocking = blocking === graph ? reachAny : reachFrom(blocking);
  for (let node = 0; node < nodeCount; node += 1) {
    const gated = reachBlocking(node);
    const kinds = new Map<number, number>();
    if (blocking !== graph) for (const target of reachAny(node)) kinds.set(target, preferredKind);
    for (const target of gated) kinds.set(target, blockingKind);
    for (const target of Int32Array.from(kinds.keys()).sort()) {
      from.push(node);
      to.push(target);
      kind.push(kinds.get(target)!);
    }
  }
  return compactGraph({ nodeCount, from, to, kind });
}

/** For a node, all that one edge or more lead to. The answer holds until the next call. */
function reachFrom({ nodeCount, outStart, outTo }: CompactGraph): (node: number) => Int32Array {
  const seenFrom = new Int32Array(nodeCount).fill(-1);
  const found = new Int32Array(nodeCount);
  return (start) => {
    let count = 0;
    let node = start;
    for (let taken = -1; taken < count; taken += 1) {
      if (taken >= 0) node = found[taken]!;
      for (let row = outStart[node]!; row < outStart[node + 1]!; row += 1) {
        const target = outTo[row]!;
        if (seenFrom[target] === start) continue;
        seenFrom[target] = start;
        found[count] = target;
        count += 1;
      }
    }
    return found.subarray(0, count);
  };
}
