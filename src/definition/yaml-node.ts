/**
 * A YAML document as a tree that remembers where each value stood.
 *
 * Lists and maps keep the order of the text; aliases are expanded, so one anchored value can stand at several places of
 * the tree with the offsets of its first.
 */

import { type Json, setOwn } from '../base/index.ts';

export interface YamlScalar {
  readonly kind: 'scalar';
  readonly value: null | boolean | number | string;
  /** True for a number written as one with a fraction or exponent: `1.0` is no whole number in YAML 1.1. */
  readonly isFloat: boolean;
  /** False for quoted and block text. */
  readonly isPlain: boolean;
  /** Where the first character of the value stands, if each further one follows in its turn: no escapes, no folded lines. */
  readonly textStart?: number;
  readonly start: number;
  readonly end: number;
}

export interface YamlList {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
  readonly start: number;
  readonly end: number;
}

export interface YamlEntry {
  /** The key as text: what a key that is no text becomes in JSON. */
  readonly key: string;
  readonly keyNode: YamlScalar;
  readonly value: YamlNode;
}

export interface YamlMap {
  readonly kind: 'map';
  readonly entries: readonly YamlEntry[];
  readonly start: number;
  readonly end: number;
}

export type YamlNode = YamlScalar | YamlList | YamlMap;

/** The value of `key` in a map; undefined where it has none or the node is no map. Costs the number of its entries. */
export function entryOf(node: YamlNode | undefined, key: string): YamlEntry | undefined {
  return node?.kind === 'map' ? node.entries.find((entry) => entry.key === key) : undefined;
}

export function memberOf(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return entryOf(node, key)?.value;
}

/** The node's text where it is a text. */
export function textOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

/** Where the character `index` of the node's text stands in the document; the node's start where that cannot be told. */
export function offsetOfCharacter(node: YamlNode, index: number): number {
  return node.kind === 'scalar' && node.textStart !== undefined ? node.textStart + index : node.start;
}

/** The node as plain data. */
export function jsonOf(node: YamlNode): Json {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(jsonOf);
  const map: { [key: string]: Json } = {};
  for (const entry of node.entries) setOwn(map, entry.key, jsonOf(entry.value));
  return map;
}

/** What a reader would call the node: `text`, `a whole number`, `a list` … */
export function kindOf(node: YamlNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a map';
  if (node.value === null) return 'nothing';
  if (typeof node.value === 'boolean') return 'a boolean';
  if (typeof node.value === 'number') return node.isFloat ? 'a number with a fraction' : 'a whole number';
  return node.value === '' ? 'empty text' : 'text';
}

/** False in Python's sense: null, false, 0, and whatever is empty. */
export function isFalse(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return !value;
  return (Array.isArray(value) ? value : Object.keys(value)).length === 0;
}
