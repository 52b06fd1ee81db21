import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { append, at, row, runId, start, write } from '../conformance/arrange.ts';
import { openSqlite, type SqliteStore } from './sqlite-store.ts';

const olderFile = new URL('../../../test/graph-runs/before-graphs.sqlite.gz', import.meta.url);
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
    expect(await store.removeEnded([runId('a')])).toEqual([{ removed: false, because: 'unreadable', run: 'a' }]);
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
    await store.close();
    store = await openSqlite({ path, synchronous: 'normal' });
    const pages: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      for (let count = 0; count < 100; count += 1) {
        const run = runId(`r${round}-${count}`);
        await write(store, start(run, { events: 'e'.repeat(500), payloads: 'p'.repeat(1_500) }));
        await store.appendLogs([{ run, task: 0, attempt: 1, stream: 'stdout', at: at(0), text: 'l'.repeat(300) }]);
        await write(store, append(run, 1, { row: end, snapshot: 's'.repeat(700) }));
      }
      expect((await store.sweep(sweep)).runs).toHaveLength(100);
      const db = new DatabaseSync(path, { readOnly: true });
      pages.push(Number(db.prepare('PRAGMA page_count').get()?.page_count));
      db.close();
    }
    expect(pages.at(-1)).toBeLessThanOrEqual(pages[1]! * 1.1);
    expect(await store.verify()).toEqual([]);
  });

  it('when it is of a version that did not note what runs pin, then its documents last', async () => {
    const older = join(folder, 'older.db');
    writeFileSync(older, gunzipSync(readFileSync(fileURLToPath(olderFile))));
    const opened = await openSqlite({ path: older });
    const versions = new Set((await opened.list()).map(({ version }) => version));
    const far = at(100_000_000_000);
    const swept = await opened.sweep({ status: 'succeeded', endedBy: far, limit: 1_000 });
    expect(swept.runs.length).toBeGreaterThan(0);
    expect(swept.documents).toEqual([]);
    for (const version of versions) expect(await opened.document(version)).toBeDefined();
    expect(await opened.verify()).toEqual([]);
    await opened.close();
  });
});
