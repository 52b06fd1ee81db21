/**
 * What a store forgets by itself when it is told to: runs that have ended, with all below them.
 *
 * A *family* is a run without a parent, its sub-workflows, and theirs. It stays or goes as a whole: while one of it is open,
 * or cannot be read, all of it stays.
 */

import type { Instant, RunId, WorkflowVersion } from '../base/index.ts';

/** Which families may go: those whose head ended with `status` at `endedBy` or before. Those that ended first go first. */
export interface Sweep {
  readonly status: string;
  readonly endedBy: Instant;
  /** So many runs at most, whole families; the first goes however large it is. */
  readonly limit: number;
  /** Runs whose families stay: somebody holds them in memory. */
  readonly spare?: readonly RunId[];
  /** `next` of the call before. */
  readonly after?: string;
}

export interface Swept {
  readonly runs: readonly RunId[];
  /** Documents that went along, since no run that is left was started with them or pins them. */
  readonly documents: readonly WorkflowVersion[];
  /** Where to go on; undefined where there is no more. */
  readonly next: string | undefined;
}

/** Why a family stays: `open`, one of it has not ended; `unreadable`, the row of one is damaged; `held`, one is in memory. */
export type Stays = 'not_found' | 'has_parent' | 'open' | 'unreadable' | 'held';

export type Removal =
  | { readonly removed: true; readonly runs: readonly RunId[]; readonly documents: readonly WorkflowVersion[] }
  /** `run` is the one that stands in the way. */
  | { readonly removed: false; readonly because: Stays; readonly run: RunId };

/** Where a sweep stopped: behind the head of that age which ended then. */
export interface SweepPlace {
  readonly endedAt: number;
  readonly age: number;
}

export function sweepPlaceText({ endedAt, age }: SweepPlace): string {
  return `${endedAt}.${age}`;
}

export function sweepPlaceOf(text: string | undefined): SweepPlace {
  const [endedAt = -1, age = -1] = text === undefined ? [] : text.split('.').map(Number);
  return { endedAt, age };
}
