/** YAQL's queries: functions that take a collection and, mostly, a lambda. What Python does lazily is lazy here. */

import { attempt, grow, spend } from '../../budget.ts';
import { Failure, stop } from '../../failure.ts';
import { Dict, entriesOf, isMapping, type Key, keyOf, lookUp, type Mapping, PySet } from '../../python/dict.ts';
import { isEqual, isSame, isSetLike, isTrue } from '../../python/order.ts';
import { elements, Float, isSequence, Lazy, OtherSequence, type Value } from '../../python/values.ts';
import type { Lambda } from '../code.ts';
import { call } from '../dispatch.ts';
import { Ordering } from '../ordering.ts';
import { type Arguments, type FunctionSpec, isIterable, isIterator, iterate, specOf } from '../signature.ts';
import { chain, collect } from './collections.ts';

const noMore = (): never => stop('StopIteration', '');

function* mapped(items: Iterable<Value>, selector: Lambda): Generator<Value> {
  for (const item of items) {
    spend();
    yield selector(item);
  }
}

function* kept(items: Iterable<Value>, predicate: Lambda): Generator<Value> {
  for (const item of items) {
    spend();
    if (isTrue(predicate(item))) yield item;
  }
}

function* between(items: Iterable<Value>, from: number, to: number): Generator<Value> {
  if (from < 0 || to < 0) stop('ValueError', 'a count of elements must not be negative');
  let index = 0;
  if (to === 0) return;
  for (const item of items) {
    spend();
    if (index >= from) yield item;
    if (++index >= to) return;
  }
}

function slicing(items: Iterable<Value>, from: number, to: number): Lazy {
  if (from < 0 || to < 0) stop('ValueError', 'a count of elements must not be negative');
  return new Lazy(between(items, from, to));
}

function* distinct(items: Iterable<Value>, selector: Lambda | null): Generator<Value> {
  const seen = new Set<Key>();
  for (const item of items) {
    spend();
    const key = keyOf(selector ? selector(item) : item, 'yaql');
    if (seen.has(key)) continue;
    seen.add(key);
    yield item;
  }
}

function* enumerated(items: Iterable<Value>, start: number): Generator<Value> {
  let index = start;
  for (const item of items) {
    spend();
    yield new OtherSequence([index++, item]);
  }
}

function* takenWhile(items: Iterable<Value>, predicate: Lambda): Generator<Value> {
  for (const item of items) {
    spend();
    if (!isTrue(predicate(item))) return;
    yield item;
  }
}

function* skippedWhile(items: Iterable<Value>, predicate: Lambda): Generator<Value> {
  let skipping = true;
  for (const item of items) {
    spend();
    if (skipping && isTrue(predicate(item))) continue;
    skipping = false;
    yield item;
  }
}

function count(items: Iterable<Value>): number {
  let total = 0;
  for (const _ of items) {
    spend();
    total++;
  }
  return total;
}

/** Python's `functools.reduce`. */
function reduce(items: Iterable<Value>, combine: (total: Value, item: Value) => Value, seed: Value | undefined): Value {
  let total = seed;
  for (const item of items) {
    spend();
    total = total === undefined ? item : combine(total, item);
  }
  return total === undefined ? stop('TypeError', 'reduce() of empty iterable with no initial value') : total;
}

function reduceBy(name: string) {
  return (a: Arguments): Value =>
    reduce(
      a.items(0),
      (total, item) => call(name, undefined, [total, item], a.frame),
      a.isMissing(1) ? undefined : a.value(1),
    );
}

function* accumulated(items: Iterable<Value>, combine: Lambda, seed: Value | undefined): Generator<Value> {
  let total = seed;
  if (total !== undefined) yield total;
  for (const item of items) {
    spend();
    total = total === undefined ? item : combine(total, item);
    yield total;
  }
  if (total === undefined) stop('TypeError', 'accumulate() of empty sequence with no initial value');
}

