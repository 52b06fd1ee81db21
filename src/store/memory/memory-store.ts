/**
 * A store in this process's memory: for tests, for simulation and for work that may vanish with the process.
 *
 * It keeps what a file would keep: strings and numbers, never a reference to what a caller holds, so that code which
 * works here by sharing an object does not exist. It makes the same checks, in the same order, as every other store.
 */

import type { DatabaseSync } from 'node:sqlite';
import { assert, type Instant, instantOf, PawlError, type RunId, type WorkflowVersion } from '../../base/index.ts';
import { fitsAttributes } from '../attribute-filter.ts';
import { answerWithoutWriting, assertBundle, committedOutcome, type JournalPosition, takenAlong } from '../bundle.ts';
import { cutNote, logAccount, logLimitBytesDefault, withinLimit } from '../log-limit.ts';
import { changedRow, startedRow } from '../run-row.ts';
import type {
  Bundle,
  FindQuery,
  FoundRuns,
  JournalEntry,
  LogChunk,
  LogQuery,
  Outcome,
  RunAppend,
  RunQuery,
  RunRow,
  Store,
  StoredDocument,
  StoredLogChunk,
  StoredResult,
  StoredRun,
  StoredSnapshot,
  UnreadableRun,
} from '../store.ts';
import { type Removal, type Sweep, type Swept, sweepPlaceOf, sweepPlaceText } from '../sweep.ts';
import { usableResult } from '../usable-result.ts';
import { type Sql, UserSql, type Worked } from '../user-sql.ts';
import { DueIndex } from './due-index.ts';

export interface MemoryStoreOptions {
  /** Bytes of output kept per attempt; default 16 MiB. */
  readonly logLimitBytes?: number;
}

interface KeptRun {
  /** Counts the store's runs as they come: the order of lists. */
  readonly order: number;
  row: RunRow;
  revision: number;
  readonly entries: JournalEntry[];
  snapshot: StoredSnapshot | undefined;
  readonly logs: StoredLogChunk[];
  readonly pinned: readonly WorkflowVersion[];
}

export class MemoryStore implements Store, JournalPosition {
  readonly durability = 'memory';
  readonly #logLimitBytes: number;
  readonly #runs = new Map<RunId, KeptRun>();
  /** Every run there is, oldest first. */
  readonly #ordered: KeptRun[] = [];
  readonly #dueIndex = new DueIndex();
  /** Ended runs without a parent, by status. */
  readonly #ended = new Map<string, DueIndex>();
  /** Sub-workflows of each run. */
  readonly #below = new Map<RunId, Set<KeptRun>>();
  /** How many runs have each version or pin it. */
  readonly #uses = new Map<WorkflowVersion, number>();
  readonly #documents = new Map<WorkflowVersion, StoredDocument>();
  readonly #meta = new Map<string, string>();
  readonly #results = new Map<string, StoredResult>();
  readonly #logBytes = new Map<string, number>();
  #generation = 1;
  #orderNext = 0;
  #logSequence = 0;
  #lastInstant: Instant | undefined;
  #closed = false;
  #database: DatabaseSync | undefined;
  #userSql: UserSql | undefined;

  constructor(options: MemoryStoreOptions = {}) {
    this.#logLimitBytes = options.logLimitBytes ?? logLimitBytesDefault;
  }

  get generation(): number {
    return this.#generation;
  }

