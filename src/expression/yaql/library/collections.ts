/** YAQL's functions on lists, maps and sets. */

import { grow, spend } from '../../budget.ts';
import { stop } from '../../failure.ts';
import {
  copyOf,
  Dict,
  DictView,
  entriesOf,
  isMapping,
  lookUp,
  lookUpOr,
  PySet,
  require,
  sizeOf,
} from '../../python/dict.ts';
import { compare, hasMember, isEqual, isSame, isSetLike } from '../../python/order.ts';
import { reprOf } from '../../python/text.ts';
import { elements, isSequence, Lazy, OtherSequence, type Value } from '../../python/values.ts';
import type { RuleValue } from '../code.ts';
import { type Arguments, type FunctionSpec, isIterable, isIterator, iterate, specOf } from '../signature.ts';

/** All elements of an iterable as an array; an array comes back itself. */
export function collect(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value;
  const out: Value[] = [];
  for (const item of iterate(value)) {
    spend();
    grow(1);
    out.push(item);
  }
  return out;
}

export function show(key: Value): string {
  return typeof key === 'string' ? key : reprOf(key, 'yaql');
}

const viewNames = { keys: 'KeysView', values: 'ValuesView', items: 'ItemsView' } as const;

/** YAQL's own maps are frozen; the whole context and what some functions make are plain. */
function isFrozen(a: Arguments): boolean {
  const map = a.map(0);
  return map instanceof Dict ? map.frozen : map !== a.frame.scope.variables;
}

function mapView(kind: 'keys' | 'values' | 'items', a: Arguments): DictView {
  return new DictView(kind, a.map(0), (key, value) => [key, value], isFrozen(a) ? viewNames[kind] : undefined);
}

/** The arguments, with the elements of iterators in place of the iterators. */
function* spread(values: Iterable<Value>): Generator<Value> {
  for (const value of values) {
    spend();
    if (isIterator(value)) yield* spread(iterate(value));
    else yield value;
  }
}

function* flatten(items: Iterable<Value>): Generator<Value> {
  for (const item of items) {
    spend();
    if (isIterable(item)) yield* flatten(iterate(item));
    else yield item;
  }
}

function fromPairs(items: Iterable<Value>): Dict {
  const map = new Dict('yaql', true);
  for (const item of items) {
    spend();
    const pair =
      typeof item === 'string'
        ? Array.from(item)
        : isMapping(item)
          ? [...entriesOf(item)].map(([key]) => key)
          : isIterable(item)
            ? [...iterate(item)]
            : stop('TypeError', 'a map is made of pairs');
    if (pair.length < 2) stop('StopIteration', 'a map is made of pairs');
    map.set(pair[0] as Value, pair[1] as Value);
  }
  return map;
}

/** Membership as Python's `in`. */
export function contains(collection: Value, value: Value): boolean {
  if (isSetLike(collection)) return hasMember(collection, value, 'yaql');
  for (const item of iterate(collection)) {
    spend();
    if (isSame(item, value, 'yaql')) return true;
  }
  return false;
}

function combine(left: Value, right: Value): Value {
  if (Array.isArray(left) && Array.isArray(right)) {
    grow(left.length + right.length);
    return [...left, ...right];
  }
  if (left instanceof PySet && right instanceof PySet) return new PySet('yaql', [...left, ...right]);
  return new Lazy(chain([left, right]));
}

export function* chain(collections: Iterable<Value>): Generator<Value> {
  for (const collection of collections) {
    for (const item of iterate(collection)) {
      spend();
      yield item;
    }
  }
}

function repeated(list: readonly Value[] | OtherSequence, times: number): Value {
  const items = elements(list);
  const count = Math.max(0, times);
  grow(items.length * count);
  const out: Value[] = [];
  for (let turn = 0; turn < count; turn++) for (const item of items) out.push(item);
  return list instanceof OtherSequence ? new OtherSequence(out) : out;
}

function isCut(index: number, position: number, count: number): boolean {
  return count >= 0 ? position <= index && index < position + count : index >= position;
}

function* withoutRange(items: Iterable<Value>, position: number, count: number): Generator<Value> {
  let index = 0;
  for (const item of items) {
    spend();
    if (!isCut(index++, position, count)) yield item;
  }
}

function* withRange(
  items: Iterable<Value>,
  position: number,
  count: number,
  values: () => Iterable<Value>,
): Generator<Value> {
  let index = 0;
  let isDone = false;
  for (const item of items) {
    spend();
    if (!isCut(index++, position, count)) yield item;
    else if (!isDone) {
      isDone = true;
      yield* values();
    }
  }
}

