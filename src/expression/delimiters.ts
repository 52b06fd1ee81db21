/**
 * Where expressions stand in a text. As in Orquesta: from an opening to the nearest closing delimiter on the same line;
 * with a line break between them it is plain text.
 */

import { isBlank } from './python/strings.ts';

export type Language = 'yaql' | 'jinja';

/** One expression with its delimiters. */
export interface Span {
  readonly text: string;
  readonly start: number;
}

/** All expressions between `open` and `close`, left to right. Linear time. */
export function findSpans(text: string, open: string, close: string): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (;;) {
    const start = text.indexOf(open, from);
    if (start < 0) return spans;
    const end = text.indexOf(close, start + open.length);
    if (end < 0) return spans;
    const line = text.indexOf('\n', start + open.length);
    if (line >= 0 && line < end) {
      from = line + 1;
      continue;
    }
    spans.push({ text: text.slice(start, end + close.length), start });
    from = end + close.length;
  }
}

/** What stands between the delimiters: every delimiter character at the ends is dropped, then white space. */
export function inner(span: string, delimiters: string): { readonly text: string; readonly offset: number } {
  let from = 0;
  let to = span.length;
  while (from < to && delimiters.includes(span[from] as string)) from++;
  while (to > from && delimiters.includes(span[to - 1] as string)) to--;
  while (from < to && isBlank(span[from] as string)) from++;
  while (to > from && isBlank(span[to - 1] as string)) to--;
  return { text: span.slice(from, to), offset: from };
}
