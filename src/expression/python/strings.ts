/** Python's text methods that JavaScript lacks or does otherwise. Positions and lengths are in code points. */

import { grow, spend } from '../budget.ts';
import { stop } from '../failure.ts';

const surrogate = /[\ud800-\udfff]/;

/** The text as code points: itself where each is one unit. */
export function points(text: string): string | readonly string[] {
  if (!surrogate.test(text)) return text;
  spend(text.length >> 3);
  return Array.from(text);
}

export function lengthOf(text: string): number {
  return points(text).length;
}

/** Code points `from` to `to`, both within the text. */
export function slicePoints(text: string, from: number, to: number): string {
  const characters = points(text);
  return typeof characters === 'string' ? characters.slice(from, to) : characters.slice(from, to).join('');
}

export function charactersOf(text: string): string[] {
  grow(text.length);
  return Array.from(text);
}

/** The position in code points of a position in UTF-16 units. */
export function pointAt(text: string, unit: number): number {
  return unit <= 0 || !surrogate.test(text) ? unit : lengthOf(text.slice(0, unit));
}

function unitAt(text: string, point: number): number {
  if (!surrogate.test(text)) return point;
  return Array.from(text).slice(0, point).join('').length;
}

/** Both ends of a Python slice `[start:end]` of `length` elements. */
export function bounds(start: number | null, end: number | null, length: number): [number, number] {
  const clamp = (value: number): number => (value < 0 ? Math.max(0, value + length) : Math.min(value, length));
  return [start === null ? 0 : clamp(start), end === null ? length : clamp(end)];
}

/** `text.find(sub, start, end)`, or `rfind` with `last`. */
export function find(text: string, sub: string, start: number | null, end: number | null, last = false): number {
  const length = lengthOf(text);
  if (start !== null && start > length) return -1;
  const [from, to] = bounds(start, end, length);
  if (to < from) return -1;
  const part = from === 0 && to === length ? text : slicePoints(text, from, to);
  const unit = last ? part.lastIndexOf(sub) : part.indexOf(sub);
  return unit < 0 ? -1 : from + pointAt(part, unit);
}

/** `text.count(sub, start, end)`. */
export function count(text: string, sub: string, start: number | null = null, end: number | null = null): number {
  const length = lengthOf(text);
  if (start !== null && start > length) return 0;
  const [from, to] = bounds(start, end, length);
  if (to < from) return 0;
  const part = slicePoints(text, from, to);
  if (sub === '') return lengthOf(part) + 1;
  let found = 0;
  for (let at = part.indexOf(sub); at >= 0; at = part.indexOf(sub, at + sub.length)) found++;
  return found;
}

const blanks = '\\t\\n\\v\\f\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const blank = new RegExp(`[${blanks}]`);
const blankRun = new RegExp(`[${blanks}]+`, 'g');

export function isBlank(character: string): boolean {
  return blank.test(character);
}

/** `strip`, `lstrip`, `rstrip`: without the characters of `chars` (null: white space) at the named ends. */
export function strip(text: string, chars: string | null, side: 'both' | 'left' | 'right' = 'both'): string {
  const set = chars === null ? null : new Set(Array.from(chars));
  const goes = (character: string): boolean => (set === null ? isBlank(character) : set.has(character));
  const characters = points(text);
  let from = 0;
  let to = characters.length;
  if (side !== 'right') while (from < to && goes(characters[from] as string)) from++;
  if (side !== 'left') while (to > from && goes(characters[to - 1] as string)) to--;
  if (from === 0 && to === characters.length) return text;
  return typeof characters === 'string' ? characters.slice(from, to) : characters.slice(from, to).join('');
}

/** `text.split(separator, max)`; null splits at runs of white space; `max` below 0 means all. */
export function split(text: string, separator: string | null, max = -1): string[] {
  grow(text.length);
  if (separator === '') stop('ValueError', 'empty separator');
  if (separator === null) {
    const pieces: string[] = [];
    let rest = strip(text, null, 'left');
    while (rest !== '') {
      if (max >= 0 && pieces.length >= max) {
        pieces.push(rest);
        break;
      }
      if (max < 0) return strip(rest, null, 'right').split(blankRun);
      const at = rest.search(blank);
      if (at < 0) {
        pieces.push(rest);
        break;
      }
      spend();
      pieces.push(rest.slice(0, at));
      rest = strip(rest.slice(at), null, 'left');
    }
    return pieces;
  }
  const all = text.split(separator);
  if (max < 0 || all.length <= max + 1) return all;
  return [...all.slice(0, max), all.slice(max).join(separator)];
}

