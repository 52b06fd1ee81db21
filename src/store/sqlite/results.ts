/** The table of results that runs may use again, by key: the latest of a key stands. Those that ran out are removed in passing. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Instant, instantOf, type RunId, type SealedPlace } from '../../base/index.ts';
import type { StoredResult } from '../store.ts';
import { checksum } from './checksum.ts';
import { assertChecksum, preparedRead, text } from './columns.ts';
import type { Sealing } from './sealing.ts';

/** With each result that is written, so many that ran out are removed. */
const removedAtOnce = 20;

export class Results {
  readonly #sealing: Sealing;
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #removeOld: StatementSync;
  readonly #nextExpiry: StatementSync;

  constructor(db: DatabaseSync, sealing: Sealing) {
    this.#sealing = sealing;
    this.#put = db.prepare(
      'INSERT OR REPLACE INTO results (key, run, task, at, expires_at, output, crc) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#get = preparedRead(db, 'SELECT run, task, at, expires_at, output, crc FROM results WHERE key = ?');
    this.#removeOld = db.prepare(
      'DELETE FROM results WHERE key IN (SELECT key FROM results WHERE expires_at <= ? LIMIT ?)',
    );
    this.#nextExpiry = preparedRead(db, 'SELECT min(expires_at) AS at FROM results WHERE expires_at IS NOT NULL');
  }

  put({ key, run, task, at, expiresAt, output: told }: StoredResult): void {
    this.removeOld(at, removedAtOnce);
    const output = this.#sealing.seal(told, placeOf(run, task, key));
    const crc = checksum(headOf(key, run, task, at, expiresAt), output);
    this.#put.run(key, run, task, at, expiresAt ?? null, output, crc);
  }

  /** Removes up to `limit` that ran out at `at` or before; answers how many. */
  removeOld(at: Instant, limit: number): number {
    return Number(this.#removeOld.run(at, limit).changes);
  }

  nextExpiry(): Instant | undefined {
    const at = this.#nextExpiry.get()?.at;
    return typeof at === 'bigint' ? instantOf(Number(at)) : undefined;
  }

  /** @throws UnreadableRow @throws PawlError `key_missing` */
  get(key: string): StoredResult | undefined {
    const kept = this.#columns(key);
    return kept && { ...kept, output: this.#sealing.open(kept.output, placeOf(kept.run, kept.task, key)) };
  }

  /** As far as it can be without its key. @throws UnreadableRow */
  check(key: string): void {
    const kept = this.#columns(key);
    if (kept !== undefined) this.#sealing.tryOpen(kept.output, placeOf(kept.run, kept.task, key));
  }

  #columns(key: string): StoredResult | undefined {
    const row = this.#get.get(key);
    if (row === undefined) return undefined;
    const run = text(row, 'run') as RunId;
    const task = Number(row.task);
    const at = instantOf(Number(row.at));
    const expiresAt: Instant | undefined = row.expires_at === null ? undefined : instantOf(Number(row.expires_at));
    const output = text(row, 'output');
    assertChecksum(row, checksum(headOf(key, run, task, at, expiresAt), output));
    return { key, run, task, at, output, ...(expiresAt === undefined ? {} : { expiresAt }) };
  }
}

function placeOf(run: RunId, task: number, key: string): SealedPlace {
  return { run, slot: `result ${task} ${key}` };
}

function headOf(key: string, run: RunId, task: number, at: Instant, expiresAt: Instant | undefined): string {
  return `${key} ${run} ${task} ${at} ${expiresAt ?? ''}`;
}
