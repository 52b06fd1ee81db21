/** Python's truth, `==` and `<` over our values. */

import { deeper, spend } from '../budget.ts';
import { type Dialect, DictView, entriesOf, isMapping, keyOf, lookUp, type Mapping, PySet, sizeOf } from './dict.ts';
import { DateTime, Moment, TimeSpan } from './moment.ts';
import { elements, Float, isNumber, isSequence, Opaque, OtherSequence, type Value } from './values.ts';

/** Python's `bool(value)`. */
export function isTrue(value: Value): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      return value !== 0;
    case 'bigint':
      return true;
    default:
      break;
  }
  if (value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof OtherSequence) return value.items.length > 0;
  if (isMapping(value)) return sizeOf(value) > 0;
  if (value instanceof PySet || value instanceof DictView) return value.size > 0;
  if (value instanceof TimeSpan) return value.micros !== 0n;
  if (value instanceof Opaque && 'markup' in value) return value.markup !== '';
  return true;
}

/** Python's `left == right`. */
export function isEqual(left: Value, right: Value, dialect: Dialect): boolean {
  if (left === right) return !Number.isNaN(left);
  const a = bare(left);
  const b = bare(right);
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) {
    if (typeof a === 'string' || typeof b === 'string' || a === null || b === null) return a === b;
    if (typeof a === 'object' || typeof b === 'object') return false;
    return sameNumber(a as number | bigint, b as number | bigint);
  }
  spend();
  if (isSequence(a)) {
    return (
      isSequence(b) &&
      a instanceof OtherSequence === b instanceof OtherSequence &&
      deeper(() => sameItems(a, b, dialect))
    );
  }
  if (isMapping(a)) return isMapping(b) && deeper(() => sameMap(a, b, dialect));
  if (isSetLike(a)) return isSetLike(b) && a.size === b.size && isSubset(a, b, dialect);
  if (a instanceof Moment) return b instanceof Moment && a.key === b.key;
  return a === b;
}

/** Equal by value, an int of any size with a float too; NaN equals nothing. */
function sameNumber(a: number | bigint, b: number | bigint): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return false;
  return !(a < b) && !(a > b);
}

/** Text and numbers that carry a class, without it. */
function bare(value: Value): Value {
  if (value instanceof Float) return value.value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Opaque && 'markup' in value) return value.markup as string;
  return value;
}

function sameItems(
  left: readonly Value[] | OtherSequence,
  right: readonly Value[] | OtherSequence,
  dialect: Dialect,
): boolean {
  const a = elements(left);
  const b = elements(right);
  return a.length === b.length && a.every((item, index) => isSame(item, b[index] as Value, dialect));
}

/** Equal, or the very same object, as containers compare. */
export function isSame(left: Value, right: Value, dialect: Dialect): boolean {
  return left === right || isEqual(left, right, dialect);
}

function sameMap(left: Mapping, right: Mapping, dialect: Dialect): boolean {
  if (sizeOf(left) !== sizeOf(right)) return false;
  for (const [key, item] of entriesOf(left)) {
    const other = lookUp(right, key, dialect);
    if (other === undefined || !isSame(item, other, dialect)) return false;
  }
  return true;
}

export function isSetLike(value: Value): value is PySet | DictView {
  return value instanceof PySet || (value instanceof DictView && value.kind !== 'values');
}

export function hasMember(set: PySet | DictView, value: Value, dialect: Dialect): boolean {
  if (set instanceof PySet) return set.has(value);
  if (set.kind === 'keys') return lookUp(set.map, value, dialect) !== undefined;
  for (const member of set) if (isEqual(member, value, dialect)) return true;
  return false;
}

export function isSubset(left: PySet | DictView, right: PySet | DictView, dialect: Dialect): boolean {
  for (const member of left) if (!hasMember(right, member, dialect)) return false;
  return true;
}

/**
 * The order of two values: negative, 0, positive; NaN where they are comparable but unordered (a NaN, sets that do not
 * contain each other); undefined where Python raises "not supported between instances".
 */
export function compare(left: Value, right: Value, dialect: Dialect): number | undefined {
  const a = bare(left);
  const b = bare(right);
  if (isNumber(a) && isNumber(b))
    return (a as number) < (b as number)
      ? -1
      : (a as number) > (b as number)
        ? 1
        : sameNumber(a as number, b as number)
          ? 0
          : Number.NaN;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (isSequence(a) && isSequence(b) && a instanceof OtherSequence === b instanceof OtherSequence) {
    return deeper(() => compareItems(elements(a), elements(b), dialect));
  }
  if (a instanceof DateTime && b instanceof DateTime) {
    if ((a.offset === null) !== (b.offset === null)) return undefined;
    return a.instant < b.instant ? -1 : a.instant > b.instant ? 1 : 0;
  }
  if (a instanceof TimeSpan && b instanceof TimeSpan) return a.micros < b.micros ? -1 : a.micros > b.micros ? 1 : 0;
  if (isSetLike(a) && isSetLike(b)) {
    const within = isSubset(a, b, dialect);
    const around = isSubset(b, a, dialect);
    return within && around ? 0 : within ? -1 : around ? 1 : Number.NaN;
  }
  return undefined;
}

function compareItems(a: readonly Value[], b: readonly Value[], dialect: Dialect): number | undefined {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    spend();
    const left = a[index] as Value;
    const right = b[index] as Value;
    if (!isSame(left, right, dialect)) return compare(left, right, dialect);
  }
  return a.length - b.length;
}

const astral = /[\ud800-\udfff]/;

/** By code points, as Python orders text. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (!astral.test(a) && !astral.test(b)) return a < b ? -1 : 1;
  const left = Array.from(a);
  const right = Array.from(b);
  for (let index = 0; index < left.length && index < right.length; index++) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Members of a set in an order that does not depend on how it was made: numbers, then text, then the rest. */
export function sortedMembers(members: readonly Value[], dialect: Dialect): readonly Value[] {
  const rank = (value: Value): number =>
    value === null ? 0 : typeof value === 'boolean' || isNumber(value) ? 1 : typeof value === 'string' ? 2 : 3;
  return [...members].sort((a, b) => {
    const byRank = rank(a) - rank(b);
    if (byRank !== 0) return byRank;
    const order = compare(a, b, dialect);
    if (order !== undefined && !Number.isNaN(order)) return order;
    const left = String(keyOrIdentity(a, dialect));
    const right = String(keyOrIdentity(b, dialect));
    return left < right ? -1 : left > right ? 1 : 0;
  });
}

function keyOrIdentity(value: Value, dialect: Dialect): unknown {
  const key = keyOf(value, dialect);
  return typeof key === 'object' ? '' : key;
}