function last(a: Arguments): Value {
  let found: Value | undefined = a.isMissing(1) ? undefined : a.value(1);
  const value = a.value(0);
  if (isSequence(value)) found = elements(value).length > 0 ? elements(value).at(-1) : found;
  else
    for (const item of a.items(0)) {
      spend();
      found = item;
    }
  return found === undefined ? noMore() : found;
}

function single(items: Iterable<Value>): Value {
  const iterator = items[Symbol.iterator]();
  const first = iterator.next();
  if (first.done) return noMore();
  return iterator.next().done ? first.value : stop('StopIteration', 'Collection contains more than one item');
}

function* manyOf(items: Iterable<Value>, selector: Lambda): Generator<Value> {
  for (const item of items) {
    spend();
    const inner = selector(item);
    if (isIterable(inner)) yield* chain([inner]);
    else yield inner;
  }
}

function* counted(start: bigint | number, stopAt: number | null, step: number): Generator<Value> {
  for (let value = Number(start); stopAt === null || (step > 0 ? value < stopAt : value > stopAt); value += step) {
    spend();
    if (!Number.isSafeInteger(value)) stop('limit_exceeded', 'A range beyond 2^53.');
    yield value;
  }
}

function range(start: number, end: number, step: number): Lazy {
  if (step === 0) stop('ValueError', 'range() arg 3 must not be zero');
  return new Lazy(counted(start, end, step));
}

function ordering(a: Arguments, ascending: boolean): Ordering {
  const isLess = (left: Value, right: Value): boolean => {
    if (typeof left === 'number' && typeof right === 'number') return left < right;
    return isTrue(call('#operator_<', undefined, [left, right], a.frame));
  };
  return new Ordering(a.items(0), isLess).by(a.lambda(1), ascending);
}

/** Groups, then an aggregator over each group's values; an aggregator written for a `[key, values]` pair still works. */
function grouped(a: Arguments): Lazy {
  const [key, value, aggregate] = [a.lambda(1), a.lambdaOrNull(2), a.lambdaOrNull(3)];
  const groups = new Dict('yaql', true);
  for (const item of a.items(0)) {
    spend();
    const picked = value ? value(item) : item;
    const found = key(item);
    const group = groups.get(found) as OtherSequence | undefined;
    if (group) (group.items as Value[]).push(picked);
    else groups.set(found, new OtherSequence([picked]));
  }
  return new Lazy(aggregated(groups, aggregate));
}

function* aggregated(groups: Dict, aggregate: Lambda | null): Generator<Value> {
  if (aggregate === null) {
    for (const [found, group] of groups.entries()) yield [found, group];
    return;
  }
  let mayFallBack = true;
  let failure: Failure | null = null;
  for (const [found, group] of groups.entries()) {
    spend();
    const values = (group as OtherSequence).items;
    if (failure === null) {
      const outcome = attempt(() => aggregate(group));
      if (outcome instanceof Failure) {
        if (!['NoMatchingMethodException', 'NoMatchingFunctionException', 'IndexError'].includes(outcome.cause))
          throw outcome;
        failure = outcome;
      } else {
        const result = outcome.value;
        const isPair =
          values.length === 2 &&
          isSequence(result) &&
          elements(result).length === 2 &&
          isEqual(elements(result)[0] as Value, values[0] as Value, 'yaql');
        if (!isPair) mayFallBack = false;
        yield [found, result];
        continue;
      }
    }
    if (!mayFallBack) throw failure;
    const outcome = attempt(() => aggregate([found, group]));
    if (outcome instanceof Failure) throw failure;
    const result = outcome.value;
    const size =
      typeof result === 'string'
        ? Array.from(result).length
        : isSequence(result)
          ? elements(result).length
          : isMapping(result)
            ? [...entriesOf(result)].length
            : result instanceof PySet
              ? result.size
              : -1;
    if (size !== 2) throw failure;
    yield result;
  }
}

