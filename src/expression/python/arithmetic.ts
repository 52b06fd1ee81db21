/**
 * Python's arithmetic on ints and floats: ints are exact, `//` and `%` floor, a float stays a float.
 * Every function takes numbers; a bool counts as 0 or 1.
 */

import { grow } from '../budget.ts';
import { stop } from '../failure.ts';
import { floorDiv } from './moment.ts';
import { bigOf, Float, float, int, numberOf, type Value } from './values.ts';

export type Numeric = number | bigint | boolean | Float;

/** Ints beyond this many bits are refused: no workflow needs them, and their cost grows with their length. */
const bitsMax = 4096;

export function isNumeric(value: Value): value is Numeric {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' || value instanceof Float;
}

function bothInts(a: Numeric, b: Numeric): boolean {
  return isWhole(a) && isWhole(b);
}

function isWhole(value: Numeric): value is number | bigint | boolean {
  return typeof value === 'number' ? Number.isSafeInteger(value) : typeof value !== 'object';
}

function big(value: Numeric): bigint {
  return bigOf(value as number | bigint | boolean);
}

export function checkedInt(value: bigint): number | bigint {
  if (value > 0n ? value >> BigInt(bitsMax) !== 0n : -value >> BigInt(bitsMax) !== 0n) {
    stop('limit_exceeded', `An integer of more than ${bitsMax} bits.`);
  }
  return int(value);
}

export function add(a: Numeric, b: Numeric): Value {
  if (!bothInts(a, b)) return float(numberOf(a) + numberOf(b));
  const sum = Number(a) + Number(b);
  return Number.isSafeInteger(sum) ? sum : checkedInt(big(a) + big(b));
}

export function subtract(a: Numeric, b: Numeric): Value {
  if (!bothInts(a, b)) return float(numberOf(a) - numberOf(b));
  const difference = Number(a) - Number(b);
  return Number.isSafeInteger(difference) ? difference : checkedInt(big(a) - big(b));
}

export function multiply(a: Numeric, b: Numeric): Value {
  if (!bothInts(a, b)) return float(numberOf(a) * numberOf(b));
  const product = Number(a) * Number(b);
  return Number.isSafeInteger(product) ? product + 0 : checkedInt(big(a) * big(b));
}

/** Python's `/`: always a float. */
export function divide(a: Numeric, b: Numeric): Value {
  const divisor = numberOf(b);
  if (divisor === 0) stop('ZeroDivisionError', bothInts(a, b) ? 'division by zero' : 'float division by zero');
  return float(numberOf(a) / divisor);
}

/** Python's `//`. */
export function floorDivide(a: Numeric, b: Numeric): Value {
  if (bothInts(a, b)) {
    if (big(b) === 0n) stop('ZeroDivisionError', 'integer division or modulo by zero');
    return checkedInt(floorDiv(big(a), big(b)));
  }
  const divisor = numberOf(b);
  if (divisor === 0) stop('ZeroDivisionError', 'float floor division by zero');
  return float(Math.floor((numberOf(a) - floatModulo(numberOf(a), divisor)) / divisor + 0.25));
}

/** Python's `%` of numbers: the result has the divisor's sign. */
export function modulo(a: Numeric, b: Numeric): Value {
  if (bothInts(a, b)) {
    const divisor = big(b);
    if (divisor === 0n) stop('ZeroDivisionError', 'integer modulo by zero');
    return checkedInt(big(a) - floorDiv(big(a), divisor) * divisor);
  }
  const divisor = numberOf(b);
  if (divisor === 0) stop('ZeroDivisionError', 'float modulo');
  return float(floatModulo(numberOf(a), divisor));
}

function floatModulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

