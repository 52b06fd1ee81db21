/** Declared keys: what an input must have, and what is left of an output. */

import { PawlError } from '../base/index.ts';

/** @throws PawlError `bad_input`: the input is no map, or lacks one of the keys; `details.missing` are those. */
export function checkInputKeys(input: unknown, keys: readonly string[], owner: string): void {
  if (keys.length === 0) return;
  if (!isMap(input)) {
    const message = `the input of ${owner} is ${kindOf(input)}; it must be a map with ${listed(keys)}`;
    throw new PawlError('bad_input', message, { details: { missing: keys } });
  }
  const missing = keys.filter((key) => !Object.hasOwn(input, key));
  if (missing.length === 0) return;
  throw new PawlError('bad_input', `the input of ${owner} lacks ${listed(missing)}`, { details: { missing } });
}

/**
 * The output with the declared keys only; as it is, where none are declared.
 *
 * @throws PawlError `failed`: the output is no map, or lacks one of the keys; `details.missing` are those.
 */
export function narrowedToKeys(output: unknown, keys: readonly string[], owner: string): unknown {
  if (keys.length === 0) return output;
  requireMap(output, keys, owner);
  requireKeys(new Set(Object.keys(output)), keys, owner);
  return picked(output, keys);
}

/** The same for an output that comes in chunks: each is narrowed, and together they must have every key. */
export class StreamedKeys {
  readonly #keys: readonly string[];
  readonly #owner: string;
  readonly #seen = new Set<string>();

  constructor(keys: readonly string[], owner: string) {
    this.#keys = keys;
    this.#owner = owner;
  }

  narrowed(chunk: unknown): unknown {
    if (this.#keys.length === 0) return chunk;
    requireMap(chunk, this.#keys, this.#owner);
    const narrow = picked(chunk, this.#keys);
    for (const key of Object.keys(narrow)) this.#seen.add(key);
    return narrow;
  }

  /** @throws PawlError `failed`: no chunk had one of the keys. */
  end(): void {
    requireKeys(this.#seen, this.#keys, this.#owner);
  }
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function requireMap(
  output: unknown,
  keys: readonly string[],
  owner: string,
): asserts output is Readonly<Record<string, unknown>> {
  if (isMap(output)) return;
  const message = `the output of ${owner} is ${kindOf(output)}; it declares that it is a map with ${listed(keys)}`;
  throw new PawlError('failed', message, { details: { missing: keys } });
}

function requireKeys(present: ReadonlySet<string>, keys: readonly string[], owner: string): void {
  const missing = keys.filter((key) => !present.has(key));
  if (missing.length === 0) return;
  const message = `the output of ${owner} lacks ${listed(missing)}, which it declares`;
  throw new PawlError('failed', message, { details: { missing } });
}

function picked(map: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.flatMap((key) => (Object.hasOwn(map, key) ? [[key, map[key]] as const] : [])));
}

function listed(keys: readonly string[]): string {
  return keys.map((key) => `"${key}"`).join(', ');
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `of type ${typeof value}`;
}
