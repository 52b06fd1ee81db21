/**
 * The table of task output. It is no part of the truth: a row that cannot be read is replaced by a note, and its run
 * stays readable.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { instantOf, type RunId, type SealedPlace } from '../../base/index.ts';
import { cutNote, logAccount, withinLimit } from '../log-limit.ts';
import type { LogChunk, LogQuery, StoredLogChunk } from '../store.ts';
import { checksum } from './checksum.ts';
import {
  assertChecksum,
  type Columns,
  integer,
  optionalInteger,
  preparedRead,
  text,
  UnreadableRow,
} from './columns.ts';
import { RecentMap } from './recent-map.ts';
import type { Sealing } from './sealing.ts';

export class Logs {
  readonly #limitBytes: number;
  readonly #sealing: Sealing;
  readonly #insert: StatementSync;
  readonly #used: StatementSync;
  readonly #page: StatementSync;
  readonly #all: StatementSync;
  readonly #remove: StatementSync;
  readonly #usedBytes = new RecentMap<string, number>(1_000);

  constructor(db: DatabaseSync, limitBytes: number, sealing: Sealing) {
    this.#limitBytes = limitBytes;
    this.#sealing = sealing;
    this.#insert = db.prepare(
      'INSERT INTO logs (run, task, attempt, item, stream, at, cut, text, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#used = preparedRead(
      db,
      `SELECT coalesce(sum(octet_length(text)), 0) AS bytes, coalesce(max(cut), 0) AS cut
       FROM logs WHERE run = ? AND task = ? AND attempt = ? AND item IS ?`,
    );
    this.#page = preparedRead(
      db,
      `SELECT sequence, attempt, item, stream, at, cut, text, crc FROM logs
       WHERE run = ?1 AND task = ?2 AND sequence > ?3
         AND (?4 IS NULL OR attempt = ?4) AND (?5 IS NULL OR item = ?5)
       ORDER BY sequence LIMIT ?6`,
    );
    this.#all = preparedRead(
      db,
      'SELECT sequence, task, attempt, item, stream, at, cut, text, crc FROM logs WHERE run = ?',
    );
    this.#remove = db.prepare('DELETE FROM logs WHERE run = ?');
  }

  /** Forgets what it remembers of the file: a transaction was rolled back, or rows were removed. */
  forget(): void {
    this.#usedBytes.clear();
  }

  append(key: number, chunk: LogChunk): void {
    const account = logAccount(chunk);
    const used = this.#usedBytes.get(account) ?? this.#usedInFile(key, chunk);
    const { kept, usedBytes, cutNow } = withinLimit(chunk.text, used, this.#limitBytes);
    if (kept !== '') this.#put(key, { ...chunk, text: kept }, 0);
    if (cutNow) this.#put(key, { ...chunk, stream: 'log', text: cutNote(this.#limitBytes) }, 1);
    this.#usedBytes.set(account, usedBytes);
  }

  #usedInFile(key: number, { task, attempt, item }: LogChunk): number {
    const row = this.#used.get(key, task, attempt, item ?? null) ?? {};
    return integer(row, 'cut') === 1 ? this.#limitBytes + 1 : integer(row, 'bytes');
  }

  #put(key: number, chunk: LogChunk, cut: 0 | 1): void {
    const { task, attempt, item, stream, at, text: content } = chunk;
    // SQLite keeps UTF-8, where half a surrogate pair has no place.
    const kept = this.#sealing.seal(content.toWellFormed(), placeOf(chunk));
    const crc = checksum(`${key} ${task} ${attempt} ${item ?? '-'} ${stream} ${at} ${cut}`, kept);
    this.#insert.run(key, task, attempt, item ?? null, stream, at, cut, kept, crc);
  }

  remove(key: number): void {
    this.#remove.run(key);
    this.forget();
  }

  /** How many of a run's rows fail their checksum. */
  unreadable(key: number, run: RunId): number {
    let unreadable = 0;
    for (const row of this.#all.iterate(key)) {
      const chunk = readChunk(row, key, run, Number(row.task));
      if (this.#opened(chunk, (text, place) => this.#sealing.tryOpen(text, place) ?? text).note === 'unreadable')
        unreadable += 1;
    }
    return unreadable;
  }

  page(key: number, run: RunId, task: number, query: LogQuery): readonly StoredLogChunk[] {
    const { attempt, item, after = 0, limit = -1 } = query;
    const rows = this.#page.all(key, task, after, attempt ?? null, item ?? null, limit);
    return rows.map((row) =>
      this.#opened(readChunk(row, key, run, task), (text, place) => this.#sealing.open(text, place)),
    );
  }

  #opened(chunk: StoredLogChunk, open: (text: string, place: SealedPlace) => string): StoredLogChunk {
    if (chunk.note === 'unreadable') return chunk;
    try {
      return { ...chunk, text: open(chunk.text, placeOf(chunk)) };
    } catch (error) {
      if (!(error instanceof UnreadableRow)) throw error;
      return unreadableChunk(chunk, error);
    }
  }
}

function placeOf({ run, task, attempt, item, stream, at }: LogChunk): SealedPlace {
  return { run, slot: `log ${task} ${attempt} ${item ?? '-'} ${stream} ${at}` };
}

function unreadableChunk(
  { run, task, sequence }: { run: RunId; task: number; sequence: number },
  error: UnreadableRow,
): StoredLogChunk {
  const told = `Output was here that cannot be read: ${error.message}.`;
  return { run, task, attempt: 0, stream: 'log', at: instantOf(0), text: told, sequence, note: 'unreadable' };
}

function readChunk(row: Columns, key: number, run: RunId, task: number): StoredLogChunk {
  const sequence = Number(row.sequence);
  try {
    const attempt = integer(row, 'attempt');
    const item = optionalInteger(row, 'item');
    const stream = text(row, 'stream');
    const at = instantOf(integer(row, 'at'));
    const cut = integer(row, 'cut');
    const content = text(row, 'text');
    assertChecksum(row, checksum(`${key} ${task} ${attempt} ${item ?? '-'} ${stream} ${at} ${cut}`, content));
    const note = cut === 1 ? 'cut' : undefined;
    // The checksum makes this one of the streams that were written.
    return { run, task, attempt, item, stream: stream as LogChunk['stream'], at, text: content, sequence, note };
  } catch (error) {
    if (!(error instanceof UnreadableRow)) throw error;
    return unreadableChunk({ run, task, sequence }, error);
  }
}
