/**
 * Parameters written behind an action's name or as the text of `publish`: `core.local cmd="date" x=1`.
 *
 * A parameter is a word, `=`, and a value of one of these forms: `[…]` to the last bracket of the line, text in double or
 * single quotes, a number, true or false (any case), null, `<% … %>`, `{{ … }}`. Anything else is passed over without a
 * word, a bare word like `x=abc` included; `barePairs` finds those for a warning. What stands between parameters does not
 * matter. Values are read as JSON where they are JSON, but quoted text stays text unless it is a JSON object.
 *
 * Cost: linear in the text, whatever it holds.
 */

import type { Json } from '../base/index.ts';
import { withoutExpressions } from './delimited-text.ts';
import { Finder } from './finder.ts';

export interface InlineParameter {
  readonly name: string;
  readonly value: Json;
  /** Where the name begins in the text. */
  readonly start: number;
  /** One past the last character of the value, spaces behind a bracket or quote included. */
  readonly end: number;
}

const wordEnd = /[\p{L}\p{N}_]$/u;

/** How many parameters a text may have; what follows them is passed over. */
const parametersMax = 10_000;

/** The parameters of `text`, in order, repeats included. */
export function parseInlineParameters(text: string): InlineParameter[] {
  const parameters: InlineParameter[] = [];
  const find = new Finder(text);
  const brackets = new LastBrackets(text);
  let from = 0;
  for (let equals = text.indexOf('='); equals !== -1; equals = text.indexOf('=', Math.max(equals + 1, from))) {
    const start = wordStart(text, equals, from);
    if (start === equals) continue;
    const end = valueEnd(text, equals + 1, find, brackets);
    if (end === undefined) continue;
    parameters.push({ name: text.slice(start, equals), value: valueOfText(text.slice(equals + 1, end)), start, end });
    from = end;
    if (parameters.length >= parametersMax) break;
  }
  return parameters;
}

/** How many bare pairs of one text are looked at. */
const pairsMax = 100;

/** The pairs `word=word` that look like parameters and are none, outside of expressions, quotes and other parameters. */
export function barePairs(text: string): { readonly name: string; readonly value: string; readonly start: number }[] {
  if (!text.includes('=')) return [];
  const parts: string[] = [];
  let from = 0;
  for (const { start, end } of parseInlineParameters(text)) {
    parts.push(text.slice(from, start), ' '.repeat(end - start));
    from = end;
  }
  parts.push(text.slice(from));
  const rest = withoutExpressions(parts.join(''), blank).replace(/"[^"]*"|'[^']*'/g, blank);
  const pairs: { name: string; value: string; start: number }[] = [];
  for (const match of rest.matchAll(/(?<=^|[\s,;])([\p{L}\p{N}_]{1,100})=([^\s=,;"'<{[]{1,200})/gu)) {
    if (pairs.length >= pairsMax) break;
    pairs.push({ name: match[1]!, value: match[2]!, start: match.index });
  }
  return pairs;
}

const blank = (text: string) => ' '.repeat(text.length);

function wordStart(text: string, end: number, from: number): number {
  let start = end;
  while (start > from) {
    const low = text.charCodeAt(start - 1) >= 0xdc00 && text.charCodeAt(start - 1) <= 0xdfff && start - 2 >= from;
    const previous = start - (low ? 2 : 1);
    if (!wordEnd.test(text.slice(previous, start))) break;
    start = previous;
  }
  return start;
}

const numberPattern = /-?\p{Nd}*\.\p{Nd}+|-?\p{Nd}+/uy;
const wordPattern = /[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|null/y;
const spacePattern = /\s*/y;

/** One past the end of the value that begins at `at`; undefined where none does. */
function valueEnd(text: string, at: number, find: Finder, brackets: LastBrackets): number | undefined {
  const afterSpaces = (end: number) => matchEnd(spacePattern, text, end) ?? end;
  switch (text[at]) {
    case '[': {
      const close = brackets.after(at);
      return close === -1 ? undefined : afterSpaces(close + 1);
    }
    case '"':
    case "'": {
      const close = find.next(text[at]!, at + 1);
      return close === -1 ? undefined : afterSpaces(close + 1);
    }
    case '<':
      return text.startsWith('<%', at) ? find.endOnLine('%>', at + 2) : undefined;
    case '{':
      return text.startsWith('{{', at) ? find.endOnLine('}}', at + 2) : undefined;
    default:
      return matchEnd(numberPattern, text, at) ?? matchEnd(wordPattern, text, at);
  }
}

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function valueOfText(source: string): Json {
  let text = source.trim();
  const isQuoted = /"[^"]*"|'[^']*'/.test(text);
  text = text.replace(/^"/, '').replace(/"$/, '').replace(/^'/, '').replace(/'$/, '');
  if (isQuoted && text !== '' && !(text.startsWith('{') && text.endsWith('}'))) return text;
  const word = text.toLowerCase();
  if (word === 'true' || word === 'false') return word === 'true';
  if (!/^[[{"\-0-9n]/.test(text)) return text;
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

/** Knows the last `]` of each line; asked with rising positions, it reads the text once. */
class LastBrackets {
  readonly #text: string;
  #lineEnd = -1;
  #bracket = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** The last `]` of the line that `at` stands on, if it comes after `at`; -1 otherwise. */
  after(at: number): number {
    if (at >= this.#lineEnd) {
      const newline = this.#text.indexOf('\n', at);
      this.#lineEnd = newline === -1 ? this.#text.length : newline;
      this.#bracket = this.#text.slice(at, this.#lineEnd).lastIndexOf(']') + at;
    }
    return this.#bracket > at ? this.#bracket : -1;
  }
}
