/** The table of snapshots: the last folded state of a run, replaced as a whole. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StoredSnapshot } from '../store.ts';
import { checksum } from './checksum.ts';
import { assertChecksum, integer, optionalText, preparedRead, text } from './columns.ts';
import type { RunValues } from './run-values.ts';

export class Snapshots {
  readonly #values: RunValues;
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #remove: StatementSync;

  constructor(db: DatabaseSync, values: RunValues) {
    this.#values = values;
    this.#put = db.prepare('INSERT OR REPLACE INTO snapshots (run, revision, state, cuts, crc) VALUES (?, ?, ?, ?, ?)');
    this.#get = preparedRead(db, 'SELECT revision, state, cuts, crc FROM snapshots WHERE run = ?');
    this.#remove = db.prepare('DELETE FROM snapshots WHERE run = ?');
  }

  put(key: number, revision: number, state: string): void {
    const { text: left, cuts } = this.#values.share(key, state);
    this.#put.run(key, revision, left, cuts, checksumOf(key, revision, left, cuts));
  }

  remove(key: number): void {
    this.#remove.run(key);
  }

  /** @throws UnreadableRow */
  get(key: number): StoredSnapshot | undefined {
    const row = this.#get.get(key);
    if (row === undefined) return undefined;
    const revision = integer(row, 'revision');
    const left = text(row, 'state');
    const cuts = optionalText(row, 'cuts') ?? null;
    assertChecksum(row, checksumOf(key, revision, left, cuts));
    return { revision, state: this.#values.reader(key)({ text: left, cuts }) };
  }
}

function checksumOf(key: number, revision: number, left: string, cuts: string | null): number {
  return checksum(cuts === null ? `${key} ${revision}` : `${key} ${revision} ${cuts}`, left);
}
