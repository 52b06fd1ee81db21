/**
 * The journal's table: one row for each append, in the order of commits.
 *
 * Appending costs one INSERT. Reading a run walks the unique index (run, base) and picks the rows.
 */

import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { assert, type Instant, instantOf, type RunId, type SealedPlace } from '../../base/index.ts';
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
import type { RunValues } from './run-values.ts';
import type { Sealing } from './sealing.ts';

const columns = 'run, base, count, at, append_id, events, payloads, cuts, crc';

export class Journal {
  readonly #values: RunValues;
  readonly #sealing: Sealing;
  readonly #insert: StatementSync;
  readonly #after: ArraysStatement;
  readonly #appendIdAt: StatementSync;
  readonly #newest: ArraysStatement;
  readonly #remove: StatementSync;

  constructor(db: DatabaseSync, values: RunValues, sealing: Sealing) {
    this.#values = values;
    this.#sealing = sealing;
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

  append(key: number, { run, expected, count, at, events: told, payloads }: RunAppend, appendId: string): void {
    const { text: bare, cuts } =
      payloads === undefined ? { text: undefined, cuts: null } : this.#values.keep(key, run, payloads);
    const events = this.#sealing.seal(told, placeOf(run, expected, 'events'));
    const left = bare === undefined ? undefined : this.#sealing.seal(bare, placeOf(run, expected, 'payloads'));
    const crc = checksum(headOf(key, expected, count, at, appendId, cuts), events, left);
    this.#insert.run(key, expected, count, at, appendId, events, left ?? null, cuts, crc);
  }

  /**
   * The run's entries with events after revision `after`, at most `limit`.
   *
   * @throws UnreadableRow for a row that fails its checksum or does not follow on the one before.
   */
  after(key: number, run: RunId, after: number, limit = -1): readonly JournalEntry[] {
    const whole = this.#values.reader(key, run);
    return this.#entries(key, after, limit, ({ from, to, at, appendId, events: told, payloads: left, cuts }) => {
      const events = this.#opened(told, run, from, 'events');
      const bare = left === undefined ? undefined : this.#opened(left, run, from, 'payloads');
      const payloads = bare === undefined || cuts === null ? bare : whole({ text: bare, cuts });
      return { from, to, at, appendId, events, payloads };
    });
  }

  /** The revision that the run's entries reach, with everything read as far as it can be without its key. @throws UnreadableRow */
  check(key: number, run: RunId): number {
    const whole = this.#values.reader(key, run);
    const entries = this.#entries(key, 0, -1, (entry) => {
      const { cuts } = entry;
      this.#sealing.tryOpen(entry.events, placeOf(run, entry.from, 'events'));
      const bare = this.#sealing.tryOpen(entry.payloads ?? '', placeOf(run, entry.from, 'payloads'));
      if (bare !== undefined) whole({ text: bare, cuts });
      return entry;
    });
    return entries.at(-1)?.to ?? 0;
  }

  #opened(stored: string, run: RunId, base: number, what: 'events' | 'payloads'): string {
    return this.#sealing.isPlain(stored) ? stored : this.#sealing.open(stored, placeOf(run, base, what));
  }

  #entries(
    key: number,
    after: number,
    limit: number,
    opened: (entry: KeptEntry) => JournalEntry,
  ): readonly JournalEntry[] {
    const entries: JournalEntry[] = [];
    for (const row of this.#after.all(key, after, limit < 0 ? -1 : limit + 1)) {
      const entry = opened(entryOf(row));
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

/** An entry as its row has it: maybe sealed, and without its large values. */
type KeptEntry = JournalEntry & { readonly cuts: string | null };

function entryOf(row: readonly SQLOutputValue[]): KeptEntry {
  const [run, base, counted, atInstant, appendId, events, payloads, cuts, crc] = row;
  const [key, from, count, at, stored] = [Number(run), Number(base), Number(counted), Number(atInstant), Number(crc)];
  const isWhole = typeof appendId === 'string' && typeof events === 'string';
  if (!isWhole || !isTextOrNull(payloads) || !isTextOrNull(cuts)) return faulty(row);
  const head = headOf(key, from, count, at, appendId, cuts);
  if (checksum(head, events, payloads ?? undefined) !== stored) return faulty(row);
  if (!Number.isSafeInteger(at) || !Number.isSafeInteger(from)) return faulty(row);
  assert(count >= 1, `entry ${appendId} holds ${count} events`);
  return { from, to: from + count, at: instantOf(at), appendId, events, payloads: payloads ?? undefined, cuts };
}

function isTextOrNull(value: SQLOutputValue | undefined): value is string | null {
  return value === null || typeof value === 'string';
}

/** Says what is wrong with a row that is not as it was written. */
function faulty([run, base, counted, at, append, list, values, cuts, crc]: readonly SQLOutputValue[]): never {
  const row = {
    run,
    base,
    count: counted,
    at,
    append_id: append,
    events: list,
    payloads: values,
    cuts,
    crc,
  } as Columns;
  const [key, from, count] = [integer(row, 'run'), integer(row, 'base'), integer(row, 'count')];
  const head = headOf(key, from, count, integer(row, 'at'), text(row, 'append_id'), optionalText(row, 'cuts') ?? null);
  assertChecksum(row, checksum(head, text(row, 'events'), optionalText(row, 'payloads')));
  throw new UnreadableRow('its columns are not as they were written');
}

function placeOf(run: RunId, base: number, what: 'events' | 'payloads'): SealedPlace {
  return { run, slot: `${what} ${base}` };
}

function headOf(key: number, base: number, count: number, at: number, appendId: string, cuts: string | null): string {
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
