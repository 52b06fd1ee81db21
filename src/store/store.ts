/**
 * Where runs live: one append-only journal of events, and what is derived from it.
 *
 * A store orders and keeps; it never reads meaning into an event. Time is an argument, and so is every id. Every store
 * passes `storeConformance`: a behaviour that is not tested there is not promised here.
 *
 * S1. A bundle is all or none. What a resolved `commit` calls committed survives whatever the store's `durability` says.
 * S2. A run's revision is the number of its events. An append states the revision it was decided on, and is refused as a
 *     conflict on any other: of two writers, one wins.
 * S3. A bundle whose append id is already in the journal answers `committed` and changes nothing.
 * S4. Journal, run rows, snapshots and documents of one bundle become durable together.
 * S5. A row whose checksum does not match is never returned as data: `load` and `history` report the run as corrupt, and
 *     every other run stays readable.
 */

import type { Attributes, Instant, RunId, WorkflowVersion } from '../base/index.ts';
import type { AttributeFilter } from './attribute-filter.ts';
import type { Removal, Sweep, Swept } from './sweep.ts';
import type { Sql, Worked } from './user-sql.ts';

/** What an acknowledged commit survives: nothing, the death of the process, or a power cut as well. */
export type Durability = 'memory' | 'sqlite-normal' | 'sqlite-full';

/** What every handle can do, also one that another process opened on the file of a running engine. */
export interface StoreReader {
  /** The run's row, its snapshot if it has one, and the journal entries after it, oldest first; undefined for an unknown run. */
  load(run: RunId): Promise<StoredRun | undefined>;

  /** Journal entries of a run, oldest first, that hold events after revision `after`; at most `limit` of them. */
  history(
    run: RunId,
    options?: { readonly after?: number; readonly limit?: number },
  ): Promise<readonly JournalEntry[] | Corrupt | undefined>;

  /**
   * Rows of runs, newest first unless `order` says otherwise; page on with the last row's `run`. A run is as old as its
   * first commit. Rows that fail their checksum are left out here, in `open` and in `due`: see `unreadable`.
   *
   * @throws PawlError `not_found`: the run named by `after` is gone; begin again.
   */
  list(query?: RunQuery): Promise<readonly RunRow[]>;

  /**
   * As `list`, in pages that go on from a place: also where the run that stood there is gone.
   */
  find(query?: FindQuery): Promise<FoundRuns>;

  /** The rows of runs that are not final, oldest first: what a recovering engine looks at. With `active`, only those that are. */
  open(options?: {
    readonly active?: boolean;
    readonly after?: RunId;
    readonly limit?: number;
  }): Promise<readonly RunRow[]>;

  /** Runs whose `dueAt` is at or before `at`, soonest first. */
  due(at: Instant, limit: number): Promise<readonly RunRow[]>;

  /** The soonest `dueAt` of any run, or undefined. */
  nextDue(): Promise<Instant | undefined>;

  /**
   * The text of a workflow document by its version.
   *
   * @throws PawlError `store_corrupt`: its row fails its checksum.
   */
  document(version: WorkflowVersion): Promise<StoredDocument | undefined>;

  /**
   * The result that is kept under a key, where it may still be used at `at`.
   *
   * @throws PawlError `store_corrupt`: its row fails its checksum.
   */
  result(key: string, at: Instant): Promise<StoredResult | undefined>;

  /** When the first run without a parent ended with that status; with `after`, the first that ended later than that. */
  nextEnded(status: string, after?: Instant): Promise<Instant | undefined>;

  /** When the first of the results that are kept runs out. */
  nextExpiry(): Promise<Instant | undefined>;

  /** Runs whose rows `list`, `open` or `due` of this handle came upon and could not read: each stands for an alert. */
  unreadable(): Promise<readonly UnreadableRun[]>;

  /**
   * The instant of the last append, also of one whose run was removed. A clock that starts there never shows a time before
   * one that was recorded, as long as every clock before it did the same.
   */
  lastInstant(): Promise<Instant | undefined>;

  /** Chunks of one task's output, oldest first; of all its attempts and items unless named. Page on with the last `sequence`. */
  logs(run: RunId, task: number, query?: LogQuery): Promise<readonly StoredLogChunk[]>;

  /**
   * A fact about the whole store that is not a run's.
   *
   * @throws PawlError `store_corrupt`: its row fails its checksum.
   */
  readMeta(key: string): Promise<string | undefined>;

  /** Waits for what was handed in, then lets go of the store. Idempotent. */
  close(): Promise<void>;
}

