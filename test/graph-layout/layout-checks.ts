/** What must hold of every layout, as a list of the faults found in one. */

import type { DrawnGraph } from '../../src/graph/layout/drawn-graph.ts';
import type { Layout, PlacedNode, Point } from '../../src/graph/layout/layout.ts';

const tolerance = 1e-6;

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function overlap(a: Rectangle, b: Rectangle): boolean {
  return (
    Math.abs(a.x - b.x) < (a.width + b.width) / 2 - tolerance &&
    Math.abs(a.y - b.y) < (a.height + b.height) / 2 - tolerance
  );
}

function isOnBorder([x, y]: Point, node: PlacedNode): boolean {
  const dx = Math.abs(x - node.x) - node.width / 2;
  const dy = Math.abs(y - node.y) - node.height / 2;
  return Math.max(dx, dy) < tolerance && Math.max(dx, dy) > -tolerance;
}

/** True when the segment has a point strictly inside the box. Clips it against the four sides (Liang and Barsky). */
function runsThrough([ax, ay]: Point, [bx, by]: Point, box: Rectangle): boolean {
  const inset = 0.01;
  let from = 0;
  let to = 1;
  const sides = [
    [ax - bx, ax - (box.x - box.width / 2 + inset)],
    [bx - ax, box.x + box.width / 2 - inset - ax],
    [ay - by, ay - (box.y - box.height / 2 + inset)],
    [by - ay, box.y + box.height / 2 - inset - ay],
  ] as const;
  for (const [step, room] of sides) {
    if (step === 0) {
      if (room < 0) return false;
    } else if (step < 0) from = Math.max(from, room / step);
    else to = Math.min(to, room / step);
  }
  return from < to;
}

/** True when following the edges one way never leads back. */
export function isAcyclic(graph: DrawnGraph): boolean {
  const entering = new Map(graph.nodes.map(({ id }) => [id, 0]));
  for (const { to } of graph.edges) entering.set(to, entering.get(to)! + 1);
  const free = graph.nodes.map(({ id }) => id).filter((id) => entering.get(id) === 0);
  let found = 0;
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    found++;
    for (const edge of graph.edges) {
      if (edge.from !== id) continue;
      entering.set(edge.to, entering.get(edge.to)! - 1);
      if (entering.get(edge.to) === 0) free.push(edge.to);
    }
  }
  return found === graph.nodes.length;
}

export function layoutFaults(graph: DrawnGraph, drawn: Layout): string[] {
  return [
    ...presenceFaults(graph, drawn),
    ...nodeFaults(drawn),
    ...edgeFaults(graph, drawn),
    ...roomFaults(drawn),
    ...borderFaults(drawn),
  ];
}

function presenceFaults(graph: DrawnGraph, drawn: Layout): string[] {
  const faults: string[] = [];
  if (drawn.nodes.map(({ id }) => id).join() !== graph.nodes.map(({ id }) => id).join()) faults.push('nodes differ');
  const ends = (edge: { from: string; to: string }): string => `${edge.from}>${edge.to}`;
  if (drawn.edges.map(ends).join() !== graph.edges.map(ends).join()) faults.push('edges differ');
  if (drawn.layers.flat().length !== graph.nodes.length) faults.push('layers do not hold every node');
  return faults;
}

function nodeFaults({ nodes }: Layout): string[] {
  return nodes.flatMap((a, index) =>
    nodes.slice(index + 1).flatMap((b) => (overlap(a, b) ? [`${a.id} overlaps ${b.id}`] : [])),
  );
}

function edgeFaults(graph: DrawnGraph, drawn: Layout): string[] {
  const faults: string[] = [];
  const byId = new Map(drawn.nodes.map((node) => [node.id, node]));
  const along = drawn.direction === 'down' ? 1 : 0;
  for (const { from, to, points, back } of drawn.edges) {
    const name = `${from}>${to}`;
    const first = byId.get(from)!;
    const second = byId.get(to)!;
    if (!isOnBorder(points[0]!, first)) faults.push(`${name} does not begin on the border`);
    if (!isOnBorder(points.at(-1)!, second)) faults.push(`${name} does not end on the border`);
    if (from === to) {
      if (!back) faults.push(`${name} is a loop and not back`);
      continue;
    }
    if (back ? first.layer <= second.layer : first.layer >= second.layer) faults.push(`${name} leads the wrong way`);
    const turn = back ? -1 : 1;
    const isDot = ([x, y]: Point, index: number): boolean =>
      index > 0 && Math.hypot(x - points[index - 1]![0], y - points[index - 1]![1]) < tolerance;
    if (points.some(isDot)) faults.push(`${name} has the same point twice`);
    for (let index = 1; index < points.length; index++) {
      if ((points[index]![along] - points[index - 1]![along]) * turn < -tolerance) faults.push(`${name} turns round`);
    }
  }
  const hasBack = drawn.edges.some(({ back }) => back);
  if (hasBack === isAcyclic(graph)) faults.push(`back edges: ${hasBack}, acyclic: ${!hasBack}`);
  return faults;
}

function roomFaults({ nodes, edges }: Layout): string[] {
  const faults: string[] = [];
  for (const { from, to, points, label } of edges) {
    for (const node of nodes) {
      if (label !== undefined && overlap(label, node)) faults.push(`label of ${from}>${to} lies on ${node.id}`);
      if (node.id === from || node.id === to) continue;
      for (let index = 1; index < points.length; index++) {
        if (runsThrough(points[index - 1]!, points[index]!, node)) faults.push(`${from}>${to} runs through ${node.id}`);
      }
    }
  }
  const labels = edges.flatMap(({ label }) => (label === undefined ? [] : [label]));
  for (const [index, label] of labels.entries())
    for (const other of labels.slice(index + 1)) if (overlap(label, other)) faults.push('two labels overlap');
  return faults;
}

function borderFaults({ nodes, edges, width, height }: Layout): string[] {
  const isInside = ([x, y]: Point): boolean =>
    x > -tolerance && y > -tolerance && x < width + tolerance && y < height + tolerance;
  const corners = nodes.flatMap((node): Point[] => [
    [node.x - node.width / 2, node.y - node.height / 2],
    [node.x + node.width / 2, node.y + node.height / 2],
  ]);
  return [...corners, ...edges.flatMap(({ points }) => points)].every(isInside) ? [] : ['something lies outside'];
}
