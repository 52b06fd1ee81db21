/**
 * Dominators: which nodes lie on every way from the roots to a node.
 *
 * A graph may have several roots: a virtual root stands before them all. Runs on graphs with cycles.
 *
 * Time near O(n + m), O(n · m) at worst; space 17 bytes a node.
 * Source: Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm" (2001).
 */

import type { CompactGraph } from './compact-graph.ts';

/** What `immediateDominators` gives for a node that no other node dominates: a root, or one that separate ways lead to. */
export const noDominator = -1;
/** What `immediateDominators` gives for a node that no root leads to, as in a cycle without a way in. */
export const unreachable = -2;

/**
 * For each node its immediate dominator: of the nodes that lie on every way to it, the nearest.
 *
 * @param roots Where ways start; the nodes that no edge reaches, unless given.
 */
export function immediateDominators(graph: CompactGraph, roots: ArrayLike<number> = sourcesOf(graph)): Int32Array {
  const { nodeCount, inStart, inFrom } = graph;
  const isRoot = new Uint8Array(nodeCount);
  for (let at = 0; at < roots.length; at += 1) isRoot[roots[at]!] = 1;
  const { postorder, number } = finishOrder(graph, roots);
  // By finish number, which falls along every way down the tree of dominators; the virtual root finishes last.
  const above = new Int32Array(nodeCount + 1).fill(unreachable);
  const top = postorder.length;
  above[top] = top;
  const meet = (one: number, other: number): number => {
    let a = one;
    let b = other;
    while (a !== b) {
      while (a < b) a = above[a]!;
      while (b < a) b = above[b]!;
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (let at = top - 1; at >= 0; at -= 1) {
      const node = postorder[at]!;
      let found = isRoot[node] === 1 ? top : unreachable;
      for (let row = inStart[node]!; row < inStart[node + 1]! && found !== top; row += 1) {
        const before = number[inFrom[row]!]!;
        if (before < 0 || above[before] === unreachable) continue;
        found = found === unreachable ? before : meet(found, before);
      }
      if (above[at] === found) continue;
      above[at] = found;
      changed = true;
    }
  }
  const dominator = new Int32Array(nodeCount).fill(unreachable);
  for (let at = 0; at < top; at += 1) {
    const up = above[at]!;
    dominator[postorder[at]!] = up === top ? noDominator : postorder[up]!;
  }
  return dominator;
}

/** The nodes that no edge reaches, by index. */
export function sourcesOf({ nodeCount, inStart }: CompactGraph): number[] {
  const sources: number[] = [];
  for (let node = 0; node < nodeCount; node += 1) if (inStart[node] === inStart[node + 1]) sources.push(node);
  return sources;
}

/** The nodes that the roots reach, in the order in which a depth-first walk leaves them, and each node's place there or −1. */
function finishOrder({ nodeCount, outStart, outTo }: CompactGraph, roots: ArrayLike<number>) {
  const postorder = new Int32Array(nodeCount);
  const number = new Int32Array(nodeCount).fill(-1);
  const isSeen = new Uint8Array(nodeCount);
  const path = new Int32Array(nodeCount);
  const cursor = new Int32Array(nodeCount);
  let finished = 0;
  let depth = -1;
  const enter = (node: number): void => {
    depth += 1;
    path[depth] = node;
    cursor[depth] = outStart[node]!;
    isSeen[node] = 1;
  };
  for (let at = 0; at < roots.length; at += 1) {
    if (isSeen[roots[at]!] === 1) continue;
    enter(roots[at]!);
    while (depth >= 0) {
      const node = path[depth]!;
      const row = cursor[depth]!;
      if (row < outStart[node + 1]!) {
        cursor[depth] = row + 1;
        if (isSeen[outTo[row]!] === 0) enter(outTo[row]!);
        continue;
      }
      number[node] = finished;
      postorder[finished] = node;
      finished += 1;
      depth -= 1;
    }
  }
  return { postorder: postorder.subarray(0, finished), number };
}
