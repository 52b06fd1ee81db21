/**
 * One connection to the file, set up and checked, with the statements of every table.
 *
 * A connection is opened for writing (`openForWriting`: the file is made if it is not there, brought to this version, and
 * what the journal shows is made durable) or for reading (`openForReading`: the file must be there and is not changed).
 *
 * F1. Nobody opens the file but through SQLite, not even to look at its first bytes: on POSIX systems closing any
 *     descriptor of a file drops all locks that the process holds on it, and SQLite's with them.
 * F2. What was asked of SQLite is read back. A pragma that is misspelt or refused says nothing by itself.
 */

import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Codec, PawlError } from '../../base/index.ts';
import type { Durability } from '../store.ts';
import { AttributeIndex } from './attributes.ts';
import { UnreadableRow } from './columns.ts';
import { Documents } from './documents.ts';
import { isHalfWritten, isNotADatabase, isUnreachable, readFault } from './fault.ts';
import { Journal } from './journal.ts';
import { Logs } from './logs.ts';
import { Meta } from './meta.ts';
import { Pins } from './pins.ts';
import { Results } from './results.ts';
import { RunValues } from './run-values.ts';
import { Runs } from './runs.ts';
import { assertOurs, identify, migrate, schemaVersion } from './schema.ts';
import { Sealing } from './sealing.ts';
import { Snapshots } from './snapshots.ts';

export interface DatabaseFile {
  readonly db: DatabaseSync;
  /** As it is named in messages. */
  readonly path: string;
  readonly runs: Runs;
  readonly journal: Journal;
  readonly snapshots: Snapshots;
  readonly documents: Documents;
  readonly logs: Logs;
  readonly meta: Meta;
  readonly pins: Pins;
  readonly attributes: AttributeIndex;
  readonly values: RunValues;
  readonly sealing: Sealing;
  readonly results: Results;
}

export interface WritingOptions {
  /** A path, or `:memory:`. */
  readonly path: string;
  readonly durability: Exclude<Durability, 'memory'>;
  readonly busyTimeoutMs: number;
  readonly logLimitBytes: number;
  /** Characters of JSON from which on a value is kept once a run. */
  readonly largeValueLength: number;
  /** Seals what runs carry; absent: it is kept as it is. */
  readonly codec?: Codec | undefined;
  /** Undefined: as large as the disk. */
  readonly fileLimitBytes: number | undefined;
}

const pageBytes = 4096;

/** The smallest page that SQLite knows. */
const databaseBytesMin = 512;

/** Common to all connections. The wait for a lock of another process blocks this thread: it is the exception. */
const connectionOptions = {
  enableForeignKeyConstraints: false,
  enableDoubleQuotedStringLiterals: false,
  allowExtension: false,
  defensive: true,
} as const;

export const inMemory = ':memory:';

export function openForWriting(options: WritingOptions): DatabaseFile {
  const path = options.path === inMemory ? inMemory : resolve(options.path);
  return guarded(path, () => {
    if (path !== inMemory) lookBeforeTouching(path);
    const db = new DatabaseSync(path, { ...connectionOptions, timeout: options.busyTimeoutMs });
    return closingOnError(db, () => {
      configureWriter(db, path, options);
      migrateInTransaction(db, path);
      return withTables(db, path, options);
    });
  });
}

export function openForReading(givenPath: string, busyTimeoutMs: number, codec?: Codec): DatabaseFile {
  const path = resolve(givenPath);
  return guarded(path, () => {
    if (sizeOf(path) === undefined) {
      throw new PawlError('not_found', `There is no file ${path} to read.`, { details: { file: path } });
    }
    const db = new DatabaseSync(path, { ...connectionOptions, readOnly: true, timeout: busyTimeoutMs });
    return closingOnError(db, () => {
      db.exec('PRAGMA trusted_schema = OFF');
      const identity = identify(db);
      assertOurs(identity, path);
      if (identity.schemaVersion < schemaVersion) {
        const message = `${path} is of an older Pawl, or holds nothing yet: open it once for writing, with \`pawl resume\` for one.`;
        throw new PawlError('file_unreadable', message, { details: { file: path } });
      }
      return withTables(db, path, { logLimitBytes: 0, largeValueLength: Number.POSITIVE_INFINITY, codec });
    });
  });
}

/** Opens a file that is there for reading first: one that is not ours must stay as it is, to the byte. */
function lookBeforeTouching(path: string): void {
  const size = sizeOf(path);
  if (size === undefined && statSync(dirname(path), { throwIfNoEntry: false }) === undefined) {
    throw new PawlError('file_unreadable', `There is no folder ${dirname(path)} to make the file in.`, {
      details: { file: path },
    });
  }
  if (size === undefined || size === 0) return;
  try {
    assertOursBy(path, { readOnly: true });
  } catch (error) {
    // The power went while the file was being made: SQLite must undo that half before anybody can read the file. It is
    // what any program that opens the file does first, so it is right for a file of another program too.
    if (!isHalfWritten(error)) throw error;
    assertOursBy(path, { readOnly: false });
  }
}

