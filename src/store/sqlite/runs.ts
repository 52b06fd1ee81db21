/**
 * The table of runs: what lists and schedulers read, one row a run.
 *
 * A workflow's name and version stand in `versions` once, however many runs there are. A hash is kept as bytes where its
 * text is hex. The checksum covers the row as the program sees it, so that a damaged row of `versions` shows as well.
 */

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import {
  type Attributes,
  type Instant,
  instantOf,
  type RunId,
  type WorkflowVersion,
  workflowVersion,
} from '../../base/index.ts';
import type { RunQuery, RunRow } from '../store.ts';
import type { SweepPlace } from '../sweep.ts';
import type { AttributeRange } from './attributes.ts';
import { checksum } from './checksum.ts';
import {
  assertChecksum,
  type Columns,
  integer,
  optionalInteger,
  optionalText,
  preparedRead,
  text,
  UnreadableRow,
} from './columns.ts';
import { RecentMap } from './recent-map.ts';

/** A run's integer in the other tables, and where its journal stands. */
export interface RunPosition {
  readonly key: number;
  readonly revision: number;
}

const selected = `SELECT r.key, r.id, v.workflow, v.version, r.status, r.final, r.active, r.created_at, r.ended_at, r.due_at,
    r.parent, r.start_hash, r.owner, r.attributes, r.revision, r.crc
  FROM runs r LEFT JOIN versions v ON v.key = r.version`;