function* zipped(collections: readonly Value[], fill: Value | undefined): Generator<Value> {
  const iterators = collections.map((collection) => iterate(collection)[Symbol.iterator]());
  if (iterators.length === 0) return;
  for (;;) {
    spend();
    const row: Value[] = [];
    let ended = 0;
    for (const iterator of iterators) {
      const next = iterator.next();
      if (next.done) {
        if (fill === undefined) return;
        ended++;
        row.push(fill);
      } else row.push(next.value);
    }
    if (ended === iterators.length) return;
    yield row;
  }
}

function* joined(a: Arguments): Generator<Value> {
  const right = collect(a.value(1));
  const [predicate, selector] = [a.lambda(2), a.lambda(3)];
  for (const one of a.items(0)) {
    for (const other of right) {
      spend();
      if (isTrue(predicate(one, other))) yield selector(one, other);
    }
  }
}

function* repeated(value: Value, times: number): Generator<Value> {
  for (let turn = 0; times < 0 || turn < times; turn++) {
    spend();
    yield value;
  }
}

function* cycled(items: Iterable<Value>): Generator<Value> {
  const seen: Value[] = [];
  for (const item of items) {
    spend();
    seen.push(item);
    yield item;
  }
  while (seen.length > 0) {
    for (const item of seen) {
      spend();
      yield item;
    }
  }
}

function positionWhere(items: Iterable<Value>, test: (item: Value) => boolean, last: boolean): number {
  let index = 0;
  let found = -1;
  for (const item of items) {
    spend();
    if (test(item)) {
      if (!last) return index;
      found = index;
    }
    index++;
  }
  return found;
}

function* slices(items: Iterable<Value>, length: number): Generator<Value> {
  if (length < 0) stop('ValueError', 'the length of a slice must not be negative');
  let slice: Value[] = [];
  if (length === 0) return;
  for (const item of items) {
    spend();
    slice.push(item);
    if (slice.length === length) {
      yield slice;
      slice = [];
    }
  }
  if (slice.length > 0) yield slice;
}

function* splitWhere(items: readonly Value[], predicate: Lambda): Generator<Value> {
  let start = 0;
  for (let end = 0; end < items.length; end++) {
    spend();
    if (isTrue(predicate(items[end] as Value))) {
      yield items.slice(start, end);
      start = end + 1;
    }
  }
  if (start !== items.length) yield items.slice(start);
}

function* sliceWhere(items: readonly Value[], predicate: Lambda): Generator<Value> {
  let start = 0;
  let before: Value | undefined;
  for (let end = 0; end < items.length; end++) {
    spend();
    const now = predicate(items[end] as Value);
    if (before !== undefined && !isEqual(now, before, 'yaql')) {
      yield items.slice(start, end);
      start = end;
    }
    before = now;
  }
  if (start !== items.length) yield items.slice(start);
}

interface Mergers {
  readonly list: (left: Value, right: Value) => Value;
  readonly item: (left: Value, right: Value) => Value;
}

function merged(left: Mapping, right: Mapping, mergers: Mergers, levels: number): Dict {
  const result = new Dict('yaql');
  const cannot = (): never => stop('TypeError', 'Cannot merge values of different kinds');
  for (const [key, one] of entriesOf(left)) {
    const other = lookUp(right, key, 'yaql');
    if (other === undefined) result.set(key, one);
    else if (levels !== 1 && isMapping(other)) {
      result.set(key, isMapping(one) ? merged(one, other, mergers, levels === 0 ? 0 : levels - 1) : cannot());
    } else if (levels !== 1 && isSequence(other)) {
      result.set(key, isSequence(one) ? mergers.list(one, other) : cannot());
    } else result.set(key, mergers.item(one, other));
  }
  for (const [key, other] of entriesOf(right)) if (!result.has(key)) result.set(key, other);
  return result;
}

function mergeWith(a: Arguments): Value {
  const [list, item] = [a.lambdaOrNull(2), a.lambdaOrNull(3)];
  const both = (left: Value, right: Value): Value => {
    if (Array.isArray(left) !== Array.isArray(right)) stop('TypeError', 'can only concatenate lists of one kind');
    return collect(new Lazy(distinct(chain([left, right]), null)));
  };
  return merged(a.map(0), a.map(1), { list: list ?? both, item: item ?? ((_, right) => right) }, a.int(4));
}

