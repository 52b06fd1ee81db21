/**
 * What the writer does inside its transactions.
 *
 * W1. One transaction for all bundles of a call. Conflicts are found by looking before writing, so no bundle ever has to
 *     be undone for itself.
 * W2. Between the begin and the end of a transaction nobody else can write; what is remembered from before it is used
 *     only if no other connection has written since (`PRAGMA data_version`).
 * W3. An append in the middle of a run is one INSERT. A start is one SELECT and two INSERTs; a changed row is one UPDATE
 *     more, and a snapshot one REPLACE.
 * W4. A call that throws has written nothing, or its outcome is unknown: `writeFault` tells which. Either way the caller
 *     then calls `forgetAll`.
 */

import type { StatementSync } from 'node:sqlite';
import { assert, type Instant, PawlError, type RunId } from '../../base/index.ts';
import { answerWithoutWriting, assertBundle, committedOutcome, type JournalPosition, takenAlong } from '../bundle.ts';
import { changedRow, startedRow } from '../run-row.ts';
import type { Bundle, Durability, LogChunk, Outcome, RunAppend } from '../store.ts';
import type { Removal, Sweep, Swept } from '../sweep.ts';
import { type Sql, UserSql, type Worked } from '../user-sql.ts';
import { UnreadableRow } from './columns.ts';
import type { DatabaseFile } from './database-file.ts';
import { Families } from './families.ts';
import { isCorruption } from './fault.ts';
import { type HotRun, HotRuns } from './hot-runs.ts';
import { ownTables } from './schema.ts';
import { keyOf } from './sealing.ts';

/** Kept twice: without it nobody could open the file, and with an old one append ids would come again. */
const generationKeys = ['generation', 'generation_copy'];

/** Thrown to undo a transaction of which a bundle is a conflict. */
class TooLate extends Error {
  readonly outcomes: readonly Outcome[];

  constructor(outcomes: readonly Outcome[]) {
    super('another writer was first');
    this.outcomes = outcomes;
  }
}

const secretKey = 'digest_secret';
const secretPlace = { run: '', slot: secretKey };

export class Writer implements JournalPosition {
  readonly #file: DatabaseFile;
  readonly #durability: Durability;
  readonly #hot: HotRuns;
  readonly #families: Families;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #dataVersion: StatementSync;
  #dataVersionSeen: unknown;
  #generation = 0;
  #logsUnsynced = false;
  #userSql: UserSql | undefined;

  constructor(file: DatabaseFile, durability: Durability) {
    const { db } = file;
    this.#file = file;
    this.#durability = durability;
    this.#hot = new HotRuns(file.runs);
    this.#families = new Families(file);
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
    this.#dataVersion = db.prepare('PRAGMA data_version');
  }

  get generation(): number {
    return this.#generation;
  }

  commit(bundles: readonly Bundle[]): readonly Outcome[] {
    const outcomes = this.#transaction(() => bundles.map((bundle) => this.#apply(bundle)));
    this.#logsUnsynced = false;
    return outcomes;
  }

