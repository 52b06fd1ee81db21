/**
 * Who is due when, for the memory store: a list sorted by instant, and by age among equals.
 *
 * Finding a place costs log n; putting in and taking out move the rest of the list, which is quick up to a million.
 */

import type { Instant } from '../../base/index.ts';

export interface DueEntry {
  readonly at: Instant;
  /** Age of the run: its order of arrival in the store. */
  readonly order: number;
}

export class DueIndex {
  readonly #entries: DueEntry[] = [];

  add(entry: DueEntry): void {
    this.#entries.splice(this.#place(entry), 0, entry);
  }

  remove(entry: DueEntry): void {
    const place = this.#place(entry);
    const found = this.#entries[place];
    if (found?.at === entry.at && found.order === entry.order) this.#entries.splice(place, 1);
  }

  /** The first `limit` entries at or before `at`, soonest first. */
  until(at: Instant, limit: number): readonly DueEntry[] {
    const end = this.#place({ at, order: Number.POSITIVE_INFINITY });
    return this.#entries.slice(0, Math.min(end, limit));
  }

  /** The first instant; with `after`, the first later than that. */
  soonest(after?: Instant): Instant | undefined {
    return this.#entries[after === undefined ? 0 : this.#place({ at: after, order: Number.POSITIVE_INFINITY })]?.at;
  }

  /** The first place whose entry does not come before `entry`. */
  #place(entry: DueEntry): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const candidate = this.#entries[middle]!;
      const before = candidate.at < entry.at || (candidate.at === entry.at && candidate.order < entry.order);
      if (before) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
