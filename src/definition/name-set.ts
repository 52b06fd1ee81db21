/**
 * Sets of names over a universe that is known at the start, as bits: a union costs a word for 32 names, and equal sets have
 * equal keys. The walks over a document hold one for each task.
 */

export class NameUniverse {
  readonly #indices = new Map<string, number>();

  constructor(names: Iterable<string>) {
    for (const name of names) if (!this.#indices.has(name)) this.#indices.set(name, this.#indices.size);
  }

  /** The set of those of `names` that belong to the universe. */
  of(names: Iterable<string>): NameSet {
    return this.empty().with(this, names);
  }

  empty(): NameSet {
    return new NameSet(new Uint32Array((this.#indices.size + 31) >>> 5));
  }

  names(): Iterable<string> {
    return this.#indices.keys();
  }

  indexOf(name: string): number | undefined {
    return this.#indices.get(name);
  }

  namesIn(set: NameSet): string[] {
    return [...this.#indices.keys()].filter((name) => set.has(this, name));
  }
}

export class NameSet {
  readonly #bits: Uint32Array;
  #key: string | undefined;

  constructor(bits: Uint32Array) {
    this.#bits = bits;
  }

  /** Equal for equal sets of one universe. */
  get key(): string {
    this.#key ??= this.#bits.join(',');
    return this.#key;
  }

  has(universe: NameUniverse, name: string): boolean {
    const index = universe.indexOf(name);
    return index !== undefined && (this.#bits[index >>> 5]! & (1 << (index & 31))) !== 0;
  }

  with(universe: NameUniverse, names: Iterable<string>): NameSet {
    let bits: Uint32Array | undefined;
    for (const name of names) {
      const index = universe.indexOf(name);
      if (index === undefined) continue;
      bits ??= this.#bits.slice();
      bits[index >>> 5]! |= 1 << (index & 31);
    }
    return bits ? new NameSet(bits) : this;
  }

  union(other: NameSet): NameSet {
    if (this.contains(other)) return this;
    return new NameSet(this.#bits.map((word, index) => word | other.#bits[index]!));
  }

  contains(other: NameSet): boolean {
    return this.#bits.every((word, index) => (other.#bits[index]! & ~word) === 0);
  }
}
