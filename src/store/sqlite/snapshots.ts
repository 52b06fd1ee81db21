/** The table of snapshots: the last folded state of a run, replaced as a whole. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { RunId, SealedPlace } from '../../base/index.ts';
import type { StoredSnapshot } from '../store.ts';
import { checksum } from './checksum.ts';
import { assertChecksum, integer, optionalText, preparedRead, text } from './columns.ts';
import type { RunValues } from './run-values.ts';
import type { Sealing } from './sealing.ts';

export class Snapshots {
  readonly #values: RunValues;
  readonly #sealing: Sealing;
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #remove: StatementSync;

  constructor(db: DatabaseSync, values: RunValues, sealing: Sealing) {
    this.#values = values;
    this.#sealing = sealing;
    this.#put = db.prepare('INSERT OR REPLACE INTO snapshots (run, revision, state, cuts, crc) VALUES (?, ?, ?, ?, ?)');
    this.#get = preparedRead(db, 'SELECT revision, state, cuts, crc FROM snapshots WHERE run = ?');
    this.#remove = db.prepare('DELETE FROM snapshots WHERE run = ?');
  }

  put(key: number, run: RunId, revision: number, state: string): void {
    const { text: bare, cuts } = this.#values.share(key, state);
    const left = this.#sealing.seal(bare, placeOf(run, revision));
    this.#put.run(key, revision, left, cuts, checksumOf(key, revision, left, cuts));
  }

  remove(key: number): void {
    this.#remove.run(key);
  }

  /** @throws UnreadableRow @throws PawlError `key_missing` */
  get(key: number, run: RunId): StoredSnapshot | undefined {
    const found = this.#columns(key);
    if (found === undefined) return undefined;
    const { revision, left, cuts } = found;
    const bare = this.#sealing.open(left, placeOf(run, revision));
    return { revision, state: this.#values.reader(key, run)({ text: bare, cuts }) };
  }

  /** As far as it can be without its key. @throws UnreadableRow */
  check(key: number, run: RunId): void {
    const found = this.#columns(key);
    if (found !== undefined && this.#sealing.tryOpen(found.left, placeOf(run, found.revision)) !== undefined)
      this.get(key, run);
  }

  #columns(key: number): { revision: number; left: string; cuts: string | null } | undefined {
    const row = this.#get.get(key);
    if (row === undefined) return undefined;
    const revision = integer(row, 'revision');
    const left = text(row, 'state');
    const cuts = optionalText(row, 'cuts') ?? null;
    assertChecksum(row, checksumOf(key, revision, left, cuts));
    return { revision, left, cuts };
  }
}

function placeOf(run: RunId, revision: number): SealedPlace {
  return { run, slot: `snapshot ${revision}` };
}

function checksumOf(key: number, revision: number, left: string, cuts: string | null): number {
  return checksum(cuts === null ? `${key} ${revision}` : `${key} ${revision} ${cuts}`, left);
}
