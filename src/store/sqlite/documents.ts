/** The table of workflow documents, by version: written once, never changed. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { WorkflowVersion } from '../../base/index.ts';
import type { StoredDocument } from '../store.ts';
import { checksum } from './checksum.ts';
import { assertChecksum, preparedRead, text } from './columns.ts';
import { RecentMap } from './recent-map.ts';

export class Documents {
  readonly #insert: StatementSync;
  readonly #get: StatementSync;
  readonly #remove: StatementSync;
  /** Versions that are in the file: a start names its document every time. */
  readonly #present = new RecentMap<WorkflowVersion, true>(1_000);

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      'INSERT INTO documents (version, name, text, crc) VALUES (?, ?, ?, ?) ON CONFLICT (version) DO NOTHING',
    );
    this.#get = preparedRead(db, 'SELECT name, text, crc FROM documents WHERE version = ?');
    this.#remove = db.prepare('DELETE FROM documents WHERE version = ? AND lasting = 0');
  }

  /** Forgets what it remembers of the file: a transaction was rolled back. */
  forget(): void {
    this.#present.clear();
  }

  put({ version, name, text: content }: StoredDocument): void {
    if (this.#present.get(version)) return;
    this.#insert.run(version, name, content, checksum(`${version} ${name}`, content));
    this.#present.set(version, true);
  }

  /** True where there was such a document, and it may go. */
  remove(version: WorkflowVersion): boolean {
    this.#present.delete(version);
    return this.#remove.run(version).changes > 0;
  }

  /** @throws UnreadableRow */
  get(version: WorkflowVersion): StoredDocument | undefined {
    const row = this.#get.get(version);
    if (row === undefined) return undefined;
    const name = text(row, 'name');
    const content = text(row, 'text');
    assertChecksum(row, checksum(`${version} ${name}`, content));
    return { version, name, text: content };
  }
}
