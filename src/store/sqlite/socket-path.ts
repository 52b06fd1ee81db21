/**
 * Where the owner of a file takes commands: a Unix socket in a folder that only its user can enter, or a named pipe on
 * Windows. Derived from the file's one name, short enough for every system (macOS allows 103 bytes).
 */

import { hash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { PawlError } from '../../base/index.ts';

const pathBytesMax = 99;

export interface SocketPlace {
  readonly platform: NodeJS.Platform;
  /** The user's; undefined on Windows. */
  readonly uid: number | undefined;
  /** `XDG_RUNTIME_DIR`: a folder of the user's own, cleared when the machine stops. */
  readonly runtimeFolder: string | undefined;
  readonly temporaryFolder: string;
}

function here(): SocketPlace {
  return {
    platform: process.platform,
    uid: process.getuid?.(),
    runtimeFolder: process.env.XDG_RUNTIME_DIR,
    temporaryFolder: tmpdir(),
  };
}

/**
 * The path of the socket for the file named `database` (its `canonicalPath`). Makes the folder if it is not there.
 *
 * @throws PawlError `not_allowed`: the folder is another user's, or others may enter it: they could answer in our name.
 */
export function socketPathFor(database: string, place: SocketPlace = here()): string {
  const name = hash('sha256', database, 'hex').slice(0, 20);
  if (place.platform === 'win32') return `\\\\.\\pipe\\pawl-${name}`;
  const folder = candidates(place).find((candidate) => Buffer.byteLength(join(candidate, name)) <= pathBytesMax);
  if (folder === undefined) {
    throw new PawlError(
      'file_unreadable',
      `${place.temporaryFolder} is too long a path for a socket: set TMPDIR to a shorter one.`,
    );
  }
  makePrivate(folder, place.uid);
  return join(folder, name);
}

function candidates({ runtimeFolder, temporaryFolder, uid }: SocketPlace): readonly string[] {
  const folders = [temporaryFolder, '/tmp'].map((folder) => join(folder, `pawl-${uid}`));
  const usable = runtimeFolder !== undefined && isAbsolute(runtimeFolder) && isFolder(runtimeFolder);
  return usable ? [join(runtimeFolder, 'pawl'), ...folders] : folders;
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function makePrivate(folder: string, uid: number | undefined): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const found = lstatSync(folder);
  const fault = !found.isDirectory()
    ? 'is not a folder'
    : found.uid !== uid
      ? `belongs to user ${found.uid}, not to ${uid}`
      : (found.mode & 0o077) !== 0
        ? `can be entered by other users (mode ${(found.mode & 0o777).toString(8)}, not 700)`
        : undefined;
  if (fault === undefined) return;
  const message = `${folder}, where sockets go, ${fault}: others could answer in our name. Remove it, or set XDG_RUNTIME_DIR to a folder of your own.`;
  throw new PawlError('not_allowed', message, { details: { folder } });
}