/** Python's `**` and `pow(a, b)`. */
export function power(a: Numeric, b: Numeric): Value {
  if (bothInts(a, b)) {
    const base = big(a);
    const exponent = big(b);
    if (exponent >= 0n) {
      const bits = base < 0n ? (-base).toString(2).length : base.toString(2).length;
      if (base !== 0n && base !== 1n && base !== -1n && exponent * BigInt(bits - 1) > BigInt(bitsMax)) {
        stop('limit_exceeded', `An integer of more than ${bitsMax} bits.`);
      }
      if (base === 0n || base === 1n) return int(exponent === 0n ? 1n : base);
      if (base === -1n) return exponent % 2n === 0n ? 1 : -1;
      return checkedInt(base ** exponent);
    }
    if (base === 0n) stop('ZeroDivisionError', '0.0 cannot be raised to a negative power');
    return float(numberOf(a) ** numberOf(b));
  }
  const base = numberOf(a);
  const exponent = numberOf(b);
  if (base === 0 && exponent < 0) stop('ZeroDivisionError', '0.0 cannot be raised to a negative power');
  if (base < 0 && !Number.isInteger(exponent) && Number.isFinite(exponent)) {
    stop('TypeError', 'a negative number to a fractional power is a complex number, which is not supported');
  }
  if (base === 1) return float(1);
  const result = base ** exponent;
  if (!Number.isFinite(result) && Number.isFinite(base) && Number.isFinite(exponent)) {
    stop('OverflowError', "(34, 'Numerical result out of range')");
  }
  return float(result);
}

/** `pow(a, b, c)` on ints. */
export function modularPower(a: Numeric, b: Numeric, c: Numeric): Value {
  if (!bothInts(a, b) || !isWhole(c)) {
    return stop('TypeError', 'pow() 3rd argument not allowed unless all arguments are integers');
  }
  const modulus = big(c);
  if (modulus === 0n) stop('ValueError', 'pow() 3rd argument cannot be 0');
  const size = modulus < 0n ? -modulus : modulus;
  let exponent = big(b);
  let base = ((big(a) % size) + size) % size;
  if (exponent < 0n) {
    base = inverse(base, size);
    exponent = -exponent;
  }
  let result = 1n % size;
  while (exponent > 0n) {
    if (exponent & 1n) result = (result * base) % size;
    base = (base * base) % size;
    exponent >>= 1n;
  }
  return int(modulus < 0n && result !== 0n ? result + modulus : result);
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [r0, r1, t0, t1] = [modulus, value, 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1, t0, t1] = [r1, r0 - quotient * r1, t1, t0 - quotient * t1];
  }
  if (r0 !== 1n) stop('ValueError', 'base is not invertible for the given modulus');
  return ((t0 % modulus) + modulus) % modulus;
}

export function negate(value: Numeric): Value {
  if (!isWhole(value)) return float(-numberOf(value));
  return int(-big(value));
}

export function absolute(value: Numeric): Value {
  if (!isWhole(value)) return float(Math.abs(numberOf(value)));
  const whole = big(value);
  return int(whole < 0n ? -whole : whole);
}

/** Python's `round(value, digits)`: half to even, on the exact binary value; an int stays an int. */
export function round(value: Numeric, digits: number): Value {
  if (isWhole(value)) {
    if (digits >= 0) return int(big(value));
    if (digits < -40) return 0;
    const unit = 10n ** BigInt(-digits);
    const half = floorDiv(big(value) * 2n + unit, unit * 2n);
    const tie = (((big(value) * 2n + unit) % (unit * 2n)) + unit * 2n) % (unit * 2n) === 0n;
    return int((tie && half % 2n !== 0n ? half - 1n : half) * unit);
  }
  return float(roundFloat(numberOf(value), digits));
}

/** Rounds by the exact decimal expansion, as Python does. */
export function roundFloat(value: number, digits: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  if (digits > 22 || digits < -310) return digits > 22 ? value : 0 * value;
  const text = exactDecimal(Math.abs(value), digits);
  return value < 0 ? -Number(text) : Number(text);
}

