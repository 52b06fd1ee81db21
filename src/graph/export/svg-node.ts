/** One node of a drawing as SVG: a rounded box, a sign of its status, its label, how many it stands for and a second line. */

import { type DrawnNode, labelOf } from '../layout/drawn-graph.ts';
import type { PlacedNode } from '../layout/layout.ts';
import { box, countText, detailLine, detailOf } from '../layout/node-size.ts';
import { shortened } from '../layout/text-columns.ts';
import { statusLooks, statusWord } from './status-look.ts';
import { place, tenths } from './svg-path.ts';
import { xmlText } from './xml-text.ts';

/** Less is drawn the more nodes there are: `full`, without tips and signs, boxes alone. */
export type Fullness = 'full' | 'plain' | 'boxes';

const stackShift = 4;

export function svgNode(node: DrawnNode, placed: PlacedNode, fullness: Fullness, columnsMax: number): string {
  const word = node.status === undefined ? undefined : statusWord(node.status);
  const open = `<g class="n${word === undefined ? '' : ` ${word}`}">`;
  const frame = boxesOf(placed, node.count !== undefined && node.count > 1);
  if (fullness === 'boxes') return `${open}${frame}</g>`;

  const left = placed.x - placed.width / 2 + box.padding;
  const detail = detailLine(node, columnsMax);
  const baseline = placed.y + (detail === '' ? 4.5 : -2.5);
  const count = countText(node);
  const isCentred = word === undefined && count === '';
  const textAt = isCentred ? placed.x : left + (word === undefined ? 0 : box.icon + box.iconGap);
  const parts = [open];
  if (fullness === 'full') parts.push(`<title>${xmlText(tip(node))}</title>`);
  parts.push(frame);
  if (word !== undefined)
    parts.push(
      `<g transform="translate(${place([left, placed.y - box.icon / 2])})"><circle cx="8" cy="8" r="8"/><path class="i" d="${statusLooks[word].icon}"/></g>`,
    );
  parts.push(line(isCentred ? 'l m' : 'l', textAt, baseline, shortened(labelOf(node), columnsMax)));
  if (count !== '')
    parts.push(
      `<text class="l d" text-anchor="end" x="${tenths(placed.x + placed.width / 2 - box.padding)}" y="${tenths(baseline)}">${count}</text>`,
    );
  if (detail !== '') parts.push(line(isCentred ? 'd m' : 'd', textAt, baseline + box.lineHeight, detail));
  return `${parts.join('')}</g>`;
}

/** A node that stands for several has the edge of a second box behind it. */
function boxesOf({ x, y, width, height }: PlacedNode, isStack: boolean): string {
  const rectangle = (shift: number): string =>
    `<rect x="${tenths(x - width / 2 + shift)}" y="${tenths(y - height / 2 + shift)}" width="${tenths(width)}" height="${tenths(height)}" rx="8"/>`;
  return isStack ? rectangle(stackShift) + rectangle(0) : rectangle(0);
}

function line(name: string, x: number, y: number, text: string): string {
  return text === '' ? '' : `<text class="${name}" x="${tenths(x)}" y="${tenths(y)}">${xmlText(text)}</text>`;
}

function tip(node: DrawnNode): string {
  const parts = [labelOf(node), detailOf(node), node.status ?? '', node.kind ?? ''];
  return parts.filter((part) => part !== '').join('\n');
}
