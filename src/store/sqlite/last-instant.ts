import { type Instant, instantOf } from '../../base/index.ts';
import type { DatabaseFile } from './database-file.ts';

/** The fact that holds the instant of journal rows that were removed. */
export const lastInstantKey = 'last_instant';

/** The latest instant that the file holds or held. */
export function lastInstantOf(file: DatabaseFile): Instant | undefined {
  const kept = file.meta.tryGet(lastInstantKey);
  const inJournal = file.journal.lastInstant();
  if (!kept.ok || kept.value === undefined) return inJournal;
  return instantOf(Math.max(Number(kept.value), inJournal ?? 0));
}