/** The exact value of a finite positive double rounded half-even to `digits` decimals, as text. */
export function exactDecimal(value: number, digits: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponentBits = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponentBits === 0 ? fraction : fraction | 0x10000000000000n;
  const exponent = (exponentBits === 0 ? 1 : exponentBits) - 1075;
  let numerator = mantissa;
  let denominator = 1n;
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  if (digits >= 0) numerator *= 10n ** BigInt(digits);
  else denominator *= 10n ** BigInt(-digits);
  let quotient = numerator / denominator;
  const rest = (numerator % denominator) * 2n;
  if (rest > denominator || (rest === denominator && quotient % 2n === 1n)) quotient += 1n;
  if (digits < 0) return `${quotient}${'0'.repeat(-digits)}`;
  if (digits === 0) return String(quotient);
  const digitsText = String(quotient).padStart(digits + 1, '0');
  return `${digitsText.slice(0, -digits)}.${digitsText.slice(-digits)}`;
}

/** Python's `int(value)` for a number or text. */
export function toInt(value: Value): Value {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' || value instanceof Float) {
    const number = numberOf(value);
    if (Number.isNaN(number)) stop('ValueError', 'cannot convert float NaN to integer');
    if (!Number.isFinite(number)) stop('OverflowError', 'cannot convert float infinity to integer');
    return int(BigInt(Math.trunc(number)));
  }
  if (typeof value === 'string') {
    const parsed = parseInteger(value, 10);
    if (parsed === undefined) stop('ValueError', `invalid literal for int() with base 10: '${value}'`);
    return parsed;
  }
  return stop('TypeError', 'int() argument must be text or a number');
}

/** The integer that `text` spells in `base`, as Python's `int(text, base)`; undefined where it spells none. */
export function parseInteger(text: string, base: number): number | bigint | undefined {
  const match = /^([+-]?)(?:0([xXoObB]))?([0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*)$/.exec(asciiDigits(text.trim()));
  if (!match) return undefined;
  const [, sign, prefix, body = ''] = match;
  const prefixed = prefix === undefined ? undefined : { x: 16, o: 8, b: 2 }[prefix.toLowerCase()];
  let digits = body.replaceAll('_', '').toLowerCase();
  let radix = base;
  if (prefixed !== undefined) {
    if (base === 0 || base === prefixed) radix = prefixed;
    else if (base >= 12 && (prefix === 'b' || prefix === 'B')) digits = `0${prefix.toLowerCase()}${digits}`;
    else return undefined;
  } else if (base === 0) {
    if (/^0+[1-9]/.test(digits)) return undefined;
    radix = 10;
  }
  grow(digits.length);
  if (digits.length > 1200) stop('limit_exceeded', `An integer of more than ${bitsMax} bits.`);
  let value = 0n;
  for (const digit of digits) {
    const worth = Number.parseInt(digit, 36);
    if (!(worth < radix)) return undefined;
    value = value * BigInt(radix) + BigInt(worth);
  }
  return checkedInt(sign === '-' ? -value : value);
}

/** Python's `float(value)` for a number or text. */
export function toFloat(value: Value): Value {
  if (isNumeric(value)) return float(numberOf(value));
  if (typeof value === 'string') {
    const parsed = parseReal(value);
    if (parsed === undefined) stop('ValueError', `could not convert string to float: '${value}'`);
    return float(parsed);
  }
  return stop('TypeError', 'float() argument must be text or a number');
}

/** The number that `text` spells, as Python's `float(text)`; undefined where it spells none. */
export function parseReal(text: string): number | undefined {
  const trimmed = asciiDigits(text.trim());
  const special = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(trimmed);
  if (special) return special[2] ? (special[1] === '-' ? -Infinity : Infinity) : Number.NaN;
  if (!/^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/.test(trimmed))
    return undefined;
  return Number(trimmed.replaceAll('_', ''));
}

/** Decimal digits of any script as ASCII ones. */
function asciiDigits(text: string): string {
  if (!/[^\p{ASCII}]/u.test(text)) return text;
  return text.replace(/\p{Nd}/gu, (digit) => String(decimalValue(digit)));
}

/** Digits of a script stand in runs of ten that begin at a digit zero. */
function decimalValue(digit: string): number {
  let code = digit.codePointAt(0) as number;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - 1))) {
    code--;
    value++;
  }
  return value;
}
