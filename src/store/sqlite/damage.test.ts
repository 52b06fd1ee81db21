import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPawlError, type RunId, workflowVersion } from '../../base/index.ts';
import { append, at, bundle, conflict, entriesOf, readable, row, runId, start, write } from '../conformance/arrange.ts';
import type { Store } from '../store.ts';
import { openSqlite, type SqliteStore } from './sqlite-store.ts';

let folder: string;
let path: string;
const [a, b, c] = [runId('a'), runId('b'), runId('c')];
const version = workflowVersion('v-of-b');

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pawl-'));
  path = join(folder, 'pawl.db');
  const store = await openSqlite({ path });
  for (const run of [a, b, c]) {
    const told = row({ dueAt: at(5), parent: c, ...(run === b ? { version } : {}) });
    const document = { version: workflowVersion(`v-of-${run}`), name: run, text: `text of ${run}` };
    const events = `["events of ${run}"]`;
    await store.commit([{ ...bundle(start(run, { row: told, events, payloads: '["p"]' })), documents: [document] }]);
    await write(store, append(run, 1, { count: 2, snapshot: `state of ${run}` }));
    await write(store, append(run, 3, { payloads: '[1]', row: { status: 'waiting' } }));
    await store.appendLogs([{ run, task: 0, attempt: 1, stream: 'stdout', at: at(1), text: `output of ${run}` }]);
  }
  await store.close();
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Changes the closed file with SQL, as a flipped byte in a row would. */
function damage(sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA ignore_check_constraints = ON; ${sql}`);
  db.close();
}

/** Opens the file, and says what can be read of each run. */
async function reading<T>(read: (store: SqliteStore) => Promise<T>): Promise<T> {
  const store = await openSqlite({ path });
  try {
    return await read(store);
  } finally {
    await store.close();
  }
}

async function verdicts(store: Store): Promise<Record<string, string>> {
  const told: Record<string, string> = {};
  for (const run of [a, b, c]) {
    const stored = await store.load(run);
    told[run] = stored === undefined ? 'gone' : stored.corrupt ? 'corrupt' : 'whole';
  }
  return told;
}

const key = `(SELECT key FROM runs WHERE id = 'b')`;
const journalRow = `WHERE run = ${key} AND base = 3`;

describe('given a row that is not as it was written', () => {
  it.each([
    `UPDATE journal SET events = 'other' ${journalRow}`,
    `UPDATE journal SET payloads = NULL ${journalRow}`,
    `UPDATE journal SET payloads = '[2]' ${journalRow}`,
    `UPDATE journal SET append_id = 'x' ${journalRow}`,
    `UPDATE journal SET at = at + 1 ${journalRow}`,
    `UPDATE journal SET count = 2 ${journalRow}`,
    `UPDATE journal SET count = 9223372036854775807 ${journalRow}`,
    `UPDATE journal SET base = 4 ${journalRow}`,
    `UPDATE journal SET crc = crc + 1 ${journalRow}`,
    `UPDATE journal SET cuts = '[[0,"x"]]' ${journalRow}`,
    `UPDATE runs SET attributes = '{"n":1}' WHERE id = 'b'`,
    `UPDATE runs SET attributes = 'no json' WHERE id = 'b'`,
    `UPDATE snapshots SET cuts = '[[0,"x"]]' WHERE run = ${key}`,
    `UPDATE snapshots SET state = 'other' WHERE run = ${key}`,
    `UPDATE snapshots SET revision = 1 WHERE run = ${key}`,
    `UPDATE snapshots SET revision = 4611686018427387904 WHERE run = ${key}`,
    `UPDATE runs SET status = 'failed' WHERE id = 'b'`,
    `UPDATE runs SET final = 1 WHERE id = 'b'`,
    `UPDATE runs SET due_at = 9223372036854775807 WHERE id = 'b'`,
    `UPDATE runs SET created_at = created_at + 1 WHERE id = 'b'`,
    `UPDATE runs SET parent = NULL WHERE id = 'b'`,
    `UPDATE runs SET start_hash = x'00' WHERE id = 'b'`,
    `UPDATE runs SET start_hash = 7 WHERE id = 'b'`,
    `UPDATE runs SET owner = 'me' WHERE id = 'b'`,
    `UPDATE runs SET version = 99 WHERE id = 'b'`,
    `UPDATE versions SET workflow = 'other' WHERE version = 'v-of-b'`,
    `DELETE FROM versions WHERE version = 'v-of-b'`,
  ])('when %s, then that run is corrupt, and the others are read and written', async (sql) => {
    damage(sql);
    await reading(async (store) => {
      expect(await verdicts(store)).toEqual({ a: 'whole', b: 'corrupt', c: 'whole' });
      await write(store, append(a, 4, { row: { status: 'on' } }), append(c, 4));
      await write(store, start(runId('new')));
    });
  });

  it.each([
    `DELETE FROM journal WHERE run = ${key} AND base = 1; DELETE FROM snapshots WHERE run = ${key}`,
    `DELETE FROM journal WHERE run = ${key}; DELETE FROM snapshots WHERE run = ${key}`,
    `DELETE FROM journal ${journalRow}`,
  ])('when %s, then the gap is seen', async (sql) => {
    damage(sql);
    await reading(async (store) => {
      expect(await verdicts(store)).toEqual({ a: 'whole', b: 'corrupt', c: 'whole' });
      expect(await store.history(b)).toEqual(expect.objectContaining({ corrupt: true }));
    });
  });

  it('when it is the row of a run, then lists and timers leave it out without losing their place, and it is told', async () => {
    damage(`UPDATE runs SET status = 'other' WHERE id = 'b'`);
    await reading(async (store) => {
      const ids = (rows: readonly { run: RunId }[]) => rows.map(({ run }) => run);
      expect(ids(await store.list())).toEqual([c, a]);
      expect(ids(await store.list({ limit: 1, after: c }))).toEqual([a]);
      expect(ids(await store.open())).toEqual([a, c]);
      expect(ids(await store.due(at(9), 2))).toEqual([a, c]);
      expect(await store.unreadable()).toEqual([{ run: 'b', reason: expect.stringContaining('checksum') }]);
      damage(`UPDATE runs SET due_at = due_at - 1 WHERE id = 'b'`);
      expect(await store.nextDue()).toBe(at(5));
      expect(await store.history(b)).toHaveLength(3);
    });
  });

  it('when its run is appended to, then it is a conflict: who loads the run learns why', async () => {
    damage(`UPDATE runs SET status = 'other' WHERE id = 'b'`);
    await reading(async (store) => {
      const outcomes = await store.commit([bundle(append(b, 4, { row: { final: true } })), bundle(append(a, 4))]);
      expect(outcomes).toEqual([conflict(b, 4, 4), { committed: true }]);
    });
  });

  it('when its run is removed, then it goes like any other', async () => {
    damage(`UPDATE journal SET events = 'other' WHERE run = ${key}`);
    await reading(async (store) => {
      expect(await store.remove(b)).toBe(true);
      expect(await verdicts(store)).toEqual({ a: 'whole', b: 'gone', c: 'whole' });
    });
  });

  it('when it is a document, then the document is refused, and runs are read', async () => {
    damage(`UPDATE documents SET text = 'other' WHERE version = 'v-of-b'`);
    await reading(async (store) => {
      await expect(store.document(version)).rejects.toThrow(expect.objectContaining({ code: 'store_corrupt' }));
      expect(await verdicts(store)).toEqual({ a: 'whole', b: 'whole', c: 'whole' });
    });
  });

  it('when it is output, then a note stands in its place', async () => {
    damage(`UPDATE logs SET text = 'other' WHERE run = ${key}`);
    await reading(async (store) => {
      expect((await store.logs(b, 0)).map(({ note }) => note)).toEqual(['unreadable']);
      expect((await store.logs(a, 0)).map(({ text }) => text)).toEqual(['output of a']);
      expect(await verdicts(store)).toEqual({ a: 'whole', b: 'whole', c: 'whole' });
    });
  });
});

describe('given a file with a flipped bit', () => {
  it('when it falls into the text of a row, then that run is corrupt', async () => {
    const bytes = readFileSync(path);
    for (const text of ['["events of b"]', 'state of b']) {
      const place = bytes.lastIndexOf(text) + 3;
      expect(place).toBeGreaterThan(3);
      const flipped = Buffer.from(bytes);
      flipped[place]! ^= 4;
      writeFileSync(path, flipped);
      await reading(async (store) => {
        const history = await store.history(b);
        const stored = await store.load(b);
        expect([history, stored].some((found) => found !== undefined && 'corrupt' in found && found.corrupt)).toBe(
          true,
        );
        expect((await readable(store, a)).entries.length).toBe(1);
        expect((await entriesOf(store, c)).length).toBe(3);
      });
    }
  });

  it('when it falls anywhere, then what is read is what was written, or an error, or the whole file fails its check', async () => {
    const bytes = readFileSync(path);
    const told = await reading(async (store) => {
      expect(await store.verify()).toEqual([]);
      return allReads(store);
    });
    const filled = [...bytes.keys()].filter((place) => bytes[place] !== 0);
    let noticed = 0;
    let random = 12_345;
    for (let trial = 0; trial < 300; trial++) {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      const place = filled[random % filled.length]!;
      const flipped = Buffer.from(bytes);
      flipped[place]! ^= 1 << ((random >>> 20) % 8);
      writeFileSync(path, flipped);
      try {
        await reading(async (store) => {
          const spoilt = await spoiltReads(store, told);
          if (spoilt.length === 0) return;
          noticed += 1;
          const hidden = spoilt.filter((what) => what.startsWith('other'));
          if (hidden.length > 0) expect(await store.verify(), `bit at ${place}: ${hidden}`).not.toEqual([]);
          await store.list();
        });
      } catch (error) {
        if (!isPawlError(error)) throw error;
        noticed += 1;
      } finally {
        for (const side of ['-wal', '-shm']) rmSync(path + side, { force: true });
      }
    }
    expect(noticed).toBeGreaterThan(0);
  });
});

interface Reads {
  readonly load: Record<string, unknown>;
  readonly history: Record<string, unknown>;
}

async function allReads(store: Store): Promise<Reads> {
  const reads: Reads = { load: {}, history: {} };
  for (const run of [a, b, c]) {
    reads.load[run] = await store.load(run);
    reads.history[run] = await store.history(run);
  }
  return reads;
}

/** What the store reads otherwise than it was `told`: as corrupt, or, which is worse, as something else. */
async function spoiltReads(store: Store, told: Reads): Promise<readonly string[]> {
  const reads = await allReads(store);
  const spoilt: string[] = [];
  for (const kind of ['load', 'history'] as const) {
    for (const run of [a, b, c]) {
      const found = reads[kind][run];
      if (isDeepStrictEqual(found, told[kind][run])) continue;
      const corrupt = typeof found === 'object' && found !== null && 'corrupt' in found && found.corrupt;
      spoilt.push(`${corrupt ? 'corrupt' : 'other'}: ${kind} of ${run}`);
    }
  }
  return spoilt;
}
