/**
 * A publish as an operation that can be composed: what it does to a context, whatever the context holds.
 *
 * Merging plain maps is not associative (a null published between two maps resets the first), so a publish that stands
 * for several keeps where it replaces: `{"~": map}` merges a plain map, `{"=": value}` replaces, `{"+": {key: patch}}`
 * does to each key what its patch says. Nothing is copied that is not changed.
 */

import { isJsonObject, type Json, type JsonObject, ownProperty, setOwn } from '../../base/index.ts';

export type Patch =
  | { readonly '~': JsonObject }
  | { readonly '=': Json }
  | { readonly '+': { readonly [key: string]: Patch } };

/** `target` after the patch. Shares with both what neither changes. */
export function applyPatch(target: Json, patch: Patch): Json {
  if ('~' in patch) return merge(target, patch['~']);
  if ('=' in patch) return patch['='];
  const merged: { [key: string]: Json } = isJsonObject(target) ? { ...target } : {};
  const keys = patch['+'];
  for (const key of Object.keys(keys)) {
    setOwn(merged, key, applyPatch(ownProperty(merged, key) ?? null, keys[key]!));
  }
  return merged;
}

/** The patch that does `first` and then `second`. */
export function composePatches(first: Patch, second: Patch): Patch {
  if ('=' in second) return second;
  if ('=' in first) return { '=': applyPatch(first['='], second) };
  const keys: { [key: string]: Patch } = { ...byKey(first) };
  const later = byKey(second);
  for (const key of Object.keys(later)) {
    const before = ownProperty(keys, key);
    const after = later[key]!;
    setOwn(keys, key, before === undefined ? after : composePatches(before, after));
  }
  return { '+': keys };
}

function byKey(patch: Exclude<Patch, { readonly '=': Json }>): { readonly [key: string]: Patch } {
  if ('+' in patch) return patch['+'];
  const keys: { [key: string]: Patch } = {};
  for (const key of Object.keys(patch['~'])) {
    const value = patch['~'][key]!;
    setOwn(keys, key, isJsonObject(value) ? { '~': value } : { '=': value });
  }
  return keys;
}

/** Maps merge key by key, all the way down; anything else replaces. */
function merge(left: Json, right: Json): Json {
  if (!isJsonObject(left) || !isJsonObject(right)) return right;
  const merged: { [key: string]: Json } = { ...left };
  for (const key of Object.keys(right)) {
    const value = right[key]!;
    setOwn(merged, key, isJsonObject(value) ? merge(ownProperty(left, key) ?? null, value) : value);
  }
  return merged;
}
