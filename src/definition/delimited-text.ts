/** Where a text has expressions, without a look at what is in them. Every function is linear in the text. */

import { Finder } from './finder.ts';

const pairs = [
  ['<%', '%>'],
  ['{{', '}}'],
  ['{%', '%}'],
] as const;

/** The text with `instead` of each expression. What opens and does not close on its line stays. */
export function withoutExpressions(text: string, instead: (expression: string) => string = () => 'x'): string {
  const find = new Finder(text);
  const parts: string[] = [];
  let from = 0;
  for (let at = nextOpening(find, 0); at !== -1; ) {
    const close = pairs.find(([open]) => text.startsWith(open, at))![1];
    const end = find.endOnLine(close, at + 2);
    if (end === undefined) {
      at = nextOpening(find, at + 1);
      continue;
    }
    parts.push(text.slice(from, at), instead(text.slice(at, end)));
    from = end;
    at = nextOpening(find, end);
  }
  return parts.join('') + text.slice(from);
}

function nextOpening(find: Finder, from: number): number {
  const found = pairs.map(([open]) => find.next(open, from)).filter((at) => at !== -1);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** Whether any part of the text is an expression. */
export function holdsExpression(text: string): boolean {
  return withoutExpressions(text) !== text;
}

/** Whether the text is rendered as a whole: it has a `{% … %}`. */
export function holdsBlock(text: string): boolean {
  const find = new Finder(text);
  for (let at = find.next('{%', 0); at !== -1; at = find.next('{%', at + 1)) {
    if (find.endOnLine('%}', at + 2) !== undefined) return true;
  }
  return false;
}

/** Whether the text is one expression and nothing else, and so keeps the type of its value. */
export function isOneExpression(text: string): boolean {
  return pairs.slice(0, 2).some(([open, close]) => text.startsWith(open) && text.indexOf(close) === text.length - 2);
}

/** An expression that opens and does not close on its line: where, and whether it closes later. */
export function openExpression(text: string): { readonly at: number; readonly isClosedLater: boolean } | undefined {
  const rest = withoutExpressions(text);
  const yaql = rest.indexOf('<%');
  if (yaql !== -1) return { at: text.indexOf('<%'), isClosedLater: rest.includes('%>', yaql) };
  const jinja = rest.indexOf('{{');
  const isPaired = jinja !== -1 && /^\{\{[^{}]*\}\}/.test(rest.slice(jinja));
  return isPaired && !holdsBlock(text) ? { at: text.indexOf('{{'), isClosedLater: true } : undefined;
}
