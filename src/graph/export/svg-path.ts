/**
 * An edge's points as a smooth path: straight where it runs along the drawing, else a curve with upright ends. Such a
 * curve stays between the two ranks it joins, so a smooth edge keeps off nodes as its polyline does.
 */

import type { PlacedEdge, Point } from '../layout/layout.ts';

export interface PathOptions {
  readonly isDown: boolean;
  /** How much the path stops short of its end, to leave room for an arrowhead. */
  readonly endGap: number;
}

export function smoothPath(edge: PlacedEdge, { isDown, endGap }: PathOptions): string {
  const points = shortenedEnd(edge.points, endGap, isDown);
  const isLoop = edge.from === edge.to;
  if (isLoop) return loopPath(points);
  const along = isDown ? 1 : 0;
  let path = `M${place(points[0]!)}`;
  for (let index = 1; index < points.length; index++) {
    const [ax, ay] = points[index - 1]!;
    const [bx, by] = points[index]!;
    const isStraight = points[index - 1]![1 - along] === points[index]![1 - along];
    if (isStraight) path += `L${place([bx, by])}`;
    else if (isDown) path += `C${place([ax, (ay + by) / 2])} ${place([bx, (ay + by) / 2])} ${place([bx, by])}`;
    else path += `C${place([(ax + bx) / 2, ay])} ${place([(ax + bx) / 2, by])} ${place([bx, by])}`;
  }
  return path;
}

/** One curve that reaches as far out as the two outer points. */
function loopPath([start, out, into, end]: readonly Point[]): string {
  return `M${place(start!)}C${place(beyond(start!, out!))} ${place(beyond(end!, into!))} ${place(end!)}`;
}

/** A curve comes three quarters of the way to its handles. */
function beyond([fromX, fromY]: Point, [x, y]: Point): Point {
  return [fromX + ((x - fromX) * 4) / 3, fromY + ((y - fromY) * 4) / 3];
}

/** A curve ends along the drawing, a straight line in its own direction; a last bit shorter than the gap goes whole. */
function shortenedEnd(points: readonly Point[], gap: number, isDown: boolean): readonly Point[] {
  const [x, y] = points.at(-1)!;
  const [fromX, fromY] = points.at(-2)!;
  const isCurve = x !== fromX && y !== fromY;
  const stepX = isCurve && isDown ? 0 : x - fromX;
  const stepY = isCurve && !isDown ? 0 : y - fromY;
  const length = Math.hypot(stepX, stepY);
  if (gap === 0 || length === 0) return points;
  const isWhole = !isCurve && length <= gap && points.length > 2;
  const share = (isWhole ? gap : Math.min(gap, length / 2)) / length;
  return [...points.slice(0, isWhole ? -2 : -1), [x - stepX * share, y - stepY * share]];
}

export function place([x, y]: Point): string {
  return `${tenths(x)} ${tenths(y)}`;
}

export function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
