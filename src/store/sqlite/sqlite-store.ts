/**
 * The store in one SQLite file: the writer.
 *
 * Life: opened → any number of commits → closed. A failed write whose outcome is unknown makes the handle refuse
 * everything until `reopen` (fail-stop). Calls never overlap: SQLite works on this thread, and a call that has returned
 * is done. A slow disk therefore blocks the event loop for as long as a sync takes.
 *
 * L1. A disk that is full is met twice: first room is made (the ballast is given back, the log brought into the database)
 *     and the write is made again, then it is refused.
 * L2. While the ballast is gone the store is low: what begins a run is refused with `store_full`, and so is output, before
 *     anything is written. What goes on with a run, forgets one or notes a fact may use the room.
 * L3. The store looks for room for the ballast when it is opened, and whenever it is low and something would begin.
 */

import { type Codec, type Instant, PawlError, type RunId } from '../../base/index.ts';
import { assertBundle } from '../bundle.ts';
import { logLimitBytesDefault } from '../log-limit.ts';
import type { Bundle, LogChunk, Outcome, Store } from '../store.ts';
import type { Removal, Sweep, Swept } from '../sweep.ts';
import type { Sql, Worked } from '../user-sql.ts';
import { Ballast } from './ballast.ts';
import { type DatabaseFile, inMemory, openForReading, openForWriting, type WritingOptions } from './database-file.ts';
import { isFull, writeFault } from './fault.ts';
import { SqliteReader } from './sqlite-reader.ts';
import { Writer } from './writer.ts';

const largeValueLengthDefault = 65_536;
const largeValueLengthLeast = 1_024;

export interface SqliteOptions {
  /** A path, or `:memory:`. The folder must be there; the file is made. */
  readonly path: string;
  /** What an acknowledged commit survives: `full` a power cut, `normal` the death of the process only. Default `full`. */
  readonly synchronous?: 'full' | 'normal';
  /** How long a write waits, blocking the thread, while another process writes to the file. Default 5,000. */
  readonly busyTimeoutMs?: number;
  /** Bytes of output kept per attempt. Default 16 MiB. */
  readonly logLimitBytes?: number;
  /**
   * JSON values longer than so many characters are kept once a run, wherever they stand in its history. Default 65,536; at least
   * 1,024.
   */
  readonly largeValueLength?: number;
  /**
   * Seals histories, snapshots, large values, kept results and output. Default none: everything is kept as it is. A file that is sealed
   * cannot be written without.
   */
  readonly codec?: Codec;
  /** The file never grows beyond: a commit that would is refused with `store_full`. Default: as large as the disk. */
  readonly fileLimitBytes?: number;
  /**
   * Room kept free on the disk, in a file `<path>.ballast`. When the disk is full it is given back, and until it can be made
   * again runs under way are recorded in it and new ones are refused. Default 0: none. There is none with `fileLimitBytes`.
   */
  readonly ballastBytes?: number;
}

/**
 * Opens the file for writing, makes it if it is not there, and brings an older one to this version. One process may write:
 * take the file's ownership first (`acquireOwnership`).
 *
 * @throws PawlError `file_unreadable`: not ours, not a database, or no permission; the file is as it was.
 * @throws PawlError `file_too_new`: written by a newer version; the file is as it was.
 * @throws PawlError `key_missing`: it is sealed, and its key is not here.
 */
export async function openSqlite(options: SqliteOptions): Promise<SqliteStore> {
  return new SqliteStore(options);
}

/**
 * Opens the file for reading, beside the process that owns it or without one. Never makes the file (SQLite may leave its
 * own empty `-wal` and `-shm` beside it).
 *
 * @throws PawlError `not_found`, `file_unreadable`, `file_too_new`
 */
export async function openSqliteReader(
  path: string,
  options: { readonly busyTimeoutMs?: number; readonly codec?: Codec } = {},
): Promise<SqliteReader> {
  return new SqliteReader(openForReading(path, options.busyTimeoutMs ?? 5_000, options.codec));
}

export class SqliteStore extends SqliteReader implements Store {
  readonly durability: WritingOptions['durability'];
  readonly #options: WritingOptions;
  #writer: Writer;
  #failure: PawlError | undefined;
  readonly #ballast: Ballast;
  /** A closed store stays closed, also where it had failed before: its file may be another's by now. */
  #isClosed = false;
  #isLow = false;
  /** True from a write that found no room until one that did: making room is not tried with each. */
  #isFull = false;

  constructor({
    path,
    synchronous = 'full',
    busyTimeoutMs = 5_000,
    logLimitBytes,
    largeValueLength = largeValueLengthDefault,
    fileLimitBytes,
    codec,
    ballastBytes = 0,
  }: SqliteOptions) {
    const options: WritingOptions = {
      path,
      durability: `sqlite-${synchronous}`,
      busyTimeoutMs,
      logLimitBytes: logLimitBytes ?? logLimitBytesDefault,
      largeValueLength: checkedLength(largeValueLength),
      codec,
      fileLimitBytes,
    };
    const ballast = new Ballast(path, path === inMemory || fileLimitBytes !== undefined ? 0 : ballastBytes);
    const file = openedWithRoom(options, ballast);
    super(file);
    this.#ballast = ballast;
    this.durability = options.durability;
    this.#options = options;
    this.#writer = new Writer(file, options.durability);
    this.#begin();
    this.#isLow = !ballast.restore();
  }

  /** True while the ballast is given back: see L2. */
  get isLow(): boolean {
    return this.#isLow;
  }

