/** Items sorted into numbered buckets and kept flat (compressed rows): bucket `b` is `items[start[b]] … items[start[b + 1] - 1]`. */

export interface Buckets {
  readonly start: Int32Array;
  readonly items: Int32Array;
}

/** Sorts the items `0 … bucketOf.length - 1` into buckets, each in rising order; a negative bucket leaves the item out. O(items + buckets). */
export function bucketsOf(bucketCount: number, bucketOf: Int32Array): Buckets {
  const start = new Int32Array(bucketCount + 1);
  for (const bucket of bucketOf) if (bucket >= 0) start[bucket + 1]!++;
  for (let bucket = 0; bucket < bucketCount; bucket++) start[bucket + 1]! += start[bucket]!;
  const items = new Int32Array(start[bucketCount]!);
  const cursor = start.slice(0, bucketCount);
  for (let item = 0; item < bucketOf.length; item++) {
    const bucket = bucketOf[item]!;
    if (bucket >= 0) items[cursor[bucket]!++] = item;
  }
  return { start, items };
}
