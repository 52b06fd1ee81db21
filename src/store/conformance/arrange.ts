/** What the cases are told in: runs, appends and rows with the fields that do not matter filled in. */

import assert from 'node:assert/strict';
import { type Instant, instantOf, isPawlError, parseRunId, type RunId, workflowVersion } from '../../base/index.ts';
import type {
  Bundle,
  JournalEntry,
  Outcome,
  RunAppend,
  RunRow,
  RunRowChange,
  Store,
  StoredRun,
  StoreReader,
} from '../store.ts';

/** The limit that stores under test are opened with: small, so that a case can reach it. */
export const conformanceLogLimitBytes = 1_000;

/** One implementation, ready to be tried. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Lets go of the store and opens it anew on the same data; absent where the data goes with the handle. */
  readonly reopened?: () => Promise<Store>;
  /** Clears up after the case. */
  readonly dispose?: () => Promise<void>;
}

export interface ConformanceCase {
  readonly name: string;
  /** @throws AssertionError of `node:assert` where the store does otherwise. */
  run(subject: StoreUnderTest): Promise<void>;
}

export const epoch = instantOf(1_800_000_000_000);

export function at(ms: number): Instant {
  return instantOf(epoch + ms);
}

export function runId(text: string): RunId {
  const id = parseRunId(text);
  assert(id !== undefined, `"${text}" is no run id`);
  return id;
}

/** The row of a new run. */
export function row(change: RunRowChange = {}): RunRowChange {
  return {
    workflow: 'deliver',
    version: workflowVersion('sha256:0a1b2c'),
    status: 'running',
    final: false,
    createdAt: epoch,
    active: true,
    startHash: '5e884898da28047151d0e56f8dc62927',
    ...change,
  };
}

let appendCount = 0;

/** An append id that was never used. */
export function freshAppendId(): string {
  appendCount += 1;
  return `t.${appendCount.toString(36)}`;
}

export function bundle(...appends: readonly RunAppend[]): Bundle {
  return { appendId: freshAppendId(), appends };
}

/** An append of one event that starts `run`. */
export function start(run: RunId, change: Partial<RunAppend> = {}): RunAppend {
  return { run, expected: 0, count: 1, at: epoch, events: '["started"]', row: row(), ...change };
}

/** An append of one event to `run`, decided on revision `expected`. */
export function append(run: RunId, expected: number, change: Partial<RunAppend> = {}): RunAppend {
  return { run, expected, count: 1, at: epoch, events: `["event ${expected}"]`, ...change };
}

/** Commits one bundle of these appends, which must succeed. */
export async function write(store: Store, ...appends: readonly RunAppend[]): Promise<void> {
  same(await store.commit([bundle(...appends)]), [{ committed: true }]);
}

export function conflict(run: RunId, expected: number, actual: number): Outcome {
  return { committed: false, conflict: { run, expected, actual } };
}

/** Equal as data: a field that is undefined equals one that is not there. */
export function same(actual: unknown, expected: unknown, message?: string): void {
  assert.deepStrictEqual(plain(actual), plain(expected), message);
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

export async function readable(store: StoreReader, run: RunId): Promise<Extract<StoredRun, { corrupt: false }>> {
  const stored = await store.load(run);
  assert(stored !== undefined, `run ${run} is not there`);
  assert(!stored.corrupt, `run ${run} is said to be corrupt`);
  return stored;
}

export async function entriesOf(store: StoreReader, run: RunId): Promise<readonly JournalEntry[]> {
  const entries = await store.history(run);
  assert(entries !== undefined, `run ${run} is not there`);
  assert('length' in entries, `run ${run} is said to be corrupt`);
  return entries;
}

export function idsOf(rows: readonly RunRow[]): readonly string[] {
  return rows.map((found) => found.run);
}

export async function refusedWith(code: string, work: () => Promise<unknown>): Promise<void> {
  const error = await work().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert(error !== undefined, `it was accepted, not refused with "${code}"`);
  assert(error instanceof Error && 'code' in error, `it threw ${error}`);
  assert.equal(error.code, code);
  if (code !== 'assertion_failed') assert(isPawlError(error));
}
