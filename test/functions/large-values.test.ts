import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPawl, type Json, type Pawl, workflow } from '../../src/index.ts';
import { openSqliteReader, type SqliteStore } from '../../src/store/index.ts';
import { until } from './world.ts';

const big = { rows: Array.from({ length: 20_000 }, (_, n) => `row ${n}`), text: 'ä'.repeat(100_000) };
const bytes = Buffer.byteLength(JSON.stringify(big));

const passes = workflow('passes', async (run, { given }: { given: Json }) => {
  let value: Json = given;
  for (let step = 0; step < 5; step += 1) {
    const before = value;
    value = (await run.task('echo', { step, nested: { value: before } })) as Json;
  }
  await run.signal('go');
  return value;
});
const flow = `
version: 1.0
input: [data]
tasks:
  one: { action: echo, input: { nested: { value: <% ctx(data) %> } }, next: [{ publish: [{ data: <% result() %> }], do: two }] }
  two: { action: echo, input: { nested: { value: <% ctx(data) %> } }, next: [{ publish: [{ data: <% result() %> }], do: ask }] }
  ask: { action: core.ask, input: { question: q } }
output: [{ data: <% ctx(data) %> }]
`;

describe('given a file and values of half a megabyte', () => {
  let folder: string;
  let path: string;
  let pawl: Pawl;
  const open = async () => {
    pawl = await createPawl({
      path,
      listen: false,
      workflows: [passes],
      actions: [{ name: 'echo', handler: (input: unknown) => (input as { nested: { value: Json } }).nested.value }],
    });
  };
  const count = (sql: string): number => {
    const db = new DatabaseSync(path, { readOnly: true });
    const found = Number(db.prepare(sql).get()?.n);
    db.close();
    return found;
  };
  const keptBytes = () => count('SELECT coalesce(sum(octet_length(text)), 0) AS n FROM run_values');

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pawl-large-'));
    path = join(folder, 'pawl.db');
    await open();
  });
  afterEach(async () => {
    await pawl.close();
    rmSync(folder, { recursive: true });
  });

  it.each([
    { style: 'function', of: () => passes, input: { given: big }, go: () => pawl.handle('r').signal('go') },
    { style: 'flow', of: () => pawl.workflow(flow), input: { data: big }, go: () => pawl.handle('r').answer('ask', 1) },
  ])(
    'when one goes from result to input in a $style, then it is kept once, and everything reads as it was',
    async ({ of, input, go }) => {
      await pawl.start(of(), input as never, { id: 'r' });
      await until(async () => (await pawl.list({ status: 'waiting' })).runs.length === 1);
      expect(keptBytes()).toBeLessThan(bytes * 1.01);
      expect(count('SELECT sum(octet_length(payloads)) AS n FROM journal')).toBeLessThan(10_000);
      expect(count('SELECT coalesce(sum(octet_length(state)), 0) AS n FROM snapshots')).toBeLessThan(10_000);

      await pawl.close();
      await open();
      await pawl.resume();
      const { view, history } = (await pawl.engine.view('r' as never, 1_000))!;
      expect(view.tasks[1]?.output).toEqual(big);
      expect(history.filter(({ type }) => type === 'TaskEnded').length).toBeGreaterThan(1);
      const fork = await pawl.handle('r').fork(view.revision, 'f');
      await go();
      expect(Object.values((await pawl.handle('r').result()).output as object)[0]).toBeDefined();
      expect(JSON.stringify((await pawl.handle('r').result()).output)).toContain(JSON.stringify(big));
      expect((await fork.state()).input).toEqual(input);
      expect(keptBytes()).toBeLessThan(bytes * 2.01);

      await (pawl.store as SqliteStore).backup(join(folder, 'copy.db'));
      const copy = await openSqliteReader(join(folder, 'copy.db'));
      expect(await copy.verify()).toEqual([]);
      expect(JSON.stringify(await copy.history('r' as never))).toContain('row 19999');
      await copy.close();

      await pawl.handle('r').remove();
      expect(keptBytes()).toBeLessThan(bytes * 1.01);
      await fork.terminate();
      await fork.remove();
      expect(keptBytes()).toBe(0);
    },
  );

  it('when the same value is given to run after run that is removed, then the file stays level', async () => {
    const sizes: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      await pawl.start(passes, { given: { ...big, round } }, { id: 'r' });
      await pawl.handle('r').signal('go');
      await pawl.handle('r').result();
      await pawl.handle('r').remove();
      (pawl.store as unknown as { opened: { db: DatabaseSync } }).opened.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      sizes.push(statSync(path).size);
    }
    expect(sizes.at(-1)).toBeLessThanOrEqual(sizes[0]! * 1.1);
  });

  it('when a value is damaged or gone, then its run is corrupt, says which, and the others are whole', async () => {
    for (const id of ['r', 's']) await pawl.start(passes, { given: { ...big, id } }, { id });
    await until(async () => (await pawl.list({ status: 'waiting' })).runs.length === 2);
    await pawl.close();
    const db = new DatabaseSync(path);
    db.exec("UPDATE run_values SET text = 'x' WHERE key = (SELECT min(key) FROM run_values)");
    db.close();
    await open();
    await expect(pawl.handle('r').state()).rejects.toMatchObject({ code: 'store_corrupt' });
    expect((await pawl.handle('s').state()).open.size).toBe(1);
    expect(await (pawl.store as SqliteStore).verify()).not.toEqual([]);
  });

  it('when the limit is too small to be meant, then that is said', async () => {
    await expect(createPawl({ path: ':memory:', largeValueLength: 10 })).rejects.toMatchObject({ code: 'bad_input' });
  });
});