/** The one handle that writes. */
export interface Store extends StoreReader {
  readonly durability: Durability;

  /** Grows with every opening of the store, and is durable before the opening ends: what append ids start with. */
  readonly generation: number;

  /**
   * Makes each bundle durable, all of it or none, and resolves once nothing in `durability` could undo them. Bundles of
   * one call are applied in order; a later one may build on an earlier one of the same call.
   *
   * @throws PawlError `store_full`: no room. Nothing of this call was written; reads and later commits work.
   * @throws PawlError `busy`: another process writes to the file. Nothing of this call was written; try again.
   * @throws PawlError `store_failed`: the outcome is unknown. `reopen`, then load the runs again: an append that is there by
   *   its append id was committed.
   * @throws AssertionError A bundle breaks its own rules (see `RunAppend`). Nothing of this call was written.
   */
  commit(bundles: readonly Bundle[]): Promise<readonly Outcome[]>;

  /**
   * Does pieces of a user's work on the store's own database, and what `decide` says follows from them, in one transaction:
   * durable together or not at all. `decide` is called once, and does the pieces by calling what it is given; it must not wait. A
   * bundle that is a conflict takes the others along: each is answered with a conflict, its own or that one.
   *
   * @throws WorkUndidAll A piece has undone the transaction: nothing was written, neither by it nor by the others.
   * @throws What `commit` throws; `refused` where this store has no database that users may write to.
   */
  transact(decide: (work: <T>(piece: (sql: Sql) => T) => Worked<T>) => readonly Bundle[]): Promise<readonly Outcome[]>;

  /**
   * Keeps chunks of task output. Readable at once, durable with the next commit, or at the latest when the store closes.
   * Bounded per attempt (of one item) by the store's limit: what comes later is dropped and noted. Chunks of a run that is
   * not there are dropped.
   *
   * @throws PawlError `store_full`, `busy`, `store_failed` as `commit`.
   */
  appendLogs(chunks: readonly LogChunk[]): Promise<void>;

  /** Durable once it resolves. */
  writeMeta(key: string, value: string): Promise<void>;

  /** Forgets a run, durably, with all its rows: journal, snapshot, logs. Its id is free again. False where there was none. Documents stay. */
  remove(run: RunId): Promise<boolean>;

  /**
   * Forgets families that have ended, durably, in one commit: their ids are free again. Documents that no run uses any more go
   * along. Rows that cannot be read, and their families, stay.
   */
  sweep(sweep: Sweep): Promise<Swept>;

  /**
   * Forgets the families of these runs, in one commit: of each that has no parent, if all of it has ended. Answers each run in its
   * place.
   */
  removeEnded(runs: readonly RunId[], spare?: readonly RunId[]): Promise<readonly Removal[]>;

  /** Forgets up to `limit` kept results that ran out at `at` or before; answers how many. */
  dropResults(at: Instant, limit: number): Promise<number>;

  /**
   * After `store_failed` or `store_corrupt` from a write a handle refuses everything (fail-stop): what it holds in memory may
   * not be what the disk holds. This lets go of it, opens the store anew and makes durable whatever is there, so that
   * `load` then tells what was committed. Nobody may have a call under way. If it throws, the handle goes on refusing, and
   * can be reopened again.
   */
  reopen(): Promise<void>;
}

export interface Bundle {
  /** Short text that no other bundle carries. */
  readonly appendId: string;
  /** Each of another run. */
  readonly appends: readonly RunAppend[];
  /** Texts to keep, written before the appends; one that is there already is left as it is. */
  readonly documents?: readonly StoredDocument[];
  /** Results to keep for other runs; of a key, the latest stands. They outlive the run they came from. */
  readonly results?: readonly StoredResult[];
}

/** What a task gave, for others that would give the same. */
export interface StoredResult {
  /** Short text. */
  readonly key: string;
  /** Where it came from. */
  readonly run: RunId;
  readonly task: number;
  readonly at: Instant;
  /** Not to be used from then on; absent: for good. */
  readonly expiresAt?: Instant | undefined;
  /** JSON. */
  readonly output: string;
}

