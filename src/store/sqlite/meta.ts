/** The table of facts about the whole file. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { checksum } from './checksum.ts';
import { assertChecksum, preparedRead, text } from './columns.ts';

export class Meta {
  readonly #put: StatementSync;
  readonly #get: StatementSync;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare('INSERT OR REPLACE INTO meta (key, value, crc) VALUES (?, ?, ?)');
    this.#get = preparedRead(db, 'SELECT value, crc FROM meta WHERE key = ?');
  }

  put(key: string, value: string): void {
    this.#put.run(key, value, checksum(key, value));
  }

  /** @throws UnreadableRow */
  get(key: string): string | undefined {
    const row = this.#get.get(key);
    if (row === undefined) return undefined;
    const value = text(row, 'value');
    assertChecksum(row, checksum(key, value));
    return value;
  }
}