  /** SHA-256 in hex of what is not to be guessed from the file: with a codec, one that only who has its keys can make. */
  digest(text: string): string {
    return this.ready().sealing.digest(text);
  }

  get generation(): number {
    return this.#writer.generation;
  }

  async commit(bundles: readonly Bundle[]): Promise<readonly Outcome[]> {
    this.ready();
    for (const bundle of bundles) assertBundle(bundle);
    const begins = bundles.some(beginsRun);
    if (begins) this.#refuseWhenLow();
    return this.#writing((writer) => writer.commit(bundles), { mayUseBallast: !begins });
  }

  async transact(
    decide: (work: <T>(piece: (sql: Sql) => T) => Worked<T>) => readonly Bundle[],
  ): Promise<readonly Outcome[]> {
    // What was decided cannot be decided again: where there is no room it is not tried a second time.
    return this.#writing((writer) => writer.transact(decide), { mayUseBallast: false, once: true });
  }

  async appendLogs(chunks: readonly LogChunk[]): Promise<void> {
    this.#refuseWhenLow();
    this.#writing((writer) => writer.appendLogs(chunks), { mayUseBallast: false });
  }

  async writeMeta(key: string, value: string): Promise<void> {
    this.#writing((writer) => writer.putMeta(key, value));
  }

  async remove(run: RunId): Promise<boolean> {
    return this.#writing((writer) => writer.remove(run));
  }

  async sweep(sweep: Sweep): Promise<Swept> {
    return this.#writing((writer) => writer.sweep(sweep));
  }

  async removeEnded(runs: readonly RunId[], spare: readonly RunId[] = []): Promise<readonly Removal[]> {
    return this.#writing((writer) => writer.removeEnded(runs, spare));
  }

  async dropResults(at: Instant, limit: number): Promise<number> {
    return this.#writing((writer) => writer.dropResults(at, limit));
  }

  async reopen(): Promise<void> {
    if (this.#isClosed) throw new PawlError('closed', 'The store is closed: open it again to go on.');
    if (this.#failure === undefined) this.ready();
    if (this.#options.path === inMemory) return;
    const failure =
      this.#failure ?? new PawlError('store_failed', `Reopening ${this.#options.path} failed. Try again.`);
    // Until all of this has worked the handle refuses everything, and can be reopened again.
    this.#failure = failure;
    this.opened?.db.close();
    this.opened = undefined;
    const file = openForWriting(this.#options);
    this.opened = file;
    this.#writer = new Writer(file, this.#options.durability);
    this.#failure = undefined;
    try {
      this.#begin();
    } catch (error) {
      this.#failure = failure;
      throw error;
    }
  }

  override async close(): Promise<void> {
    this.#isClosed = true;
    const file = this.opened;
    if (file === undefined) return;
    this.opened = undefined;
    try {
      if (this.#failure === undefined) this.#writer.syncLogs();
    } finally {
      this.#failure = undefined;
      file.db.close();
    }
  }

  protected override ready(): DatabaseFile {
    if (this.#failure !== undefined) throw this.#failure;
    return super.ready();
  }

  /** Counts this opening. Its commit also syncs whatever a process before this one wrote and could not sync. */
  #begin(): void {
    try {
      this.#writing((writer) => writer.countOpening());
    } catch (error) {
      this.opened?.db.close();
      this.opened = undefined;
      throw error;
    }
  }

  /** @throws PawlError `store_full` */
  #refuseWhenLow(): void {
    if (!this.#isLow) return;
    this.#isLow = !this.#ballast.restore();
    if (!this.#isLow) return;
    const message = `There is hardly any room left for ${this.#options.path}: what is under way goes on, and nothing new is begun. Free space on its disk, then try again.`;
    throw new PawlError('store_full', message);
  }

  #writing<T>(write: (writer: Writer) => T, { mayUseBallast = true, once = false } = {}): T {
    const { path } = this.ready();
    try {
      const result = write(this.#writer);
      this.#isFull = false;
      return result;
    } catch (error) {
      this.#writer.forgetAll();
      const fault = writeFault(error, path);
      if (fault.outcome === 'unknown' && fault.error instanceof PawlError) this.#failure = fault.error;
      if (isFull(error) && this.#makeRoom(mayUseBallast) && !once) return this.#writing(write, { mayUseBallast });
      throw fault.error;
    }
  }

  /** True where the write that found no room may be tried once more. */
  #makeRoom(mayUseBallast: boolean): boolean {
    const hasGiven = this.#ballast.release();
    if (!hasGiven && this.#isFull) return false;
    this.#isFull = true;
    this.#isLow ||= hasGiven;
    this.#writer.makeRoom();
    return mayUseBallast || !hasGiven;
  }
}

/** @throws PawlError `bad_input` */
function checkedLength(length: number): number {
  if (length >= largeValueLengthLeast) return length;
  throw new PawlError(
    'bad_input',
    `largeValueLength is ${length}; write ${largeValueLengthLeast} or more, or Infinity for none`,
  );
}

function beginsRun({ appends }: Bundle): boolean {
  return appends.every(({ expected }) => expected === 0);
}

/** Opening writes a little: on a full disk that is what the ballast is for. */
function openedWithRoom(options: WritingOptions, ballast: Ballast): DatabaseFile {
  try {
    return openForWriting(options);
  } catch (error) {
    const cause = error instanceof PawlError ? error.cause : error;
    if (!isFull(cause) || !ballast.release()) throw error;
    return openForWriting(options);
  }
}
