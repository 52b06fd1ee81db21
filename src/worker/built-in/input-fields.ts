/**
 * Reads the input of a built-in action, field by field.
 *
 * Whatever is wrong is an `ActionError` `invalid_input` that no retry helps; it names the field, what was found and what
 * belongs there, and shows no values: they may be secrets.
 */

import { isJsonObject, type Json, type JsonObject, ownProperty, parseDuration } from '../../base/index.ts';
import { ActionError } from '../action.ts';

export class InputFields {
  readonly #action: string;
  readonly #fields: JsonObject;

  /** `known` are all fields the action has: another one is a mistake that is told. */
  constructor(action: string, input: Json, known: readonly string[]) {
    this.#action = action;
    if (!isJsonObject(input)) throw this.fault(`the input is ${kindOf(input)}; write {${known[0]}: …}`);
    this.#fields = input;
    const unknown = Object.keys(input).filter((name) => !known.includes(name));
    if (unknown.length > 0)
      throw this.fault(`it has no field "${unknown.join('", "')}"; its fields are ${known.join(', ')}`);
  }

  fault(what: string): ActionError {
    return new ActionError(`${this.#action}: ${what}`, { kind: 'invalid_input', retryable: false });
  }

  /** The field, or undefined where it is absent or null. */
  value(name: string): Json | undefined {
    return ownProperty(this.#fields, name) ?? undefined;
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.#wrong(name, 'text');
  }

  requiredText(name: string): string {
    const text = this.text(name);
    if (text !== undefined && text.trim() !== '') return text;
    throw this.fault(`"${name}" is ${text === undefined ? 'missing' : 'empty'}; write {${name}: …}`);
  }

  flag(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.#wrong(name, 'true or false');
  }

  /** A whole number from `min` to `max`. */
  count(name: string, min: number, max: number): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw this.#wrong(name, `a whole number from ${min} to ${max}`);
  }

  /** A time in milliseconds, more than none: seconds, or text such as 30s. */
  durationMs(name: string): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const durationMs = parseDuration(value);
    if (durationMs !== undefined && durationMs > 0) return durationMs;
    throw this.#wrong(name, 'seconds, or text such as 500ms, 30s, 5m');
  }

  map(name: string): JsonObject | undefined {
    const value = this.value(name);
    if (value === undefined || isJsonObject(value)) return value;
    throw this.#wrong(name, 'a map of names to values');
  }

  #wrong(name: string, expected: string): ActionError {
    return this.fault(`"${name}" is ${kindOf(this.value(name) ?? null)}; write ${expected}`);
  }
}

/** What the value is, in a word: never the value itself. */
export function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'a number' : String(value);
}
