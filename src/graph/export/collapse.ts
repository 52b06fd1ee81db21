/**
 * Draws many alike as one: nodes that share a `group`, and siblings with the same predecessors and successors when there
 * are more of them than a limit (a fan-out). The one node has their count and counts by status; edges that fall together
 * become one with a count, and edges inside a group go. O((V + E) log E).
 *
 * C1. A node that stands alone keeps its id; a node for several has an id that no other node has.
 * C2. Counts of all nodes sum up to the nodes of the graph.
 * C3. A group may close a cycle that its members do not (a → x → b with a and b in it): then it has a back edge.
 */

import { type DrawnEdge, type DrawnGraph, type DrawnNode, labelOf, type StatusCount } from '../layout/drawn-graph.ts';
import { foremost, statusWord, statusWords } from './status-look.ts';

export interface CollapseOptions {
  /** Ids of collapsed nodes, or names of groups, to draw member by member; `all` for every one. Default: none. */
  readonly expand?: 'all' | readonly string[];
  /** More equal siblings than this become one node. Default 12. */
  readonly siblingsMax?: number;
}

export function collapse(graph: DrawnGraph, { expand = [], siblingsMax = 12 }: CollapseOptions = {}): DrawnGraph {
  if (expand === 'all') return graph;
  const bundles = [...namedBundles(graph), ...siblingBundles(graph, siblingsMax)].filter(
    ({ id, group }) => !expand.includes(id) && (group === undefined || !expand.includes(group)),
  );
  if (bundles.length === 0) return graph;

  const bundleOf = new Map<string, Bundle>();
  for (const bundle of bundles) for (const { id } of bundle.members) bundleOf.set(id, bundle);
  const nodes: DrawnNode[] = [];
  for (const node of graph.nodes) {
    const bundle = bundleOf.get(node.id);
    if (bundle === undefined) nodes.push(node);
    else if (bundle.members[0] === node) nodes.push(nodeFor(bundle));
  }
  return { ...graph, nodes, edges: joined(graph.edges, (id) => bundleOf.get(id)?.id) };
}

interface Bundle {
  readonly id: string;
  readonly group?: string;
  readonly members: readonly DrawnNode[];
}

function namedBundles(graph: DrawnGraph): Bundle[] {
  const taken = new Set(graph.nodes.map(({ id }) => id));
  const byGroup = Map.groupBy(graph.nodes, ({ group }) => group);
  return [...byGroup].flatMap(([group, members]) =>
    group === undefined || members.length < 2 ? [] : [{ id: freeId(`group:${group}`, taken), group, members }],
  );
}

/** Nodes without a group that have the same edges from and to the same nodes. */
function siblingBundles(graph: DrawnGraph, siblingsMax: number): Bundle[] {
  const taken = new Set(graph.nodes.map(({ id }) => id));
  const number = new Map(graph.nodes.map(({ id }, index) => [id, index]));
  const ends = graph.nodes.map((): string[] => []);
  for (const { from, to, kind, label } of graph.edges) {
    const how = `${kind ?? ''} ${label ?? ''}`;
    ends[number.get(from) ?? -1]?.push(`>${number.get(to)} ${how}`);
    ends[number.get(to) ?? -1]?.push(`<${number.get(from)} ${how}`);
  }
  const single = graph.nodes.filter(({ group }) => group === undefined);
  const alike = Map.groupBy(single, (node) => JSON.stringify([node.kind, ends[number.get(node.id) ?? -1]?.sort()]));
  return [...alike.values()]
    .filter((members) => members.length > siblingsMax)
    .map((members) => ({ id: freeId(`siblings:${members[0]!.id}`, taken), members }));
}

function freeId(wish: string, taken: Set<string>): string {
  let id = wish;
  while (taken.has(id)) id += "'";
  taken.add(id);
  return id;
}

function nodeFor({ id, group, members }: Bundle): DrawnNode {
  const counts = countsOf(members);
  const status = foremost(counts.map((entry) => entry.status));
  const kind = members[0]!.kind;
  return {
    id,
    label: group ?? sharedLabel(members.map(labelOf)),
    count: members.reduce((sum, member) => sum + (member.count ?? 1), 0),
    counts,
    ...(status === undefined ? {} : { status }),
    ...(group === undefined ? {} : { group }),
    ...(kind !== undefined && members.every((member) => member.kind === kind) ? { kind } : {}),
  };
}

function countsOf(members: readonly DrawnNode[]): StatusCount[] {
  const counts = new Map<string, number>();
  const add = (status: string, count: number): Map<string, number> =>
    counts.set(statusWord(status), (counts.get(statusWord(status)) ?? 0) + count);
  for (const member of members) {
    if (member.counts !== undefined) for (const { status, count } of member.counts) add(status, count);
    else if (member.status !== undefined) add(member.status, member.count ?? 1);
  }
  return statusWords.flatMap((status) => (counts.has(status) ? [{ status, count: counts.get(status)! }] : []));
}

/** What the labels begin with, without a number or bracket cut in two; else `tasks`. */
function sharedLabel(labels: readonly string[]): string {
  let shared = labels[0] ?? '';
  for (const label of labels) {
    let length = 0;
    while (length < shared.length && shared[length] === label[length]) length++;
    shared = shared.slice(0, length);
  }
  const stem = shared.toWellFormed().replace(/[\s\d\p{P}\p{S}]+$/u, '');
  return stem.length < 2 ? 'tasks' : `${stem} …`;
}

/** Edges between the nodes that are left; those that only differ in the members they joined become one. */
function joined(edges: readonly DrawnEdge[], bundleIdOf: (id: string) => string | undefined): DrawnEdge[] {
  const result: DrawnEdge[] = [];
  const seen = new Map<string, number>();
  for (const edge of edges) {
    const fromBundle = bundleIdOf(edge.from);
    const toBundle = bundleIdOf(edge.to);
    if (fromBundle === undefined && toBundle === undefined) {
      result.push(edge);
      continue;
    }
    if (fromBundle === toBundle) continue;
    const moved = { ...edge, from: fromBundle ?? edge.from, to: toBundle ?? edge.to };
    const key = JSON.stringify([moved.from, moved.to, moved.kind, moved.label]);
    const at = seen.get(key);
    if (at === undefined) {
      seen.set(key, result.length);
      result.push({ ...moved, count: edge.count ?? 1 });
      continue;
    }
    const before = result[at]!;
    result[at] = {
      ...before,
      count: (before.count ?? 1) + (edge.count ?? 1),
      ...(before.taken === true || edge.taken === true ? { taken: true } : {}),
    };
  }
  return result;
}
