/**
 * `value.name` and `value[key]`, as Jinja's sandbox reads them: methods of text, lists and maps by a fixed table, keys
 * and elements by own property only. Whatever is not there is `Undefined`, never something of the host.
 */

import { stop } from '../failure.ts';
import { isMapping, lookUp } from '../python/dict.ts';
import { lengthOf, points } from '../python/strings.ts';
import { reprOf } from '../python/text.ts';
import { elements, indexOf, isInt, isSequence, Opaque, OtherSequence, type Value } from '../python/values.ts';
import { boundMethod } from './methods.ts';
import { Callable, defined, Fields, Group, Markup, plainText, Range, Undefined } from './objects.ts';
import { bareKey, kindOf } from './operators.ts';

/** A slice between brackets: null where a bound is left out. */
export class Slice extends Opaque {
  readonly type = 'slice';
  readonly start: Value;
  readonly stop: Value;
  readonly step: Value;
  constructor(start: Value, end: Value, step: Value) {
    super();
    this.start = start;
    this.stop = end;
    this.step = step;
  }
}

const internal = /^__.*__$/;

/** `value.name`. */
export function attribute(target: Value, name: string): Value {
  const value = defined(target);
  if (internal.test(name)) return unsafe(value, name);
  const own = ownAttribute(value, name);
  if (own !== undefined) return own;
  const element = found(value, name);
  return element === undefined ? missing(value, name) : element;
}

/** `value[key]`. */
export function item(target: Value, key: Value): Value {
  const value = defined(target);
  if (key instanceof Slice) return sliced(value, key) ?? missing(value, key);
  const element = found(value, defined(key));
  if (element !== undefined) return element;
  const name = plainText(key);
  if (name === undefined) return missing(value, key);
  if (internal.test(name)) return unsafe(value, name);
  const own = ownAttribute(value, name);
  return own === undefined ? missing(value, name) : own;
}

/** The method or part of this name, without looking at keys. */
export function ownAttribute(value: Value, name: string): Value | undefined {
  if (value instanceof Fields) return value.get(name);
  if (value instanceof Callable) return value.attributes.get(name);
  if (value instanceof Group && (name === 'grouper' || name === 'list')) return value.items[name === 'list' ? 1 : 0];
  if (value instanceof Range && (name === 'start' || name === 'stop' || name === 'step')) return value[name];
  if (value instanceof Range && (name === 'count' || name === 'index')) return boundMethod([...value], name);
  return boundMethod(value, name);
}

export function missing(value: Value, key: Value): Undefined {
  const name = plainText(key);
  return new Undefined(
    name === undefined
      ? `${kindOf(value)} object has no element ${reprOf(key, 'jinja')}`
      : `'${objectName(value)}' has no attribute '${name}'`,
  );
}

function objectName(value: Value): string {
  return value === null ? 'None' : `${kindOf(value)} object`;
}

function unsafe(value: Value, name: string): Undefined {
  return new Undefined(`access to attribute '${name}' of '${kindOf(value)}' object is unsafe.`, 'SecurityError');
}

function found(value: Value, key: Value): Value | undefined {
  if (isMapping(value)) {
    if (isSequence(key) || isMapping(key))
      return Array.isArray(key) || isMapping(key) ? undefined : lookUp(value, key, 'jinja');
    return lookUp(value, bareKey(key), 'jinja');
  }
  if (!isInt(key) && typeof key !== 'boolean') return undefined;
  const index = indexOf(key);
  if (isSequence(value)) return elements(value)[index < 0 ? index + elements(value).length : index];
  const text = plainText(value);
  if (text !== undefined) {
    const characters = points(text);
    return characters[index < 0 ? index + characters.length : index];
  }
  if (value instanceof Range) {
    const at = index < 0 ? index + value.length : index;
    return at >= 0 && at < value.length ? value.start + at * value.step : undefined;
  }
  return undefined;
}

function sliced(value: Value, slice: Slice): Value | undefined {
  const text = plainText(value);
  const length =
    text !== undefined
      ? lengthOf(text)
      : isSequence(value)
        ? elements(value).length
        : value instanceof Range
          ? value.length
          : undefined;
  if (length === undefined) return undefined;
  const indexes = sliceIndexes(slice, length);
  if (indexes === undefined) return undefined;
  if (text !== undefined) {
    const characters = points(text);
    const part = indexes.map((index) => characters[index]).join('');
    return value instanceof Markup ? new Markup(part) : part;
  }
  const items = isSequence(value) ? elements(value) : [...(value as Range)];
  const part = indexes.map((index) => items[index] as Value);
  return value instanceof OtherSequence ? new OtherSequence(part) : part;
}

/** The positions of a slice; undefined where a bound is no int. */
function sliceIndexes({ start, stop: end, step }: Slice, length: number): number[] | undefined {
  const bound = (value: Value): number | null | undefined => {
    const known = defined(value);
    return known === null ? null : isInt(known) || typeof known === 'boolean' ? indexOf(known) : undefined;
  };
  const [from, to, stride] = [bound(start), bound(end), bound(step)];
  if (from === undefined || to === undefined || stride === undefined) return undefined;
  const by = stride ?? 1;
  if (by === 0) return stop('ValueError', 'slice step cannot be zero');
  const clamp = (at: number): number =>
    Math.min(Math.max(at < 0 ? at + length : at, by > 0 ? 0 : -1), by > 0 ? length : length - 1);
  const first = from === null ? (by > 0 ? 0 : length - 1) : clamp(from);
  const last = to === null ? (by > 0 ? length : -1) : clamp(to);
  const indexes: number[] = [];
  for (let at = first; by > 0 ? at < last : at > last; at += by) indexes.push(at);
  return indexes;
}
