/**
 * The tables of the file, and how a file of an older version becomes one of this.
 *
 * A migration is never changed once released; a new one is added after it. `PRAGMA user_version` counts those applied,
 * and `PRAGMA application_id` marks the file as ours.
 *
 * Why the tables look as they do (bytes and figures are in the README):
 *
 * - `journal` is append-ordered: rows go to its right edge whichever run they belong to. `base` is the revision before
 *   the row, so that of two writers who decided on the same revision the unique index lets one in.
 * - A run is an integer wherever it is named, but in `runs`. Its place in `runs` is its age.
 * - The two partial indexes hold the runs that are not final and those that are due. A finished run is in neither.
 * - `runs_ended` holds the finished runs without a parent: what retention removes is found without a look at the others.
 * - `runs.revision` is where the run was when its row was written: a journal that ends before it has lost rows, to a
 *   damaged index for one. Nothing is written to keep it newer.
 * - Every row carries a checksum over its contents, beside what SQLite checks: nothing.
 */

import type { DatabaseSync } from 'node:sqlite';
import { PawlError } from '../../base/index.ts';

/** `pawl` in ASCII. */
export const applicationId = 0x7061776c;

const migrations: readonly string[] = [
  `
  CREATE TABLE runs (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    final INTEGER NOT NULL,
    active INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    due_at INTEGER,
    parent TEXT,
    start_hash ANY NOT NULL,
    owner TEXT,
    revision INTEGER NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX runs_open ON runs (active) WHERE final = 0;
  CREATE INDEX runs_due ON runs (due_at) WHERE due_at IS NOT NULL;

  CREATE TABLE versions (
    key INTEGER PRIMARY KEY,
    workflow TEXT NOT NULL,
    version TEXT NOT NULL,
    UNIQUE (version, workflow)
  ) STRICT;

  CREATE TABLE journal (
    position INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    base INTEGER NOT NULL,
    count INTEGER NOT NULL,
    at INTEGER NOT NULL,
    append_id TEXT NOT NULL,
    events TEXT NOT NULL,
    payloads TEXT,
    crc INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX journal_by_run ON journal (run, base);

  CREATE TABLE snapshots (
    run INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE documents (
    key INTEGER PRIMARY KEY,
    version TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE logs (
    sequence INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    task INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    item INTEGER,
    stream TEXT NOT NULL,
    at INTEGER NOT NULL,
    cut INTEGER NOT NULL,
    text TEXT NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX logs_by_task ON logs (run, task);

  CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE results (
    key TEXT PRIMARY KEY,
    run TEXT NOT NULL,
    task INTEGER NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER,
    output TEXT NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX results_old ON results (expires_at) WHERE expires_at IS NOT NULL;
  `,
  // What is forgotten, and when. A file from before does not say which documents its runs pin: those it has last for good.
  `
  CREATE INDEX runs_ended ON runs (status, ended_at) WHERE final = 1 AND parent IS NULL;
  CREATE INDEX runs_below ON runs (parent) WHERE parent IS NOT NULL;
  CREATE INDEX runs_of_version ON runs (version);
  ALTER TABLE documents ADD COLUMN lasting INTEGER NOT NULL DEFAULT 0;
  UPDATE documents SET lasting = 1;
  CREATE TABLE pins (
    run INTEGER NOT NULL,
    version TEXT NOT NULL,
    crc INTEGER NOT NULL,
    PRIMARY KEY (run, version)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX pins_of_version ON pins (version);
  `,
  // By what runs are found. The truth is in their rows; a row without attributes has the checksum it always had.
  `
  ALTER TABLE runs ADD COLUMN attributes TEXT;
  CREATE TABLE run_attributes (
    name TEXT NOT NULL,
    kind INTEGER NOT NULL,
    value ANY NOT NULL,
    run INTEGER NOT NULL,
    PRIMARY KEY (name, kind, value, run)
  ) STRICT, WITHOUT ROWID;
  `,
  // Large values once a run. Rows without cuts have the checksum they always had.
  `
  ALTER TABLE journal ADD COLUMN cuts TEXT;
  ALTER TABLE snapshots ADD COLUMN cuts TEXT;
  CREATE TABLE run_values (
    key INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    cuts TEXT,
    crc INTEGER NOT NULL,
    UNIQUE (run, name)
  ) STRICT;
  `,
];

/** The names of the tables and indexes that migrations make: no user's tables can have them. */
export const ownTables: readonly string[] = migrations.flatMap((migration) =>
  [...migration.matchAll(/CREATE (?:UNIQUE )?(?:TABLE|INDEX) (\w+)/g)].map(([, name]) => name!),
);

/** The version of the schema that this code reads and writes. */
export const schemaVersion = migrations.length;

/** What a file says of itself. */
export interface FileIdentity {
  readonly applicationId: number;
  readonly schemaVersion: number;
  /** Tables and indexes, whosever they are. */
  readonly objects: number;
}

export function identify(db: DatabaseSync): FileIdentity {
  const pragma = (name: string) => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
  const objects = Number(db.prepare('SELECT count(*) AS objects FROM sqlite_schema').get()?.objects);
  return { applicationId: pragma('application_id'), schemaVersion: pragma('user_version'), objects };
}

/** Throws unless the file is ours, of this version or an older one, or empty. */
export function assertOurs(identity: FileIdentity, file: string): void {
  if (identity.applicationId === 0 && identity.schemaVersion === 0 && identity.objects === 0) return;
  if (identity.applicationId !== applicationId) {
    const message = `${file} is an SQLite database of another program, not a Pawl file. Name another file.`;
    throw new PawlError('file_unreadable', message, { details: { file } });
  }
  const found = identity.schemaVersion;
  if (found > schemaVersion) {
    const message = `${file} was written by a newer Pawl (file version ${found}; this one knows up to ${schemaVersion}). Update Pawl to open it.`;
    throw new PawlError('file_too_new', message, { details: { file, found, known: schemaVersion } });
  }
}

/** Brings the file to this version. To be called inside a write transaction: a crash in the middle leaves the old version. */
export function migrate(db: DatabaseSync): void {
  const { schemaVersion: from } = identify(db);
  if (from === schemaVersion) return;
  for (const migration of migrations.slice(from)) db.exec(migration);
  db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`);
}
