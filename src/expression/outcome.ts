/**
 * How a value leaves: as Json, or for the tests with Python's types said.
 *
 * O1. Data of the scope that passes through unchanged is handed back itself, not copied.
 * O2. What Json cannot say is refused with a message, never silently changed: functions, regular expressions,
 *     integers beyond 2^53, infinities. Sets become sorted lists, dates ISO text, spans seconds, tuples lists.
 */

import { type Json, setOwn } from '../base/index.ts';
import { deeper, grow } from './budget.ts';
import { stop } from './failure.ts';
import { Dict, DictView, entriesOf, isMapping, type Mapping, PySet } from './python/dict.ts';
import { DateTime, TimeSpan } from './python/moment.ts';
import { isSetLike, sortedMembers } from './python/order.ts';
import { floatText } from './python/text.ts';
import { elements, Float, isPlainObject, isSequence, Opaque, OtherSequence, type Value } from './python/values.ts';
import { isIterable, iterate } from './yaql/signature.ts';

/**
 * A YAQL result as YAQL hands it out: tuples and iterators become lists, maps plain, keys a set.
 * @throws Failure `TypeError` for a set whose members would become lists, as in YAQL.
 */
export function handedOut(value: Value): Value {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return deeper(() => sameOrMapped(value));
  if (isPlainObject(value)) return deeper(() => samePlain(value));
  if (value instanceof Dict) {
    return deeper(() => {
      const copy = new Dict('jinja');
      for (const [key, item] of entriesOf(value)) copy.set(handedOut(key), handedOut(item));
      return copy;
    });
  }
  if (isSetLike(value)) {
    const members: Value[] = [];
    for (const member of value) members.push(handedOut(member));
    return new PySet('jinja', members, 'set');
  }
  if (isIterable(value)) {
    return deeper(() => {
      const items: Value[] = [];
      for (const item of iterate(value)) {
        grow(1);
        items.push(handedOut(item));
      }
      return items;
    });
  }
  return value;
}

function sameOrMapped(items: readonly Value[]): readonly Value[] {
  let changed: Value[] | undefined;
  grow(items.length);
  for (let index = 0; index < items.length; index++) {
    const item = items[index] as Value;
    const out = handedOut(item);
    if (out !== item && changed === undefined) changed = items.slice(0, index);
    changed?.push(out);
  }
  return changed ?? items;
}

function samePlain(map: { readonly [key: string]: Value }): Value {
  let isSame = true;
  const out: { [key: string]: Value } = {};
  for (const key of Object.keys(map)) {
    grow(1);
    const item = map[key] as Value;
    const value = handedOut(item);
    if (value !== item) isSame = false;
    setOwn(out, key, value);
  }
  return isSame ? map : out;
}

/** @throws Failure `TypeError` for what is not data. */
export function toJson(value: Value): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value)
        ? value
        : stop('ValueError', `The result ${floatText(value)} is not a number that data can hold.`);
    case 'bigint':
      return stop(
        'limit_exceeded',
        `The result ${shortened(String(value))} is an integer beyond 2^53, which data cannot hold exactly; make it text with str().`,
      );
    default:
      break;
  }
  if (value === null) return null;
  if (Array.isArray(value)) return deeper(() => jsonList(value));
  if (isPlainObject(value)) return deeper(() => jsonMap(value));
  if (value instanceof Float) return value.value === 0 ? 0 : value.value;
  if (value instanceof OtherSequence) return deeper(() => jsonList(value.items));
  if (value instanceof Dict) return deeper(() => jsonMap(value));
  if (value instanceof PySet) return deeper(() => jsonList(sortedMembers([...value], value.dialect)));
  if (value instanceof DictView) return deeper(() => jsonList([...value]));
  if (value instanceof DateTime) return value.iso();
  if (value instanceof TimeSpan) return Number(value.micros) / 1e6;
  if (value instanceof Opaque && 'markup' in value && typeof value.markup === 'string') return value.markup;
  if (value instanceof Opaque && isIterableOpaque(value)) return deeper(() => jsonList([...value]));
  if (value instanceof Opaque && value.type === 'Undefined' && 'message' in value)
    return stop('UndefinedError', String(value.message));
  return stop(
    'TypeError',
    `The result is a ${value instanceof Opaque ? value.type : 'host object'}, which is not data.`,
  );
}

