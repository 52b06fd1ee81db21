/** Python's two ways to format text: `'%5.2f' % x` and `'{:>5}'.format(x)`. */

import { grow } from '../budget.ts';
import { stop } from '../failure.ts';
import { exactDecimal, isNumeric, toInt } from './arithmetic.ts';
import { isMapping, lookUpOr } from './dict.ts';
import { align, lengthOf, slicePoints } from './strings.ts';
import { floatText, reprOf, textOf } from './text.ts';
import { bigOf, type Float, isFloat, isInt, isSequence, numberOf, OtherSequence, type Value } from './values.ts';

const widthMax = 100_000;

function sized(text: string | undefined): number {
  const width = Number(text ?? 0);
  return width > widthMax ? stop('limit_exceeded', `A field of more than ${widthMax} characters.`) : width;
}

/** `text % given`. */
export function formatPercent(text: string, given: Value): string {
  const isTuple = given instanceof OtherSequence;
  const values: readonly Value[] = isTuple ? given.items : [given];
  let next = 0;
  let usedMap = false;
  const take = (): Value =>
    next < values.length ? (values[next++] as Value) : stop('TypeError', 'not enough arguments for format string');
  const out = text.replace(
    /%(?:\(([^)]*)\))?([-#0 +]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?([\s\S]?)/g,
    (
      _,
      key: string | undefined,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      kind: string,
    ) => {
      if (kind === '%' && key === undefined) return '%';
      if (kind === '') return stop('ValueError', 'incomplete format');
      const wide = width === '*' ? Number(take()) : sized(width);
      const exact = precision === undefined ? null : precision === '*' ? Number(take()) : sized(precision);
      let value: Value;
      if (key === undefined) value = take();
      else {
        if (!isMapping(given)) return stop('TypeError', 'format requires a mapping');
        usedMap = true;
        value = lookUpOr(given, key, 'jinja', () => stop('KeyError', `'${key}'`));
      }
      const piece = percentField(kind, value, flags, exact);
      grow(piece.length + wide);
      if (lengthOf(piece) >= wide) return piece;
      if (flags.includes('-')) return align(piece, wide, ' ', 'left');
      if (flags.includes('0') && !'sra'.includes(kind)) return zeroPadded(piece, wide);
      return align(piece, wide, ' ', 'right');
    },
  );
  if (!usedMap && next < values.length && !(isMapping(given) || (isSequence(given) && !isTuple))) {
    stop('TypeError', 'not all arguments converted during string formatting');
  }
  return out;
}

function zeroPadded(piece: string, width: number): string {
  const sign = /^[-+ ]?(?:0[xXoObB])?/.exec(piece)?.[0] ?? '';
  return sign + piece.slice(sign.length).padStart(width - sign.length, '0');
}

function percentField(kind: string, value: Value, flags: string, precision: number | null): string {
  const signed = (isNegative: boolean, digits: string): string =>
    (isNegative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '') + digits;
  switch (kind) {
    case 's':
      return cut(textOf(value, 'jinja'), precision);
    case 'r':
    case 'a':
      return cut(reprOf(value, 'jinja'), precision);
    case 'c':
      return typeof value === 'string' && lengthOf(value) === 1
        ? value
        : isInt(value)
          ? String.fromCodePoint(Number(value))
          : stop('TypeError', '%c requires int or char');
    case 'd':
    case 'i':
    case 'u': {
      if (!isNumeric(value))
        return stop(
          'TypeError',
          `%${kind} format: a real number is required, not ${typeof value === 'string' ? 'str' : 'another type'}`,
        );
      const whole = bigOf(toInt(value) as number);
      return signed(whole < 0n, String(whole < 0n ? -whole : whole).padStart(precision ?? 0, '0'));
    }
    case 'x':
    case 'X':
    case 'o': {
      if (!isInt(value) && typeof value !== 'boolean')
        return stop('TypeError', `%${kind} format: an integer is required`);
      const whole = bigOf(value);
      const digits = (whole < 0n ? -whole : whole).toString(kind === 'o' ? 8 : 16).padStart(precision ?? 0, '0');
      const prefix = flags.includes('#') ? `0${kind}` : '';
      return signed(whole < 0n, prefix + (kind === 'X' ? digits.toUpperCase() : digits));
    }
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': {
      if (!isNumeric(value)) return stop('TypeError', 'must be real number, not str');
      const number = numberOf(value);
      const isNegative = number < 0 || Object.is(number, -0);
      return signed(isNegative, floatField(Math.abs(number), kind, precision ?? 6, flags.includes('#')));
    }
    default:
      return stop('ValueError', `unsupported format character '${kind}'`);
  }
}

