/** Tells the shim `fault.c` what to let fail. */

import { openSync, readSync, writeSync } from 'node:fs';

/** What can fail, by its number in the shim. */
export const faultKinds = {
  'sync EIO': 1,
  'write EIO': 2,
  'write ENOSPC': 3,
  'half a write': 4,
  'half a write, then ENOSPC': 5,
  'truncate EIO': 6,
  'read EIO': 7,
  'any EIO': 8,
} as const;

export type FaultKind = keyof typeof faultKinds;

export class FaultControl {
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r+');
  }

  /** Lets `pass` calls of that kind through, and then fails `times`. */
  arm(kind: FaultKind, pass: number, times: number): void {
    this.#write([faultKinds[kind], pass, times, 0]);
  }

  /** From here on nothing fails. Gives how many calls have. */
  disarm(): number {
    const failed = this.failed;
    this.#write([0, 0, 0, 0]);
    return failed;
  }

  get failed(): number {
    const words = Buffer.alloc(16);
    readSync(this.#descriptor, words, 0, 16, 0);
    return words.readInt32LE(12);
  }

  #write(words: readonly number[]): void {
    const bytes = Buffer.alloc(16);
    for (const [index, word] of words.entries()) bytes.writeInt32LE(word, index * 4);
    writeSync(this.#descriptor, bytes, 0, 16, 0);
  }
}
