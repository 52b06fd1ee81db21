/** How a run stands by what is durable, read beside the run that moves: it asks the store, never the memory. */

import { PawlError, type RunId } from '../base/index.ts';
import { type DecodeOptions, decodeAll, type Recorded, type RunView, viewRun } from '../kernel/index.ts';
import type { StoreReader } from '../store/index.ts';
import { foldStored } from './load.ts';
import type { Programs } from './programs.ts';

export interface StoredView {
  readonly view: RunView;
  /** Oldest first. */
  readonly history: readonly Recorded[];
}

const entriesAtOnce = 1_000;

/** @throws PawlError `not_found`, `store_corrupt` */
export async function viewStored(run: RunId, store: StoreReader, programs: Programs): Promise<StoredView> {
  const stored = await store.load(run);
  if (stored === undefined) throw noSuchRun(run);
  const { state, program } = await foldStored(run, stored, store, programs);
  const history = await storedHistory(run, store);
  return { view: viewRun(state, history, program), history };
}

/** The events of a run, oldest first; needs no document. @throws PawlError `not_found`, `store_corrupt` */
export async function storedHistory(run: RunId, store: StoreReader, options: DecodeOptions = {}): Promise<Recorded[]> {
  const events: Recorded[] = [];
  for (let after = options.after ?? 0; ; ) {
    const entries = await store.history(run, { after, limit: entriesAtOnce });
    if (entries === undefined) throw noSuchRun(run);
    if ('corrupt' in entries) throw new PawlError('store_corrupt', `run "${run}" cannot be read: ${entries.reason}`);
    for (const event of decodeAll(entries, options)) events.push(event);
    const last = entries[entries.length - 1];
    if (last === undefined || entries.length < entriesAtOnce) return events;
    after = last.to;
  }
}

const noSuchRun = (run: RunId): PawlError =>
  new PawlError('not_found', `there is no run "${run}"; \`pawl runs\` lists them`);
