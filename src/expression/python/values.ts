/**
 * The values an expression computes with, and how they stand for Python's.
 *
 * Json from the scope is used as it is, without copying:
 *   null, true, text          themselves
 *   a safe integer            an int; one beyond 2^53 is a `bigint`
 *   any other number          a float; a float that happens to be a safe integer is a `Float`
 *   an array                  the language's usual sequence: a tuple in YAQL, a list in Jinja
 *   a plain object            a map with text keys
 * Everything else is an instance of a class below. Values are immutable, but for what a Jinja block made itself.
 *
 * V1. No value is or holds a function of the host, a class of the host or a prototype that users can reach.
 * V2. Plain objects are read by `Object.hasOwn` only.
 */

import { isJsonObject, type Json } from '../../base/index.ts';
import { stop } from '../failure.ts';

export type Value = null | boolean | number | bigint | string | object;

/** Every class of value that is not a map, so that `isMapping` can tell a user's map from it. */
export abstract class Opaque {
  /** Python's name for the type, as it appears in messages. */
  abstract readonly type: string;
}

/** A float whose value is a whole number (`2.0`, `-0.0`); other floats are plain numbers. Made by `float`. */
export class Float extends Opaque {
  readonly type = 'float';
  readonly value: number;
  constructor(value: number) {
    super();
    this.value = value;
  }
}

/** The sequence that is *not* the language's usual one: a list in YAQL, a tuple in Jinja. */
export class OtherSequence extends Opaque {
  readonly type = 'sequence';
  readonly items: readonly Value[];
  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }
}

/** What a one-shot iterator is in Python: a generator, `map`, `range` … Reading it uses it up. */
export class Lazy extends Opaque implements Iterable<Value> {
  readonly type = 'generator';
  private readonly source: Iterator<Value>;
  constructor(source: Iterable<Value>) {
    super();
    this.source = source[Symbol.iterator]();
  }
  next(): IteratorResult<Value> {
    return this.source.next();
  }
  [Symbol.iterator](): Iterator<Value> {
    return { next: () => this.source.next() };
  }
}

/** A float of this value: `Float` where a plain number would read as an int. */
export function float(value: number): number | Float {
  return Number.isSafeInteger(value) ? new Float(value) : value;
}

/** An int of this value: a number while safe, a bigint beyond. */
export function int(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

export function isInt(value: Value): value is number | bigint {
  return typeof value === 'number' ? Number.isSafeInteger(value) : typeof value === 'bigint';
}

export function isFloat(value: Value): value is number | Float {
  return typeof value === 'number' ? !Number.isSafeInteger(value) : value instanceof Float;
}

/** True for an int or a float, not for a bool. */
export function isNumber(value: Value): value is number | bigint | Float {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Float;
}

/** A tuple or a list. */
export function isSequence(value: Value): value is readonly Value[] | OtherSequence {
  return Array.isArray(value) || value instanceof OtherSequence;
}

/** The elements of a tuple or list. */
export function elements(sequence: readonly Value[] | OtherSequence): readonly Value[] {
  return sequence instanceof OtherSequence ? sequence.items : sequence;
}

/** The value as a plain number, bool included. Only for values known to be numbers. */
export function numberOf(value: number | bigint | Float | boolean): number {
  return value instanceof Float ? value.value : Number(value);
}

/** An int as a bigint, bool included. */
export function bigOf(value: number | bigint | boolean): bigint {
  return BigInt(value);
}

/** A small int argument (an index, a count), bool included; a huge one is clamped. */
export function indexOf(value: Value): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  if (typeof value === 'bigint') return value > 0n ? Number.MAX_SAFE_INTEGER : -Number.MAX_SAFE_INTEGER;
  return stop('TypeError', 'an integer is required');
}

/** A map of the scope, as opposed to a value of a class of ours. */
export function isPlainObject(value: Value): value is { readonly [key: string]: Value } {
  return isJsonObject(value as Json) && !(value instanceof Opaque);
}
