/**
 * Room kept free for a full disk: a file beside the database, `<database>.ballast`, that holds nothing and takes up blocks.
 *
 * On a full disk SQLite can write nothing, not even what would free space: a delete and a checkpoint need room too. So the
 * writer gives this room back when the disk is full, and makes the file again once there is room.
 *
 * Losing the file, or half of it, loses nothing but the room: it is never synced, and its content is never read.
 */

import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';

const chunkBytes = 64 * 1024;

export class Ballast {
  readonly #path: string;
  readonly #bytes: number;

  /** Of no bytes: there is none. */
  constructor(database: string, bytes: number) {
    this.#path = `${database}.ballast`;
    this.#bytes = bytes;
  }

  /** Makes the file if it is not there in full. False where there is no room for it; then it takes none. */
  restore(): boolean {
    if (this.#bytes === 0 || statSync(this.#path, { throwIfNoEntry: false })?.size === this.#bytes) return true;
    try {
      this.#fill();
      return true;
    } catch {
      // Whatever keeps it from being made: the database goes on without.
      this.release();
      return false;
    }
  }

  /** Gives the room back. True where there was some. */
  release(): boolean {
    if (this.#bytes === 0) return false;
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    try {
      rmSync(this.#path, { force: true });
    } catch {
      return false;
    }
    return size > 0;
  }

  /** Bytes are written, not asked for: a hole or a promise of the file system would be no room. */
  #fill(): void {
    const descriptor = openSync(this.#path, 'w', 0o600);
    try {
      const chunk = Buffer.alloc(chunkBytes, 'ballast ');
      for (let left = this.#bytes; left > 0; left -= chunkBytes)
        writeSync(descriptor, chunk, 0, Math.min(left, chunkBytes));
    } finally {
      closeSync(descriptor);
    }
    if (statSync(this.#path).size !== this.#bytes) throw new Error('there is no room for all of it');
  }
}
