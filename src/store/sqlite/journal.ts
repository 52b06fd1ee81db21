/**
 * The journal's table: one row for each append, in the order of commits.
 *
 * Appending costs one INSERT. Reading a run walks the unique index (run, base) and picks the rows.
 */

import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { assert, type Instant, instantOf } from '../../base/index.ts';
import type { JournalEntry, RunAppend } from '../store.ts';
import { checksum } from './checksum.ts';
import {
  type ArraysStatement,
  assertChecksum,
  type Columns,
  integer,
  optionalText,
  preparedArrays,
  preparedRead,
  text,
  UnreadableRow,
} from './columns.ts';
import type { CutColumns, RunValues } from './run-values.ts';

const columns = 'run, base, count, at, append_id, events, payloads, cuts, crc';

export class Journal {
  readonly #values: RunValues;
  readonly #insert: StatementSync;
  readonly #after: ArraysStatement;
  readonly #appendIdAt: StatementSync;
  readonly #newest: ArraysStatement;
  readonly #remove: StatementSync;

  constructor(db: DatabaseSync, values: RunValues) {
    this.#values = values;
    this.#insert = db.prepare(`INSERT INTO journal (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#after = preparedArrays(
      db,
      // From the row that holds the event after the revision asked for, which may begin before it.
      `SELECT ${columns} FROM journal
       WHERE run = ?1 AND base >= coalesce((SELECT max(base) FROM journal WHERE run = ?1 AND base <= ?2), 0)
       ORDER BY base LIMIT ?3`,
    );
    this.#appendIdAt = preparedRead(db, 'SELECT append_id FROM journal WHERE run = ? AND base = ?');
    this.#newest = preparedArrays(db, `SELECT ${columns} FROM journal ORDER BY position DESC LIMIT ?`);
    this.#remove = db.prepare('DELETE FROM journal WHERE run = ?');
  }

  append(key: number, { expected, count, at, events, payloads }: RunAppend, appendId: string): void {
    const { text: left, cuts } =
      payloads === undefined ? { text: undefined, cuts: null } : this.#values.keep(key, payloads);
    const crc = checksum(headOf(key, expected, count, at, appendId, cuts), events, left);
    this.#insert.run(key, expected, count, at, appendId, events, left ?? null, cuts, crc);
  }

  /**
   * The run's entries with events after revision `after`, at most `limit`.
   *
   * @throws UnreadableRow for a row that fails its checksum or does not follow on the one before.
   */
  after(key: number, after: number, limit = -1): readonly JournalEntry[] {
    const entries: JournalEntry[] = [];
    const whole = this.#values.reader(key);
    for (const row of this.#after.iterate(key, after, limit < 0 ? -1 : limit + 1)) {
      const entry = entryOf(row, whole);
      const before = entries.at(-1);
      const expected = before?.to ?? (after === 0 ? 0 : undefined);
      if (expected !== undefined && entry.from !== expected) {
        throw new UnreadableRow(`the journal goes on at revision ${entry.from} where ${expected} was reached`);
      }
      entries.push(entry);
    }
    return trimmed(entries, after, limit);
  }

  appendIdAt(key: number, base: number): string | undefined {
    const found = this.#appendIdAt.get(key, base)?.append_id;
    return typeof found === 'string' ? found : undefined;
  }

  remove(key: number): void {
    this.#remove.run(key);
  }

  /** The latest instant among the last rows of the journal that can be read. */
  lastInstant(): Instant | undefined {
    for (const row of this.#newest.iterate(100)) {
      const at = readableInstant(row);
      if (at !== undefined) return at;
    }
    return undefined;
  }
}

/** Without the first entry where `after` lies behind it, and no more than `limit`. */
function trimmed(entries: JournalEntry[], after: number, limit: number): readonly JournalEntry[] {
  const first = entries[0];
  if (first !== undefined && first.to <= after) entries.shift();
  return limit >= 0 && entries.length > limit ? entries.slice(0, limit) : entries;
}

/** Without `whole`, large values are left out of the payloads. */
function entryOf(
  [run, base, counted, atInstant, append, list, values, cut, crc]: readonly SQLOutputValue[],
  whole?: (columns: CutColumns) => string,
): JournalEntry {
  const row = {
    run,
    base,
    count: counted,
    at: atInstant,
    append_id: append,
    events: list,
    payloads: values,
    cuts: cut,
    crc,
  } as Columns;
  const key = integer(row, 'run');
  const from = integer(row, 'base');
  const count = integer(row, 'count');
  const at = instantOf(integer(row, 'at'));
  const appendId = text(row, 'append_id');
  const events = text(row, 'events');
  const left = optionalText(row, 'payloads');
  const cuts = optionalText(row, 'cuts') ?? null;
  assertChecksum(row, checksum(headOf(key, from, count, at, appendId, cuts), events, left));
  assert(count >= 1, `entry ${appendId} holds ${count} events`);
  const payloads = left === undefined || whole === undefined ? left : whole({ text: left, cuts });
  return { from, to: from + count, at, appendId, events, payloads };
}

function headOf(key: number, base: number, count: number, at: Instant, appendId: string, cuts: string | null): string {
  const head = `${key} ${base} ${count} ${at} ${appendId}`;
  return cuts === null ? head : `${head} ${cuts}`;
}

function readableInstant(row: readonly SQLOutputValue[]): Instant | undefined {
  try {
    return entryOf(row).at;
  } catch (error) {
    if (error instanceof UnreadableRow) return undefined;
    throw error;
  }
}