function* inserted(
  items: Iterable<Value>,
  position: number,
  values: Iterable<Value>,
  atFront: boolean,
): Generator<Value> {
  let index = -1;
  if (atFront && position < 0) yield* values;
  for (const item of items) {
    spend();
    if (++index === position) yield* values;
    yield item;
  }
  if (position > index) yield* values;
}

function withoutKeys(a: Arguments, keys: Iterable<Value>): Value {
  const copy = copyOf(a.map(0), 'yaql');
  for (const key of keys) copy.delete(key);
  return copy;
}

function withPairs(a: Arguments, pairs: Iterable<readonly [Value, Value]>): Value {
  const copy = copyOf(a.map(0), 'yaql', true);
  for (const [key, value] of pairs) copy.set(key, value);
  return copy;
}

function rules(values: readonly Value[]): [Value, Value][] {
  return values.map((value) => [(value as RuleValue).source, (value as RuleValue).destination]);
}

function at(list: readonly Value[], index: number): Value {
  const value = list[index < 0 ? index + list.length : index];
  return value === undefined ? stop('IndexError', `index ${index} is out of range of a list of ${list.length}`) : value;
}

function* filtered(set: PySet | DictView, keep: (value: Value) => boolean): Generator<Value> {
  for (const value of set) {
    spend();
    if (keep(value)) yield value;
  }
}

/** The set methods exist on sets only: the keys of a map pass as a set but have no such method. */
function setOf(a: Arguments, index: number, method: string): PySet {
  const value = a.set(index);
  return value instanceof PySet ? value : stop('AttributeError', `'${value.type}' object has no attribute '${method}'`);
}

function setOrder(a: Arguments): number {
  return compare(a.value(0), a.value(1), 'yaql') ?? Number.NaN;
}