function* generated(a: Arguments): Generator<Value> {
  const [predicate, producer, selector] = [a.lambda(1), a.lambda(2), a.lambdaOrNull(3)];
  const past = a.bool(4) ? new Set<Key>() : null;
  let value = a.value(0);
  while (isTrue(predicate(value))) {
    spend();
    if (past) {
      const key = keyOf(value, 'yaql');
      if (past.has(key)) return;
      past.add(key);
    }
    yield selector ? selector(value) : value;
    value = producer(value);
  }
}

function* generatedMany(a: Arguments): Generator<Value> {
  const [producer, selector] = [a.lambda(1), a.lambdaOrNull(2)];
  const past = a.bool(3) ? new Set<Key>() : null;
  const queue: Value[] = [a.value(0)];
  for (let head = 0; head < queue.length; ) {
    spend();
    const item = queue[head++] as Value;
    if (past) {
      const key = keyOf(item, 'yaql');
      if (past.has(key)) continue;
      past.add(key);
    }
    yield selector ? selector(item) : item;
    const produced = producer(item);
    const fresh =
      typeof produced === 'string'
        ? Array.from(produced)
        : isIterable(produced)
          ? collect(produced)
          : isMapping(produced)
            ? [...entriesOf(produced)].map(([key]) => key)
            : stop('TypeError', 'the producer gives no collection');
    grow(fresh.length);
    spend(fresh.length);
    if (a.bool(4)) {
      spend(queue.length - head);
      queue.splice(0, head, ...fresh);
      head = 0;
    } else for (const value of fresh) queue.push(value);
  }
}

/** An iterator that can be read again. */
class Remembering extends Lazy {
  private readonly seen: Value[];
  private readonly origin: Iterator<Value>;
  private index = 0;
  constructor(origin: Iterator<Value>, seen: Value[]) {
    super([]);
    this.origin = origin;
    this.seen = seen;
  }
  override next(): IteratorResult<Value> {
    if (this.index < this.seen.length) return { done: false, value: this.seen[this.index++] as Value };
    const next = this.origin.next();
    if (!next.done) {
      grow(1);
      this.seen.push(next.value);
      this.index++;
    }
    return next;
  }
  override [Symbol.iterator](): Iterator<Value> {
    const again = new Remembering(this.origin, this.seen);
    return { next: () => again.next() };
  }
}

export function memorize(value: Value): Value {
  return isIterator(value) ? new Remembering((value as Lazy)[Symbol.iterator](), []) : value;
}

function defaultIfEmpty(a: Arguments): Value {
  const value = a.value(0);
  if (isSequence(value)) return elements(value).length === 0 ? a.value(1) : value;
  if (isSetLike(value)) return value.size === 0 ? a.value(1) : value;
  const again = memorize(value instanceof Lazy ? value : new Lazy(iterate(value)));
  return iterate(again)[Symbol.iterator]().next().done ? a.value(1) : again;
}

function* reversed(items: readonly Value[]): Generator<Value> {
  for (let index = items.length - 1; index >= 0; index--) {
    spend();
    yield items[index] as Value;
  }
}

function aliases(names: readonly string[], signature: string, run: FunctionSpec['run']): FunctionSpec[] {
  return names.map((name) => specOf('method', `${name}${signature}`, run));
}