  /** The user's pieces, and what follows from them. A bundle that is too late takes the whole transaction along. */
  transact(decide: (work: <T>(piece: (sql: Sql) => T) => Worked<T>) => readonly Bundle[]): readonly Outcome[] {
    this.#userSql ??= new UserSql(this.#file.db, ownTables);
    const sql = this.#userSql;
    try {
      return this.#transaction(() => {
        const bundles = decide((piece) => sql.work(piece));
        for (const bundle of bundles) assertBundle(bundle);
        const outcomes = bundles.map((bundle) => this.#apply(bundle));
        const late = outcomes.find(({ committed }) => !committed);
        if (late !== undefined) throw new TooLate(takenAlong(outcomes, late));
        return outcomes;
      });
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
      this.forgetAll();
      return error.outcomes;
    }
  }

  /** Counts an opening of the file: each has a generation of its own. */
  countOpening(): void {
    this.#generation = this.#transaction(() => {
      const { meta } = this.#file;
      const readable = generationKeys.map((key) => meta.tryGet(key)).filter((fact) => fact.ok);
      if (readable.length === 0) throw new UnreadableRow('both facts that count its openings are damaged');
      const generation = Math.max(...readable.map((fact) => Number(fact.value ?? 0))) + 1;
      for (const key of generationKeys) meta.put(key, String(generation));
      this.#takeSecret();
      return generation;
    });
  }

  /**
   * What digests are made with is in the file, sealed with the current key: made when the file is sealed for the first time, sealed anew
   * when the key is another.
   *
   * @throws PawlError `key_missing`: so that nothing is written in the clear into a file that is sealed.
   */
  #takeSecret(): void {
    const { meta, sealing } = this.#file;
    const kept = meta.get(secretKey);
    if (kept === undefined && sealing.current === undefined) return;
    sealing.secret = kept === undefined ? sealing.newSecret() : sealing.open(kept, secretPlace);
    if (kept === undefined || keyOf(kept) !== sealing.current)
      meta.put(secretKey, sealing.seal(sealing.secret, secretPlace));
  }

  putMeta(key: string, value: string): void {
    this.#transaction(() => this.#file.meta.put(key, value));
  }

  /** Writes without a sync of its own: the next commit, or `syncLogs`, brings these rows to the disk too. */
  appendLogs(chunks: readonly LogChunk[]): void {
    if (chunks.length === 0) return;
    this.#unsynced(() =>
      this.#transaction(() => {
        for (const chunk of chunks) {
          const hot = this.#hot.find(chunk.run);
          if (hot !== undefined) this.#file.logs.append(hot.key, chunk);
        }
      }),
    );
    this.#logsUnsynced = true;
  }

  /** Makes durable what `appendLogs` wrote since the last commit. */
  syncLogs(): void {
    if (!this.#logsUnsynced) return;
    this.#file.db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    this.#logsUnsynced = false;
  }

  /** True where there was such a run. */
  remove(run: RunId): boolean {
    const { path } = this.#file;
    try {
      return this.#transaction(() => {
        const hot = this.#hot.find(run);
        if (hot === undefined) return false;
        this.#families.keepInstant();
        this.#removeAttributes(hot);
        this.#families.removeRows(hot.key);
        this.#hot.forget(run);
        return true;
      });
    } catch (error) {
      if (!isCorruption(error)) throw error;
      const message = `Run ${run} in ${path} cannot be removed, since its rows are damaged: nothing was written. Restore the file from a backup.`;
      throw new PawlError('store_corrupt', message, { cause: error });
    }
  }

  #removeAttributes(hot: HotRun): void {
    const { attributes } = this.#file;
    if (hot.row === undefined && !this.#readRow(hot)) attributes.removeAll(hot.key);
    else attributes.change(hot.key, hot.row?.attributes, undefined);
  }

  sweep(sweep: Sweep): Swept {
    return this.#forgetting(this.#transaction(() => this.#families.sweep(sweep)));
  }

  removeEnded(runs: readonly RunId[], spare: readonly RunId[]): readonly Removal[] {
    const removals = this.#transaction(() => runs.map((run) => this.#families.removeEnded(run, spare)));
    return removals.map((removal) => (removal.removed ? this.#forgetting(removal) : removal));
  }

  dropResults(at: Instant, limit: number): number {
    return this.#transaction(() => this.#file.results.removeOld(at, limit));
  }

  #forgetting<T extends { readonly runs: readonly RunId[] }>(done: T): T {
    for (const run of done.runs) this.#hot.forget(run);
    return done;
  }

  /** Brings the log into the database, if that works, so that the log can begin anew: it may give back more than it takes. */
  makeRoom(): void {
    try {
      this.#file.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // It needs room itself. What was written stays where it is.
    }
  }

  /** Forgets what it remembers of the file: to be called after an error. */
  forgetAll(): void {
    this.#hot.forgetAll();
    this.#file.runs.forget();
    this.#file.documents.forget();
    this.#file.logs.forget();
  }

  revision(run: RunId): number {
    return this.#hot.find(run)?.revision ?? 0;
  }

  appendIdAt(run: RunId, from: number): string | undefined {
    const hot = this.#hot.find(run);
    return hot === undefined ? undefined : this.#file.journal.appendIdAt(hot.key, from);
  }

  #apply(bundle: Bundle): Outcome {
    const answer = answerWithoutWriting(bundle, this) ?? this.#unreadable(bundle);
    if (answer !== undefined) return answer;
    for (const document of bundle.documents ?? []) this.#file.documents.put(document);
    for (const append of bundle.appends) this.#append(append, bundle.appendId);
    for (const result of bundle.results ?? []) this.#file.results.put(result);
    return committedOutcome();
  }

  /**
   * A conflict where a row that is to be changed cannot be read: the caller loads the run, and learns there that it is
   * corrupt. Leaves every other row that is to be changed in memory.
   */
  #unreadable(bundle: Bundle): Outcome | undefined {
    for (const { run, row, expected } of bundle.appends) {
      if (row === undefined || expected === 0) continue;
      const hot = this.#hot.find(run);
      assert(hot !== undefined, `run ${run} is at revision ${expected} but has no row`);
      if (hot.row === undefined && !this.#readRow(hot)) {
        return { committed: false, conflict: { run, expected, actual: hot.revision } };
      }
    }
    return undefined;
  }

  #readRow(hot: HotRun): boolean {
    try {
      hot.row = this.#file.runs.byKey(hot.key)?.row;
      return hot.row !== undefined;
    } catch (error) {
      if (error instanceof UnreadableRow) return false;
      throw error;
    }
  }

  #append(append: RunAppend, appendId: string): void {
    const { run, expected, count, row, snapshot } = append;
    const { runs, journal, snapshots, attributes } = this.#file;
    let hot = this.#hot.find(run);
    if (hot === undefined) {
      const started = startedRow(run, row);
      hot = this.#hot.remember(run, { key: runs.insert(started, count), revision: 0, row: started });
      attributes.change(hot.key, undefined, started.attributes);
      if (append.pinned !== undefined) this.#file.pins.put(hot.key, append.pinned);
    } else if (row !== undefined) {
      assert(hot.row !== undefined, `the row of run ${run} is to be changed but was not read`);
      const before = hot.row.attributes;
      hot.row = changedRow(hot.row, row);
      attributes.change(hot.key, before, hot.row.attributes);
      runs.update(hot.key, hot.row, expected + count);
    }
    assert(hot.revision === expected, `run ${run} is at ${hot.revision} where ${expected} was checked`);
    journal.append(hot.key, append, appendId);
    hot.revision = expected + count;
    if (snapshot !== undefined) snapshots.put(hot.key, run, hot.revision, snapshot);
  }

  #transaction<T>(work: () => T): T {
    this.#begin.run();
    try {
      this.#noticeOtherWriters();
      const result = work();
      this.#commit.run();
      return result;
    } catch (error) {
      if (this.#file.db.isTransaction) this.#rollback.run();
      throw error;
    }
  }

  #noticeOtherWriters(): void {
    const seen = this.#dataVersion.get()?.data_version;
    if (seen === this.#dataVersionSeen) return;
    this.forgetAll();
    this.#dataVersionSeen = seen;
  }

  /** Commits of `work` reach the operating system but not yet the disk. The write-ahead log keeps their order, so the next synced commit covers them. */
  #unsynced(work: () => void): void {
    const { db } = this.#file;
    if (this.#durability !== 'sqlite-full') {
      work();
      return;
    }
    db.exec('PRAGMA synchronous = NORMAL');
    try {
      work();
    } finally {
      db.exec('PRAGMA synchronous = FULL');
    }
  }
}
