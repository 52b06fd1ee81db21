/** Columns that grow: typed arrays have a fixed length, so a longer one takes their place. */

/**
 * `array` itself if it holds `length` entries, else one at least twice as long with the same entries and 0 beyond them. The
 * old array is empty then: its memory is given back at once and not at the next collection.
 */
export function grown<Column extends Int32Array | Uint8Array | Float64Array>(array: Column, length: number): Column {
  if (array.length >= length) return array;
  return resized(array, Math.max(length, array.length * 2, 8));
}

/** The same column with that many places; those added are 0. The column given is not to be used any more. */
export function resized<Column extends Int32Array | Uint8Array | Float64Array>(array: Column, length: number): Column {
  const make = array.constructor as new (buffer: ArrayBufferLike) => Column;
  return new make((array.buffer as ArrayBuffer).transfer(length * array.BYTES_PER_ELEMENT));
}
