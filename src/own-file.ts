/** Takes a store file for this process, or says who has it. */

import { PawlError } from './base/index.ts';
import { isRunning, processIdentity, systemClock } from './host/index.ts';
import { acquireOwnership, canonicalPath, type OwnerRow, type Ownership, socketPathFor } from './store/index.ts';
import { version } from './version.ts';

/** @throws PawlError `file_in_use`: `details.heldBy` is who holds it. */
export function ownFile(path: string, { listen }: { readonly listen: boolean }): Ownership {
  const socket = listen ? socketPathFor(canonicalPath(path)) : undefined;
  const since = systemClock().now();
  const acquired = acquireOwnership(path, { claim: { ...processIdentity(), socket, since, version }, isRunning });
  if (acquired.acquired) return acquired.ownership;
  throw fileInUse(path, acquired.heldBy);
}

function fileInUse(path: string, heldBy: OwnerRow | undefined): PawlError {
  const here = processIdentity().hostname;
  const who =
    heldBy === undefined
      ? 'another process'
      : `process ${heldBy.pid}${heldBy.hostname === here ? '' : ` on ${heldBy.hostname}`}`;
  const message = `${path} is in use by ${who}, which drives its runs. From here you can show, signal, answer, pause, resume and cancel them; to run beside it, name another file with --db`;
  return new PawlError('file_in_use', message, { details: { path, heldBy } });
}
