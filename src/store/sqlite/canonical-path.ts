/**
 * One name for one file, whichever way it was called: relative, through links, or in another case where case does not
 * matter. Locks and sockets are named after it, so two names would mean two owners.
 */

import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PawlError } from '../../base/index.ts';

/**
 * The one name of the file at `path`, which need not be there yet; its folder must.
 *
 * @throws PawlError `file_unreadable`: no such folder, a loop of links, or a file with several names (hard links): SQLite
 *   keeps a log beside each name, and two of them for one file destroy it.
 */
export function canonicalPath(path: string): string {
  const name = followed(resolve(path));
  const found = lstatSync(name, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) {
    throw new PawlError('file_unreadable', `${name} is not a file: name one.`, { details: { file: name } });
  }
  if (found !== undefined && found.nlink > 1) {
    const message = `${name} has ${found.nlink} names (hard links), which SQLite cannot keep apart: make copies with \`pawl backup\` instead.`;
    throw new PawlError('file_unreadable', message, { details: { file: name } });
  }
  return name;
}

const linksMax = 40;

/** Links are followed by hand where they end in a file that is not there: SQLite would make it where they end. */
function followed(path: string): string {
  let name = path;
  for (let links = 0; links <= linksMax; links++) {
    const found = lstatSync(name, { throwIfNoEntry: false });
    if (found === undefined) return join(realFolder(name), basename(name));
    if (!found.isSymbolicLink()) return realpathSync.native(name);
    name = resolve(realFolder(name), readlinkSync(name));
  }
  throw new PawlError('file_unreadable', `${path} is a link that leads to itself.`, { details: { file: path } });
}

function realFolder(path: string): string {
  try {
    return realpathSync.native(dirname(path));
  } catch (error) {
    const message = `There is no folder ${dirname(path)} to make the file in.`;
    throw new PawlError('file_unreadable', message, { cause: error, details: { file: path } });
  }
}
