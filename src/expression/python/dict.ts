/**
 * Python's dict and set over our values, and one way to read any map: a plain object of the scope or a `Dict` made here.
 *
 * D1. Keys are equal as in Python: 1, 1.0 and true are one key; a tuple is a key by its elements.
 * D2. A `Dict` keeps the order of insertion. A plain object has the order JavaScript gives it.
 */

import { ownProperty } from '../../base/index.ts';
import { enter, leave, spend } from '../budget.ts';
import { Failure, stop } from '../failure.ts';
import { Moment } from './moment.ts';
import { Float, isPlainObject, Opaque, OtherSequence, type Value } from './values.ts';

/** What a value is found by: equal values give equal keys, and no two different ones do. */
export type Key = string | number | bigint | boolean | null | object;

/** Which sequence may be a key: YAQL's usual one is a tuple, Jinja's a list. */
export type Dialect = 'yaql' | 'jinja';

export class Dict extends Opaque {
  readonly type = 'dict';
  private readonly pairs = new Map<Key, [Value, Value]>();
  readonly dialect: Dialect;
  /** YAQL's `FrozenDict`, which can be a member of a set; a plain dict cannot. */
  readonly frozen: boolean;

  constructor(dialect: Dialect, frozen = false) {
    super();
    this.dialect = dialect;
    this.frozen = frozen;
  }
  get size(): number {
    return this.pairs.size;
  }
  get(key: Value): Value | undefined {
    return this.pairs.get(keyOf(key, this.dialect))?.[1];
  }
  has(key: Value): boolean {
    return this.pairs.has(keyOf(key, this.dialect));
  }
  set(key: Value, value: Value): this {
    const found = keyOf(key, this.dialect);
    const pair = this.pairs.get(found);
    if (pair) pair[1] = value;
    else this.pairs.set(found, [key, value]);
    return this;
  }
  delete(key: Value): boolean {
    return this.pairs.delete(keyOf(key, this.dialect));
  }
  clear(): void {
    this.pairs.clear();
  }
  entries(): Iterable<[Value, Value]> {
    return this.pairs.values();
  }
}

/** A frozen set, in order of insertion. */
export class PySet extends Opaque implements Iterable<Value> {
  readonly type: string;
  readonly dialect: Dialect;
  private readonly members = new Map<Key, Value>();

  constructor(dialect: Dialect, values: Iterable<Value> = [], type = 'frozenset') {
    super();
    this.dialect = dialect;
    this.type = type;
    for (const value of values) {
      spend();
      const key = keyOf(value, dialect);
      if (!this.members.has(key)) this.members.set(key, value);
    }
  }
  get size(): number {
    return this.members.size;
  }
  has(value: Value): boolean {
    return this.members.has(keyOf(value, this.dialect));
  }
  [Symbol.iterator](): Iterator<Value> {
    return this.members.values();
  }
}

/** `dict.keys()`, `dict.values()`, `dict.items()`. Keys and items are sets to YAQL, values only iterable. */
export class DictView extends Opaque implements Iterable<Value> {
  readonly type: string;
  readonly kind: 'keys' | 'values' | 'items';
  readonly map: Mapping;
  private readonly pair: (key: Value, value: Value) => Value;

  constructor(
    kind: 'keys' | 'values' | 'items',
    map: Mapping,
    pair: (key: Value, value: Value) => Value,
    type?: string,
  ) {
    super();
    this.kind = kind;
    this.map = map;
    this.type = type ?? `dict_${kind}`;
    this.pair = pair;
  }
  get size(): number {
    return sizeOf(this.map);
  }
  *[Symbol.iterator](): Generator<Value> {
    for (const [key, value] of entriesOf(this.map)) {
      yield this.kind === 'keys' ? key : this.kind === 'values' ? value : this.pair(key, value);
    }
  }
}

export type Mapping = Dict | { readonly [key: string]: Value };

export function isMapping(value: Value): value is Mapping {
  return value instanceof Dict || isPlainObject(value);
}

