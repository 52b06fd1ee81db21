/** YAQL's functions on text. */

import { grow, spend } from '../../budget.ts';
import { stop } from '../../failure.ts';
import { entriesOf } from '../../python/dict.ts';
import { compareText } from '../../python/order.ts';
import {
  bounds,
  charactersOf,
  find,
  lengthOf,
  repeat,
  replace,
  slicePoints,
  split,
  splitRight,
  strip,
} from '../../python/strings.ts';
import { textOf } from '../../python/text.ts';
import { bigOf, Float, OtherSequence, type Value } from '../../python/values.ts';
import { type FunctionSpec, specOf } from '../signature.ts';

/** YAQL's `str`: as Python's, but `null`, `true` and `false` in YAQL's own words. */
export function stringOf(value: Value): string {
  if (value === null) return 'null';
  if (value === true) return 'true';
  if (value === false) return 'false';
  return textOf(value, 'yaql');
}

function joined(items: Iterable<Value>, separator: string): string {
  const parts: string[] = [];
  for (const item of items) {
    spend();
    const part = stringOf(item);
    grow(part.length + separator.length);
    parts.push(part);
  }
  return parts.join(separator);
}

function findWithin(text: string, sub: string, start: number, length: number, last: boolean): number {
  const from = start < 0 ? start + lengthOf(text) : start;
  const count = length < 0 ? lengthOf(text) - from : length;
  return find(text, sub, from, from + count, last);
}

function substring(text: string, start: number, length: number): string {
  const size = lengthOf(text);
  const count = length < 0 ? size : length;
  const from = start < 0 ? start + size : start;
  const [first, last] = bounds(from, from + count, size);
  return slicePoints(text, first, Math.max(first, last));
}

