/**
 * The ids of a graph's nodes and the slots they stand in: a hash table in one typed array, outside of the JavaScript heap.
 *
 * A `Map` of a million ids takes twice the memory, and its copies while it grows make V8 raise its nursery to 128 MiB.
 * Pairs of a hash and a slot, open addressing with linear probing, at most half full; expected O(length of the id) a call.
 *
 * T1. Slots are given in order and not again; a removed id leaves its slot empty until the table is packed.
 * T2. Ids that were chosen to collide are found out by the places they make a look-up go through, and hashed from another seed.
 */

/** In place of slot + 1, where nothing ever stood and where an id was removed. */
const free = 0;
const removed = -1;
const smallest = 16;
/** A table that is half full has a chain this long once in 10²⁰ times. */
const chainMax = 256;

export class IdTable {
  /** Pairs: hash, slot + 1. */
  #pairs = new Int32Array(2 * smallest);
  /** Pairs that are not free, those of removed ids too. */
  #taken = 0;
  #ids: (string | undefined)[] = [];
  #seed = 0x811c9dc5 | 0;
  /** Ids in it. */
  count = 0;
  /** Slots given, those of removed ids too. */
  slots = 0;

  /** @param room Ids that will come, if that is known: the table is made for them at once. */
  constructor(room = 0) {
    if (room > 0) {
      this.#pairs = new Int32Array(2 * placesFor(room));
      this.#ids = new Array<string | undefined>(room);
    }
  }

  /** The slot of an id, or −1. */
  find(id: string): number {
    if (typeof id !== 'string') return -1;
    const place = this.#placeOf(id, hashOf(id, this.#seed));
    return place < 0 ? -1 : this.#pairs[place + 1]! - 1;
  }

  /** The slot of an id, which is added unless it is there: whether it was, `count` tells. */
  findOrAdd(id: string): number {
    const hash = hashOf(id, this.#seed);
    const place = this.#placeOf(id, hash);
    if (place >= 0) return this.#pairs[place + 1]! - 1;
    if (2 * (this.#taken + 1) > this.#pairs.length / 2) this.#rehash();
    const slot = this.slots;
    const chain = this.#put(hash, slot);
    this.#taken += 1;
    this.#ids[slot] = id;
    this.slots += 1;
    this.count += 1;
    if (chain > chainMax) this.#reseed();
    return slot;
  }

  remove(slot: number): void {
    const id = this.#ids[slot]!;
    this.#pairs[this.#placeOf(id, hashOf(id, this.#seed)) + 1] = removed;
    this.#ids[slot] = undefined;
    this.count -= 1;
  }

  /** The id in a slot; undefined where it was removed, and beyond the slots. */
  at(slot: number): string | undefined {
    return this.#ids[slot];
  }

  /** The ids by slot, undefined where one was removed. Not to be changed. */
  bySlot(): readonly (string | undefined)[] {
    this.#ids.length = this.slots;
    return this.#ids;
  }

  /** The same ids in slots without gaps, in the same order. */
  packed(): IdTable {
    const table = new IdTable(this.count);
    for (const id of this.bySlot()) if (id !== undefined) table.findOrAdd(id);
    return table;
  }

  /** The most places that a look-up of an id in it goes through; O(slots). */
  longestChain(): number {
    const { length } = this.#pairs;
    return this.bySlot().reduce((longest, id) => {
      if (id === undefined) return longest;
      const hash = hashOf(id, this.#seed);
      const steps = (this.#placeOf(id, hash) - (hash << 1)) & (length - 1);
      return Math.max(longest, steps / 2);
    }, 0);
  }

  /** The place of an id's pair, or −1. */
  #placeOf(id: string, hash: number): number {
    const pairs = this.#pairs;
    const mask = pairs.length - 1;
    for (let place = (hash << 1) & mask; ; place = (place + 2) & mask) {
      const slot = pairs[place + 1]!;
      if (slot === free) return -1;
      if (slot !== removed && pairs[place] === hash && this.#ids[slot - 1] === id) return place;
    }
  }

  /** Returns how many places were taken before the one it found. */
  #put(hash: number, slot: number): number {
    const pairs = this.#pairs;
    const mask = pairs.length - 1;
    let chain = 0;
    let place = (hash << 1) & mask;
    for (; pairs[place + 1] !== free; place = (place + 2) & mask) chain += 1;
    pairs[place] = hash;
    pairs[place + 1] = slot + 1;
    return chain;
  }

  /** Makes room for more, and lets the pairs of removed ids go. */
  #rehash(): void {
    const before = this.#pairs;
    this.#pairs = new Int32Array(2 * placesFor(2 * this.count + 1));
    this.#taken = this.count;
    for (let place = 0; place < before.length; place += 2) {
      const slot = before[place + 1]!;
      if (slot !== free && slot !== removed) this.#put(before[place]!, slot - 1);
    }
  }

  #reseed(): void {
    this.#seed = Math.imul(this.#seed, 0x9e3779b1) ^ this.count;
    this.#pairs.fill(0);
    this.#taken = this.count;
    this.bySlot().forEach((id, slot) => {
      if (id !== undefined) this.#put(hashOf(id, this.#seed), slot);
    });
  }
}

/** Places, a power of two, of a table of that many ids that is at most half full. */
function placesFor(count: number): number {
  let places = smallest;
  while (places < 2 * count) places *= 2;
  return places;
}

/** FNV-1a over the code units, with the last mix of MurmurHash3: low bits depend on all of it. Outside of this file for its test alone. */
export function hashOf(id: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < id.length; index += 1) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
