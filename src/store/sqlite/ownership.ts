/**
 * Who owns a file: at most one process, as long as it lives.
 *
 * Beside the database stands `<database>.lock`, a small SQLite database of its own with one row that names the owner. The
 * owner commits that row and then holds a write transaction on the lock file (`BEGIN IMMEDIATE`) until it releases the
 * file or dies. Anyone else can read the row, and nobody else can begin a write. The operating system drops the lock with
 * the process, however it ends, so after a `kill -9` the file is free at once; there is no lease and nothing is polled.
 *
 * O1. NEITHER THE LOCK FILE NOR THE DATABASE IS EVER OPENED BUT THROUGH SQLITE. On POSIX systems a process loses all its
 *     locks on a file when it closes any descriptor of it: one `readFileSync` of either in the owner lets another in.
 * O2. The lock file is never removed: two processes could then hold two files of one name.
 * O3. Each acquisition has a greater generation than all before it, durable before it is acquired.
 * O4. A file has one lock, whatever path it is called by (`canonicalPath`).
 *
 * File locks of a network file system may not work: a file that several machines reach belongs into Postgres.
 */

import { DatabaseSync } from 'node:sqlite';
import { type Instant, instantOf, PawlError } from '../../base/index.ts';
import { canonicalPath } from './canonical-path.ts';
import { isBusy, isNotADatabase, isUnreachable } from './fault.ts';

/** What a process says of itself when it takes a file. */
export interface OwnerClaim {
  readonly pid: number;
  readonly hostname: string;
  /** What tells the process from another that has the same pid at another time; undefined where the system does not say. */
  readonly start: string | undefined;
  /** Where it takes commands. */
  readonly socket: string | undefined;
  readonly since: Instant;
  /** Of Pawl. */
  readonly version: string;
}

export interface OwnerRow extends OwnerClaim {
  readonly generation: number;
}

export interface Ownership {
  readonly row: OwnerRow;
  /** The one name of the file that is owned. */
  readonly path: string;
  /** Lets go of the file. Idempotent. */
  release(): void;
}

/** `heldBy` is undefined where the file was never owned before and another process is just taking it. */
export type Acquired =
  | { readonly acquired: true; readonly ownership: Ownership }
  | { readonly acquired: false; readonly heldBy: OwnerRow | undefined };

export interface AcquireOptions {
  readonly claim: OwnerClaim;
  /** Whether the process of a row still runs. One that does not is mostly the owner before, and another just takes the file: half a second later the row tells. */
  readonly isRunning: (row: OwnerRow) => 'yes' | 'no' | 'unknown';
}

/** `pawk` in ASCII. */
const lockApplicationId = 0x7061776b;

/** Two that take a free file at once meet for the length of a commit or two. */
const racesMax = 25;
const raceWaitMs = 20;
/** Committing a row, or reading it, is done in less. */
const commitWaitMs = 1_000;

/** Holds on to what must stay open: a connection that is garbage collected is closed, and its lock is gone. */
const heldLocks = new Set<DatabaseSync>();

/**
 * Takes the file at `path`, or says who holds it. Answers within milliseconds, but for the case where several processes
 * take a free file at once. If the holder's socket does not answer, it is about to go: acquire again.
 *
 * @throws PawlError `file_unreadable`: the lock file cannot be made or is not one.
 */
export function acquireOwnership(path: string, options: AcquireOptions): Acquired {
  const database = canonicalPath(path);
  const lock = openLock(`${database}.lock`);
  try {
    for (let race = 0; race < racesMax; race++) {
      const row = claimed(lock, options.claim);
      if (row !== undefined) return { acquired: true, ownership: ownershipOf(lock, row, database) };
      const holder = readRow(lock);
      if (holder !== undefined && !holder.released && options.isRunning(holder.row) !== 'no') {
        lock.close();
        return { acquired: false, heldBy: holder.row };
      }
      pause(raceWaitMs);
    }
  } catch (error) {
    lock.close();
    throw error;
  }
  // The lock is held all the same: by a process that this one cannot see, in another container for one.
  const heldBy = readRow(lock)?.row;
  lock.close();
  return { acquired: false, heldBy };
}

/** Who owns the file at `path`, by its own word: it may have died since. Undefined where nobody says so. Takes nothing. */
export function readOwner(path: string): OwnerRow | undefined {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(`${canonicalPath(path)}.lock`, { readOnly: true });
    const holder = readRow(lock);
    return holder?.released === false ? holder.row : undefined;
  } catch {
    // Not there, or not readable: whoever wants the file finds out why when they take it.
    return undefined;
  } finally {
    lock?.close();
  }
}

