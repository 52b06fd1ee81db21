/** How large a node's box is: a sign of its status, its label, a number for how many it stands for, and a small second line. In pixels. */

import { type DrawnNode, labelOf } from './drawn-graph.ts';
import { columnsOf, shortened } from './text-columns.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What a text is written as: each has its own size of letters. */
export type TextRole = 'label' | 'detail' | 'edge';

/** Width of a text on one line, in pixels. */
export type Measure = (text: string, role: TextRole) => number;

export const letterSize: { readonly [role in TextRole]: number } = { label: 13, detail: 11, edge: 11 };
export const box = {
  padding: 12,
  icon: 16,
  iconGap: 7,
  height: 36,
  lineHeight: 15,
  widthMin: 60,
  countGap: 8,
} as const;
export const edgeLabelHeight = 18;

/** As if in a monospaced font: 0.6 of the size of letters a column, which is ample for common proportional fonts too. */
export const monospaced: Measure = (text, role) => columnsOf(text) * letterSize[role] * 0.6;

/** The second line: the detail, or for several nodes in one how many are in which status. */
export function detailOf(node: DrawnNode): string {
  if (node.detail !== undefined && node.detail !== '') return node.detail;
  return (node.counts ?? []).map(({ status, count }) => `${count} ${status}`).join(', ');
}

/** The second line as drawn: its small letters may be half as many again. */
export function detailLine(node: DrawnNode, columnsMax: number): string {
  return shortened(detailOf(node), Math.floor(columnsMax * 1.5));
}

export function countText(node: DrawnNode): string {
  return node.count === undefined || node.count === 1 ? '' : `×${node.count}`;
}

export function sizeOf(node: DrawnNode, measure: Measure, columnsMax: number): Size {
  const detail = detailLine(node, columnsMax);
  const count = countText(node);
  const label =
    measure(shortened(labelOf(node), columnsMax), 'label') +
    (count === '' ? 0 : box.countGap + measure(count, 'label'));
  const text = Math.max(label, detail === '' ? 0 : measure(detail, 'detail'));
  const icon = node.status === undefined ? 0 : box.icon + box.iconGap;
  return {
    width: Math.max(box.widthMin, Math.ceil(2 * box.padding + icon + text)),
    height: box.height + (detail === '' ? 0 : box.lineHeight),
  };
}