export const collections: readonly FunctionSpec[] = [
  specOf('function', 'list(*args: any)', (a) => collect(new Lazy(spread(a.rest)))),
  specOf('method', 'flatten(collection: iterable)', (a) => new Lazy(flatten(a.items(0)))),
  specOf('method', 'toList(collection: iterable)', (a) => collect(a.value(0))),
  specOf('function', '#list(*args: any)', (a) => a.rest),
  specOf('function', '#map(*args: pair)', (a) => madeOf(a), true),
  specOf('function', 'dict(*args: pair)', (a) => madeOf(a), true),
  specOf('function', 'dict(items: iterable)', (a) => fromPairs(a.items(0)), true),
  specOf('method', 'toDict(collection: iterable, keySelector: lambda, valueSelector: lambda = null)', (a) => {
    const map = new Dict('yaql');
    const [key, value] = [a.lambda(1), a.lambdaOrNull(2)];
    for (const item of a.items(0)) {
      spend();
      const found = key(item);
      map.set(found, value ? value(item) : item);
    }
    return map;
  }),
  specOf('function', '#operator_.(dict: dict, key: keyword)', (a) => require(a.map(0), a.value(1), 'yaql', show)),
  specOf('function', '#indexer(dict: dict, key: any)', (a) => require(a.map(0), a.value(1), 'yaql', show)),
  specOf('function', '#indexer(dict: dict, key: any, default: any)', (a) =>
    lookUpOr(a.map(0), a.value(1), 'yaql', () => a.value(2)),
  ),
  specOf('function', '#indexer(list: sequence, index: int)', (a) => at(a.sequence(0), a.int(1))),
  specOf('method', 'get(dict: dict, key: any, default: any = null)', (a) =>
    lookUpOr(a.map(0), a.value(1), 'yaql', () => a.value(2)),
  ),
  specOf('method', 'set(dict: dict, key: any, value: any)', (a) => withPairs(a, [[a.value(1), a.value(2)]]), true),
  specOf('method', 'set(dict: dict, replacements: dict)', (a) => withPairs(a, entriesOf(a.map(1))), true),
  specOf('method', 'set(dict: dict, *args: pair)', (a) => withPairs(a, rules(a.rest)), true),
  specOf('method', 'keys(dict: dict)', (a) => mapView('keys', a)),
  specOf('method', 'values(dict: dict)', (a) => mapView('values', a)),
  specOf('method', 'items(dict: dict)', (a) => mapView('items', a)),
  specOf('function', '#operator_in(value: any, collection: iterable)', (a) => contains(a.value(1), a.value(0))),
  specOf('method', 'contains(collection: iterable, value: any)', (a) => contains(a.value(0), a.value(1))),
  specOf('method', 'containsKey(dict: dict, key: any)', (a) => lookUp(a.map(0), a.value(1), 'yaql') !== undefined),
  specOf('method', 'containsValue(dict: dict, value: any)', (a) => contains(mapView('values', a), a.value(1))),
  specOf('function', '#operator_+(left: iterable, right: iterable)', (a) => combine(a.value(0), a.value(1))),
  specOf('function', '#operator_*(left: sequence, right: int)', (a) =>
    repeated(a.value(0) as readonly Value[], a.int(1)),
  ),
  specOf('function', '#operator_*(left: int, right: sequence)', (a) =>
    repeated(a.value(1) as readonly Value[], a.int(0)),
  ),
  specOf('function', '#operator_+(left: dict, right: dict)', (a) => withPairs(a, entriesOf(a.map(1)))),
  specOf('function', 'isList(arg: any)', (a) => isSequence(a.value(0))),
  specOf('function', 'isDict(arg: any)', (a) => isMapping(a.value(0))),
  specOf('function', 'isSet(arg: any)', (a) => isSetLike(a.value(0))),
  specOf('both', 'len(dict: dict)', (a) => sizeOf(a.map(0))),
  specOf('both', 'len(sequence: sequence)', (a) => a.sequence(0).length),
  specOf(
    'method',
    'delete(collection: iterable, position: int, count: int = 1)',
    (a) => new Lazy(withoutRange(a.items(0), a.int(1), a.int(2))),
  ),
  specOf(
    'method',
    'replace(collection: iterable, position: int, value: any, count: int = 1)',
    (a) => new Lazy(withRange(a.items(0), a.int(1), a.int(3), () => [a.value(2)])),
  ),
  specOf(
    'method',
    'replaceMany(collection: iterable, position: int, values: iterable, count: int = 1)',
    (a) => new Lazy(withRange(a.items(0), a.int(1), a.int(3), () => a.items(2))),
  ),
  specOf('method', 'delete(dict: dict, *keys: any)', (a) => withoutKeys(a, a.rest)),
  specOf('method', 'deleteAll(dict: dict, keys: iterable)', (a) => withoutKeys(a, a.items(1))),
  specOf(
    'method',
    'insert(collection: collection, position: int, value: any)',
    (a) => new Lazy(inserted(a.items(0), a.int(1), [a.value(2)], false)),
  ),
  specOf('method', 'insert(collection: sequence, position: int, value: any)', (a) => {
    const copy = [...a.sequence(0)];
    copy.splice(a.int(1), 0, a.value(2));
    return new OtherSequence(copy);
  }),
  specOf(
    'method',
    'insertMany(collection: iterable, position: int, values: iterable)',
    (a) => new Lazy(inserted(a.items(0), a.int(1), a.items(2), true)),
  ),

  specOf('both', 'len(set: set)', (a) => a.set(0).size),
  specOf('function', 'set(*args: any)', (a) => new PySet('yaql', spread(a.rest))),
  specOf('method', 'toSet(collection: iterable)', (a) => new PySet('yaql', a.items(0))),
  specOf('method', 'union(left: set, right: set)', (a) => new PySet('yaql', [...setOf(a, 0, 'union'), ...a.set(1)])),
  specOf('function', '#operator_<(left: set, right: set)', (a) => setOrder(a) < 0),
  specOf('function', '#operator_<=(left: set, right: set)', (a) => setOrder(a) <= 0),
  specOf('function', '#operator_>=(left: set, right: set)', (a) => setOrder(a) >= 0),
  specOf('function', '#operator_>(left: set, right: set)', (a) => setOrder(a) > 0),
  specOf(
    'method',
    'intersect(left: set, right: set)',
    (a) =>
      new PySet(
        'yaql',
        filtered(setOf(a, 0, 'intersection'), (value) => hasMember(a.set(1), value, 'yaql')),
      ),
  ),
  specOf('method', 'difference(left: set, right: set)', difference),
  specOf('function', '#operator_-(left: set, right: set)', difference),
  specOf('method', 'symmetricDifference(left: set, right: set)', (a) => {
    const left = setOf(a, 0, 'symmetric_difference');
    const right = a.set(1);
    return new PySet('yaql', [
      ...filtered(left, (value) => !hasMember(right, value, 'yaql')),
      ...filtered(right, (value) => !left.has(value)),
    ]);
  }),
  specOf('method', 'add(set: set, *values: any)', (a) => new PySet('yaql', [...setOf(a, 0, 'union'), ...a.rest])),
  specOf('method', 'remove(set: set, *values: any)', (a) => {
    const removed = new PySet('yaql', a.rest);
    return new PySet(
      'yaql',
      filtered(setOf(a, 0, 'difference'), (value) => !removed.has(value)),
    );
  }),
];

function madeOf(a: Arguments): Dict {
  const map = new Dict('yaql', true);
  for (const [key, value] of rules(a.rest)) map.set(key, value);
  return map;
}

function difference(a: Arguments): Value {
  return new PySet(
    'yaql',
    filtered(setOf(a, 0, 'difference'), (value) => !hasMember(a.set(1), value, 'yaql')),
  );
}

export { isEqual };
