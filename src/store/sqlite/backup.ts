/**
 * A copy of the file as it is at one moment, made while it is in use (`VACUUM INTO`): compact, one file, checked.
 *
 * The copy grows under another name beside its target and takes the target's name when it is whole, checked and on the
 * disk: whoever finds the target finds a good backup. Making it blocks this thread for about a second per 150 MB; a
 * reader in another process can make it as well, and then the owner goes on meanwhile.
 */

import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PawlError } from '../../base/index.ts';
import { isUnreachable, writeFault } from './fault.ts';
import { assertOurs, identify } from './schema.ts';

/**
 * Writes a backup of `db` to `target`.
 *
 * @throws PawlError `conflict`: there is something at `target` already; it is left as it is.
 * @throws PawlError `store_full`, `file_unreadable`, `store_corrupt`: no backup was made, and nothing is left of the attempt.
 */
export function backupInto(db: DatabaseSync, target: string): void {
  const path = resolve(target);
  assertFree(path);
  const partial = `${path}.partial-${process.pid}`;
  try {
    db.prepare('VACUUM INTO ?').run(partial);
    assertWhole(partial);
    // Closing a descriptor drops locks (see ownership.ts), but nobody has this file open yet.
    sync(partial);
    name(partial, path);
    sync(dirname(path));
  } catch (error) {
    if (!isUnreachable(error)) throw writeFault(error, path).error;
    throw new PawlError(
      'file_unreadable',
      `${path} cannot be written: check that its folder is there and the permissions.`,
      {
        cause: error,
      },
    );
  } finally {
    rmSync(partial, { force: true });
  }
}

function assertFree(path: string): void {
  if (existsSync(path)) throw taken(path);
}

function taken(path: string): PawlError {
  return new PawlError('conflict', `There is something at ${path} already: name a file that is not there.`, {
    details: { file: path },
  });
}

function assertWhole(file: string): void {
  const copy = new DatabaseSync(file, { readOnly: true });
  try {
    assertOurs(identify(copy), file);
    const found = copy.prepare('PRAGMA integrity_check(1)').get()?.integrity_check;
    if (found === 'ok') return;
    throw new PawlError(
      'store_corrupt',
      `The backup fails SQLite's check (${found}), so the file itself may be damaged.`,
    );
  } finally {
    copy.close();
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Gives the file its name without ever replacing another: a link is refused where there is one. */
function name(partial: string, path: string): void {
  try {
    linkSync(partial, path);
  } catch (error) {
    if (existsSync(path)) throw taken(path);
    // A file system without links.
    if (error instanceof Error) renameSync(partial, path);
  }
}