export const queries: readonly FunctionSpec[] = [
  ...aliases(
    ['where', 'filter'],
    '(collection: iterable, predicate: lambda)',
    (a) => new Lazy(kept(a.items(0), a.lambda(1))),
  ),
  ...aliases(
    ['select', 'map'],
    '(collection: iterable, selector: lambda)',
    (a) => new Lazy(mapped(a.items(0), a.lambda(1))),
  ),
  specOf('function', '#operator_.(collection: iterable, attribute: keyword)', (a) => {
    const { frame } = a;
    const attribute = a.code(1);
    return new Lazy(mapped(a.items(0), (item) => call('#operator_.', undefined, [item, attribute], frame)));
  }),
  specOf('method', 'skip(collection: iterable, count: int)', (a) =>
    slicing(a.items(0), a.int(1), Number.POSITIVE_INFINITY),
  ),
  ...aliases(['limit', 'take'], '(collection: iterable, count: int)', (a) => slicing(a.items(0), 0, a.int(1))),
  specOf('both', 'append(collection: iterable, *args: any)', (a) => new Lazy(chain([a.value(0), a.rest]))),
  specOf(
    'both',
    'distinct(collection: iterable, keySelector: lambda = null)',
    (a) => new Lazy(distinct(a.items(0), a.lambdaOrNull(1))),
  ),
  specOf('both', 'enumerate(collection: iterable, start: int? = 0)', (a) =>
    a.value(1) === null ? stop('TypeError', 'start must be an integer') : new Lazy(enumerated(a.items(0), a.int(1))),
  ),
  specOf('both', 'any(collection: iterable, predicate: lambda = null)', (a) => {
    const predicate = a.lambdaOrNull(1);
    return positionWhere(a.items(0), (item) => (predicate ? isTrue(predicate(item)) : true), false) >= 0;
  }),
  specOf('both', 'all(collection: iterable, predicate: lambda = null)', (a) => {
    const predicate = a.lambdaOrNull(1);
    return positionWhere(a.items(0), (item) => !isTrue(predicate ? predicate(item) : item), false) < 0;
  }),
  specOf('both', 'concat(*collections: iterable)', (a) => new Lazy(chain(a.rest))),
  specOf('both', 'len(collection: iterator)', (a) => count(a.items(0))),
  specOf('method', 'count(collection: iterable)', (a) => count(a.items(0))),
  specOf('method', 'memorize(collection: iterable)', (a) => memorize(a.value(0))),
  specOf('method', 'sum(collection: iterable, initial: any = missing)', reduceBy('#operator_+')),
  specOf('method', 'max(collection: iterable, initial: any = missing)', reduceBy('max')),
  specOf('method', 'min(collection: iterable, initial: any = missing)', reduceBy('min')),
  specOf('method', 'first(collection: iterable, default: any = missing)', (a) => {
    for (const item of a.items(0)) return item;
    return a.isMissing(1) ? noMore() : a.value(1);
  }),
  specOf('method', 'single(collection: iterable)', (a) => single(a.items(0))),
  specOf('method', 'last(collection: iterable, default: any = missing)', last),
  specOf(
    'method',
    'selectMany(collection: iterable, selector: lambda)',
    (a) => new Lazy(manyOf(a.items(0), a.lambda(1))),
  ),
  specOf('function', 'range(stop: int)', (a) => range(0, a.int(0), 1)),
  specOf('function', 'range(start: int, stop: int, step: int = 1)', (a) => range(a.int(0), a.int(1), a.int(2))),
  specOf('function', 'sequence(start: int = 0, step: int = 1)', (a) => new Lazy(counted(a.int(0), null, a.int(1)))),
  specOf('method', 'orderBy(collection: iterable, selector: lambda)', (a) => ordering(a, true)),
  specOf('method', 'orderByDescending(collection: iterable, selector: lambda)', (a) => ordering(a, false)),
  specOf('method', 'thenBy(collection: ordering, selector: lambda)', (a) =>
    (a.value(0) as Ordering).by(a.lambda(1), true),
  ),
  specOf('method', 'thenByDescending(collection: ordering, selector: lambda)', (a) =>
    (a.value(0) as Ordering).by(a.lambda(1), false),
  ),
  specOf(
    'method',
    'groupBy(collection: iterable, keySelector: lambda, valueSelector: lambda = null, aggregator: lambda = null)',
    (a) => grouped(a),
  ),
  specOf('method', 'zip(*collections: iterable)', (a) => new Lazy(zipped(a.rest, undefined))),
  specOf(
    'method',
    'zipLongest(*collections: iterable, **kwargs: any)',
    (a) => new Lazy(zipped(a.rest, a.namedValue('default') ?? null)),
  ),
  specOf(
    'method',
    'join(collection1: iterable, collection2: iterable, predicate: lambda, selector: lambda)',
    (a) => new Lazy(joined(a)),
  ),
  specOf('method', 'repeat(value: any, times: int = -1)', (a) => new Lazy(repeated(a.value(0), a.int(1)))),
  specOf('method', 'cycle(collection: iterable)', (a) => new Lazy(cycled(a.items(0)))),
  specOf(
    'method',
    'takeWhile(collection: iterable, predicate: lambda)',
    (a) => new Lazy(takenWhile(a.items(0), a.lambda(1))),
  ),
  specOf(
    'method',
    'skipWhile(collection: iterable, predicate: lambda)',
    (a) => new Lazy(skippedWhile(a.items(0), a.lambda(1))),
  ),
  specOf('method', 'indexOf(collection: iterable, item: any)', (a) =>
    positionWhere(a.items(0), (item) => isEqual(item, a.value(1), 'yaql'), false),
  ),
  specOf('method', 'lastIndexOf(collection: iterable, item: any)', (a) =>
    positionWhere(a.items(0), (item) => isEqual(item, a.value(1), 'yaql'), true),
  ),
  specOf('method', 'indexWhere(collection: iterable, predicate: lambda)', (a) => {
    const predicate = a.lambda(1);
    return positionWhere(a.items(0), (item) => isTrue(predicate(item)), false);
  }),
  specOf('method', 'lastIndexWhere(collection: iterable, predicate: lambda)', (a) => {
    const predicate = a.lambda(1);
    return positionWhere(a.items(0), (item) => isTrue(predicate(item)), true);
  }),
  specOf('method', 'slice(collection: iterable, length: int)', (a) => new Lazy(slices(a.items(0), a.int(1)))),
  specOf(
    'method',
    'splitWhere(collection: iterable, predicate: lambda)',
    (a) => new Lazy(splitWhere(collect(a.value(0)), a.lambda(1))),
  ),
  specOf(
    'method',
    'sliceWhere(collection: iterable, predicate: lambda)',
    (a) => new Lazy(sliceWhere(collect(a.value(0)), a.lambda(1))),
  ),
  specOf('method', 'splitAt(collection: iterable, index: int)', (a) => {
    const items = collect(a.value(0));
    return new OtherSequence([items.slice(0, a.int(1)), items.slice(a.int(1))]);
  }),
  ...aliases(['aggregate', 'reduce'], '(collection: iterable, selector: lambda, seed: any = missing)', (a) =>
    reduce(a.items(0), a.lambda(1), a.isMissing(2) ? undefined : a.value(2)),
  ),
  specOf(
    'method',
    'accumulate(collection: iterable, selector: lambda, seed: any = missing)',
    (a) => new Lazy(accumulated(a.items(0), a.lambda(1), a.isMissing(2) ? undefined : a.value(2))),
  ),
  specOf('method', 'reverse(collection: iterable)', (a) => new Lazy(reversed(collect(a.value(0))))),
  specOf(
    'method',
    'mergeWith(dict: dict, another: dict, listMerger: lambda = null, itemMerger: lambda = null, maxLevels: int = 0)',
    mergeWith,
  ),
  specOf('function', 'isIterable(value: any)', (a) => isIterable(a.value(0))),
  specOf(
    'function',
    'generate(initial: any, predicate: lambda, producer: lambda, selector: lambda = null, decycle: bool = false)',
    (a) => new Lazy(generated(a)),
  ),
  specOf(
    'function',
    'generateMany(initial: any, producer: lambda, selector: lambda = null, decycle: bool = false, depthFirst: bool = false)',
    (a) => new Lazy(generatedMany(a)),
  ),
  specOf('method', 'defaultIfEmpty(collection: iterable, default: iterable)', defaultIfEmpty),
];

export { Float, isSame };
