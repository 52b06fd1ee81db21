/** The table of snapshots: the last folded state of a run, replaced as a whole. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StoredSnapshot } from '../store.ts';
import { checksum } from './checksum.ts';
import { assertChecksum, integer, preparedRead, text } from './columns.ts';

export class Snapshots {
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #remove: StatementSync;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare('INSERT OR REPLACE INTO snapshots (run, revision, state, crc) VALUES (?, ?, ?, ?)');
    this.#get = preparedRead(db, 'SELECT revision, state, crc FROM snapshots WHERE run = ?');
    this.#remove = db.prepare('DELETE FROM snapshots WHERE run = ?');
  }

  put(key: number, revision: number, state: string): void {
    this.#put.run(key, revision, state, checksum(`${key} ${revision}`, state));
  }

  remove(key: number): void {
    this.#remove.run(key);
  }

  /** @throws UnreadableRow */
  get(key: number): StoredSnapshot | undefined {
    const row = this.#get.get(key);
    if (row === undefined) return undefined;
    const revision = integer(row, 'revision');
    const state = text(row, 'state');
    assertChecksum(row, checksum(`${key} ${revision}`, state));
    return { revision, state };
  }
}
