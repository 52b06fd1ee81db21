/**
 * The floor: what the disk and SQLite cost with no engine at all. Fixed, whatever the engine writes, so that figures of
 * different versions can be compared: an append-only log in `node:sqlite`, WAL, synchronous=FULL, on the main thread, one
 * group commit per turn of the event loop; a three-task run is five rows of 100 bytes in four commits, one after the other.
 */

import { DatabaseSync, type StatementSync } from 'node:sqlite';

const payload = 'x'.repeat(100);

export class Floor {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  #waiting: { rows: number; run: number; resolve: () => void }[] = [];
  #asked = false;
  #runs = 0;
  flushes = 0;

  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE log (id INTEGER PRIMARY KEY, run INTEGER, seq INTEGER, kind TEXT, payload TEXT)',
    );
    this.#insert = this.#db.prepare('INSERT INTO log (run, seq, kind, payload) VALUES (?, ?, ?, ?)');
  }

  /** One run: start, first, second, third and done. */
  async run(): Promise<void> {
    const run = ++this.#runs;
    await this.#append(run, 1);
    await this.#append(run, 1);
    await this.#append(run, 1);
    await this.#append(run, 2);
  }

  close(): void {
    this.#db.close();
  }

  #append(run: number, rows: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ rows, run, resolve });
      if (this.#asked) return;
      this.#asked = true;
      setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    this.#asked = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#db.exec('BEGIN');
    for (const { rows, run } of waiting) {
      for (let row = 0; row < rows; row += 1) this.#insert.run(run, row, 'event', payload);
    }
    this.#db.exec('COMMIT');
    this.flushes += 1;
    for (const { resolve } of waiting) resolve();
  }
}
