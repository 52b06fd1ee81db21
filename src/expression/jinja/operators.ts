/** Python's operators as Jinja uses them; every use of something undefined is an error. */

import { grow, spend } from '../budget.ts';
import { stop } from '../failure.ts';
import {
  add,
  divide,
  floorDivide,
  isNumeric,
  modulo,
  multiply,
  type Numeric,
  negate,
  power,
  subtract,
} from '../python/arithmetic.ts';
import { DictView, isMapping, lookUp, PySet } from '../python/dict.ts';
import { formatPercent } from '../python/format.ts';
import { compare, hasMember, isEqual, isSame, isSetLike } from '../python/order.ts';
import { repeat } from '../python/strings.ts';
import { elements, indexOf, isInt, isSequence, Lazy, Opaque, OtherSequence, type Value } from '../python/values.ts';
import { defined, escapeHtml, Markup, plainText, Range } from './objects.ts';

/** Python's name for a value's type, in messages. */
export function kindOf(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (isInt(value)) return 'int';
  if (typeof value === 'number') return 'float';
  if (Array.isArray(value)) return 'list';
  if (value instanceof OtherSequence) return 'tuple';
  return value instanceof Opaque ? value.type : 'dict';
}

export function binary(operator: string, left: Value, right: Value): Value {
  const a = defined(left);
  const b = defined(right);
  if (isNumeric(a) && isNumeric(b)) return arithmetic(operator, a, b);
  if (operator === '+') return plus(a, b);
  if (operator === '*') {
    if (isInt(b) || typeof b === 'boolean') return times(a, indexOf(b));
    if (isInt(a) || typeof a === 'boolean') return times(b, indexOf(a));
  }
  if (operator === '%') {
    if (typeof a === 'string') return formatPercent(a, b);
    if (a instanceof Markup) return new Markup(formatPercent(a.markup, b));
  }
  if (operator === '-' && isSetLike(a) && isSetLike(b))
    return new PySet(
      'jinja',
      [...a].filter((member) => !hasMember(b, member, 'jinja')),
      'set',
    );
  return unsupported(operator, a, b);
}

function unsupported(operator: string, a: Value, b: Value): never {
  const hint = operator === '+' && (typeof a === 'string') !== (typeof b === 'string') ? '; join text with ~' : '';
  return stop('TypeError', `unsupported operand type(s) for ${operator}: '${kindOf(a)}' and '${kindOf(b)}'${hint}`);
}

function arithmetic(operator: string, a: Numeric, b: Numeric): Value {
  switch (operator) {
    case '+':
      return add(a, b);
    case '-':
      return subtract(a, b);
    case '*':
      return multiply(a, b);
    case '/':
      return divide(a, b);
    case '//':
      return floorDivide(a, b);
    case '%':
      return modulo(a, b);
    default:
      return power(a, b);
  }
}

export function plus(a: Value, b: Value): Value {
  if (a instanceof Markup || b instanceof Markup) {
    if (plainText(a) === undefined || plainText(b) === undefined) return unsupported('+', a, b);
    return new Markup(made(escapeHtml(a).markup, escapeHtml(b).markup));
  }
  if (typeof a === 'string' && typeof b === 'string') return made(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    grow(a.length + b.length);
    return [...a, ...b];
  }
  if (a instanceof OtherSequence && b instanceof OtherSequence) {
    grow(a.items.length + b.items.length);
    return new OtherSequence([...a.items, ...b.items]);
  }
  return isNumeric(a) && isNumeric(b) ? add(a, b) : unsupported('+', a, b);
}

function made(a: string, b: string): string {
  grow(a.length + b.length);
  return a + b;
}

function times(value: Value, count: number): Value {
  if (typeof value === 'string') return repeat(value, count);
  if (value instanceof Markup) return new Markup(repeat(value.markup, count));
  if (!isSequence(value)) return unsupported('*', value, count);
  const items = elements(value);
  grow(items.length * Math.max(0, count));
  const out: Value[] = [];
  for (let turn = 0; turn < count; turn++) for (const item of items) out.push(item);
  return value instanceof OtherSequence ? new OtherSequence(out) : out;
}

export function unary(operator: '-' | '+', operand: Value): Value {
  const value = defined(operand);
  if (!isNumeric(value)) return stop('TypeError', `bad operand type for unary ${operator}: '${kindOf(value)}'`);
  return operator === '-' ? negate(value) : typeof value === 'boolean' ? Number(value) : value;
}

export function compareBy(operator: string, left: Value, right: Value): boolean {
  switch (operator) {
    case '==':
      return isEqual(defined(left), defined(right), 'jinja');
    case '!=':
      return !isEqual(defined(left), defined(right), 'jinja');
    case 'in':
      return contains(defined(right), left);
    case 'not in':
      return !contains(defined(right), left);
    default:
      return orders(operator, defined(left), defined(right));
  }
}

function orders(operator: string, a: Value, b: Value): boolean {
  const order = compare(a, b, 'jinja');
  if (order === undefined) {
    return stop('TypeError', `'${operator}' not supported between instances of '${kindOf(a)}' and '${kindOf(b)}'`);
  }
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

/** Whether `left` stands before `right` in a sort. @throws Failure `TypeError` where they have no order. */
export function isLess(left: Value, right: Value): boolean {
  return orders('<', defined(left), defined(right));
}

export function contains(collection: Value, sought: Value): boolean {
  const text = plainText(collection);
  if (text !== undefined) {
    const part = plainText(defined(sought));
    return part === undefined
      ? stop('TypeError', `'in <string>' requires string as left operand, not ${kindOf(sought)}`)
      : text.includes(part);
  }
  if (isMapping(collection)) return lookUp(collection, bareKey(defined(sought)), 'jinja') !== undefined;
  if (isSetLike(collection)) return hasMember(collection, bareKey(defined(sought)), 'jinja');
  if (!isIterableValue(collection))
    return stop('TypeError', `argument of type '${kindOf(collection)}' is not iterable`);
  for (const item of iterate(collection)) {
    spend();
    if (isSame(defined(item), defined(sought), 'jinja')) return true;
  }
  return false;
}

/** A key of a map: safe text is found as text. */
export function bareKey(key: Value): Value {
  return key instanceof Markup ? key.markup : key;
}

export function isIterableValue(value: Value): boolean {
  return (
    typeof value === 'string' ||
    value instanceof Markup ||
    isSequence(value) ||
    isMapping(value) ||
    value instanceof Lazy ||
    value instanceof PySet ||
    value instanceof DictView ||
    value instanceof Range
  );
}

/** The elements of whatever Python can iterate. @throws Failure `TypeError` or `UndefinedError` for the rest. */
export function iterate(given: Value): Iterable<Value> {
  const value = defined(given);
  const text = plainText(value);
  if (text !== undefined) {
    grow(text.length);
    return Array.from(text);
  }
  if (isSequence(value)) return elements(value);
  if (isMapping(value)) return new DictView('keys', value, (key) => key);
  if (value instanceof Lazy || value instanceof PySet || value instanceof DictView || value instanceof Range)
    return value;
  return stop('TypeError', `'${kindOf(value)}' object is not iterable`);
}

/** All elements, paid for. */
export function listOf(value: Value): Value[] {
  const out: Value[] = [];
  for (const item of iterate(value)) {
    spend();
    grow(1);
    out.push(item);
  }
  return out;
}
