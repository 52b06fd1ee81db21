/**
 * Reading a file: all that `StoreReader` asks, over a connection that somebody opened.
 *
 * `load` reads inside one transaction, so that another process which commits in between is seen whole or not at all.
 * The answers are ready when a call returns; the interface is asynchronous for the stores that are not.
 */

import { type Instant, instantOf, PawlError, type RunId, type WorkflowVersion } from '../../base/index.ts';
import { fitsAttributes } from '../attribute-filter.ts';
import type {
  Corrupt,
  FindQuery,
  FoundRuns,
  JournalEntry,
  LogQuery,
  RunQuery,
  RunRow,
  StoredDocument,
  StoredLogChunk,
  StoredResult,
  StoredRun,
  StoreReader,
  UnreadableRun,
} from '../store.ts';
import { usableResult } from '../usable-result.ts';
import { backupInto } from './backup.ts';
import { type Columns, UnreadableRow } from './columns.ts';
import type { DatabaseFile } from './database-file.ts';
import { isCorruption, readFault } from './fault.ts';
import { lastInstantOf } from './last-instant.ts';
import { type PageQuery, rowOf } from './runs.ts';
import { faultsOf } from './verify.ts';

/** How many damaged runs a handle remembers for `unreadable`. */
const unreadableMax = 10_000;

export class SqliteReader implements StoreReader {
  /** Undefined once closed. */
  protected opened: DatabaseFile | undefined;
  readonly #unreadable = new Map<string, UnreadableRun>();

  constructor(file: DatabaseFile) {
    this.opened = file;
  }

  /** The open file, for a call that may go ahead. */
  protected ready(): DatabaseFile {
    if (this.opened === undefined) throw new PawlError('closed', 'The store is closed: open it again to go on.');
    return this.opened;
  }

