/** What a node says in a terminal: a sign of its status, its label, how many it stands for, and a mark for a self loop. */

import { type DrawnNode, labelOf } from '../layout/drawn-graph.ts';
import { countText, detailOf } from '../layout/node-size.ts';
import { shortenedInside } from '../layout/text-columns.ts';
import { statusLooks, statusWord } from './status-look.ts';

export interface TextStyle {
  readonly isAscii: boolean;
  readonly labelColumnsMax: number;
}

export function nodeText(node: DrawnNode, hasLoop: boolean, style: TextStyle): string {
  const look = node.status === undefined ? undefined : statusLooks[statusWord(node.status)];
  const glyph = look === undefined ? '' : style.isAscii ? look.ascii : look.glyph;
  const count = countText(node);
  const parts = [
    glyph,
    shortText(labelOf(node), style),
    style.isAscii ? count.replace('×', 'x') : count,
    hasLoop ? (style.isAscii ? '(loop)' : '⟲') : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

export function nodeDetail(node: DrawnNode, style: TextStyle): string {
  return shortText(detailOf(node), { ...style, labelColumnsMax: style.labelColumnsMax + 12 });
}

/** Shortened to the style's columns; for plain ASCII every other letter is a question mark. */
export function shortText(text: string, { isAscii, labelColumnsMax }: TextStyle): string {
  const short = shortenedInside(text, labelColumnsMax, isAscii ? '...' : '…');
  return isAscii ? short.replace(/[^ -~]/gu, '?') : short;
}