const classes: readonly (readonly [string, string])[] = [
  ['digits', '0123456789'],
  ['hexdigits', '0123456789abcdefABCDEF'],
  ['asciiLowercase', 'abcdefghijklmnopqrstuvwxyz'],
  ['asciiUppercase', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  ['asciiLetters', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  ['letters', ''],
  ['octdigits', '01234567'],
  ['punctuation', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'],
  [
    'printable',
    '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\r\x0b\x0c',
  ],
  ['lowercase', ''],
  ['uppercase', ''],
  ['whitespace', ' \t\n\r\x0b\x0c'],
];

export const strings: readonly FunctionSpec[] = [
  specOf('function', '#operator_>(left: string, right: string)', (a) => compareText(a.text(0), a.text(1)) > 0),
  specOf('function', '#operator_<(left: string, right: string)', (a) => compareText(a.text(0), a.text(1)) < 0),
  specOf('function', '#operator_>=(left: string, right: string)', (a) => compareText(a.text(0), a.text(1)) >= 0),
  specOf('function', '#operator_<=(left: string, right: string)', (a) => compareText(a.text(0), a.text(1)) <= 0),
  specOf('function', '#operator_+(*args: string)', (a) => joined(a.rest, '')),
  specOf('function', 'concat(*args: string)', (a) => joined(a.rest, '')),
  specOf('function', '#operator_*(left: string, right: int)', (a) => repeat(a.text(0), a.int(1))),
  specOf('function', '#operator_*(left: int, right: string)', (a) => repeat(a.text(1), a.int(0))),
  specOf('function', '#operator_in(left: string, right: string)', (a) => a.text(1).includes(a.text(0))),
  specOf('method', 'toUpper(string: string)', (a) => a.text(0).toUpperCase()),
  specOf('method', 'toLower(string: string)', (a) => a.text(0).toLowerCase()),
  specOf('both', 'len(string: string)', (a) => lengthOf(a.text(0))),
  specOf(
    'method',
    'split(string: string, separator: string? = null, maxSplits: int = -1)',
    (a) => new OtherSequence(split(a.text(0), a.textOrNull(1), a.int(2))),
  ),
  specOf(
    'method',
    'rightSplit(string: string, separator: string? = null, maxSplits: int = -1)',
    (a) => new OtherSequence(splitRight(a.text(0), a.textOrNull(1), a.int(2))),
  ),
  specOf('method', 'join(sequence: iterable, separator: string)', (a) => joined(a.items(0), a.text(1))),
  specOf('method', 'join(separator: string, sequence: iterable)', (a) => joined(a.items(1), a.text(0))),
  specOf('function', 'str(value: any)', (a) => stringOf(a.value(0))),
  specOf('method', 'trim(string: string, chars: string? = null)', (a) => strip(a.text(0), a.textOrNull(1))),
  specOf('method', 'trimLeft(string: string, chars: string? = null)', (a) => strip(a.text(0), a.textOrNull(1), 'left')),
  specOf('method', 'trimRight(string: string, chars: string? = null)', (a) =>
    strip(a.text(0), a.textOrNull(1), 'right'),
  ),
  specOf('both', 'norm(string: string?, chars: string? = null)', (a) => {
    const text = a.textOrNull(0);
    return text === null ? null : strip(text, a.textOrNull(1)) || null;
  }),
  specOf('both', 'isEmpty(string: string?, trim: bool = true, chars: string? = null)', (a) => {
    const text = a.textOrNull(0);
    return text === null || (a.bool(1) ? strip(text, a.textOrNull(2)) : text) === '';
  }),
  specOf('method', 'replace(string: string, old: string, new: string, count: int = -1)', (a) =>
    replace(a.text(0), a.text(1), a.text(2), a.int(3)),
  ),
  specOf('method', 'replace(string: string, replacements: dict, count: int = -1)', (a) => {
    let text = a.text(0);
    for (const [key, value] of entriesOf(a.map(1))) text = replace(text, stringOf(key), stringOf(value), a.int(2));
    return text;
  }),
  specOf('method', 'substring(string: string, start: int, length: int = -1)', (a) =>
    substring(a.text(0), a.int(1), a.int(2)),
  ),
  specOf('method', 'indexOf(string: string, sub: string, start: int = 0)', (a) =>
    find(a.text(0), a.text(1), a.int(2), null),
  ),
  specOf('method', 'indexOf(string: string, sub: string, start: int, length: int)', (a) =>
    findWithin(a.text(0), a.text(1), a.int(2), a.int(3), false),
  ),
  specOf('method', 'lastIndexOf(string: string, sub: string, start: int = 0)', (a) =>
    find(a.text(0), a.text(1), a.int(2), null, true),
  ),
  specOf('method', 'lastIndexOf(string: string, sub: string, start: int, length: int)', (a) =>
    findWithin(a.text(0), a.text(1), a.int(2), a.int(3), true),
  ),
  specOf('method', 'toCharArray(string: string)', (a) => charactersOf(a.text(0))),
  specOf('function', `characters(${classes.map(([name]) => `${name}: bool? = false`).join(', ')})`, (a) => {
    const found = new Set<string>();
    classes.forEach(([name, members], index) => {
      if (!a.bool(index)) return;
      if (members === '') stop('AttributeError', `module 'string' has no attribute '${name}'`);
      for (const member of members) found.add(member);
    });
    return [...found];
  }),
  specOf('function', 'isString(arg: any)', (a) => typeof a.value(0) === 'string'),
  specOf('method', 'startsWith(string: string, *prefixes: string)', (a) =>
    a.rest.some((prefix) => a.text(0).startsWith(prefix as string)),
  ),
  specOf('method', 'endsWith(string: string, *suffixes: string)', (a) =>
    a.rest.some((suffix) => a.text(0).endsWith(suffix as string)),
  ),
  specOf('function', 'hex(num: number?)', (a) => {
    const value = a.value(0);
    if (value === null || value instanceof Float || (typeof value === 'number' && !Number.isSafeInteger(value))) {
      return stop('TypeError', 'hex() needs an integer');
    }
    const whole = bigOf(value as number | bigint);
    return whole < 0n ? `-0x${(-whole).toString(16)}` : `0x${whole.toString(16)}`;
  }),
];