/** Ranges, iterators and views leave as lists. */
function isIterableOpaque(value: Opaque): value is Opaque & Iterable<Value> {
  return Symbol.iterator in value;
}

function jsonList(items: readonly Value[]): readonly Json[] {
  let changed: Json[] | undefined;
  grow(items.length);
  for (let index = 0; index < items.length; index++) {
    const item = items[index] as Value;
    const out = toJson(item);
    if (out !== item && changed === undefined) changed = items.slice(0, index) as Json[];
    changed?.push(out);
  }
  return changed ?? (items as readonly Json[]);
}

function jsonMap(map: Mapping): Json {
  let isSame = !(map instanceof Dict);
  const out: { [key: string]: Json } = {};
  for (const [key, item] of entriesOf(map)) {
    grow(1);
    const value = toJson(item);
    if (value !== item) isSame = false;
    setOwn(out, keyText(key), value);
  }
  return isSame ? (map as { [key: string]: Json }) : out;
}

/** The text of a key, as `json.dumps` writes keys that are not text. */
function keyText(key: Value): string {
  if (typeof key === 'string') return key;
  if (key === null || typeof key === 'boolean') return String(key);
  if (typeof key === 'number') return Number.isSafeInteger(key) ? String(key) : floatText(key);
  if (typeof key === 'bigint') return String(key);
  if (key instanceof Float) return floatText(key.value);
  return stop('TypeError', 'A map has a key that is neither text nor a number.');
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

/** Python's name for the type of a result. */
export function typeName(value: Value): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return Number.isSafeInteger(value) ? 'int' : 'float';
    default:
      break;
  }
  if (value instanceof Float) return 'float';
  if (isSequence(value)) return 'list';
  if (isMapping(value)) return 'dict';
  if (value instanceof DateTime) return 'datetime';
  if (value instanceof TimeSpan) return 'timespan';
  if (value instanceof PySet) return 'set';
  if (value instanceof Opaque && 'markup' in value) return 'str';
  return value instanceof Opaque ? value.type : 'object';
}

/** The result with what Json cannot say tagged: `$set`, `$pairs`, `$datetime`, `$timespan_seconds`, `$float`, `$int`, `$python`. */
export function tagged(value: Value): Json {
  if (typeof value === 'bigint') return { $int: String(value) };
  if (typeof value === 'number' && !Number.isFinite(value)) return { $float: floatText(value) };
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Float) return value.value;
  if (isSequence(value)) return deeper(() => elements(value).map(tagged));
  if (isMapping(value)) {
    return deeper(() => {
      const pairs = [...entriesOf(value)];
      if (pairs.some(([key]) => typeof key !== 'string'))
        return { $pairs: pairs.map(([key, item]) => [tagged(key), tagged(item)]) };
      const out: { [key: string]: Json } = {};
      for (const [key, item] of pairs) setOwn(out, key as string, tagged(item));
      return out;
    });
  }
  if (value instanceof PySet) return { $set: sortedMembers([...value], value.dialect).map(tagged) };
  if (value instanceof DateTime) return { $datetime: value.iso() };
  if (value instanceof TimeSpan) return { $timespan_seconds: Number(value.micros) / 1e6 };
  if (value instanceof Opaque && 'markup' in value && typeof value.markup === 'string') return value.markup;
  if (value instanceof Opaque && value.type === 'Undefined' && 'message' in value)
    return stop('UndefinedError', String(value.message));
  return { $python: value instanceof Opaque ? value.type : 'object' };
}