  async commit(bundles: readonly Bundle[]): Promise<readonly Outcome[]> {
    this.#assertOpen();
    bundles.forEach(assertBundle);
    return bundles.map((bundle) => this.#apply(bundle));
  }

  /** The user's database is one in memory, made when it is first written to; it stays with this store. */
  async transact(
    decide: (work: <T>(piece: (sql: Sql) => T) => Worked<T>) => readonly Bundle[],
  ): Promise<readonly Outcome[]> {
    this.#assertOpen();
    this.#database ??= new (await import('node:sqlite')).DatabaseSync(':memory:');
    const db = this.#database;
    this.#userSql ??= new UserSql(db, []);
    const sql = this.#userSql;
    db.exec('BEGIN');
    try {
      const bundles = decide((piece) => sql.work(piece));
      bundles.forEach(assertBundle);
      const answers = bundles.map((bundle) => answerWithoutWriting(bundle, this));
      const late = answers.find((answer) => answer?.committed === false);
      db.exec(late === undefined ? 'COMMIT' : 'ROLLBACK');
      if (late === undefined) return bundles.map((bundle) => this.#apply(bundle));
      return takenAlong(
        answers.map((answer) => answer ?? committedOutcome()),
        late,
      );
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  #apply(bundle: Bundle): Outcome {
    const answer = answerWithoutWriting(bundle, this);
    if (answer !== undefined) return answer;
    for (const { version, name, text } of bundle.documents ?? []) {
      if (!this.#documents.has(version)) this.#documents.set(version, Object.freeze({ version, name, text }));
    }
    for (const append of bundle.appends) this.#append(append, bundle.appendId);
    for (const result of bundle.results ?? []) this.#results.set(result.key, Object.freeze({ ...result }));
    return committedOutcome();
  }

  #append(append: RunAppend, appendId: string): void {
    const { run, expected, count, at, events, payloads, row, snapshot } = append;
    const kept = this.#runs.get(run) ?? this.#start(append);
    assert(kept.revision === expected, `run ${run} is at ${kept.revision} where ${expected} was checked`);
    const to = expected + count;
    kept.entries.push(Object.freeze({ from: expected, to, at, appendId, events, payloads }));
    kept.revision = to;
    if (row !== undefined) this.#setRow(kept, changedRow(kept.row, row));
    if (snapshot !== undefined) kept.snapshot = Object.freeze({ revision: to, state: snapshot });
    this.#lastInstant = at;
  }

  #start({ run, row, pinned }: RunAppend): KeptRun {
    const kept: KeptRun = {
      order: this.#orderNext++,
      row: startedRow(run, row),
      revision: 0,
      entries: [],
      snapshot: undefined,
      logs: [],
      pinned: [...(pinned ?? [])],
    };
    this.#runs.set(run, kept);
    this.#ordered.push(kept);
    if (kept.row.dueAt !== undefined) this.#dueIndex.add({ at: kept.row.dueAt, order: kept.order });
    this.#noteEnd(kept);
    this.#noteParent(kept);
    for (const version of [kept.row.version, ...kept.pinned])
      this.#uses.set(version, (this.#uses.get(version) ?? 0) + 1);
    return kept;
  }

  #noteParent(kept: KeptRun): void {
    const { parent } = kept.row;
    if (parent === undefined) return;
    const below = this.#below.get(parent) ?? new Set();
    this.#below.set(parent, below.add(kept));
  }

  #forgetParent(kept: KeptRun): void {
    const { parent } = kept.row;
    const below = parent === undefined ? undefined : this.#below.get(parent);
    if (parent === undefined || below === undefined) return;
    below.delete(kept);
    if (below.size === 0) this.#below.delete(parent);
  }