export interface RunAppend {
  readonly run: RunId;
  /** The revision the events were decided on; 0 starts a run and is a conflict if its id is taken. */
  readonly expected: number;
  /** How many events: the run's revision becomes `expected + count`. At least 1. */
  readonly count: number;
  readonly at: Instant;
  /** The events, encoded by the kernel; opaque here. */
  readonly events: string;
  /** The events' payloads, in a slot of their own; opaque here. Absent where there are none. */
  readonly payloads?: string;
  /** What changed of the run's row (`undefined` clears an optional field); all of it for a new run. */
  readonly row?: RunRowChange;
  /** Folded state at the revision this append reaches; replaces an older one. */
  readonly snapshot?: string;
  /** Of a new run: versions of the documents it may need later, beside its own. They stay while the run does. */
  readonly pinned?: readonly WorkflowVersion[];
}

export type RunRowChange = Partial<Omit<RunRow, 'run'>>;

/** What lists and schedulers need of a run, derived from its events. */
export interface RunRow {
  readonly run: RunId;
  readonly workflow: string;
  readonly version: WorkflowVersion;
  /** A status of the kernel's. `final` says whether it is one that ends the run. */
  readonly status: string;
  readonly final: boolean;
  readonly createdAt: Instant;
  readonly endedAt?: Instant | undefined;
  /** When the run next has something to do by itself, if it only waits for time. */
  readonly dueAt?: Instant | undefined;
  /** True where the engine must load the run at start: it has, or could have, something to run. False: it only waits. */
  readonly active: boolean;
  readonly parent?: RunId | undefined;
  /** Hash of what the run was started with: the same id with another hash is a conflict. */
  readonly startHash: string;
  /** The engine that owns the run, where several share a store. */
  readonly owner?: string | undefined;
  /** By what it can be found; absent where there is none. Sorted by name. */
  readonly attributes?: Attributes | undefined;
}

export type Outcome =
  | { readonly committed: true }
  /**
   * Another writer was first: the run is at `actual`, not at the append's `expected`. Also where the run's rows are damaged, and
   * then `actual` may be anything: `load` tells.
   */
  | {
      readonly committed: false;
      readonly conflict: { readonly run: RunId; readonly expected: number; readonly actual: number };
    };

export interface JournalEntry {
  /** The revision before and after this entry. */
  readonly from: number;
  readonly to: number;
  readonly at: Instant;
  readonly appendId: string;
  readonly events: string;
  readonly payloads?: string | undefined;
}

export interface StoredSnapshot {
  readonly revision: number;
  readonly state: string;
}

/** A run whose stored rows fail their checksum or contradict each other. `reason` names the row and the fault. */
export interface Corrupt {
  readonly corrupt: true;
  readonly reason: string;
}

export type StoredRun =
  | {
      readonly corrupt: false;
      readonly row: RunRow;
      readonly snapshot: StoredSnapshot | undefined;
      readonly entries: readonly JournalEntry[];
    }
  | (Corrupt & { readonly row: RunRow | undefined });

export interface RunQuery {
  readonly status?: readonly string[];
  readonly workflow?: string;
  readonly parent?: RunId;
  readonly attributes?: AttributeFilter;
  /** Started at this instant or later. */
  readonly startedAfter?: Instant;
  /** Started before this instant. */
  readonly startedBefore?: Instant;
  readonly order?: 'newest' | 'oldest';
  /** The last row of the page before. */
  readonly after?: RunId;
  /** At most this many rows; default 100. */
  readonly limit?: number;
}

export type FindQuery = Omit<RunQuery, 'after'> & {
  /** `next` of the page before. */
  readonly from?: string;
};

export interface FoundRuns {
  readonly rows: readonly RunRow[];
  /** Where to go on; undefined where there is no more. */
  readonly next: string | undefined;
}

/** A run whose row fails its checksum. `run` is what its id reads as now, for what that is worth. */
export interface UnreadableRun {
  readonly run: string;
  readonly reason: string;
}

export interface StoredDocument {
  readonly version: WorkflowVersion;
  /** The name it is listed under. */
  readonly name: string;
  readonly text: string;
}

export interface LogChunk {
  readonly run: RunId;
  readonly task: number;
  readonly attempt: number;
  /** The item of a with-items task. */
  readonly item?: number | undefined;
  readonly stream: 'stdout' | 'stderr' | 'log';
  readonly at: Instant;
  readonly text: string;
}

export interface LogQuery {
  readonly attempt?: number;
  readonly item?: number;
  /** The `sequence` of the last chunk of the page before. */
  readonly after?: number;
  readonly limit?: number;
}

export interface StoredLogChunk extends LogChunk {
  /** Grows along the store; page on with the last one. */
  readonly sequence: number;
  /** Not output but a word of the store: `cut`, the limit was reached and the rest dropped; `unreadable`, the row fails its checksum. */
  readonly note?: 'cut' | 'unreadable' | undefined;
}
