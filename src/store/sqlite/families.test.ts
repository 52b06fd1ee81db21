import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { append, at, row, runId, start, write } from '../conformance/arrange.ts';
import { openSqlite, type SqliteStore } from './sqlite-store.ts';

const end = { status: 'succeeded', final: true, active: false, endedAt: at(1) };
const sweep = { status: 'succeeded', endedBy: at(10), limit: 1_000 };

describe('given a file', () => {
  let folder: string;
  let path: string;
  let store: SqliteStore;
  const tampered = async (sql: string): Promise<void> => {
    await store.close();
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();
    store = await openSqlite({ path });
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pawl-families-'));
    path = join(folder, 'pawl.db');
    store = await openSqlite({ path });
  });

  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it('when damage makes an open run look as if it had ended, then it is not swept', async () => {
    await write(store, start(runId('a')));
    await tampered(`UPDATE runs SET final = 1, status = 'succeeded', ended_at = ${at(1)}`);
    expect(await store.sweep(sweep)).toEqual({ runs: [], documents: [], next: undefined });
    expect(await store.removeEnded(runId('a'))).toEqual({ removed: false, because: 'unreadable', run: 'a' });
    expect(await store.load(runId('a'))).toMatchObject({ corrupt: true });
  });

  it('when the row of one below a run is damaged, then the family stays', async () => {
    await write(store, start(runId('a')));
    await write(store, append(runId('a'), 1, { row: end }));
    await write(store, start(runId('b'), { row: row({ ...end, parent: runId('a') }) }));
    await tampered("UPDATE runs SET crc = crc + 1 WHERE id = 'b'");
    expect((await store.sweep(sweep)).runs).toEqual([]);
  });

  it('when runs come and go, then its size stays what it was after the first of them', async () => {
    const pages: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      for (let count = 0; count < 300; count += 1) {
        const run = runId(`r${round}-${count}`);
        await write(store, start(run, { events: 'e'.repeat(500), payloads: 'p'.repeat(1_500) }));
        await store.appendLogs([{ run, task: 0, attempt: 1, stream: 'stdout', at: at(0), text: 'l'.repeat(300) }]);
        await write(store, append(run, 1, { row: end, snapshot: 's'.repeat(700) }));
      }
      expect((await store.sweep(sweep)).runs).toHaveLength(300);
      const db = new DatabaseSync(path, { readOnly: true });
      pages.push(Number(db.prepare('PRAGMA page_count').get()?.page_count));
      db.close();
    }
    expect(pages.at(-1)).toBeLessThanOrEqual(pages[1]! * 1.1);
    expect(await store.verify()).toEqual([]);
  });

  it('when it is of a version that did not note what runs pin, then its documents last', async () => {
    const version = 'v-1' as never;
    await store.commit([
      {
        appendId: '1',
        appends: [start(runId('a'), { row: row({ version }) })],
        documents: [{ version, name: 'w', text: 't' }],
      },
    ]);
    await write(store, append(runId('a'), 1, { row: end }));
    await tampered(`
      DROP INDEX runs_ended; DROP INDEX runs_below; DROP INDEX runs_of_version; DROP TABLE pins;
      ALTER TABLE documents DROP COLUMN lasting; PRAGMA user_version = 2`);
    expect((await store.sweep(sweep)).runs).toEqual(['a']);
    expect(await store.document(version)).toBeDefined();
    expect(await store.verify()).toEqual([]);
  });
});
