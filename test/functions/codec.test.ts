import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aesGcmCodec, type Codec, createPawl, dag, type Pawl, type PawlOptions, workflow } from '../../src/index.ts';
import { openSqliteReader, type SqliteStore } from '../../src/store/index.ts';
import { until } from './world.ts';

const canary = 'CANARY-4f1d';
const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
const withA = aesGcmCodec({ keys: { a }, current: 'a' });

const talks = workflow('talks', async (run, { word }: { word: string }) => {
  run.publish('said', `${word} published`);
  const given = await run.step('step', (step) => {
    step.log(`${word} logged`);
    return { word, large: `${word}`.repeat(2_000) };
  });
  await run.step('fails', () => Promise.reject(new Error(`${word} in an error`))).catch(() => {});
  const signaled = await run.signal('go');
  await run.signal('end');
  return { given, signaled };
});
const cached = dag('cached')
  .task('slow', { run: () => `${canary} cached`, cache: { key: () => `${canary} key` } })
  .output(['slow'], ({ slow }) => slow);

describe('given a file', () => {
  let folder: string;
  let path: string;
  let pawl: Pawl;
  const open = async (codec: Codec | undefined, options: Partial<PawlOptions> = {}): Promise<Pawl> => {
    pawl = await createPawl({
      path,
      listen: false,
      workflows: [talks],
      largeValueLength: 2_000,
      ...(codec === undefined ? {} : { codec }),
      ...options,
    });
    return pawl;
  };
  const begin = async (id: string): Promise<void> => {
    await pawl.start(talks, { word: canary }, { id });
    await until(async () => (await pawl.list({ status: 'waiting', attributes: {} })).runs.some((run) => run.id === id));
  };
  const sql = (statement: string): void => {
    const db = new DatabaseSync(path);
    db.exec(statement);
    db.close();
  };
  const bytes = (): string =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join('\n');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pawl-codec-'));
    path = join(folder, 'pawl.db');
  });
  afterEach(async () => {
    await pawl.close();
    rmSync(folder, { recursive: true });
  });

  it('when it is sealed, then no byte of it, its log or a backup is of what runs carry', async () => {
    await open(withA);
    await begin('r');
    await pawl.handle('r').signal('go', `${canary} signal`);
    await pawl.run(cached);
    // Enough for a snapshot.
    const many = workflow('many', async (run) => {
      for (let n = 0; n < 400; n += 1) await run.step('one', () => `${canary} ${n} ${'x'.repeat(200)}`);
      await run.signal('end');
    });
    await pawl.start(many, {}, { id: 'm' });
    await until(async () => (await pawl.list({ workflow: 'many', status: 'waiting' })).runs.length === 1);
    await (pawl.store as SqliteStore).backup(join(folder, 'copy.db'));
    expect(bytes()).not.toContain(canary);
    expect(bytes()).toContain('pawl+a:');
    expect(bytes()).not.toContain(a);
    const db = new DatabaseSync(path, { readOnly: true });
    const count = (table: string) => Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
    expect(['journal', 'snapshots', 'run_values', 'logs', 'results'].map((table) => count(table) > 0)).toEqual(
      Array(5).fill(true),
    );
    db.close();
    expect(await (pawl.store as SqliteStore).verify()).toEqual([]);
  });

  it('when another process has the key, then everything is as it was', async () => {
    await open(withA);
    await begin('r');
    await pawl.close();
    await open(aesGcmCodec({ keys: { a }, current: 'a' }));
    await pawl.resume();
    const logs = await pawl.store.logs('r' as never, 0);
    expect(logs.map(({ text }) => text).join('')).toContain(`${canary} logged`);
    await pawl.handle('r').signal('go', 'x');
    await pawl.handle('r').signal('end');
    expect((await pawl.handle('r').result()).output).toMatchObject({ given: { word: canary }, signaled: 'x' });
    await pawl.start(talks, { word: canary }, { id: 'r' });
    await expect(pawl.start(talks, { word: 'other' }, { id: 'r' })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('when the key is rotated, then old runs go on, and what comes is sealed with the new key', async () => {
    await open(withA);
    await begin('r');
    await pawl.close();
    await open(aesGcmCodec({ keys: { a, b }, current: 'b' }));
    await pawl.resume();
    await pawl.handle('r').signal('go', 1);
    await begin('s');
    await pawl.start(talks, { word: canary }, { id: 'r' });
    await pawl.close();
    const db = new DatabaseSync(path, { readOnly: true });
    const keys = db
      .prepare('SELECT DISTINCT substr(events, 7, 1) AS k FROM journal ORDER BY 1')
      .all()
      .map(({ k }) => k);
    expect(keys).toEqual(['a', 'b']);
    db.close();
    // Once no run that the old key sealed is kept, it can go.
    await open(aesGcmCodec({ keys: { a, b }, current: 'b' }));
    await pawl.handle('r').terminate();
    await pawl.handle('r').remove();
    await pawl.close();
    await open(aesGcmCodec({ keys: { b }, current: 'b' }));
    expect((await pawl.handle('s').state()).input).toEqual({ word: canary });
    expect(await (pawl.store as SqliteStore).verify()).toEqual([]);
  });

  it('when a run needs a key that is not here, then it says which, other runs go on, and all can be listed', async () => {
    await open(withA);
    await begin('r');
    await pawl.close();
    await open(aesGcmCodec({ keys: { a, b }, current: 'b' }));
    await begin('s');
    await pawl.close();
    await open(aesGcmCodec({ keys: { b }, current: 'b' }));
    await pawl.resume();
    await expect(pawl.handle('r').state()).rejects.toMatchObject({
      code: 'key_missing',
      message: expect.stringContaining('"a"'),
      details: { key: 'a' },
    });
    await pawl.handle('s').signal('go');
    expect((await pawl.list()).runs.map(({ id }) => id).sort()).toEqual(['r', 's']);
    expect(await (pawl.store as SqliteStore).verify()).toEqual([]);
  });

  it('when it is opened without keys, then for writing it is refused, and for reading runs are listed', async () => {
    await open(withA);
    await begin('r');
    await pawl.close();
    await expect(open(undefined)).rejects.toMatchObject({ code: 'key_missing', details: { key: 'a' } });
    const reader = await openSqliteReader(path);
    expect((await reader.list()).map(({ run, status }) => [run, status])).toEqual([['r', 'waiting']]);
    await expect(reader.load('r' as never)).rejects.toMatchObject({ code: 'key_missing' });
    await expect(reader.logs('r' as never, 0)).rejects.toMatchObject({ code: 'key_missing' });
    expect(await reader.verify()).toEqual([]);
    await reader.close();
    await open(withA);
  });

  it('when a codec comes to a file that has runs, then they stay readable and go on', async () => {
    await open(undefined);
    await begin('r');
    await pawl.close();
    expect(bytes()).toContain(canary);
    await open(withA);
    await pawl.resume();
    expect((await pawl.handle('r').state()).input).toEqual({ word: canary });
    await pawl.start(talks, { word: canary }, { id: 'r' });
    await pawl.handle('r').signal('go', 1);
    await pawl.handle('r').signal('end');
    expect((await pawl.handle('r').result()).output).toMatchObject({ signaled: 1 });
  });

  it('when sealing is turned off, then what is sealed is read, and the file opens without keys once nothing needs them', async () => {
    await open(withA);
    await begin('r');
    await pawl.close();
    await open(aesGcmCodec({ keys: { a }, current: null }));
    await begin('s');
    expect((await pawl.handle('r').state()).input).toEqual({ word: canary });
    await pawl.close();
    await open(undefined);
    expect((await pawl.handle('s').state()).input).toEqual({ word: canary });
    await expect(pawl.handle('r').state()).rejects.toMatchObject({ code: 'key_missing' });
  });

  it('when plain contents are refused, then those that were put there are damage, and the rest is read', async () => {
    const strict = aesGcmCodec({ keys: { a }, current: 'a', plain: 'refuse' });
    await open(strict);
    await begin('r');
    await begin('s');
    await pawl.close();
    sql(`UPDATE journal SET payloads = '[{"word":"forged"}]' WHERE run = ${r} AND base = 0`);
    await mendChecksums(path);
    await open(strict);
    await expect(pawl.handle('r').state()).rejects.toMatchObject({ code: 'store_corrupt' });
    expect((await pawl.handle('s').state()).input).toEqual({ word: canary });
  });

  const other = (column: string, of: string, key: string) => `(SELECT ${column} FROM ${of} WHERE run = ${key} LIMIT 1)`;
  const [r, s] = ["(SELECT key FROM runs WHERE id = 'r')", "(SELECT key FROM runs WHERE id = 's')"];
  it.each([
    [
      'the payloads of another run',
      `UPDATE journal SET payloads = ${other('payloads', 'journal', s)} WHERE run = ${r} AND base = 0`,
    ],
    [
      'the events of another run',
      `UPDATE journal SET events = ${other('events', 'journal', s)} WHERE run = ${r} AND base = 0`,
    ],
    ['the events in place of the payloads', `UPDATE journal SET payloads = events WHERE run = ${r} AND base = 0`],
    [
      'the events of another commit',
      `UPDATE journal SET events = (SELECT events FROM journal WHERE run = ${r} AND base > 0 LIMIT 1) WHERE run = ${r} AND base = 0`,
    ],
    ['a large value of another run', `UPDATE run_values SET text = ${other('text', 'run_values', s)} WHERE run = ${r}`],
    [
      'plain text of somebody else',
      `UPDATE journal SET payloads = replace(payloads, 'pawl+a:', 'pawl+a:AAAA') WHERE run = ${r}`,
    ],
  ])(
    'when %s is put there, checksum and all, then the run is corrupt and its neighbour whole',
    async (_what, statement) => {
      await open(withA);
      await begin('r');
      await begin('s');
      await pawl.close();
      sql(statement);
      await mendChecksums(path);
      await open(withA);
      await expect(pawl.handle('r').state()).rejects.toMatchObject({
        code: 'store_corrupt',
        message: expect.stringMatching(/sealed with the key "a" was changed, or stands where it was not sealed for/),
      });
      expect((await pawl.handle('s').state()).input).toEqual({ word: canary });
      expect((await (pawl.store as SqliteStore).verify()).join()).toContain('sealed with the key "a"');
    },
  );
});

/** What somebody who can write to the file and knows how its rows are checked would do. */
async function mendChecksums(path: string): Promise<void> {
  const { checksum } = await import('../../src/store/sqlite/checksum.ts');
  const db = new DatabaseSync(path);
  for (const row of db.prepare('SELECT * FROM journal').all()) {
    const head = `${row.run} ${row.base} ${row.count} ${row.at} ${row.append_id}${row.cuts === null ? '' : ` ${row.cuts}`}`;
    const crc = checksum(head, String(row.events), row.payloads === null ? undefined : String(row.payloads));
    db.prepare('UPDATE journal SET crc = ? WHERE position = ?').run(crc, row.position!);
  }
  for (const row of db.prepare('SELECT * FROM run_values').all()) {
    const crc = checksum(`${row.run} ${row.name} ${row.cuts ?? ''}`, String(row.text));
    db.prepare('UPDATE run_values SET crc = ? WHERE key = ?').run(crc, row.key!);
  }
  db.close();
}