function openLock(file: string): DatabaseSync {
  try {
    const lock = new DatabaseSync(file, { timeout: commitWaitMs });
    const found = lock.prepare('PRAGMA application_id').get()?.application_id;
    const objects = lock.prepare('SELECT count(*) AS objects FROM sqlite_schema').get()?.objects;
    if (found === lockApplicationId || objects === 0) {
      lock.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA busy_timeout = 0');
      return lock;
    }
    lock.close();
  } catch (error) {
    if (isBusy(error))
      throw new PawlError('busy', `Another process keeps ${file} locked. Try again.`, { cause: error });
    if (!isNotADatabase(error) && !isUnreachable(error)) throw error;
    const message = `${file} cannot be used as a lock: Pawl must be able to write it and its folder.`;
    throw new PawlError('file_unreadable', message, { cause: error, details: { file } });
  }
  throw new PawlError(
    'file_unreadable',
    `${file} is another program's file, not a lock of Pawl. Name another database.`,
    {
      details: { file },
    },
  );
}

/** Our row, if it is in the file and the lock is ours. */
function claimed(lock: DatabaseSync, claim: OwnerClaim): OwnerRow | undefined {
  const row = orBusy(() => commitClaim(lock, claim));
  if (row === undefined) return undefined;
  // Between that commit and this begin another may have been quicker: the row tells.
  const began = orBusy(() => {
    lock.exec(`PRAGMA busy_timeout = ${commitWaitMs}; BEGIN IMMEDIATE; PRAGMA busy_timeout = 0`);
    return true;
  });
  if (began && readRow(lock)?.row.generation === row.generation) return row;
  if (lock.isTransaction) lock.exec('ROLLBACK');
  return undefined;
}

function commitClaim(lock: DatabaseSync, claim: OwnerClaim): OwnerRow {
  lock.exec('BEGIN IMMEDIATE');
  try {
    lock.exec(`
      CREATE TABLE IF NOT EXISTS owner (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        generation INTEGER NOT NULL,
        pid INTEGER NOT NULL,
        hostname TEXT NOT NULL,
        start TEXT,
        socket TEXT,
        since INTEGER NOT NULL,
        version TEXT NOT NULL,
        released INTEGER NOT NULL
      ) STRICT;
      PRAGMA application_id = ${lockApplicationId};
    `);
    const { pid, hostname, start, socket, since, version } = claim;
    const generation = (readRow(lock)?.row.generation ?? 0) + 1;
    lock
      .prepare('INSERT OR REPLACE INTO owner VALUES (1, ?, ?, ?, ?, ?, ?, ?, 0)')
      .run(generation, pid, hostname, start ?? null, socket ?? null, since, version);
    // Those who are reading the row at this moment are done in a moment.
    lock.exec(`PRAGMA busy_timeout = ${commitWaitMs}; COMMIT; PRAGMA busy_timeout = 0`);
    return { generation, ...claim };
  } finally {
    if (lock.isTransaction) lock.exec('ROLLBACK; PRAGMA busy_timeout = 0');
  }
}

function ownershipOf(lock: DatabaseSync, row: OwnerRow, path: string): Ownership {
  heldLocks.add(lock);
  return {
    row,
    path,
    release() {
      if (!lock.isOpen) return;
      try {
        lock.exec(`PRAGMA busy_timeout = ${commitWaitMs}; UPDATE owner SET released = 1; COMMIT`);
      } catch {
        // On a full or failing disk the row goes on naming this process. Whoever comes next tries the lock first.
      } finally {
        // Closing frees the file also where the row could not be written.
        lock.close();
        heldLocks.delete(lock);
      }
    },
  };
}

function readRow(lock: DatabaseSync): { readonly row: OwnerRow; readonly released: boolean } | undefined {
  const found = orBusy(() => {
    const present = lock.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'owner'").get();
    return present && lock.prepare('SELECT * FROM owner').get();
  });
  if (found === undefined) return undefined;
  const text = (name: string) => (found[name] === null ? undefined : String(found[name]));
  const row: OwnerRow = {
    generation: Number(found.generation),
    pid: Number(found.pid),
    hostname: String(found.hostname),
    start: text('start'),
    socket: text('socket'),
    since: instantOf(Number(found.since)),
    version: String(found.version),
  };
  return { row, released: found.released === 1 };
}

/** What `work` gives, or undefined where another process holds a lock that it needs. */
function orBusy<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isBusy(error)) return undefined;
    throw error;
  }
}

/** Blocks the thread: taking a file is the first thing a process does, before it serves anybody. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
