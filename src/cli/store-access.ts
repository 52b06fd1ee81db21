/** The three ways a command reaches a store file: it drives it, asks whoever does, or only reads. */

import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Instant, isPawlError, type Json, parseRunId, PawlError, type RunId } from '../base/index.ts';
import { connectLocally, type Reply, type Request } from '../client/index.ts';
import { createPawl, type Pawl, type PawlOptions } from '../create-pawl.ts';
import { foldStored, Programs } from '../engine/index.ts';
import { systemHasher } from '../host/index.ts';
import { decodeEvents, type Program, type Recorded, type RunState, type RunView, viewRun } from '../kernel/index.ts';
import { openSqliteReader, type OwnerRow, type SqliteReader, type StoreReader } from '../store/index.ts';

/** Opens the file to drive its runs. @throws PawlError `file_in_use` */
export function drive(options: PawlOptions): Promise<Pawl> {
  return createPawl(options);
}

const askTries = 40;
const askPauseMs = 50;

/** Has a request carried out durably: by the process that owns the file, or by this one where nobody does. */
export async function askStore(path: string, request: Request): Promise<Reply> {
  requireFile(path);
  for (let tries = 0; ; tries += 1) {
    try {
      return await askAlone(path, request);
    } catch (error) {
      if (!isPawlError(error) || error.code !== 'file_in_use') throw error;
      const reply = await askOwner(error.details['heldBy'] as OwnerRow | undefined, request);
      if (reply !== undefined) return reply;
      // The owner is just going, or just coming: it will be one or the other in a moment.
      if (tries >= askTries) throw error;
      await delay(askPauseMs);
    }
  }
}

async function askAlone(path: string, request: Request): Promise<Reply> {
  const pawl = await createPawl({ path, concurrency: 0, listen: false });
  try {
    return await pawl.connection.ask(request);
  } finally {
    await pawl.close();
  }
}

async function askOwner(owner: OwnerRow | undefined, request: Request): Promise<Reply | undefined> {
  if (owner?.socket === undefined) return undefined;
  let connection: Awaited<ReturnType<typeof connectLocally>>;
  try {
    connection = await connectLocally(owner.socket);
  } catch {
    return undefined;
  }
  try {
    return await connection.ask(request);
  } finally {
    await connection.close();
  }
}

/** Opens the file to read it, whoever drives it. */
export async function read<T>(path: string, work: (reader: SqliteReader) => Promise<T>): Promise<T> {
  requireFile(path);
  const reader = await openSqliteReader(path);
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}

function requireFile(path: string): void {
  if (path === ':memory:') throw new PawlError('bad_input', '--db :memory: keeps nothing between commands; name the file of the run');
  if (!existsSync(path)) throw new PawlError('bad_input', `there is no store file ${path}; name it with --db, or start a run first`);
}

export interface ReadRun {
  readonly state: RunState;
  readonly history: readonly Recorded[];
  readonly view: RunView;
  readonly program: Program;
}

/** A run as the file has it: its whole history and what it comes to. @throws PawlError `not_found`, `store_corrupt` */
export async function readRun(reader: StoreReader, id: string): Promise<ReadRun> {
  const run = runId(id);
  const stored = await reader.load(run);
  if (stored === undefined) throw new PawlError('not_found', `there is no run "${id}"; \`pawl runs\` lists them`);
  const { state, program } = await foldStored(run, stored, reader, new Programs(systemHasher()));
  const history = await readHistory(reader, run);
  return { state, history, view: viewRun(state, history, program), program };
}

/** All events of a run, oldest first. */
export async function readHistory(reader: StoreReader, run: RunId): Promise<Recorded[]> {
  const events: Recorded[] = [];
  for (let after = 0; ; ) {
    const entries = await reader.history(run, { after, limit: 1_000 });
    if (entries === undefined) return events;
    if ('corrupt' in entries) throw new PawlError('store_corrupt', `run "${run}" cannot be read: ${entries.reason}`);
    for (const entry of entries) events.push(...decodeEvents(entry, entry.at));
    const last = entries[entries.length - 1];
    if (last === undefined || entries.length < 1_000) return events;
    after = last.to;
  }
}

export function runId(text: string): RunId {
  const run = parseRunId(text);
  if (run === undefined) throw new PawlError('bad_input', `"${text}" is not the id of a run`);
  return run;
}

/** An instant as local time of day where it is today's, else with its date. */
export function shownTime(at: Instant | undefined, now: number): string {
  if (at === undefined) return '';
  const date = new Date(at);
  const time = date.toTimeString().slice(0, 8);
  return new Date(now).toDateString() === date.toDateString() ? time : `${date.toISOString().slice(0, 10)} ${time}`;
}

/** `1.2 s`, `350 ms`, `2 h 5 min`. */
export function shownDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  return `${Math.floor(ms / 3_600_000)} h ${Math.floor((ms % 3_600_000) / 60_000)} min`;
}

/** JSON on one line where it is short, over several where it is not. */
export function shownJson(value: Json): string {
  const line = JSON.stringify(value);
  return line.length <= 100 ? line : JSON.stringify(value, null, 2);
}
