/** A value that survives `JSON.stringify` and `JSON.parse` unchanged. Inputs, outputs, contexts and events are Json. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A map of names to values. Read own properties only (`Object.hasOwn`): the keys come from users. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** True for a map: not null, not a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own property `key` of `map`, or undefined. Never reaches a prototype, whatever the key is called. */
export function ownProperty<T>(map: { readonly [key: string]: T }, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Sets an own property even where the key is `__proto__`, which plain assignment would lose. */
export function setOwn<T>(map: { [key: string]: T }, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    map[key] = value;
  }
}

/**
 * Why `value` is not Json no deeper than `depthMax`, or undefined when it is. Refuses what `JSON.stringify` would drop
 * or change (undefined, functions, NaN, class instances) and nesting that it could not write again.
 */
export function jsonFault(value: unknown, depthMax = 64): string | undefined {
  if (depthMax < 0) return 'it is nested too deeply';
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : `${value} is not a JSON number`;
    case 'object':
      break;
    default:
      return `a value of type ${typeof value} is not JSON`;
  }
  if (value === null) return undefined;
  if (Array.isArray(value)) {
    for (const item of value) {
      const fault = jsonFault(item, depthMax - 1);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return 'an instance of a class is not JSON';
  for (const key of Object.keys(value)) {
    const fault = jsonFault((value as { [key: string]: unknown })[key], depthMax - 1);
    if (fault !== undefined) return `in "${key}": ${fault}`;
  }
  return undefined;
}

/** A deep copy: whoever goes on writing to one does not change the other. Cost: linear in the value. */
export function jsonCopy(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(jsonCopy);
  const map = value as JsonObject;
  const copy: { [key: string]: Json } = {};
  for (const key of Object.keys(map)) setOwn(copy, key, jsonCopy(map[key]!));
  return copy;
}

/** Same value, whatever the order of the keys. Both sides are Json. */
export function jsonEqual(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => jsonEqual(item, right[index]));
  }
  const a = left as JsonObject;
  const b = right as JsonObject;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key]!, b[key]!));
}

/** JSON text with the keys of every map sorted: equal values give equal text. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  const map = value as JsonObject;
  const entries = Object.keys(map)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(map[key]!)}`);
  return `{${entries.join(',')}}`;
}
