/** What `orderBy` gives: a collection that sorts when first read, and that `thenBy` may still refine. */

import { spend } from '../budget.ts';
import { Opaque, type Value } from '../python/values.ts';
import type { Lambda } from './code.ts';

export class Ordering extends Opaque implements Iterable<Value> {
  readonly type = 'OrderingIterable';
  private readonly source: Iterable<Value>;
  private readonly isLess: (a: Value, b: Value) => boolean;
  private readonly fields: { selector: Lambda; ascending: boolean }[] = [];
  private sorted: readonly Value[] | null = null;

  constructor(source: Iterable<Value>, isLess: (a: Value, b: Value) => boolean) {
    super();
    this.source = source;
    this.isLess = isLess;
  }

  by(selector: Lambda, ascending: boolean): this {
    this.fields.push({ selector, ascending });
    return this;
  }

  [Symbol.iterator](): Iterator<Value> {
    this.sorted ??= this.sort();
    return this.sorted[Symbol.iterator]();
  }

  private sort(): readonly Value[] {
    const rows = [];
    for (const value of this.source) {
      spend();
      rows.push({ value, keys: [] as Value[] });
    }
    const key = (row: { value: Value; keys: Value[] }, index: number): Value => {
      while (row.keys.length <= index)
        row.keys.push((this.fields[row.keys.length] as { selector: Lambda }).selector(row.value));
      return row.keys[index] as Value;
    };
    rows.sort((a, b) => {
      spend();
      for (let index = 0; index < this.fields.length; index++) {
        const left = key(a, index);
        const right = key(b, index);
        const order = this.isLess(left, right) ? -1 : this.isLess(right, left) ? 1 : 0;
        if (order !== 0) return this.fields[index]?.ascending ? order : -order;
      }
      return 0;
    });
    return rows.map((row) => row.value);
  }
}