function cut(text: string, precision: number | null): string {
  return precision === null ? text : slicePoints(text, 0, precision);
}

/** A non-negative float in one of the formats e, f, g, %. */
function floatField(number: number, kind: string, precision: number, keepsZeros = false): string {
  const upper = kind === 'E' || kind === 'F' || kind === 'G';
  const done = (text: string): string => (upper ? text.toUpperCase() : text);
  if (!Number.isFinite(number)) return done(Number.isNaN(number) ? 'nan' : 'inf');
  const lower = kind.toLowerCase();
  if (lower === 'f') return exactDecimal(number, precision);
  if (lower === 'e') return done(exponential(number, precision));
  const digits = Math.max(1, precision);
  const [, power = '0'] = exponential(number, digits - 1).split('e');
  const exponent = Number(power);
  const strip = (text: string): string => (keepsZeros || !text.includes('.') ? text : text.replace(/\.?0+$/, ''));
  if (exponent < -4 || exponent >= digits) {
    const [mantissa = ''] = exponential(number, digits - 1).split('e');
    return done(`${strip(mantissa)}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`);
  }
  return strip(exactDecimal(number, Math.max(0, digits - 1 - exponent)));
}

function exponential(number: number, precision: number): string {
  const [mantissa = '', power = '0'] = number.toExponential(Math.min(100, precision)).split('e');
  const exponent = Number(power);
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** How `str.format` finds the parts of a field name such as `0.name[key]`. */
export interface FormatAccess {
  attribute(value: Value, name: string): Value;
  item(value: Value, key: Value): Value;
}

/** `text.format(*values, **named)`. */
export function formatBraces(
  text: string,
  values: readonly Value[],
  named: (name: string) => Value | undefined,
  access: FormatAccess,
  level = 0,
): string {
  if (level > 1) return stop('ValueError', 'Max string recursion exceeded');
  let next = 0;
  let out = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character !== '{' && character !== '}') {
      out += character;
      continue;
    }
    if (text[at + 1] === character) {
      out += character;
      at++;
      continue;
    }
    if (character === '}') return stop('ValueError', "Single '}' encountered in format string");
    let depth = 1;
    let end = at + 1;
    while (end < text.length && depth > 0) {
      if (text[end] === '{') depth++;
      if (text[end] === '}') depth--;
      end++;
    }
    if (depth > 0) return stop('ValueError', "expected '}' before end of string");
    const match = /^([^!:]*)(?:!([\s\S]))?(?::([\s\S]*))?$/.exec(text.slice(at + 1, end - 1));
    if (match === null) return stop('ValueError', 'the format field cannot be read');
    const [, name = '', conversion, spec = ''] = match;
    const value = fieldOf(name, () => next++, values, named, access);
    const shown: Value =
      conversion === 'r' || conversion === 'a'
        ? reprOf(value, 'jinja')
        : conversion === 's'
          ? textOf(value, 'jinja')
          : value;
    if (conversion !== undefined && !'rsa'.includes(conversion))
      return stop('ValueError', `Unknown conversion specifier ${conversion}`);
    const piece = formatSpec(
      shown,
      spec.includes('{')
        ? formatBraces(spec, values, (key) => (key === '' ? values[next++] : named(key)), access, level + 1)
        : spec,
    );
    grow(piece.length);
    out += piece;
    at = end - 1;
  }
  return out;
}

