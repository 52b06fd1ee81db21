/** The table of documents that runs may need beside their own, by version: they stay while such a run does. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type WorkflowVersion, workflowVersion } from '../../base/index.ts';
import { checksum } from './checksum.ts';
import { assertChecksum, preparedRead, text } from './columns.ts';

export class Pins {
  readonly #put: StatementSync;
  readonly #of: StatementSync;
  readonly #remove: StatementSync;
  readonly #isPinned: StatementSync;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare('INSERT OR IGNORE INTO pins (run, version, crc) VALUES (?, ?, ?)');
    this.#of = preparedRead(db, 'SELECT version, crc FROM pins WHERE run = ?');
    this.#remove = db.prepare('DELETE FROM pins WHERE run = ?');
    this.#isPinned = db.prepare('SELECT 1 FROM pins WHERE version = ? LIMIT 1');
  }

  put(key: number, versions: readonly WorkflowVersion[]): void {
    for (const version of versions) this.#put.run(key, version, checksum(`${key}`, version));
  }

  /** @throws UnreadableRow */
  of(key: number): readonly WorkflowVersion[] {
    return this.#of.all(key).map((row) => {
      const version = text(row, 'version');
      assertChecksum(row, checksum(`${key}`, version));
      return workflowVersion(version);
    });
  }

  isPinned(version: WorkflowVersion): boolean {
    return this.#isPinned.get(version) !== undefined;
  }

  remove(key: number): void {
    this.#remove.run(key);
  }
}