function assertOursBy(path: string, { readOnly }: { readonly readOnly: boolean }): void {
  const db = new DatabaseSync(path, { ...connectionOptions, readOnly });
  closingOnError(db, () => assertOurs(identify(db), path));
  db.close();
}

/** The file's size; undefined where it is not there. SQLite would write over a file that is too short to be a database. */
function sizeOf(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (!found.isFile())
    throw new PawlError('file_unreadable', `${path} is not a file: name one.`, { details: { file: path } });
  if (found.size > 0 && found.size < databaseBytesMin) throw notADatabase(path);
  return found.size;
}

function notADatabase(path: string, cause?: unknown): PawlError {
  const message = `${path} is not a Pawl file, and not an SQLite database. Name another file.`;
  return new PawlError('file_unreadable', message, { cause, details: { file: path } });
}

function configureWriter(db: DatabaseSync, path: string, { durability, fileLimitBytes }: WritingOptions): void {
  db.exec(`PRAGMA page_size = ${pageBytes}`);
  assertPragma(db, path, 'journal_mode', 'WAL', path === inMemory ? 'memory' : 'wal');
  assertPragma(
    db,
    path,
    'synchronous',
    durability === 'sqlite-full' ? 'FULL' : 'NORMAL',
    durability === 'sqlite-full' ? 2 : 1,
  );
  assertPragma(db, path, 'trusted_schema', 'OFF', 0);
  assertPragma(db, path, 'foreign_keys', 'OFF', 0);
  assertPragma(db, path, 'cell_size_check', 'ON', 1);
  assertPragma(db, path, 'temp_store', 'MEMORY', 2);
  // Kibibytes, where negative. Small, since the pages written last are the ones written next: four times as much won nothing.
  assertPragma(db, path, 'cache_size', '-2000', -2000);
  if (path !== inMemory) assertPragma(db, path, 'wal_autocheckpoint', '4000', 4000);
  // A log that one large commit made long is cut back to this at the next checkpoint.
  if (path !== inMemory) assertPragma(db, path, 'journal_size_limit', `${64 * 1024 * 1024}`, 64 * 1024 * 1024);
  if (fileLimitBytes !== undefined) db.exec(`PRAGMA max_page_count = ${Math.ceil(fileLimitBytes / pageBytes)}`);
}

function assertPragma(db: DatabaseSync, path: string, name: string, value: string, expected: string | number): void {
  db.exec(`PRAGMA ${name} = ${value}`);
  const row = db.prepare(`PRAGMA ${name}`).get() ?? {};
  const found = Object.values(row)[0];
  if (found === expected) return;
  throw new PawlError('file_unreadable', `${path} could not be opened with ${name} = ${value}: SQLite says ${found}.`, {
    details: { file: path, pragma: name, expected, found },
  });
}

function migrateInTransaction(db: DatabaseSync, path: string): void {
  db.exec('BEGIN IMMEDIATE');
  // Again, now that nobody else can write: another process may have been first.
  assertOurs(identify(db), path);
  migrate(db);
  db.exec('COMMIT');
  const { schemaVersion: reached } = identify(db);
  if (reached !== schemaVersion)
    throw new PawlError('internal', `${path} is at version ${reached} after its migrations.`);
}

function withTables(
  db: DatabaseSync,
  path: string,
  { logLimitBytes, largeValueLength, codec }: Pick<WritingOptions, 'logLimitBytes' | 'largeValueLength' | 'codec'>,
): DatabaseFile {
  const sealing = new Sealing(codec, path);
  const values = new RunValues(db, largeValueLength, sealing);
  return {
    db,
    path,
    runs: new Runs(db),
    sealing,
    values,
    journal: new Journal(db, values, sealing),
    snapshots: new Snapshots(db, values, sealing),
    documents: new Documents(db),
    logs: new Logs(db, logLimitBytes, sealing),
    meta: new Meta(db),
    pins: new Pins(db),
    attributes: new AttributeIndex(db),
    results: new Results(db, sealing),
  };
}

function closingOnError<T>(db: DatabaseSync, work: () => T): T {
  try {
    return work();
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Turns what SQLite says while a file is opened into a sentence for the person who named the file. */
function guarded<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    const details = { file: path };
    if (isNotADatabase(error)) throw notADatabase(path, error);
    if (isUnreachable(error)) {
      const message = `${path} cannot be opened here. Pawl must be able to write the file and to make others beside it: check the permissions of both.`;
      throw new PawlError('file_unreadable', message, { cause: error, details });
    }
    if (error instanceof UnreadableRow) {
      throw new PawlError('store_corrupt', `${path} is damaged: ${error.message}.`, { cause: error, details });
    }
    throw readFault(error, path);
  }
}
