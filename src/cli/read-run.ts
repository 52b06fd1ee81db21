/** Reads how a run stands, and what has happened to it, from the file itself. Loads all that understands a history. */

import type { RunId } from '../base/index.ts';
import {
  type Checkpoint,
  checkpointsOf,
  Programs,
  type StoredView,
  storedHistory,
  viewStored,
} from '../engine/index.ts';
import { systemHasher } from '../host/index.ts';
import type { Recorded } from '../kernel/index.ts';
import { read } from './read-store.ts';

/** @throws PawlError `not_found`, `store_corrupt` */
export function readRun(path: string, run: RunId): Promise<StoredView> {
  return read(path, (reader) => viewStored(run, reader, new Programs(systemHasher())));
}

/** @throws PawlError `not_found`, `store_corrupt` */
export function readCheckpoints(path: string, run: RunId): Promise<Checkpoint[]> {
  return read(path, (reader) => checkpointsOf(run, reader));
}

/** @throws PawlError `not_found`, `store_corrupt` */
export function readHistory(path: string, run: RunId): Promise<Recorded[]> {
  return read(path, (reader) => storedHistory(run, reader));
}
