/** Which attributes a run must have to be listed: the same in every store. */

import { type Attributes, type AttributeValue, ownProperty } from '../base/index.ts';

/** All that is named must hold. A run without the attribute fits none of them but `exists: false` and `ne`. */
export interface AttributeCondition {
  readonly eq?: AttributeValue;
  readonly ne?: AttributeValue;
  readonly in?: readonly AttributeValue[];
  readonly gt?: AttributeValue;
  readonly gte?: AttributeValue;
  readonly lt?: AttributeValue;
  readonly lte?: AttributeValue;
  readonly exists?: boolean;
}

export interface AttributeFilter {
  readonly [name: string]: AttributeCondition;
}

export function fitsAttributes(attributes: Attributes | undefined, filter: AttributeFilter | undefined): boolean {
  if (filter === undefined) return true;
  return Object.entries(filter).every(([name, condition]) => {
    const value = attributes === undefined ? undefined : ownProperty(attributes, name);
    return fits(value, condition);
  });
}

function fits(value: AttributeValue | undefined, condition: AttributeCondition): boolean {
  if (condition.exists !== undefined && (value !== undefined) !== condition.exists) return false;
  if (condition.ne !== undefined && value === condition.ne) return false;
  if (condition.eq !== undefined && value !== condition.eq) return false;
  if (condition.in !== undefined && (value === undefined || !condition.in.includes(value))) return false;
  const { gt, gte, lt, lte } = condition;
  if (gt !== undefined && !(order(value, gt) > 0)) return false;
  if (gte !== undefined && !(order(value, gte) >= 0)) return false;
  if (lt !== undefined && !(order(value, lt) < 0)) return false;
  return lte === undefined || order(value, lte) <= 0;
}

/** Less than 0 where `value` comes before `other`; not a number where neither does. Text is ordered by its code points, as SQLite does. */
function order(value: AttributeValue | undefined, other: AttributeValue): number {
  if (typeof value === 'string' && typeof other === 'string') return textOrder(value, other);
  if (typeof value !== typeof other) return Number.NaN;
  return Number(value) - Number(other);
}

function textOrder(one: string, other: string): number {
  if (one === other) return 0;
  const length = Math.min(one.length, other.length);
  for (let place = 0; place < length; ) {
    const [a, b] = [one.codePointAt(place)!, other.codePointAt(place)!];
    if (a !== b) return a - b;
    place += a > 0xffff ? 2 : 1;
  }
  return one.length - other.length;
}
