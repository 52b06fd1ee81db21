import { crc32 } from 'node:zlib';

/**
 * CRC-32 of a row's contents as a signed number, which SQLite keeps in four bytes. Parts are told apart by their lengths;
 * one concatenation and one call cost a third less than a call for each part.
 */
export function checksum(head: string, first: string, second?: string): number {
  const text =
    second === undefined
      ? `${head} ${first.length}\n${first}`
      : `${head} ${first.length} ${second.length}\n${first}${second}`;
  return crc32(text) | 0;
}
