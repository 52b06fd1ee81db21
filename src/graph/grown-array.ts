/** Columns that grow: typed arrays have a fixed length, so a longer one takes their place. */

/** `array` itself if it holds `length` entries, else a copy at least twice as long. Entries beyond the old ones are 0. */
export function grown<Column extends Int32Array | Uint8Array | Float64Array>(array: Column, length: number): Column {
  if (array.length >= length) return array;
  const longer = new (array.constructor as new (length: number) => Column)(Math.max(length, array.length * 2, 8));
  longer.set(array);
  return longer;
}