/** `text.rsplit(separator, max)`. */
export function splitRight(text: string, separator: string | null, max = -1): string[] {
  if (max < 0) return split(text, separator);
  grow(text.length);
  if (separator === '') stop('ValueError', 'empty separator');
  if (separator === null) {
    const pieces: string[] = [];
    let rest = strip(text, null, 'right');
    while (rest !== '') {
      const at = pieces.length >= max ? -1 : lastBlank(rest);
      if (at < 0) {
        pieces.unshift(rest);
        break;
      }
      pieces.unshift(rest.slice(at + 1));
      rest = strip(rest.slice(0, at), null, 'right');
    }
    return pieces;
  }
  const all = text.split(separator);
  if (all.length <= max + 1) return all;
  const cut = all.length - max;
  return [all.slice(0, cut).join(separator), ...all.slice(cut)];
}

function lastBlank(text: string): number {
  spend(1 + (text.length >> 4));
  for (let at = text.length - 1; at >= 0; at--) if (isBlank(text[at] as string)) return at;
  return -1;
}

/** `text.replace(old, new, max)`; `max` below 0 means all. */
export function replace(text: string, old: string, fresh: string, max = -1): string {
  const length = lengthOf(text);
  const times = old === '' ? length + 1 : Math.floor(text.length / old.length);
  if (fresh.length > old.length) grow((max < 0 ? times : Math.min(times, max)) * fresh.length);
  grow(text.length);
  if (max === 0) return text;
  if (max < 0)
    return old === ''
      ? [fresh, ...Array.from(text).map((character) => character + fresh)].join('')
      : text.split(old).join(fresh);
  if (old === '') {
    const characters = Array.from(text);
    let out = '';
    for (let at = 0; at <= characters.length; at++) out += (at < max ? fresh : '') + (characters[at] ?? '');
    return out;
  }
  const pieces = text.split(old);
  const head = pieces.slice(0, max + 1).join(fresh);
  return pieces.length > max + 1 ? [head, ...pieces.slice(max + 1)].join(old) : head;
}

/** `text * times`. */
export function repeat(text: string, times: number): string {
  if (times <= 0 || text === '') return '';
  grow(text.length * times);
  return text.repeat(times);
}

const lineEnds = '\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029';
const lineEnd = new RegExp(`(\\r\\n|[${lineEnds}])`);

/** `text.splitlines(keepends)`. */
export function lines(text: string, keepEnds = false): string[] {
  grow(text.length);
  const pieces = text.split(lineEnd);
  const out: string[] = [];
  for (let at = 0; at < pieces.length; at += 2) {
    const end = pieces[at + 1];
    if (end === undefined && pieces[at] === '') break;
    out.push(keepEnds ? `${pieces[at]}${end ?? ''}` : (pieces[at] as string));
  }
  return out;
}

/** `text.capitalize()`. */
export function capitalize(text: string): string {
  const [first = '', ...rest] = Array.from(text);
  return titleCase(first) + rest.join('').toLowerCase();
}

/** `text.title()`: each run of letters begins with a capital. */
export function title(text: string): string {
  grow(text.length);
  let afterLetter = false;
  let out = '';
  for (const character of text) {
    const isLetter = /[\p{Lu}\p{Ll}\p{Lt}]/u.test(character);
    out += isLetter ? (afterLetter ? character.toLowerCase() : titleCase(character)) : character;
    afterLetter = isLetter;
  }
  return out;
}

function titleCase(character: string): string {
  const upper = character.toUpperCase();
  return upper.length > character.length && upper.length === 2
    ? (upper[0] as string) + (upper[1] as string).toLowerCase()
    : upper;
}

/** `text.swapcase()`. */
export function swapCase(text: string): string {
  return Array.from(text, (character) => {
    const lower = character.toLowerCase();
    return lower === character ? character.toUpperCase() : lower;
  }).join('');
}

/** `center`, `ljust`, `rjust`. */
export function align(text: string, width: number, fill: string, to: 'left' | 'right' | 'center'): string {
  const missing = width - lengthOf(text);
  if (missing <= 0) return text;
  grow(width);
  const left = to === 'left' ? 0 : to === 'right' ? missing : Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

/** `text.zfill(width)`. */
export function zeroFill(text: string, width: number): string {
  const missing = width - lengthOf(text);
  if (missing <= 0) return text;
  grow(width);
  const sign = text.startsWith('-') || text.startsWith('+') ? (text[0] as string) : '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

/** `text.expandtabs(size)`. */
export function expandTabs(text: string, size: number): string {
  let column = 0;
  let out = '';
  for (const character of text) {
    if (character === '\t') {
      const width = size > 0 ? size - (column % size) : 0;
      grow(width);
      out += ' '.repeat(width);
      column += width;
    } else {
      out += character;
      column = character === '\n' || character === '\r' ? 0 : column + 1;
    }
  }
  return out;
}

export { unitAt };
