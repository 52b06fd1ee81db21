/**
 * What SQLite's result codes mean to a caller of the store.
 *
 * The one question that matters after a failed write is whether its outcome is known. `nothing_written` faults leave the
 * handle usable; after any other the handle refuses everything until it is reopened.
 */

import { PawlError } from '../../base/index.ts';
import { UnreadableRow } from './columns.ts';

/** Primary result codes (https://sqlite.org/rescode.html); an extended code carries its primary one in the low byte. */
const code = {
  busy: 5,
  locked: 6,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  toobig: 18,
  constraint: 19,
  notadb: 26,
};

/** An extended code: `SQLITE_READONLY_ROLLBACK`. */
const readonlyRollback = 776;

interface SqliteError extends Error {
  readonly errcode: number;
}

export function isSqliteError(value: unknown): value is SqliteError {
  return value instanceof Error && 'errcode' in value && typeof value.errcode === 'number';
}

/** The file does not hold what SQLite or this store wrote into it. */
export function isCorruption(error: unknown): boolean {
  return hasCode(error, code.corrupt, code.notadb);
}

export function isFull(error: unknown): boolean {
  return hasCode(error, code.full);
}

export function isBusy(error: unknown): boolean {
  return hasCode(error, code.busy, code.locked);
}

export function isNotADatabase(error: unknown): boolean {
  return hasCode(error, code.notadb);
}

export function isUnreachable(error: unknown): boolean {
  return hasCode(error, code.cantopen, code.readonly);
}

/** A crash cut a transaction off in its middle, and this connection may not write what it takes to undo it. */
export function isHalfWritten(error: unknown): boolean {
  return isSqliteError(error) && error.errcode === readonlyRollback;
}

function hasCode(error: unknown, ...codes: readonly number[]): boolean {
  return isSqliteError(error) && codes.includes(error.errcode & 0xff);
}

/** What a write that was rolled back came to, and whether the handle may go on. */
export interface WriteFault {
  readonly error: unknown;
  readonly outcome: 'nothing_written' | 'unknown';
}

/** Reads an error thrown between the begin and the commit of a write to `file`. */
export function writeFault(error: unknown, file: string): WriteFault {
  if (error instanceof UnreadableRow) {
    const message = `${file} is damaged (${error.message}): nothing was written. Restore it from a backup.`;
    return { error: new PawlError('store_corrupt', message, { cause: error }), outcome: 'nothing_written' };
  }
  if (!isSqliteError(error)) return { error, outcome: 'nothing_written' };
  if (isFull(error)) {
    const message = `There is no room left for ${file}: nothing was written. Free space on its disk, then try again.`;
    return { error: new PawlError('store_full', message, { cause: error }), outcome: 'nothing_written' };
  }
  if (isBusy(error)) {
    const message = `Another process is writing to ${file}: nothing was written. Try again.`;
    return { error: new PawlError('busy', message, { cause: error }), outcome: 'nothing_written' };
  }
  if (hasCode(error, code.toobig)) {
    const message = `A text is larger than SQLite can keep in one row of ${file}: nothing was written.`;
    return { error: new PawlError('limit_exceeded', message, { cause: error }), outcome: 'nothing_written' };
  }
  if (hasCode(error, code.corrupt, code.notadb, code.constraint)) {
    const message = `${file} is damaged (${error.message}). Check its disk, and restore it from a backup.`;
    return { error: new PawlError('store_corrupt', message, { cause: error }), outcome: 'unknown' };
  }
  const message = `Writing to ${file} failed (${error.message}), and what was being written may or may not be kept. Reopen the store.`;
  return { error: new PawlError('store_failed', message, { cause: error }), outcome: 'unknown' };
}

/** The error to throw for one that a read of `file` met. */
export function readFault(error: unknown, file: string): unknown {
  if (!isSqliteError(error)) return error;
  if (isCorruption(error)) {
    return new PawlError('store_corrupt', `${file} is damaged (${error.message}). Restore it from a backup.`, {
      cause: error,
    });
  }
  if (isBusy(error)) return new PawlError('busy', `Another process keeps ${file} locked. Try again.`, { cause: error });
  return new PawlError('store_failed', `Reading ${file} failed (${error.message}).`, { cause: error });
}
