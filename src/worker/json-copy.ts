/**
 * Copies of Json at the border between the engine and handlers. Neither side ever holds a value that the other may change:
 * a handler that goes on writing to what it returned, or to what it was given, changes nothing of a run.
 */

import { isJsonObject, type Json, jsonFault, setOwn } from '../base/index.ts';

/** A deep copy whose strings went through `change`; keys stay. */
export function withTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: Json) => withTexts(item, change));
  if (!isJsonObject(value)) return value;
  const copy: { [key: string]: Json } = {};
  for (const key of Object.keys(value)) setOwn(copy, key, withTexts(value[key]!, change));
  return copy;
}

/** Deepest value that can be stored. */
const depthMax = 64;
/** A character takes at most so many bytes of JSON (`\u0000`). */
const bytesPerCharacterMax = 6;

export interface OutputRules {
  /** Bytes of JSON. */
  readonly bytesMax: number;
  /** Takes secrets out of text. */
  readonly redact: (text: string) => string;
}

/** What a handler gave, taken as Json, or why it cannot be. */
export type Taken =
  | { readonly taken: true; readonly value: Json }
  | { readonly taken: false; readonly reason: 'too_large' | 'not_json'; readonly why: string };

/**
 * A copy of what a handler gave, without secrets.
 *
 * Cost: linear in the value, and bounded by `bytesMax` whatever the value refers to, itself included.
 */
export function takeOutput(value: unknown, { bytesMax, redact }: OutputRules): Taken {
  const copier = new Copier(bytesMax, redact);
  const copy = copier.copy(value, depthMax);
  const tooLarge: Taken = {
    taken: false,
    reason: 'too_large',
    why: `it takes more than ${sizeText(bytesMax)} of JSON`,
  };
  if (copier.isFull) return tooLarge;
  const fault = jsonFault(copy, depthMax);
  if (fault !== undefined) return { taken: false, reason: 'not_json', why: fault };
  const size = copier.bytesMin * bytesPerCharacterMax;
  if (size > bytesMax && Buffer.byteLength(JSON.stringify(copy)) > bytesMax) return tooLarge;
  return { taken: true, value: copy as Json };
}

function sizeText(bytes: number): string {
  return bytes > 0 && bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20} MiB` : `${bytes} bytes`;
}

class Copier {
  /** The copy takes at least so many bytes of JSON. */
  bytesMin = 0;
  readonly #bytesMax: number;
  readonly #redact: (text: string) => string;

  constructor(bytesMax: number, redact: (text: string) => string) {
    this.#bytesMax = bytesMax;
    this.#redact = redact;
  }

  get isFull(): boolean {
    return this.bytesMin > this.#bytesMax;
  }

  /** What is no plain list, map or text is left as it is. */
  copy(value: unknown, depth: number): unknown {
    this.bytesMin += 2;
    if (this.isFull || depth < 0) return value;
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'number') return this.#number(value);
    if (Array.isArray(value)) return this.#list(value, depth);
    return isPlain(value) ? this.#map(value, depth) : value;
  }

  #text(text: string): string {
    this.bytesMin += text.length;
    return this.isFull ? text : this.#redact(text);
  }

  /** A secret of digits may come back as a number, where JSON was parsed. */
  #number(value: number): unknown {
    const text = String(value);
    if (text.length < 4) return value;
    const redacted = this.#redact(text);
    return redacted === text ? value : redacted;
  }

  #list(list: readonly unknown[], depth: number): unknown[] {
    const copy: unknown[] = [];
    for (let index = 0; index < list.length && !this.isFull; index += 1) copy.push(this.copy(list[index], depth - 1));
    return copy;
  }

  #map(map: { readonly [key: string]: unknown }, depth: number): { [key: string]: unknown } {
    const copy: { [key: string]: unknown } = {};
    for (const key of Object.keys(map)) {
      if (this.isFull) break;
      setOwn(copy, this.#text(key), this.copy(map[key], depth - 1));
    }
    return copy;
  }
}

function isPlain(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
