/**
 * Search attributes: a few small typed facts by which runs are found.
 *
 * A value is text, a finite number or a boolean; an instant is ISO 8601 text in UTC, which sorts as time does. Values of different
 * types are never equal, and neither comes before the other.
 */

import { fail, ok, type Result } from './result.ts';

export type AttributeValue = string | number | boolean;

/** Frozen, sorted by name. */
export interface Attributes {
  readonly [name: string]: AttributeValue;
}

/** As a caller gives them; `null` takes one away. */
export interface GivenAttributes {
  readonly [name: string]: AttributeValue | Date | null | undefined;
}

/** What changes: `null` takes one away. */
export interface AttributeChanges {
  readonly [name: string]: AttributeValue | null;
}

export const noAttributes: Attributes = Object.freeze({});

export const attributeLimits = { count: 64, textLength: 1_024 } as const;
const namePattern = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** The attribute's value as it is kept, or why it cannot be one. */
export function attributeValue(given: unknown): Result<AttributeValue, string> {
  if (given instanceof Date) {
    return Number.isNaN(given.getTime()) ? fail('it is a date that is none') : ok(given.toISOString());
  }
  if (typeof given === 'boolean') return ok(given);
  if (typeof given === 'number') {
    // Without the sign of a zero, which JSON would lose.
    return Number.isFinite(given) ? ok(given + 0) : fail(`${given} is not a finite number`);
  }
  if (typeof given !== 'string')
    return fail(
      `it is ${given === null ? 'null' : `a value of type ${typeof given}`}; write text, a number, a boolean or a Date`,
    );
  if (given.length > attributeLimits.textLength)
    return fail(`its text has ${given.length} characters, more than ${attributeLimits.textLength}`);
  return given.isWellFormed() ? ok(given) : fail('its text holds half of a surrogate pair');
}

/** Why `name` cannot name an attribute; undefined where it can. */
export function attributeNameFault(name: string): string | undefined {
  if (namePattern.test(name)) return undefined;
  return `"${name}" cannot name an attribute: begin with a letter, then letters, digits, _ . -, at most 64 in all`;
}

/** Reads changes of attributes, or says what is wrong with the first that cannot be one. */
export function parseAttributeChanges(given: unknown): Result<AttributeChanges, string> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return fail('attributes are a map of names to values');
  const changes: [string, AttributeValue | null][] = [];
  for (const [name, value] of Object.entries(given)) {
    const fault = attributeNameFault(name);
    if (fault !== undefined) return fail(fault);
    if (value === undefined) continue;
    if (value === null) {
      changes.push([name, null]);
      continue;
    }
    const parsed = attributeValue(value);
    if (!parsed.ok) return fail(`attribute "${name}": ${parsed.error}`);
    changes.push([name, parsed.value]);
  }
  return ok(Object.fromEntries(changes));
}

/** `attributes` with what `changes` says. */
export function withAttributes(attributes: Attributes, changes: AttributeChanges): Attributes {
  const merged = new Map<string, AttributeValue | null>(Object.entries(attributes));
  for (const [name, value] of Object.entries(changes)) merged.set(name, value);
  const kept = [...merged].flatMap(([name, value]): [string, AttributeValue][] =>
    value === null ? [] : [[name, value]],
  );
  if (kept.length === 0) return noAttributes;
  return Object.freeze(Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Why a run cannot have them; undefined where it can. */
export function attributesFault(attributes: Attributes): string | undefined {
  const count = Object.keys(attributes).length;
  return count <= attributeLimits.count
    ? undefined
    : `a run has at most ${attributeLimits.count} attributes, and this would make ${count}`;
}

/** Both are kept sorted by name, so that equal ones are equal as text. */
export function sameAttributes(one: Attributes, other: Attributes): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
