/** Reads a store file beside the process that drives it, or without one. */

import { PawlError, parseRunId, type RunId } from '../base/index.ts';
import { systemHasher } from '../host/index.ts';
import { decodeEvents, type Program, type Recorded, type RunState, type RunView, viewRun } from '../kernel/index.ts';
import { openSqliteReader, type SqliteReader, type StoreReader } from '../store/index.ts';
import { requireFile } from './store-access.ts';

/** Opens the file, reads, closes it. */
export async function read<T>(path: string, work: (reader: SqliteReader) => Promise<T>): Promise<T> {
  requireFile(path);
  const reader = await openSqliteReader(path);
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}

export interface ReadRun {
  readonly state: RunState;
  readonly history: readonly Recorded[];
  readonly view: RunView;
  readonly program: Program;
}

/** A run as the file has it: its whole history and what it comes to. @throws PawlError `not_found`, `store_corrupt` */
export async function readRun(reader: StoreReader, id: string): Promise<ReadRun> {
  const run = requireRunId(id);
  const stored = await reader.load(run);
  if (stored === undefined) throw noSuchRun(run);
  // Only what shows how a run stands needs its document, and all that reads documents: lists and histories do without.
  const { foldStored, Programs } = await import('../engine/index.ts');
  const { state, program } = await foldStored(run, stored, reader, new Programs(systemHasher()));
  const history = await readHistory(reader, run);
  return { state, history, view: viewRun(state, history, program), program };
}

/** All events of a run, oldest first. @throws PawlError `not_found`, `store_corrupt` */
export async function readHistory(reader: StoreReader, run: RunId): Promise<Recorded[]> {
  const events: Recorded[] = [];
  for (let after = 0; ; ) {
    const entries = await reader.history(run, { after, limit: 1_000 });
    if (entries === undefined) throw noSuchRun(run);
    if ('corrupt' in entries) throw new PawlError('store_corrupt', `run "${run}" cannot be read: ${entries.reason}`);
    for (const entry of entries) events.push(...decodeEvents(entry, entry.at));
    const last = entries[entries.length - 1];
    if (last === undefined || entries.length < 1_000) return events;
    after = last.to;
  }
}

const noSuchRun = (run: RunId): PawlError =>
  new PawlError('not_found', `there is no run "${run}"; \`pawl runs\` lists them`);

/** @throws PawlError `bad_input` */
export function requireRunId(text: string): RunId {
  const run = parseRunId(text);
  if (run === undefined) throw new PawlError('bad_input', `"${text}" is not the id of a run`);
  return run;
}
