/**
 * What a file holds, read by plain SQL: the rows of the journal as they are, and what they say.
 *
 * Nothing of the store is used here. Rows are compared as bytes; only their meaning is read by the kernel's decoder.
 */

import { DatabaseSync } from 'node:sqlite';
import { instantOf } from '../../src/base/index.ts';
import { decodeEvents, type Recorded } from '../../src/kernel/index.ts';

export interface StoredHistory {
  readonly run: string;
  readonly events: readonly Recorded[];
}

export interface StoredFile {
  /** Every row of the journal in the order of commits, as text: nothing of a row is left out. */
  readonly rows: readonly string[];
  readonly histories: ReadonlyMap<string, StoredHistory>;
  /** What functions wrote in transactions: run and number. */
  readonly ledger: readonly string[];
  /** What is wrong with the rows by themselves. */
  readonly faults: readonly string[];
}

/** What rows say, by their text: most of them are read again and again. */
export type Decoded = Map<string, readonly Recorded[]>;

/** Reads the file at `path`; a file without tables holds nothing. */
export function readStored(path: string, decoded: Decoded = new Map()): StoredFile {
  const db = new DatabaseSync(path);
  try {
    return readFrom(db, decoded);
  } finally {
    db.close();
  }
}

function readFrom(db: DatabaseSync, decoded: Decoded): StoredFile {
  const rows: string[] = [];
  const faults: string[] = [];
  const histories = new Map<string, { run: string; events: Recorded[] }>();
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'journal'").get() === undefined) {
    return { rows, histories, ledger: [], faults };
  }
  const select = `SELECT j.position, r.id, j.base, j.count, j.at, j.append_id, j.events, j.payloads
    FROM journal j LEFT JOIN runs r ON r.key = j.run ORDER BY j.position`;
  for (const row of db.prepare(select).iterate()) {
    const text = JSON.stringify(Object.values(row));
    rows.push(text);
    const run = String(row.id);
    const history = histories.get(run) ?? { run, events: [] };
    histories.set(run, history);
    if (Number(row.base) !== history.events.length) {
      faults.push(`${run}: a row stands at ${row.base}, but ${history.events.length} events came before it (I11)`);
    }
    const events = decoded.get(text) ?? eventsOf(row);
    decoded.set(text, events);
    if (events.length !== Number(row.count)) faults.push(`${run}: a row counts ${row.count} events, not its own (I11)`);
    history.events.push(...events);
  }
  const hasLedger = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'ledger'").get() !== undefined;
  const written = hasLedger ? db.prepare('SELECT run, n FROM ledger').all() : [];
  return { rows, histories, ledger: written.map(({ run, n }) => `${run} ${n}`), faults };
}

function eventsOf(row: Record<string, unknown>): readonly Recorded[] {
  const payloads = row.payloads === null ? {} : { payloads: String(row.payloads) };
  return decodeEvents({ events: String(row.events), ...payloads }, instantOf(Number(row.at)));
}
