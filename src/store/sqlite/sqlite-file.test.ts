import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { append, bundle, entriesOf, epoch, runId, start, write } from '../conformance/arrange.ts';
import { openForWriting } from './database-file.ts';
import { applicationId, schemaVersion } from './schema.ts';
import { openSqlite, openSqliteReader } from './sqlite-store.ts';
import { Writer } from './writer.ts';

let folder: string;
let path: string;
const [a, b, c] = [runId('a'), runId('b'), runId('c')];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pawl-'));
  path = join(folder, 'pawl.db');
});

afterEach(() => rmSync(folder, { recursive: true }));

function coded(code: string) {
  return expect.objectContaining({ code });
}

/** Runs SQL on the file behind the store's back. */
function raw(sql: string, file = path): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

describe('given a file opened for writing', () => {
  it.each([
    { durability: 'sqlite-full', synchronous: 2 },
    { durability: 'sqlite-normal', synchronous: 1 },
  ] as const)('when it is to be $durability, then SQLite is set to sync accordingly', async (expected) => {
    const { durability } = expected;
    const file = openForWriting({
      path,
      durability,
      busyTimeoutMs: 0,
      logLimitBytes: 10,
      largeValueLength: 65_536,
      fileLimitBytes: undefined,
    });
    const pragma = (name: string) => Object.values(file.db.prepare(`PRAGMA ${name}`).get()!)[0];
    expect(pragma('synchronous')).toBe(expected.synchronous);
    expect(pragma('journal_mode')).toBe('wal');
    expect(pragma('trusted_schema')).toBe(0);
    expect(pragma('foreign_keys')).toBe(0);
    expect(pragma('application_id')).toBe(applicationId);
    expect(pragma('user_version')).toBe(schemaVersion);
    file.db.close();
  });

  it('when output is kept without a sync, or cannot be, then the next commit is synced again', () => {
    const limits = { busyTimeoutMs: 0, logLimitBytes: 1_000_000, largeValueLength: 65_536, fileLimitBytes: 300_000 };
    const file = openForWriting({ path, durability: 'sqlite-full', ...limits });
    const writer = new Writer(file, 'sqlite-full');
    const synchronous = () => file.db.prepare('PRAGMA synchronous').get()?.synchronous;
    const chunk = (text: string) => ({ run: a, task: 0, attempt: 1, stream: 'stdout', at: epoch, text }) as const;
    writer.commit([bundle(start(a))]);
    writer.appendLogs([chunk('x')]);
    expect(synchronous()).toBe(2);
    expect(() => writer.appendLogs([chunk('x'.repeat(500_000))])).toThrow();
    expect(synchronous()).toBe(2);
    file.db.close();
  });

  it('when it is closed, then it is one file', async () => {
    const store = await openSqlite({ path });
    await write(store, start(a));
    await store.appendLogs([{ run: a, task: 0, attempt: 1, stream: 'stdout', at: epoch, text: 'x' }]);
    await store.close();
    expect(readdirSync(folder)).toEqual(['pawl.db']);
  });

  it('when it is empty, then it becomes ours', async () => {
    writeFileSync(path, '');
    const store = await openSqlite({ path });
    await write(store, start(a));
    await store.close();
  });
});

/** Leaves at `path` what a power cut leaves in the middle of a transaction that is not in a write-ahead log. */
function cutInTheMiddle(before: string): void {
  const original = join(folder, 'original.db');
  const db = new DatabaseSync(original);
  db.exec(`${before}; PRAGMA cache_size = 1; BEGIN; CREATE TABLE half (x)`);
  for (let row = 0; row < 100; row++) db.exec('INSERT INTO half VALUES (randomblob(4000))');
  copyFileSync(original, path);
  copyFileSync(`${original}-journal`, `${path}-journal`);
  db.close();
}

describe('given a file that a power cut left half written', () => {
  it('when it was just being made, then it is opened as a new one', async () => {
    cutInTheMiddle('');
    const store = await openSqlite({ path });
    await write(store, start(a));
    expect(await store.verify()).toEqual([]);
    await store.close();
  });

  it('when it is of another program, then it is refused', async () => {
    cutInTheMiddle('CREATE TABLE t (x)');
    await expect(openSqlite({ path })).rejects.toThrow(coded('file_unreadable'));
  });
});