export function sizeOf(map: Mapping): number {
  return map instanceof Dict ? map.size : Object.keys(map).length;
}

/** The value under `key`, or undefined. @throws Failure for a key that cannot be one. */
export function lookUp(map: Mapping, key: Value, dialect: Dialect): Value | undefined {
  if (map instanceof Dict) return map.get(key);
  if (typeof key === 'string') return ownProperty(map, key);
  keyOf(key, dialect);
  return undefined;
}

/** The value under `key`, or what `otherwise` gives. A null that is there stays null. */
export function lookUpOr(map: Mapping, key: Value, dialect: Dialect, otherwise: () => Value): Value {
  const value = lookUp(map, key, dialect);
  return value === undefined ? otherwise() : value;
}

export function* entriesOf(map: Mapping): Generator<[Value, Value]> {
  if (map instanceof Dict) {
    for (const pair of map.entries()) {
      spend();
      yield [pair[0], pair[1]];
    }
    return;
  }
  for (const key of Object.keys(map)) {
    spend();
    yield [key, map[key] as Value];
  }
}

export function copyOf(map: Mapping, dialect: Dialect, frozen = false): Dict {
  const copy = new Dict(dialect, frozen);
  for (const [key, value] of entriesOf(map)) copy.set(key, value);
  return copy;
}

/** The key of a value. @throws Failure `TypeError` where Python says "unhashable". */
export function keyOf(value: Value, dialect: Dialect): Key {
  switch (typeof value) {
    case 'string':
      return value.startsWith('\u0000') ? `\u0000s${value}` : value;
    case 'number':
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'boolean':
      return value ? 1 : 0;
    case 'bigint':
      return value;
    default:
      break;
  }
  if (value === null) return null;
  if (value instanceof Float) return value.value === 0 ? 0 : value.value;
  if (Array.isArray(value)) {
    if (dialect === 'jinja') return unhashable('list');
    return composite('t', value, dialect);
  }
  if (value instanceof OtherSequence) {
    if (dialect === 'yaql') return unhashable('list');
    return composite('t', value.items, dialect);
  }
  if (isMapping(value)) {
    if (dialect === 'jinja' || (value instanceof Dict && !value.frozen)) return unhashable('dict');
    const parts: string[] = [];
    for (const pair of entriesOf(value)) parts.push(keyText(keyOf(pair, dialect)));
    return `\u0000d${parts.sort().join('\u0000,')}\u0000.`;
  }
  if (value instanceof PySet) {
    if (value.type === 'set') return unhashable('set');
    const parts: string[] = [];
    for (const member of value) parts.push(keyText(keyOf(member, dialect)));
    return `\u0000f${parts.sort().join('\u0000,')}\u0000.`;
  }
  if (value instanceof Moment) return `\u0000o${value.key}`;
  if (value instanceof DictView && value.kind !== 'values') return unhashable(value.type);
  return value;
}

function composite(tag: string, items: readonly Value[], dialect: Dialect): string {
  enter();
  const parts: string[] = [];
  for (const item of items) {
    spend();
    parts.push(keyText(keyOf(item, dialect)));
  }
  leave();
  return `\u0000${tag}${parts.join('\u0000,')}\u0000.`;
}

const identities = new WeakMap<object, number>();
let identitiesMade = 0;

function keyText(key: Key): string {
  if (typeof key === 'object' && key !== null) {
    let identity = identities.get(key);
    if (identity === undefined) {
      identity = ++identitiesMade;
      identities.set(key, identity);
    }
    return `i${identity}`;
  }
  const text = String(key);
  return `${typeof key === 'string' ? 's' : key === null ? 'z' : 'n'}${text.length}:${text}`;
}

function unhashable(type: string): never {
  throw new Failure('TypeError', `unhashable type: '${type}'`);
}

/** The value under `key`. @throws Failure `KeyError` where there is none. */
export function require(map: Mapping, key: Value, dialect: Dialect, show: (key: Value) => string): Value {
  const value = lookUp(map, key, dialect);
  return value === undefined ? stop('KeyError', show(key)) : value;
}
