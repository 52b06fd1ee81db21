/** Puts the drawings of the components beside each other, in rows when one row would be too long. In order; O(components). */

export interface Shelved {
  /** Of each drawing: where its low corner goes. */
  readonly across: Float64Array;
  readonly along: Float64Array;
  readonly width: number;
  readonly length: number;
}

/** `width` is across the ranks, `length` along them; `ratio` says how wide the whole should be to its length. */
export function shelve(width: Float64Array, length: Float64Array, gap: number, ratio: number): Shelved {
  let area = 0;
  let widest = 0;
  for (let index = 0; index < width.length; index++) {
    area += (width[index]! + gap) * (length[index]! + gap);
    widest = Math.max(widest, width[index]!);
  }
  const limit = Math.max(widest, Math.sqrt(area * ratio));
  const across = new Float64Array(width.length);
  const along = new Float64Array(width.length);
  let shelf = { used: 0, start: 0, length: 0 };
  let total = 0;
  for (let index = 0; index < width.length; index++) {
    if (shelf.used > 0 && shelf.used + width[index]! > limit)
      shelf = { used: 0, start: shelf.start + shelf.length + gap, length: 0 };
    across[index] = shelf.used;
    along[index] = shelf.start;
    shelf.used += width[index]! + gap;
    shelf.length = Math.max(shelf.length, length[index]!);
    total = Math.max(total, shelf.used - gap);
  }
  return { across, along, width: Math.max(0, total), length: shelf.start + shelf.length };
}