export class Runs {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #remove: StatementSync;
  readonly #key: StatementSync;
  readonly #position: StatementSync;
  readonly #byKey: StatementSync;
  readonly #due: StatementSync;
  readonly #ended: StatementSync;
  readonly #nextEnded: StatementSync;
  readonly #below: StatementSync;
  readonly #isUsed: StatementSync;
  readonly #removeVersion: StatementSync;
  readonly #insertVersion: StatementSync;
  readonly #versionKey: StatementSync;
  readonly #versionKeys = new RecentMap<string, number>(1_000);
  readonly #pages = new RecentMap<string, StatementSync>(50);

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insert = db.prepare(
      `INSERT INTO runs (id, version, status, final, active, created_at, ended_at, due_at, parent, start_hash, owner,
         attributes, revision, crc)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#update = db.prepare(
      `UPDATE runs SET version = ?, status = ?, final = ?, active = ?, created_at = ?, ended_at = ?, due_at = ?, parent = ?,
         start_hash = ?, owner = ?, attributes = ?, revision = ?, crc = ?
       WHERE key = ?`,
    );
    this.#remove = db.prepare('DELETE FROM runs WHERE key = ?');
    this.#key = db.prepare('SELECT key FROM runs WHERE id = ?');
    this.#position = preparedRead(
      db,
      `SELECT r.key, r.revision, j.base, j.count
       FROM runs r LEFT JOIN journal j ON j.run = r.key AND j.base = (SELECT max(base) FROM journal WHERE run = r.key)
       WHERE r.id = ?`,
    );
    this.#byKey = preparedRead(db, `${selected} WHERE r.key = ?`);
    this.#due = preparedRead(db, `${selected} WHERE r.due_at <= ? ORDER BY r.due_at, r.key`);
    this.#ended = preparedRead(
      db,
      `${selected} WHERE r.final = 1 AND r.parent IS NULL AND r.status = ?1 AND r.ended_at <= ?2
         AND (r.ended_at, r.key) > (?3, ?4) ORDER BY r.ended_at, r.key`,
    );
    this.#nextEnded = preparedRead(
      db,
      'SELECT min(ended_at) AS at FROM runs WHERE final = 1 AND parent IS NULL AND status = ? AND ended_at > ?',
    );
    this.#below = preparedRead(db, `${selected} WHERE r.parent = ?`);
    this.#isUsed = db.prepare(
      'SELECT 1 FROM runs WHERE version IN (SELECT key FROM versions WHERE version = ?) LIMIT 1',
    );
    this.#removeVersion = db.prepare('DELETE FROM versions WHERE version = ?');
    this.#insertVersion = db.prepare('INSERT INTO versions (workflow, version) VALUES (?, ?)');
    this.#versionKey = db.prepare('SELECT key FROM versions WHERE version = ? AND workflow = ?');
  }

  /** Forgets what it remembers of the file: a transaction was rolled back, or another process wrote. */
  forget(): void {
    this.#versionKeys.clear();
  }

  key(run: RunId): number | undefined {
    const found = this.#key.get(run)?.key;
    return typeof found === 'number' ? found : undefined;
  }

  /** Where `run` stands; a revision of -1, which fits no append, where the journal's last row cannot be read or is not the last. */
  position(run: RunId): RunPosition | undefined {
    const row = this.#position.get(run);
    if (row === undefined) return undefined;
    const key = integer(row, 'key');
    const { base, count, revision: least } = row;
    const reached = typeof base === 'bigint' && typeof count === 'bigint' ? base + count : -1n;
    const revision = typeof least === 'bigint' && reached >= least ? Number(reached) : -1;
    return { key, revision };
  }

  /**
   * The row, and the revision that its run had when it was written.
   *
   * @throws UnreadableRow
   */
  byKey(key: number): { readonly row: RunRow; readonly revision: number } | undefined {
    const columns = this.#byKey.get(key);
    return columns === undefined ? undefined : { row: rowOf(columns), revision: integer(columns, 'revision') };
  }

  /** The run's row as it was read, not yet believed. */
  columns(run: RunId): Columns | undefined {
    const key = this.key(run);
    return key === undefined ? undefined : this.#byKey.get(key);
  }

  /** A revision that the run had at least; 0 where its row cannot be read: a history does not depend on it. */
  leastRevision(key: number): number {
    try {
      return this.byKey(key)?.revision ?? 0;
    } catch (error) {
      if (error instanceof UnreadableRow) return 0;
      throw error;
    }
  }

  /** Writes a new run, which comes to `revision` with this commit, and returns its key. */
  insert(row: RunRow, revision: number): number {
    return Number(this.#insert.run(row.run, ...this.#values(row, revision)).lastInsertRowid);
  }

  update(key: number, row: RunRow, revision: number): void {
    this.#update.run(...this.#values(row, revision), key);
  }

  remove(key: number): void {
    this.#remove.run(key);
  }

  #values(row: RunRow, revision: number): SQLInputValue[] {
    return [
      this.#versionOf(row),
      row.status,
      row.final ? 1 : 0,
      row.active ? 1 : 0,
      row.createdAt,
      row.endedAt ?? null,
      row.dueAt ?? null,
      row.parent ?? null,
      packed(row.startHash),
      row.owner ?? null,
      row.attributes === undefined ? null : JSON.stringify(row.attributes),
      revision,
      rowChecksum(row, revision),
    ];
  }

  #versionOf({ workflow, version }: RunRow): number {
    const name = `${version}\n${workflow}`;
    const known = this.#versionKeys.get(name);
    if (known !== undefined) return known;
    const found =
      this.#versionKey.get(version, workflow)?.key ?? this.#insertVersion.run(workflow, version).lastInsertRowid;
    const key = Number(found);
    this.#versionKeys.set(name, key);
    return key;
  }

  /** Rows due at or before `at`, soonest first, until `take` has had enough (returns false). */
  due(at: Instant, take: (row: Columns) => boolean): void {
    for (const row of this.#due.iterate(at)) if (!take(row)) return;
  }

  /** Heads of families that ended so at `by` or before and behind `place`, until `take` has had enough. */
  ended({ status, by, place }: EndedQuery, take: (row: Columns) => boolean): void {
    for (const row of this.#ended.iterate(status, by, place.endedAt, place.age)) if (!take(row)) return;
  }

  /** When the first head of a family ended so, later than `after`. */
  nextEnded(status: string, after: number): Instant | undefined {
    const at = this.#nextEnded.get(status, after)?.at;
    return typeof at === 'bigint' ? instantOf(Number(at)) : undefined;
  }

  /** The rows of a run's sub-workflows. */
  below(run: RunId): readonly Columns[] {
    return this.#below.all(run);
  }

  /** True where a run has that version. */
  isUsed(version: WorkflowVersion): boolean {
    return this.#isUsed.get(version) !== undefined;
  }

  removeVersion(version: WorkflowVersion): void {
    this.#removeVersion.run(version);
    this.#versionKeys.clear();
  }

  /** Rows in order of age that fit `query`, from beyond the run with key `after`, until `take` has had enough. */
  page(query: PageQuery, take: (row: Columns) => boolean): void {
    const { sql, values } = pageSql(query);
    let statement = this.#pages.get(sql);
    if (statement === undefined) {
      statement = preparedRead(this.#db, sql);
      this.#pages.set(sql, statement);
    }
    for (const row of statement.iterate(...values)) if (!take(row)) return;
  }
}

export interface EndedQuery {
  readonly status: string;
  readonly by: Instant;
  readonly place: SweepPlace;
}

export interface PageQuery extends Pick<RunQuery, 'status' | 'workflow' | 'parent' | 'startedAfter' | 'startedBefore'> {
  /** Walks the runs that have such an attribute. */
  readonly having?: AttributeRange | undefined;
  readonly newestFirst: boolean;
  readonly after: number | undefined;
  readonly open?: { readonly active: boolean | undefined } | undefined;
}

function pageSql(query: PageQuery): { sql: string; values: SQLInputValue[] } {
  const { status, workflow, parent, startedAfter, startedBefore, having, newestFirst, after, open } = query;
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const where = (condition: string, ...bound: SQLInputValue[]) => {
    conditions.push(condition);
    values.push(...bound);
  };
  const place = having === undefined ? 'r.key' : 'a.run';
  if (after !== undefined) where(newestFirst ? `${place} < ?` : `${place} > ?`, after);
  if (status !== undefined) where(`r.status IN (${status.map(() => '?').join(', ')})`, ...status);
  if (workflow !== undefined) where('v.workflow = ?', workflow);
  if (parent !== undefined) where('r.parent = ?', parent);
  if (startedAfter !== undefined) where('r.created_at >= ?', startedAfter);
  if (startedBefore !== undefined) where('r.created_at < ?', startedBefore);
  if (having !== undefined) where(having.sql, ...having.values);
  const order = `ORDER BY ${having === undefined ? '1' : 'a.run'} ${newestFirst ? 'DESC' : 'ASC'}`;
  const select = (...more: readonly string[]) => {
    const all = [...more, ...conditions];
    // CROSS: SQLite is to take the tables in this order.
    const tables =
      having === undefined
        ? selected
        : selected.replace('FROM runs r', 'FROM run_attributes a CROSS JOIN runs r ON r.key = a.run');
    return all.length === 0 ? tables : `${tables} WHERE ${all.join(' AND ')}`;
  };
  if (open === undefined) return { sql: `${select()} ${order}`, values };
  if (open.active !== undefined)
    return { sql: `${select('r.final = 0', `r.active = ${open.active ? 1 : 0}`)} ${order}`, values };
  // Two walks of the partial index merged by age; one condition over both would sort every open run for each page.
  const [waiting, active] = [0, 1].map((flag) => select('r.final = 0', `r.active = ${flag}`));
  return { sql: `${waiting} UNION ALL ${active} ${order}`, values: [...values, ...values] };
}

/** @throws UnreadableRow */
export function rowOf(columns: Columns): RunRow {
  const endedAt = optionalInteger(columns, 'ended_at');
  const dueAt = optionalInteger(columns, 'due_at');
  const row: RunRow = Object.freeze({
    // The checksum below makes these the ids that were stored.
    run: text(columns, 'id') as RunId,
    workflow: text(columns, 'workflow'),
    version: workflowVersion(text(columns, 'version')),
    status: text(columns, 'status'),
    final: integer(columns, 'final') === 1,
    createdAt: instantOf(integer(columns, 'created_at')),
    endedAt: endedAt === undefined ? undefined : instantOf(endedAt),
    dueAt: dueAt === undefined ? undefined : instantOf(dueAt),
    active: integer(columns, 'active') === 1,
    parent: optionalText(columns, 'parent') as RunId | undefined,
    startHash: unpacked(columns.start_hash),
    owner: optionalText(columns, 'owner'),
    attributes: attributesOf(optionalText(columns, 'attributes')),
  });
  assertChecksum(columns, rowChecksum(row, integer(columns, 'revision')));
  return row;
}

/** What the checksum covers is the text, which the same attributes give again. @throws UnreadableRow */
function attributesOf(text: string | undefined): Attributes | undefined {
  if (text === undefined) return undefined;
  try {
    // The checksum makes these the attributes that were stored.
    return Object.freeze(JSON.parse(text) as Attributes);
  } catch {
    throw new UnreadableRow('column "attributes" holds no JSON');
  }
}

function rowChecksum(row: RunRow, revision: number): number {
  const {
    run,
    workflow,
    version,
    status,
    final,
    createdAt,
    endedAt,
    dueAt,
    active,
    parent,
    startHash,
    owner,
    attributes,
  } = row;
  const flags = `${final ? 1 : 0}${active ? 1 : 0}`;
  const head = `${run} ${revision} ${version} ${status} ${flags} ${createdAt} ${endedAt ?? '-'} ${dueAt ?? '-'} ${parent ?? '-'} ${owner ?? '-'}`;
  if (attributes === undefined) return checksum(head, workflow, startHash);
  return checksum(`${head} ${JSON.stringify(attributes)}`, workflow, startHash);
}

const hex = /^(?:[0-9a-f]{2}){4,}$/;

/** Hex as bytes, at half the length; any other text as it is. */
function packed(hash: string): SQLInputValue {
  return hex.test(hash) ? Buffer.from(hash, 'hex') : hash;
}

function unpacked(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
  throw new UnreadableRow('column "start_hash" holds neither text nor bytes');
}
