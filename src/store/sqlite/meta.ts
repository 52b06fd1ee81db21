/** The table of facts about the whole file. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { fail, ok, type Result } from '../../base/index.ts';
import { checksum } from './checksum.ts';
import { assertChecksum, preparedRead, text, UnreadableRow } from './columns.ts';

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

  /** The same for a fact that can be had another way where it is damaged. */
  tryGet(key: string): Result<string | undefined, UnreadableRow> {
    try {
      return ok(this.get(key));
    } catch (error) {
      if (error instanceof UnreadableRow) return fail(error);
      throw error;
    }
  }
}
