/** Python's `json.loads` and `json.dumps`: ints of any size, floats that stay floats, `NaN` and `Infinity`. */

import { enter, grow, leave, spend } from '../budget.ts';
import { Failure, stop } from '../failure.ts';
import { checkedInt } from './arithmetic.ts';
import { type Dialect, Dict, entriesOf, isMapping, sizeOf } from './dict.ts';
import { floatText } from './text.ts';
import { elements, Float, float, isFloat, isSequence, numberOf, OtherSequence, type Value } from './values.ts';

const blank = /[ \t\n\r]*/y;
const numberPattern = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const words: readonly (readonly [string, Value])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
];

/** Reads JSON text. Lists become Python lists in either dialect. @throws Failure `JSONDecodeError` */
export function parseJson(text: string, dialect: Dialect): Value {
  grow(text.length);
  let at = 0;
  const refuse = (message: string, where = at): never => {
    throw new Failure('JSONDecodeError', `${message}: char ${where}`);
  };
  const skip = (): void => {
    blank.lastIndex = at;
    at += blank.exec(text)?.[0].length ?? 0;
  };
  const readText = (): string => {
    const start = at++;
    let out = '';
    for (;;) {
      const character = text[at];
      if (character === undefined) return refuse('Unterminated string starting at', start);
      at++;
      if (character === '"') return out;
      if (character < ' ') return refuse('Invalid control character at', at - 1);
      if (character !== '\\') {
        out += character;
        continue;
      }
      const escaped = text[at++];
      if (escaped === 'u') {
        const hex = text.slice(at, at + 4);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) return refuse('Invalid \\uXXXX escape', at - 1);
        out += String.fromCharCode(Number.parseInt(hex, 16));
        at += 4;
      } else {
        const plain = escaped === undefined ? undefined : escapes.get(escaped);
        if (plain === undefined) return refuse('Invalid \\escape', at - 1);
        out += plain;
      }
    }
  };
  const read = (): Value => {
    spend();
    skip();
    const character = text[at];
    if (character === '"') return readText();
    if (character === '[') {
      enter();
      const items: Value[] = [];
      at++;
      skip();
      if (text[at] === ']') at++;
      else {
        for (;;) {
          items.push(read());
          skip();
          const next = text[at++];
          if (next === ']') break;
          if (next !== ',') refuse("Expecting ',' delimiter", at - 1);
        }
      }
      leave();
      return dialect === 'yaql' ? new OtherSequence(items) : items;
    }
    if (character === '{') {
      enter();
      const map = new Dict(dialect);
      at++;
      skip();
      if (text[at] === '}') at++;
      else {
        for (;;) {
          skip();
          if (text[at] !== '"') refuse('Expecting property name enclosed in double quotes');
          const key = readText();
          skip();
          if (text[at] !== ':') refuse("Expecting ':' delimiter");
          at++;
          map.set(key, read());
          skip();
          const next = text[at++];
          if (next === '}') break;
          if (next !== ',') refuse("Expecting ',' delimiter", at - 1);
        }
      }
      leave();
      return map;
    }
    numberPattern.lastIndex = at;
    const number = numberPattern.exec(text);
    if (number) {
      at += number[0].length;
      if (number[1] === undefined && number[2] === undefined) {
        if (number[0].length > 1200) stop('limit_exceeded', 'An integer of more than 4096 bits.');
        return number[0].length < 15 ? Number(number[0]) + 0 : checkedInt(BigInt(number[0]));
      }
      return float(Number(number[0]));
    }
    for (const [word, value] of words) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return value;
      }
    }
    return refuse('Expecting value');
  };
  const value = read();
  skip();
  if (at < text.length) refuse('Extra data');
  return value;
}

const escapes = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

export interface JsonStyle {
  readonly indent: string | null;
  readonly sortKeys: boolean;
  readonly separators: readonly [string, string];
}

/** Writes JSON as `json.dumps` does, in ASCII. @throws Failure `TypeError` for what JSON cannot say. */
export function writeJson(value: Value, style: JsonStyle): string {
  const write = (part: Value, margin: string): string => {
    spend();
    if (part === null) return 'null';
    if (typeof part === 'boolean') return part ? 'true' : 'false';
    if (typeof part === 'string') return made(jsonText(part));
    if (typeof part === 'bigint') return String(part);
    if (isFloat(part)) return jsonFloat(numberOf(part));
    if (typeof part === 'number') return String(part);
    if (typeof part === 'object' && 'markup' in part && typeof part.markup === 'string')
      return made(jsonText(part.markup));
    const inner = style.indent === null ? '' : `${margin}${style.indent}`;
    const [comma, colon] = style.separators;
    const wrap = (open: string, parts: readonly string[], close: string): string => {
      if (parts.length === 0) return open + close;
      return made(
        style.indent === null
          ? open + parts.join(comma) + close
          : `${open}\n${inner}${parts.join(`${comma}\n${inner}`)}\n${margin}${close}`,
      );
    };
    if (isSequence(part)) {
      enter();
      const parts = elements(part).map((item) => write(item, inner));
      leave();
      return wrap('[', parts, ']');
    }
    if (isMapping(part)) {
      enter();
      const pairs = [...entriesOf(part)].map(([key, item]): [string, Value] => [keyText(key), item]);
      if (style.sortKeys) pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      const parts = pairs.map(([key, item]) => `${jsonText(key)}${colon}${write(item, inner)}`);
      leave();
      return wrap('{', parts, '}');
    }
    return stop('TypeError', 'Object is not JSON serializable');
  };
  return write(value, '');
}

function made(text: string): string {
  grow(text.length);
  return text;
}

function keyText(key: Value): string {
  if (typeof key === 'string') return key;
  if (key === null) return 'null';
  if (typeof key === 'boolean') return key ? 'true' : 'false';
  if (key instanceof Float || isFloat(key)) return jsonFloat(numberOf(key));
  if (typeof key === 'number' || typeof key === 'bigint') return String(key);
  return stop('TypeError', 'keys must be str, int, float, bool or None');
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatText(value);
}

function jsonText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export { sizeOf };
