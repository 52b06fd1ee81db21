/** Has requests carried out: by the process that owns a store file, or by this one where nobody does. */

import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isPawlError, PawlError } from '../base/index.ts';
import { connectLocally, type Reply, type Request } from '../client/index.ts';
import { ownFile } from '../own-file.ts';
import { type OwnerRow, type Ownership, readOwner } from '../store/index.ts';
import { codecOf } from './keys.ts';

const askTries = 40;
const askPauseMs = 50;
const readPatienceMs = 300;

/** Has a request carried out durably: by the process that owns the file, or by this one where nobody does. */
export async function askStore(path: string, request: Request): Promise<Reply> {
  requireFile(path);
  for (let tries = 0; ; tries += 1) {
    try {
      return await askAlone(path, ownFile(path, { listen: false }), request);
    } catch (error) {
      if (!isPawlError(error) || error.code !== 'file_in_use') throw error;
      const reply = await askOwner(error.details.heldBy as OwnerRow | undefined, request);
      if (reply !== undefined) return reply;
      // The owner is just going, or just coming: it will be one or the other in a moment.
      if (tries >= askTries) throw error;
      await delay(askPauseMs);
    }
  }
}

/** Nobody drives the file: this process takes it, commits what was asked, and leaves without running anything. */
async function askAlone(path: string, ownership: Ownership, request: Request): Promise<Reply> {
  const { createPawl } = await import('../create-pawl.ts');
  const codec = codecOf(process.env);
  const pawl = await createPawl({ path, ownership, concurrency: 0, ...(codec === undefined ? {} : { codec }) });
  try {
    return await pawl.connection.ask(request);
  } finally {
    await pawl.close();
  }
}

/** Asks the process that owns the file, if one lives; undefined where none answers. Takes nothing, and is quick. */
export function askLiveOwner(path: string, request: Request): Promise<Reply | undefined> {
  return existsSync(path) ? askOwner(readOwner(path), request) : Promise.resolve(undefined);
}

/** The same, for what the file says as well: an owner that is too busy, or stopped, is not waited for. */
export async function readFromOwner(path: string, request: Request): Promise<Reply | undefined> {
  if (!existsSync(path)) return undefined;
  const answered = new AbortController();
  try {
    const patience = delay(readPatienceMs, undefined, { signal: answered.signal });
    return await Promise.race([askOwner(readOwner(path), request, { keepAlive: false }), patience]);
  } finally {
    answered.abort();
  }
}

async function askOwner(
  owner: OwnerRow | undefined,
  request: Request,
  options: { readonly keepAlive?: boolean } = {},
): Promise<Reply | undefined> {
  if (owner?.socket === undefined) return undefined;
  let connection: Awaited<ReturnType<typeof connectLocally>>;
  try {
    connection = await connectLocally(owner.socket, options);
  } catch {
    return undefined;
  }
  try {
    return await connection.ask(request);
  } finally {
    await connection.close();
  }
}

/** @throws PawlError `bad_input` where there is no such file. */
export function requireFile(path: string): void {
  if (path === ':memory:')
    throw new PawlError('bad_input', '--db :memory: keeps nothing between commands; name the file of the run');
  if (!existsSync(path))
    throw new PawlError('bad_input', `there is no store file ${path}; name it with --db, or start a run first`);
}
