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

const columns = 'run, base, count, at, append_id, events, payloads, crc';

export class Journal {
  readonly #insert: StatementSync;
  readonly #after: ArraysStatement;
  readonly #appendIdAt: StatementSync;
  readonly #newest: ArraysStatement;
  readonly #remove: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(`INSERT INTO journal (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
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
    const crc = checksum(`${key} ${expected} ${count} ${at} ${appendId}`, events, payloads);
    this.#insert.run(key, expected, count, at, appendId, events, payloads ?? null, crc);
  }

  /**
   * The run's entries with events after revision `after`, at most `limit`.
   *
   * @throws UnreadableRow for a row that fails its checksum or does not follow on the one before.
   */
  after(key: number, after: number, limit = -1): readonly JournalEntry[] {
    const entries: JournalEntry[] = [];
    for (const row of this.#after.all(key, after, limit < 0 ? -1 : limit + 1)) {
      const entry = entryOf(row);
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
    for (const row of this.#newest.all(100)) {
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

function entryOf(row: readonly SQLOutputValue[]): JournalEntry {
  const [run, base, counted, atInstant, appendId, events, payloads, crc] = row;
  const [key, from, count, at, stored] = [Number(run), Number(base), Number(counted), Number(atInstant), Number(crc)];
  const isWhole = typeof appendId === 'string' && typeof events === 'string';
  if (!isWhole || (payloads !== null && typeof payloads !== 'string')) return faulty(row);
  const computed = checksum(`${key} ${from} ${count} ${at} ${appendId}`, events, payloads ?? undefined);
  if (computed !== stored || !Number.isSafeInteger(at) || !Number.isSafeInteger(from)) return faulty(row);
  assert(count >= 1, `entry ${appendId} holds ${count} events`);
  return { from, to: from + count, at: instantOf(at), appendId, events, payloads: payloads ?? undefined };
}

/** Says what is wrong with a row that is not as it was written. */
function faulty([run, base, counted, at, append, list, values, crc]: readonly SQLOutputValue[]): never {
  const row = { run, base, count: counted, at, append_id: append, events: list, payloads: values, crc } as Columns;
  const numbers = ['run', 'base', 'count', 'at'].map((name) => integer(row, name));
  const head = `${numbers.join(' ')} ${text(row, 'append_id')}`;
  assertChecksum(row, checksum(head, text(row, 'events'), optionalText(row, 'payloads')));
  throw new UnreadableRow('its columns are not as they were written');
}

function readableInstant(row: readonly SQLOutputValue[]): Instant | undefined {
  try {
    return entryOf(row).at;
  } catch (error) {
    if (error instanceof UnreadableRow) return undefined;
    throw error;
  }
}
