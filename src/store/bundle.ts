/**
 * What every store does with a bundle before it writes: checks that it keeps its own rules, and finds out whether it is
 * new, a retry, or too late.
 */

import { assert, type RunId } from '../base/index.ts';
import { assertWholeRow } from './run-row.ts';
import type { Bundle, Outcome, RunAppend } from './store.ts';

/** Where a store's journal stands. */
export interface JournalPosition {
  /** How many events `run` has; 0 for an unknown run. */
  revision(run: RunId): number;
  /** The append id of the entry that begins right after revision `from`, or undefined where none begins there. */
  appendIdAt(run: RunId, from: number): string | undefined;
}

const committed: Outcome = Object.freeze({ committed: true });

/** Throws `AssertionError` for a bundle that no correct caller makes. After it, applying a bundle cannot fail half way. */
export function assertBundle(bundle: Bundle): void {
  assert(bundle.appendId.length > 0, 'a bundle has no append id');
  const { appends } = bundle;
  for (const append of appends) assertAppend(append);
  if (appends.length < 2) return;
  const runs = new Set(appends.map(({ run }) => run));
  assert(runs.size === appends.length, `bundle ${bundle.appendId} appends to one run twice`);
}

function assertAppend({ run, expected, count, at, row }: RunAppend): void {
  assert(
    Number.isSafeInteger(expected) && expected >= 0,
    `append to ${run}: revision ${expected} is not a whole number`,
  );
  assert(Number.isSafeInteger(count) && count >= 1, `append to ${run}: it holds ${count} events, not at least one`);
  assert(Number.isSafeInteger(at), `append to ${run}: instant ${at} is not whole milliseconds`);
  if (expected === 0) assertWholeRow(run, row);
}

/**
 * What to answer for `bundle` without writing it: `committed` for a retry of one that is in the journal (S3), a conflict
 * where another writer was first (S2), or undefined: it is new, write all of it.
 */
export function answerWithoutWriting(bundle: Bundle, journal: JournalPosition): Outcome | undefined {
  let late: { append: RunAppend; actual: number } | undefined;
  let retried = 0;
  for (const append of bundle.appends) {
    const { run, expected } = append;
    const actual = journal.revision(run);
    if (actual === expected) continue;
    late ??= { append, actual };
    if (actual > expected && journal.appendIdAt(run, expected) === bundle.appendId) retried += 1;
  }
  if (late === undefined) return undefined;
  if (retried === bundle.appends.length) return committed;
  const { append, actual } = late;
  return { committed: false, conflict: { run: append.run, expected: append.expected, actual } };
}

/** The answer for a bundle that was just written. */
export function committedOutcome(): Outcome {
  return committed;
}

/** The answers for bundles of one transaction that `late` took along: none of them was written. */
export function takenAlong(outcomes: readonly Outcome[], late: Outcome): readonly Outcome[] {
  return outcomes.map((outcome) => (outcome.committed ? late : outcome));
}