describe('given a file that is not for us', () => {
  it.each([
    {
      what: 'text',
      make: () => writeFileSync(path, 'a shopping list, and then some more of it\n'.repeat(50)),
      code: 'file_unreadable',
    },
    { what: 'a short text', make: () => writeFileSync(path, 'x'), code: 'file_unreadable' },
    {
      what: "another program's database",
      make: () => raw('CREATE TABLE t (x); PRAGMA application_id = 7'),
      code: 'file_unreadable',
    },
    { what: 'a database of nobody', make: () => raw('CREATE TABLE t (x)'), code: 'file_unreadable' },
    {
      what: 'of a newer version',
      make: () =>
        raw(`CREATE TABLE t (x); PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion + 1}`),
      code: 'file_too_new',
    },
  ])('when it is $what, then it is refused and stays as it was', async ({ make, code }) => {
    make();
    const before = readFileSync(path);
    await expect(openSqlite({ path })).rejects.toThrow(coded(code));
    await expect(openSqliteReader(path)).rejects.toThrow(coded(code));
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(statSync(path).size).toBe(before.length);
  });

  it('when there is no such folder, or the path is a folder, then it is refused', async () => {
    await expect(openSqlite({ path: join(folder, 'none', 'pawl.db') })).rejects.toThrow(coded('file_unreadable'));
    await expect(openSqlite({ path: folder })).rejects.toThrow(coded('file_unreadable'));
  });

  // The superuser may write anywhere, so as one the test becomes nobody for a moment.
  const nobody = process.getuid?.() === 0 ? 65_534 : undefined;

  it.skipIf(process.platform === 'win32')('when its folder may not be written, then it is refused', async () => {
    const { chmodSync } = await import('node:fs');
    chmodSync(folder, 0o555);
    try {
      if (nobody !== undefined) process.seteuid?.(nobody);
      await expect(openSqlite({ path })).rejects.toThrow(coded('file_unreadable'));
    } finally {
      if (nobody !== undefined) process.seteuid?.(0);
      chmodSync(folder, 0o755);
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('given a store that failed and could not be opened again', () => {
  it("when it was closed, then it stays closed: its file may be another process's by now", async () => {
    const store = await openSqlite({ path });
    await write(store, start(a));
    raw(`PRAGMA user_version = ${schemaVersion + 1}`);
    await expect(store.reopen()).rejects.toThrow(coded('file_too_new'));
    raw(`PRAGMA user_version = ${schemaVersion}`);
    await store.close();
    await expect(store.reopen()).rejects.toThrow(coded('closed'));
  });
});

describe('given a reader', () => {
  it('when the file is not there, then it is refused and not made', async () => {
    await expect(openSqliteReader(path)).rejects.toThrow(coded('not_found'));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('when the owner commits, then the reader sees it, and the owner is not held up', async () => {
    const store = await openSqlite({ path, busyTimeoutMs: 0 });
    const reader = await openSqliteReader(path);
    for (let revision = 0; revision < 20; revision++) {
      await write(store, revision === 0 ? start(a) : append(a, revision, { row: { status: `s${revision}` } }));
      expect(await reader.load(a)).toEqual(await store.load(a));
      expect(await reader.list()).toEqual(await store.list());
    }
    await store.appendLogs([{ run: a, task: 0, attempt: 1, stream: 'stdout', at: epoch, text: 'x' }]);
    expect((await reader.logs(a, 0)).length).toBe(1);
    await reader.close();
    await expect(reader.load(a)).rejects.toThrow(coded('closed'));
    await store.close();
  });

  it('when nobody owns the file, then it reads it and leaves it as it is', async () => {
    const store = await openSqlite({ path });
    await write(store, start(a));
    const before = await store.load(a);
    await store.close();
    const bytes = readFileSync(path);
    const reader = await openSqliteReader(path);
    expect(await reader.load(a)).toEqual(before);
    await reader.close();
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });
});

describe('given two handles that write to one file', () => {
  it('when they take turns, then each sees what the other wrote, and of two that race one wins', async () => {
    const [one, two] = [await openSqlite({ path }), await openSqlite({ path })];
    expect(two.generation).toBe(one.generation + 1);
    await write(one, start(a));
    await write(two, append(a, 1, { row: { status: 'two' } }));
    await write(one, append(a, 2, { row: { active: false } }));
    const [late] = await two.commit([bundle(append(a, 2))]);
    expect(late).toEqual({ committed: false, conflict: { run: a, expected: 2, actual: 3 } });
    await one.remove(a);
    await write(two, start(a));
    await write(one, append(a, 1));
    expect((await entriesOf(two, a)).length).toBe(2);
    await one.close();
    await two.close();
  });

  it('when another is in the middle of a write, then a commit is refused as busy, and works later', async () => {
    const store = await openSqlite({ path, busyTimeoutMs: 0 });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.commit([bundle(start(a))])).rejects.toThrow(coded('busy'));
    expect(await store.load(a)).toBeUndefined();
    other.exec('ROLLBACK');
    other.close();
    await write(store, start(a));
    await store.close();
  });
});

describe('given a disk that is full', () => {
  it('when a commit has no room, then none of it is there, reads work, and a commit with room does as well', async () => {
    const store = await openSqlite({ path, fileLimitBytes: 400_000 });
    await write(store, start(a));
    const large = 'x'.repeat(200_000);
    await write(store, start(b, { events: large }));
    const before = [await store.load(a), await store.load(b)];
    const tooMuch = [bundle(append(a, 1, { row: { status: 'lost' } })), bundle(start(c, { events: large }))];
    await expect(store.commit(tooMuch)).rejects.toThrow(coded('store_full'));
    expect([await store.load(a), await store.load(b)]).toEqual(before);
    expect(await store.load(c)).toBeUndefined();
    await write(store, append(a, 1, { row: { status: 'kept' } }));
    const log = { run: a, task: 0, attempt: 1, stream: 'stdout', at: epoch, text: large } as const;
    await expect(store.appendLogs([log])).rejects.toThrow(coded('store_full'));
    await store.remove(b);
    await write(store, append(a, 2), start(c, { events: large }));
    expect((await entriesOf(store, a)).length).toBe(3);
    await store.close();
  });
});

describe('given a backup', () => {
  it('when the store goes on, then the backup holds what was there', async () => {
    const store = await openSqlite({ path });
    await write(store, start(a), start(b));
    const before = [await store.load(a), await store.list()];
    const target = join(folder, 'backup.db');
    await store.backup(target);
    await write(store, append(a, 1));
    await store.close();
    expect(readdirSync(folder).toSorted()).toEqual(['backup.db', 'pawl.db']);
    const copy = await openSqlite({ path: target });
    expect([await copy.load(a), await copy.list()]).toEqual(before);
    await write(copy, append(a, 1));
    await copy.close();
  });

  it('when a reader of a file in use makes it, then it is the same', async () => {
    const store = await openSqlite({ path });
    await write(store, start(a));
    const reader = await openSqliteReader(path);
    await reader.backup(join(folder, 'backup.db'));
    await reader.close();
    await write(store, append(a, 1));
    await store.close();
    const copy = await openSqliteReader(join(folder, 'backup.db'));
    expect((await entriesOf(copy, a)).length).toBe(1);
    await copy.close();
  });

  it('when there is something at its target, or no folder, then it is refused, and nothing is left over', async () => {
    const store = await openSqlite({ path });
    writeFileSync(join(folder, 'taken.db'), 'precious');
    await expect(store.backup(join(folder, 'taken.db'))).rejects.toThrow(coded('conflict'));
    expect(readFileSync(join(folder, 'taken.db'), 'utf8')).toBe('precious');
    await expect(store.backup(path)).rejects.toThrow(coded('conflict'));
    await expect(store.backup(join(folder, 'none', 'b.db'))).rejects.toThrow(coded('file_unreadable'));
    await write(store, start(a));
    await store.close();
    expect(readdirSync(folder).toSorted()).toEqual(['pawl.db', 'taken.db']);
  });
});