  #noteEnd({ row, order }: KeptRun): void {
    if (!row.final || row.endedAt === undefined || row.parent !== undefined) return;
    const ended = this.#ended.get(row.status) ?? new DueIndex();
    this.#ended.set(row.status, ended);
    ended.add({ at: row.endedAt, order });
  }

  #forgetEnd({ row, order }: KeptRun): void {
    if (row.endedAt !== undefined) this.#ended.get(row.status)?.remove({ at: row.endedAt, order });
  }

  #setRow(kept: KeptRun, row: RunRow): void {
    const { order, row: before } = kept;
    if (before.dueAt !== row.dueAt) {
      if (before.dueAt !== undefined) this.#dueIndex.remove({ at: before.dueAt, order });
      if (row.dueAt !== undefined) this.#dueIndex.add({ at: row.dueAt, order });
    }
    if (before.version !== row.version) {
      this.#uses.set(row.version, (this.#uses.get(row.version) ?? 0) + 1);
      this.#uses.set(before.version, (this.#uses.get(before.version) ?? 0) - 1);
    }
    this.#forgetEnd(kept);
    this.#forgetParent(kept);
    kept.row = row;
    this.#noteParent(kept);
    this.#noteEnd(kept);
  }

  revision(run: RunId): number {
    return this.#runs.get(run)?.revision ?? 0;
  }

  appendIdAt(run: RunId, from: number): string | undefined {
    return this.#runs.get(run)?.entries.find((entry) => entry.from === from)?.appendId;
  }

  async load(run: RunId): Promise<StoredRun | undefined> {
    this.#assertOpen();
    const kept = this.#runs.get(run);
    if (kept === undefined) return undefined;
    const { row, snapshot, entries } = kept;
    const tail = entries.filter((entry) => entry.to > (snapshot?.revision ?? 0));
    return { corrupt: false, row, snapshot, entries: tail };
  }

  async history(
    run: RunId,
    options: { readonly after?: number; readonly limit?: number } = {},
  ): Promise<readonly JournalEntry[] | undefined> {
    this.#assertOpen();
    const { after = 0, limit } = options;
    return this.#runs
      .get(run)
      ?.entries.filter((entry) => entry.to > after)
      .slice(0, limit);
  }

  async list(query: RunQuery = {}): Promise<readonly RunRow[]> {
    this.#assertOpen();
    const { order = 'newest', after, limit = 100 } = query;
    return this.#page({ newestFirst: order === 'newest', after, limit }, (row) => fitsQuery(row, query));
  }

  async find(query: FindQuery = {}): Promise<FoundRuns> {
    this.#assertOpen();
    const { order = 'newest', from, limit = 100 } = query;
    const step = order === 'newest' ? -1 : 1;
    const found: KeptRun[] = [];
    for (let place = this.#placeFrom(from, step); found.length <= limit; place += step) {
      const kept = this.#ordered[place];
      if (kept === undefined) break;
      if (fitsQuery(kept.row, query)) found.push(kept);
    }
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      rows: shown.map(({ row }) => row),
      next: found.length > limit && last !== undefined ? String(last.order) : undefined,
    };
  }

  /** The first place to look at behind `from`. */
  #placeFrom(from: string | undefined, step: 1 | -1): number {
    if (from === undefined) return step === 1 ? 0 : this.#ordered.length - 1;
    return step === 1 ? this.#placeOf(Number(from) + 1) : this.#placeOf(Number(from)) - 1;
  }

  async open(
    options: { readonly active?: boolean; readonly after?: RunId; readonly limit?: number } = {},
  ): Promise<readonly RunRow[]> {
    this.#assertOpen();
    const { active, after, limit = Number.POSITIVE_INFINITY } = options;
    return this.#page(
      { newestFirst: false, after, limit },
      (row) => !row.final && (active === undefined || row.active === active),
    );
  }

  #page(
    { newestFirst, after, limit }: { newestFirst: boolean; after: RunId | undefined; limit: number },
    fits: (row: RunRow) => boolean,
  ): readonly RunRow[] {
    const step = newestFirst ? -1 : 1;
    const first = newestFirst ? this.#ordered.length - 1 : 0;
    const rows: RunRow[] = [];
    for (let place = after === undefined ? first : this.#place(after) + step; rows.length < limit; place += step) {
      const row = this.#ordered[place]?.row;
      if (row === undefined) break;
      if (fits(row)) rows.push(row);
    }
    return rows;
  }

  /** Where `run` stands among all runs. */
  #place(run: RunId): number {
    const kept = this.#runs.get(run);
    if (kept === undefined) throw new PawlError('not_found', `There is no run ${run} to list on from: begin again.`);
    return this.#placeOf(kept.order);
  }

  #placeOf(order: number): number {
    let low = 0;
    let high = this.#ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ordered[middle]!.order < order) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async due(at: Instant, limit: number): Promise<readonly RunRow[]> {
    this.#assertOpen();
    return this.#dueIndex.until(at, limit).map(({ order }) => this.#ordered[this.#placeOf(order)]!.row);
  }

  async nextDue(): Promise<Instant | undefined> {
    this.#assertOpen();
    return this.#dueIndex.soonest();
  }

  async document(version: WorkflowVersion): Promise<StoredDocument | undefined> {
    this.#assertOpen();
    return this.#documents.get(version);
  }

  async result(key: string, at: Instant): Promise<StoredResult | undefined> {
    this.#assertOpen();
    return usableResult(this.#results.get(key), at);
  }

  async unreadable(): Promise<readonly UnreadableRun[]> {
    this.#assertOpen();
    return [];
  }

  async lastInstant(): Promise<Instant | undefined> {
    this.#assertOpen();
    return this.#lastInstant;
  }

  async appendLogs(chunks: readonly LogChunk[]): Promise<void> {
    this.#assertOpen();
    for (const chunk of chunks) this.#appendLog(chunk);
  }

  #appendLog(chunk: LogChunk): void {
    const kept = this.#runs.get(chunk.run);
    if (kept === undefined) return;
    const account = logAccount(chunk);
    const used = this.#logBytes.get(account) ?? 0;
    const { kept: text, usedBytes, cutNow } = withinLimit(chunk.text, used, this.#logLimitBytes);
    this.#logBytes.set(account, usedBytes);
    const { run, task, attempt, item, stream, at } = chunk;
    if (text !== '') kept.logs.push(this.#logRow({ run, task, attempt, item, stream, at, text }));
    if (!cutNow) return;
    kept.logs.push(
      this.#logRow({ run, task, attempt, item, stream: 'log', at, text: cutNote(this.#logLimitBytes) }, 'cut'),
    );
  }

  #logRow(chunk: LogChunk, note?: 'cut'): StoredLogChunk {
    this.#logSequence += 1;
    return Object.freeze({ ...chunk, sequence: this.#logSequence, note });
  }

  async logs(run: RunId, task: number, query: LogQuery = {}): Promise<readonly StoredLogChunk[]> {
    this.#assertOpen();
    const { attempt, item, after = 0, limit } = query;
    const chunks = this.#runs.get(run)?.logs ?? [];
    return chunks
      .filter((chunk) => chunk.task === task && chunk.sequence > after)
      .filter((chunk) => attempt === undefined || chunk.attempt === attempt)
      .filter((chunk) => item === undefined || chunk.item === item)
      .slice(0, limit);
  }

  async readMeta(key: string): Promise<string | undefined> {
    this.#assertOpen();
    return this.#meta.get(key);
  }

  async writeMeta(key: string, value: string): Promise<void> {
    this.#assertOpen();
    this.#meta.set(key, value);
  }

  async remove(run: RunId): Promise<boolean> {
    this.#assertOpen();
    const kept = this.#runs.get(run);
    if (kept === undefined) return false;
    this.#forget(kept);
    return true;
  }

  /** Answers the documents that no run uses any more. */
  #forget(kept: KeptRun): readonly WorkflowVersion[] {
    const { row, order } = kept;
    this.#ordered.splice(this.#placeOf(order), 1);
    if (row.dueAt !== undefined) this.#dueIndex.remove({ at: row.dueAt, order });
    this.#forgetEnd(kept);
    for (const chunk of kept.logs) this.#logBytes.delete(logAccount(chunk));
    this.#runs.delete(row.run);
    this.#forgetParent(kept);
    return [row.version, ...kept.pinned].filter((version) => {
      const uses = (this.#uses.get(version) ?? 0) - 1;
      if (uses > 0) this.#uses.set(version, uses);
      else this.#uses.delete(version);
      return uses <= 0;
    });
  }

  async nextEnded(status: string, after: Instant = instantOf(0)): Promise<Instant | undefined> {
    this.#assertOpen();
    return this.#ended.get(status)?.soonest(after);
  }

  async nextExpiry(): Promise<Instant | undefined> {
    this.#assertOpen();
    const times = [...this.#results.values()].flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [expiresAt]));
    return times.length === 0 ? undefined : times.reduce((first, at) => (at < first ? at : first));
  }

  async sweep({ status, endedBy, limit, spare = [], after }: Sweep): Promise<Swept> {
    this.#assertOpen();
    const place = sweepPlaceOf(after);
    const spared = new Set(spare);
    const members: KeptRun[] = [];
    let next: string | undefined;
    let last = place;
    for (const { at, order } of this.#ended.get(status)?.until(endedBy, Number.POSITIVE_INFINITY) ?? []) {
      if (at < place.endedAt || (at === place.endedAt && order <= place.age)) continue;
      const family = this.#familyOf(this.#ordered[this.#placeOf(order)]!, spared);
      if (family.ended && members.length > 0 && members.length + family.members.length > limit) {
        next = sweepPlaceText(last);
        break;
      }
      if (family.ended) members.push(...family.members);
      last = { endedAt: at, age: order };
    }
    return { ...this.#forgetAll(members), next };
  }

  async removeEnded(runs: readonly RunId[], spare: readonly RunId[] = []): Promise<readonly Removal[]> {
    this.#assertOpen();
    return runs.map((run) => this.#removeEnded(run, spare));
  }

  #removeEnded(run: RunId, spare: readonly RunId[]): Removal {
    const head = this.#runs.get(run);
    if (head === undefined) return { removed: false, because: 'not_found', run };
    if (head.row.parent !== undefined) return { removed: false, because: 'has_parent', run };
    const family = this.#familyOf(head, new Set(spare));
    if (!family.ended) return { removed: false, because: family.because, run: family.run };
    return { removed: true, ...this.#forgetAll(family.members) };
  }

  #familyOf(
    head: KeptRun,
    spared: ReadonlySet<RunId>,
  ): { ended: true; members: KeptRun[] } | { ended: false; because: 'open' | 'held'; run: RunId } {
    const members: KeptRun[] = [];
    const rest = [head];
    for (let kept = rest.pop(); kept !== undefined; kept = rest.pop()) {
      const { run, final } = kept.row;
      if (!final) return { ended: false, because: 'open', run };
      if (spared.has(run)) return { ended: false, because: 'held', run };
      members.push(kept);
      rest.push(...(this.#below.get(run) ?? []));
    }
    return { ended: true, members };
  }

  #forgetAll(members: readonly KeptRun[]): { runs: readonly RunId[]; documents: readonly WorkflowVersion[] } {
    const unused = new Set(members.flatMap((kept) => this.#forget(kept)));
    const documents = [...unused].filter((version) => this.#documents.delete(version));
    return { runs: members.map(({ row }) => row.run), documents };
  }

  async dropResults(at: Instant, limit: number): Promise<number> {
    this.#assertOpen();
    const old = [...this.#results.values()].filter(({ expiresAt }) => expiresAt !== undefined && expiresAt <= at);
    for (const { key } of old.slice(0, limit)) this.#results.delete(key);
    return Math.min(old.length, limit);
  }

  async reopen(): Promise<void> {
    this.#assertOpen();
    this.#generation += 1;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed) throw new PawlError('closed', 'The store is closed: open it again to go on.');
  }
}

function fitsQuery(
  row: RunRow,
  { status, workflow, parent, startedAfter, startedBefore, attributes }: RunQuery,
): boolean {
  if (status !== undefined && !status.includes(row.status)) return false;
  if (workflow !== undefined && row.workflow !== workflow) return false;
  if (parent !== undefined && row.parent !== parent) return false;
  if (startedAfter !== undefined && row.createdAt < startedAfter) return false;
  if (startedBefore !== undefined && row.createdAt >= startedBefore) return false;
  return fitsAttributes(row.attributes, attributes);
}
