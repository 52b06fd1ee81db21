/**
 * Every elementary cycle: closed walks that visit no node twice, each listed once, starting at its least node.
 *
 * Johnson's algorithm, without recursion. The nodes are taken by index; each with a cycle among itself and higher nodes of
 * its strongly connected component is the start of one search, and then leaves the component, whose rest is divided anew.
 *
 * A graph of n nodes can have more than n! cycles, so the search ends at `limit`. Time O((n + m)(c + 1)) for c cycles found;
 * space O(n + m). Source: Johnson, "Finding all the elementary circuits of a directed graph" (1975).
 */

import { type CompactGraph, compactGraph } from './compact-graph.ts';
import { strongComponents } from './strong-components.ts';

const removed = -1;

/**
 * At most `limit` cycles, ordered by their first node; each node has an edge to the next, the last to the first. Parallel
 * edges, which a `Dag` cannot have, give a cycle once for each.
 */
export function elementaryCycles(graph: CompactGraph, limit = 1_000): Int32Array[] {
  const { nodeCount, outStart, outTo } = graph;
  const cycles: Int32Array[] = [];
  const parts = partsOf(graph);
  const search = circuitSearch(graph, parts.partOf);
  for (let start = 0; start < nodeCount && cycles.length < limit; start += 1) {
    for (let row = outStart[start]!; row < outStart[start + 1]!; row += 1) {
      if (outTo[row] === start && cycles.length < limit) cycles.push(Int32Array.of(start));
    }
    if (parts.sizeOf[parts.partOf[start]!]! < 2) continue;
    const members = membersWith(graph, parts.partOf, start);
    search(start, members, cycles, limit);
    divide(graph, parts, members);
  }
  return cycles;
}

interface Parts {
  readonly partOf: Int32Array;
  readonly sizeOf: number[];
  /** Scratch: the place of a node among the members that are being divided. */
  readonly placeOf: Int32Array;
}

function partsOf(graph: CompactGraph): Parts {
  const { count, componentOf } = strongComponents(graph);
  const sizeOf = new Array<number>(count).fill(0);
  for (const part of componentOf) sizeOf[part]! += 1;
  return { partOf: componentOf, sizeOf, placeOf: new Int32Array(graph.nodeCount) };
}

/** The nodes of the part of `start`, itself first: all that can be reached without leaving it. */
function membersWith(graph: CompactGraph, partOf: Int32Array, start: number): number[] {
  const part = partOf[start]!;
  const members = [start];
  const seen = new Set(members);
  for (let taken = 0; taken < members.length; taken += 1) {
    const node = members[taken]!;
    for (let row = graph.outStart[node]!; row < graph.outStart[node + 1]!; row += 1) {
      const to = graph.outTo[row]!;
      if (partOf[to] !== part || seen.has(to)) continue;
      seen.add(to);
      members.push(to);
    }
  }
  return members;
}

/** Takes the first member out and gives the others the strongly connected components of what is left. */
function divide(graph: CompactGraph, { partOf, sizeOf, placeOf }: Parts, members: readonly number[]): void {
  const [start, ...rest] = members;
  const part = partOf[start!]!;
  partOf[start!] = removed;
  rest.forEach((node, place) => {
    placeOf[node] = place;
  });
  const from: number[] = [];
  const to: number[] = [];
  rest.forEach((node, place) => {
    for (let row = graph.outStart[node]!; row < graph.outStart[node + 1]!; row += 1) {
      const target = graph.outTo[row]!;
      if (partOf[target] !== part) continue;
      from.push(place);
      to.push(placeOf[target]!);
    }
  });
  const { count, componentOf } = strongComponents(compactGraph({ nodeCount: rest.length, from, to }));
  const first = sizeOf.length;
  for (let index = 0; index < count; index += 1) sizeOf.push(0);
  rest.forEach((node, place) => {
    partOf[node] = first + componentOf[place]!;
    sizeOf[first + componentOf[place]!]! += 1;
  });
}

type Search = (start: number, members: readonly number[], cycles: Int32Array[], limit: number) => void;

/** Johnson's circuit search from one node within its part; its columns are made once for all starts. */
function circuitSearch({ nodeCount, outStart, outTo }: CompactGraph, partOf: Int32Array): Search {
  const path = new Int32Array(nodeCount);
  const cursor = new Int32Array(nodeCount);
  const isBlocked = new Uint8Array(nodeCount);
  const closes = new Uint8Array(nodeCount);
  // Who becomes free when a node does: only nodes that led nowhere have an entry.
  const waiters = new Map<number, number[]>();

  function free(node: number): void {
    const stack = [node];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (isBlocked[next] === 0) continue;
      isBlocked[next] = 0;
      stack.push(...(waiters.get(next) ?? []));
      waiters.delete(next);
    }
  }

  function waitForNeighbours(node: number, part: number): void {
    for (let row = outStart[node]!; row < outStart[node + 1]!; row += 1) {
      const to = outTo[row]!;
      if (partOf[to] !== part) continue;
      const waiting = waiters.get(to);
      if (waiting === undefined) waiters.set(to, [node]);
      else if (!waiting.includes(node)) waiting.push(node);
    }
  }

  return (start, members, cycles, limit) => {
    const part = partOf[start]!;
    waiters.clear();
    for (const node of members) isBlocked[node] = 0;
    let depth = 0;
    const enter = (node: number): void => {
      path[depth] = node;
      cursor[depth] = outStart[node]!;
      isBlocked[node] = 1;
      closes[node] = 0;
    };
    enter(start);
    while (depth >= 0 && cycles.length < limit) {
      const node = path[depth]!;
      const row = cursor[depth]!;
      if (row < outStart[node + 1]!) {
        cursor[depth] = row + 1;
        const to = outTo[row]!;
        if (to === start && node !== start) {
          cycles.push(path.slice(0, depth + 1));
          for (let at = 0; at <= depth; at += 1) closes[path[at]!] = 1;
        } else if (partOf[to] === part && isBlocked[to] === 0) {
          depth += 1;
          enter(to);
        }
        continue;
      }
      if (closes[node] === 1) free(node);
      else waitForNeighbours(node, part);
      depth -= 1;
    }
  };
}