  async load(run: RunId): Promise<StoredRun | undefined> {
    return this.#reading((file) => {
      let row: RunRow | undefined;
      return this.#orCorrupt<StoredRun | undefined>(
        run,
        () => {
          const key = file.runs.key(run);
          if (key === undefined) return undefined;
          const found = file.runs.byKey(key);
          if (found?.row.run !== run) throw new UnreadableRow('its row names another run');
          row = found.row;
          const snapshot = file.snapshots.get(key, run);
          const entries = file.journal.after(key, run, snapshot?.revision ?? 0);
          assertReaches(found.revision, entries, snapshot);
          return { corrupt: false, row, snapshot, entries };
        },
        (reason) => ({ corrupt: true, reason, row }),
      );
    });
  }

  async history(
    run: RunId,
    options: { readonly after?: number; readonly limit?: number } = {},
  ): Promise<readonly JournalEntry[] | Corrupt | undefined> {
    const { after = 0, limit } = options;
    return this.#reading((file) =>
      this.#orCorrupt<readonly JournalEntry[] | Corrupt | undefined>(
        run,
        () => {
          const key = file.runs.key(run);
          if (key === undefined) return undefined;
          const entries = file.journal.after(key, run, after, limit);
          if (limit === undefined) assertReaches(file.runs.leastRevision(key), entries, { revision: after });
          return entries;
        },
        (reason) => ({ corrupt: true, reason }),
      ),
    );
  }

  /** Reads a run; a fault of its rows is an answer about that run, not an error of the store. */
  #orCorrupt<T>(run: RunId, read: () => T, corrupt: (reason: string) => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UnreadableRow) && !isCorruption(error)) throw error;
      return corrupt(`Run ${run} cannot be read: ${(error as Error).message}.`);
    }
  }

  async list(query: RunQuery = {}): Promise<readonly RunRow[]> {
    const { after, limit = 100, ...filter } = query;
    return this.#reading((file) => this.#found(file, filter, keyOf(file, after), limit).rows);
  }

  async find(query: FindQuery = {}): Promise<FoundRuns> {
    const { from, limit = 100, ...filter } = query;
    return this.#reading((file) => this.#found(file, filter, from === undefined ? undefined : Number(from), limit));
  }

  #found(
    file: DatabaseFile,
    { attributes, order = 'newest', ...filter }: Omit<RunQuery, 'after' | 'limit'>,
    after: number | undefined,
    limit: number,
  ): FoundRuns {
    const having = attributes && file.attributes.narrow(attributes);
    let last: number | undefined;
    let isMore = false;
    const rows: RunRow[] = [];
    file.runs.page({ ...filter, newestFirst: order === 'newest', after, having }, (columns) => {
      const row = this.#rowOrNote(columns);
      // What an index found is held against the row.
      if (row === undefined || !fitsAttributes(row.attributes, attributes)) return true;
      isMore = rows.length === limit;
      if (isMore) return false;
      rows.push(row);
      last = Number(columns.key);
      return true;
    });
    return { rows, next: isMore && last !== undefined ? String(last) : undefined };
  }

  async open(
    options: { readonly active?: boolean; readonly after?: RunId; readonly limit?: number } = {},
  ): Promise<readonly RunRow[]> {
    const { active, after, limit = Number.POSITIVE_INFINITY } = options;
    return this.#page({ newestFirst: false, open: { active } }, after, limit);
  }

  #page(query: Omit<PageQuery, 'after'>, after: RunId | undefined, limit: number): readonly RunRow[] {
    return this.#reading((file) => {
      const key = keyOf(file, after);
      return this.#readable(limit, (take) => file.runs.page({ ...query, after: key }, take));
    });
  }

  async due(at: Instant, limit: number): Promise<readonly RunRow[]> {
    return this.#reading((file) => this.#readable(limit, (take) => file.runs.due(at, take)));
  }

  async nextDue(): Promise<Instant | undefined> {
    const [first] = await this.due(instantOf(Number.MAX_SAFE_INTEGER), 1);
    return first?.dueAt;
  }

  async nextEnded(status: string, after: Instant = instantOf(0)): Promise<Instant | undefined> {
    return this.#reading((file) => file.runs.nextEnded(status, after));
  }

  async nextExpiry(): Promise<Instant | undefined> {
    return this.#reading((file) => file.results.nextExpiry());
  }

  /** The first `limit` rows that `walk` comes by and that can be read: damaged ones must not use up a page. */
  #readable(limit: number, walk: (take: (row: Columns) => boolean) => void): readonly RunRow[] {
    const rows: RunRow[] = [];
    if (limit <= 0) return rows;
    walk((columns) => {
      const row = this.#rowOrNote(columns);
      if (row !== undefined) rows.push(row);
      return rows.length < limit;
    });
    return rows;
  }

  #rowOrNote(columns: Columns): RunRow | undefined {
    try {
      return rowOf(columns);
    } catch (error) {
      if (!(error instanceof UnreadableRow)) throw error;
      const key = String(columns.key);
      if (this.#unreadable.size < unreadableMax) {
        this.#unreadable.set(key, { run: String(columns.id), reason: error.message });
      }
      return undefined;
    }
  }

  async unreadable(): Promise<readonly UnreadableRun[]> {
    this.ready();
    return [...this.#unreadable.values()];
  }

  async document(version: WorkflowVersion): Promise<StoredDocument | undefined> {
    return this.#readingFact(`the document ${version}`, (file) => file.documents.get(version));
  }

  async readMeta(key: string): Promise<string | undefined> {
    return this.#readingFact(`the fact "${key}"`, (file) => file.meta.get(key));
  }

  async result(key: string, at: Instant): Promise<StoredResult | undefined> {
    return usableResult(
      this.#readingFact(`the result ${key}`, (file) => file.results.get(key)),
      at,
    );
  }

  #readingFact<T>(what: string, read: (file: DatabaseFile) => T): T {
    return this.#reading((file) => {
      try {
        return read(file);
      } catch (error) {
        if (!(error instanceof UnreadableRow)) throw error;
        const message = `In ${file.path}, ${what} cannot be read: ${error.message}. Restore it from a backup.`;
        throw new PawlError('store_corrupt', message, { cause: error });
      }
    });
  }

  async lastInstant(): Promise<Instant | undefined> {
    return this.#reading((file) => lastInstantOf(file));
  }

  async logs(run: RunId, task: number, query: LogQuery = {}): Promise<readonly StoredLogChunk[]> {
    return this.#reading((file) => {
      const key = file.runs.key(run);
      return key === undefined ? [] : file.logs.page(key, run, task, query);
    });
  }

  /** Reads the whole file and gives a sentence for each fault; none for a file that is whole. Blocks this thread meanwhile. */
  async verify(): Promise<readonly string[]> {
    return this.#reading((file) => faultsOf(file));
  }

  /**
   * Writes a checked copy of the file, as it is now, to `target`. Blocks this thread for about a second per 150 MB.
   *
   * @throws PawlError `conflict`: there is something at `target` already. Others as `backupInto` says.
   */
  async backup(target: string): Promise<void> {
    backupInto(this.ready().db, target);
  }

  async close(): Promise<void> {
    const file = this.opened;
    this.opened = undefined;
    file?.db.close();
  }

  #reading<T>(read: (file: DatabaseFile) => T): T {
    const file = this.ready();
    try {
      file.db.exec('BEGIN');
      return read(file);
    } catch (error) {
      throw readFault(error, file.path);
    } finally {
      if (file.db.isTransaction) file.db.exec('ROLLBACK');
    }
  }
}

/** @throws PawlError `not_found` */
function keyOf(file: DatabaseFile, run: RunId | undefined): number | undefined {
  const key = run === undefined ? undefined : file.runs.key(run);
  if (run !== undefined && key === undefined)
    throw new PawlError('not_found', `There is no run ${run} to list on from: begin again.`);
  return key;
}

/** Throws unless entries that go on from `start` come at least to `revision`. */
function assertReaches(
  revision: number,
  entries: readonly JournalEntry[],
  start: { readonly revision: number } | undefined,
): void {
  const reached = entries.at(-1)?.to ?? start?.revision ?? 0;
  if (reached < revision) throw new UnreadableRow(`its journal ends at revision ${reached}, but it was at ${revision}`);
}