function fieldOf(
  name: string,
  next: () => number,
  values: readonly Value[],
  named: (name: string) => Value | undefined,
  access: FormatAccess,
): Value {
  const [first = ''] = /^[^.[]*/.exec(name) ?? [];
  const index = first === '' ? next() : /^\d+$/.test(first) ? Number(first) : undefined;
  const found = index === undefined ? named(first) : values[index];
  if (found === undefined) {
    return index === undefined
      ? stop('KeyError', `'${first}'`)
      : stop('IndexError', 'Replacement index out of range for positional args tuple');
  }
  let value: Value = found;
  for (const part of name.slice(first.length).matchAll(/\.([^.[]+)|\[([^\]]+)\]/g)) {
    const [, attribute, key] = part;
    value =
      attribute !== undefined
        ? access.attribute(value, attribute)
        : access.item(value, /^\d+$/.test(key as string) ? Number(key) : (key as string));
  }
  return value;
}

/** `format(value, spec)`. */
export function formatSpec(value: Value, spec: string): string {
  if (spec === '') return textOf(value, 'jinja');
  const match = /^(?:([\s\S])?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u.exec(spec);
  if (match === null) return stop('ValueError', `Invalid format specifier '${spec}'`);
  const [, fill, side, sign, , alternate, zero, width, group, precision, kind] = match;
  const isText = typeof value === 'string' || (typeof value === 'object' && value !== null && 'markup' in value);
  if (!isText && !isNumeric(value)) return stop('TypeError', 'unsupported format string passed to __format__');
  let body: string;
  let isNegative = false;
  if (isText) {
    if (kind !== undefined && kind !== 's')
      return stop('ValueError', `Unknown format code '${kind}' for object of type 'str'`);
    if (group !== undefined) return stop('ValueError', `Cannot specify '${group}' with 's'.`);
    if (sign !== undefined) return stop('ValueError', 'Sign not allowed in string format specifier');
    if (side === '=') return stop('ValueError', "'=' alignment not allowed in string format specifier");
    body = cut(textOf(value, 'jinja'), precision === undefined ? null : sized(precision));
  } else {
    [isNegative, body] = numberBody(value as number, kind, precision, alternate !== undefined, group);
  }
  const signText = isText ? '' : isNegative ? '-' : sign === '+' || sign === ' ' ? sign : '';
  const wide = sized(width);
  const padding = fill ?? (zero !== undefined ? '0' : ' ');
  const to = side ?? (zero !== undefined && !isText ? '=' : isText ? '<' : '>');
  if (to === '=') return signText + align(body, wide - signText.length, padding, 'right');
  const whole = signText + body;
  if (to === '^') {
    const missing = Math.max(0, wide - lengthOf(whole));
    return padding.repeat(Math.floor(missing / 2)) + whole + padding.repeat(missing - Math.floor(missing / 2));
  }
  return align(whole, wide, padding, to === '<' ? 'left' : 'right');
}

function numberBody(
  value: number | bigint | Float | boolean,
  kind: string | undefined,
  precision: string | undefined,
  alternate: boolean,
  group: string | undefined,
): [boolean, string] {
  const grouped = (digits: string, size = 3): string => {
    if (group === undefined) return digits;
    const [head = '', tail] = digits.split('.');
    const parts = head.replace(new RegExp(`\\B(?=(?:[0-9a-fA-F]{${size}})+$)`, 'g'), group);
    return tail === undefined ? parts : `${parts}.${tail}`;
  };
  const isWhole = isInt(value) || typeof value === 'boolean';
  if (isWhole && (kind === undefined || 'dbcoxXn'.includes(kind))) {
    if (precision !== undefined) return stop('ValueError', 'Precision not allowed in integer format specifier');
    const whole = bigOf(value as number);
    const size = whole < 0n ? -whole : whole;
    if (kind === 'c') return [false, String.fromCodePoint(Number(size))];
    const radix = kind === 'b' ? 2 : kind === 'o' ? 8 : kind === 'x' || kind === 'X' ? 16 : 10;
    const digits = grouped(kind === 'X' ? size.toString(16).toUpperCase() : size.toString(radix), radix === 10 ? 3 : 4);
    return [whole < 0n, alternate && radix !== 10 ? `0${kind}${digits}` : digits];
  }
  const number = numberOf(value);
  const size = Math.abs(number);
  const isNegative = number < 0 || Object.is(number, -0);
  const exact = precision === undefined ? 6 : sized(precision);
  if (kind === '%') return [isNegative, `${grouped(floatField(size * 100, 'f', exact))}%`];
  if (kind === undefined) {
    if (precision === undefined) return [isNegative, grouped(floatText(size))];
    const text = floatField(size, 'g', exact);
    return [isNegative, grouped(/[.en]/.test(text) ? text : `${text}.0`)];
  }
  if (!'eEfFgGn'.includes(kind))
    return stop('ValueError', `Unknown format code '${kind}' for object of type '${isFloat(value) ? 'float' : 'int'}'`);
  return [isNegative, grouped(floatField(size, kind === 'n' ? 'g' : kind, exact, alternate))];
}
