/** Transactions of functions: what goes wrong in one stays in it, and what is shown of it is durable. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPawl, type Pawl, type RunContext, type Sql, workflow } from '../../src/index.ts';
import { until } from './world.ts';

describe('given functions with transactions', () => {
  let folder: string;
  let pawl: Pawl;
  const path = (): string => join(folder, 'pawl.db');
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pawl-transactions-'));
    pawl = await createPawl({ path: path(), listen: false });
    await pawl.transaction((sql) => sql.exec('CREATE TABLE mine (n INTEGER PRIMARY KEY, results TEXT)'));
  });
  afterEach(async () => {
    await pawl.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const rows = () => pawl.transaction((sql) => sql.all('SELECT n FROM mine ORDER BY n').map(({ n }) => n));
  const of = (work: (sql: Sql) => unknown) => workflow('of', (run: RunContext) => run.transaction('book', work));

  it('when a transaction is async, then it fails, nothing of it stays, and the process lives on', async () => {
    const stray: unknown[] = [];
    const listener = (reason: unknown): void => void stray.push(reason);
    process.on('unhandledRejection', listener);
    try {
      const late = of(async (sql) => {
        sql.run('INSERT INTO mine (n) VALUES (1)');
        await Promise.resolve();
        sql.run('INSERT INTO mine (n) VALUES (2)');
      });
      expect((await pawl.run(late)).errors[0]?.message).toMatch(/must not be async/);
      const odd = of(async (sql) => sql.run('no such statement'));
      expect((await pawl.run(odd)).status).toBe('failed');
      await expect(pawl.transaction(async (sql) => sql.run('nor this'))).rejects.toThrow(/must not be async/);
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      process.off('unhandledRejection', listener);
    }
    expect(stray).toEqual([]);
    expect(await rows()).toEqual([]);
  });

  it('when a column of a user has the name of a table of ours, then it is read and written', async () => {
    const named = of((sql) => {
      sql.run("INSERT INTO mine (n, results) VALUES (1, 'a')");
      sql.run("UPDATE mine SET results = 'b'");
      return sql.get('SELECT results FROM mine')?.results;
    });
    expect((await pawl.run(named)).output).toBe('b');
  });

  it('when a name that a kept statement uses comes to mean a table of ours, then that is refused all the same', async () => {
    await pawl.transaction((sql) => {
      sql.exec('CREATE TABLE shown (id TEXT)');
      expect(sql.all('SELECT id FROM shown')).toEqual([]);
    });
    const read = of((sql) => {
      sql.exec('DROP TABLE shown; CREATE VIEW shown AS SELECT id FROM runs');
      return sql.all('SELECT id FROM shown').length;
    });
    expect((await pawl.run(read)).errors[0]?.message).toMatch(/table of Pawl/);
    const write = of((sql) => {
      sql.run('INSERT INTO mine (n) VALUES (?)', 1);
      sql.exec('CREATE TRIGGER t AFTER INSERT ON mine BEGIN DELETE FROM runs; END');
      sql.run('INSERT INTO mine (n) VALUES (?)', 2);
    });
    expect((await pawl.run(write)).errors[0]?.message).toMatch(/table of Pawl/);
    expect((await pawl.list()).runs.length).toBe(2);
  });

  it.each([
    ['INSERT OR ROLLBACK', 'INSERT OR ROLLBACK INTO mine (n) VALUES (1)'],
    ['a trigger that rolls back', 'INSERT INTO mine (n) VALUES (99)'],
  ])('when %s undoes everything, then that function hears it, and those beside it do not', async (_what, statement) => {
    await pawl.transaction((sql) => {
      sql.run('INSERT INTO mine (n) VALUES (1)');
      sql.exec(
        "CREATE TRIGGER guard BEFORE INSERT ON mine WHEN NEW.n = 99 BEGIN SELECT RAISE(ROLLBACK, 'no such number'); END",
      );
    });
    let ran = 0;
    const bad = workflow('bad', async (run) => {
      await run.step('same turn', () => 1);
      return run.transaction('book', (sql) => {
        ran += 1;
        sql.run('INSERT INTO mine (n) VALUES (50)');
        sql.run(statement);
      });
    });
    const good = workflow('good', async (run, { n }: { n: number }) => {
      await run.step('same turn', () => 1);
      return run.transaction('book', (sql) => sql.run('INSERT INTO mine (n) VALUES (?)', n).changes);
    });
    const results = await Promise.all([pawl.run(good, { n: 2 }), pawl.run(bad, {}), pawl.run(good, { n: 3 })]);
    expect(results.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'succeeded']);
    expect(results[1]?.errors[0]).toMatchObject({ kind: 'task_failed', task: 'book' });
    expect(ran).toBeLessThan(4);
    expect(await rows()).toEqual([1, 2, 3]);
  });

  it('when one of the runs of a transaction cannot be kept, then what the others wrote is neither lost nor there twice', async () => {
    const books = workflow('books', async (run, { n }: { n: number }) => {
      await run.signal('go');
      const changes = await run.transaction('book', (sql) => sql.run('INSERT INTO mine (n) VALUES (?)', n).changes);
      await run.step('after', () => 1);
      return changes;
    });
    pawl.workflow(books);
    for (const n of [1, 2, 3]) await pawl.start(books, { n }, { id: `r${n}` });
    await until(async () => (await pawl.list({ status: 'waiting' })).runs.length === 3);
    // The row of one is damaged behind the engine's back.
    const db = new DatabaseSync(path());
    db.exec("UPDATE runs SET start_hash = 'x' || start_hash WHERE id = 'r2'");
    db.close();
    await Promise.all(
      [1, 2, 3].map((n) =>
        pawl
          .handle(`r${n}`)
          .signal('go')
          .catch(() => {}),
      ),
    );
    expect((await pawl.handle('r1').result()).output).toBe(1);
    expect((await pawl.handle('r3').result()).output).toBe(1);
    expect(await rows()).toEqual([1, 3]);
  });

  it.each([
    ['a blob', (sql: Sql) => sql.get("SELECT x'00ff' AS b")],
    ['a big integer', (sql: Sql) => sql.get('SELECT 9007199254740993 AS n')],
    ['a row with a blob', (sql: Sql) => sql.all("SELECT x'01' AS b")],
  ])('when it gives %s, then it fails, says so, and undoes what it wrote', async (_what, read) => {
    const { status, errors } = await pawl.run(
      of((sql) => {
        sql.run('INSERT INTO mine (n) VALUES (7)');
        return read(sql);
      }),
    );
    expect({ status, message: errors[0]?.message }).toEqual({
      status: 'failed',
      message: expect.stringMatching(/JSON|large|BigInt/i),
    });
    expect(await rows()).toEqual([]);
  });

  it('when rows and RETURNING are given back, then they are plain values', async () => {
    const { output } = await pawl.run(
      of((sql) => [
        sql.get('INSERT INTO mine (n) VALUES (1) RETURNING n, n * 2 AS twice'),
        sql.all('INSERT INTO mine (n) VALUES (2), (3) RETURNING n'),
        sql.get('SELECT 1 WHERE 0') ?? null,
      ]),
    );
    expect(output).toEqual([{ n: 1, twice: 2 }, [{ n: 2 }, { n: 3 }], null]);
  });

  it('when the SQL fails in its middle, then what came before it in that transaction is undone, and the function may go on', async () => {
    const copes = workflow('copes', async (run) => {
      await run.transaction('one', (sql) => sql.run('INSERT INTO mine (n) VALUES (1)').changes);
      await run
        .transaction('two', (sql) => sql.exec('INSERT INTO mine (n) VALUES (2); INSERT INTO mine (n) VALUES (1)'))
        .catch(() => {});
      return run.transaction('three', (sql) => sql.run('INSERT INTO mine (n) VALUES (3)').changes);
    });
    expect((await pawl.run(copes)).output).toBe(1);
    expect(await rows()).toEqual([1, 3]);
  });

  it('when 10,000 of them are carried out, then each is exactly once there', async () => {
    const many = workflow('many', async (run, { from }: { from: number }) => {
      for (let n = 0; n < 100; n += 1)
        await run.transaction('book', (sql) => sql.run('INSERT INTO mine (n) VALUES (?)', from + n).changes);
    });
    pawl.workflow(many);
    const runs = await Promise.all(Array.from({ length: 100 }, (_, n) => pawl.run(many, { from: n * 100 })));
    expect(runs.every(({ status }) => status === 'succeeded')).toBe(true);
    expect((await rows()).length).toBe(10_000);
  }, 60_000);

  it('when a run is canceled in the turn of its transaction, then either both are there or none', async () => {
    const books = workflow('books', async (run, { n }: { n: number }) => {
      await run.signal('go');
      await run.transaction('book', (sql) => sql.run('INSERT INTO mine (n) VALUES (?)', n).changes);
    });
    pawl.workflow(books);
    for (let n = 0; n < 20; n += 1) await pawl.start(books, { n }, { id: `r${n}` });
    await until(async () => (await pawl.list({ status: 'waiting' })).runs.length === 20);
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const handle = pawl.handle(`r${n}`);
        const [signal] = [handle.signal('go'), n % 2 === 0 ? handle.cancel() : handle.terminate()];
        await signal.catch(() => {});
      }),
    );
    const there = await rows();
    for (let n = 0; n < 20; n += 1) {
      await pawl.handle(`r${n}`).result();
      const history = await pawl.handle(`r${n}`).history();
      const booked = history.some(
        (event) => event.type === 'TaskEnded' && event.task === 1 && event.outcome.status === 'succeeded',
      );
      expect(booked).toBe(there.includes(n));
    }
  });
});

describe('given all workers taken', () => {
  it('when a function has a transaction, then it is carried out: it needs none', async () => {
    const pawl = await createPawl({ path: ':memory:', listen: false, concurrency: 1 });
    let release = (): void => {};
    const holds = workflow('holds', (run) =>
      run.step('slow', () => new Promise<void>((resolve) => (release = resolve))),
    );
    const books = workflow('books', async (run, { after }: { after: boolean }) => {
      if (after) await run.signal('go');
      return run.transaction('book', () => 'booked');
    });
    const held = await pawl.start(holds, {}, { id: 'held' });
    await until(async () => (await held.state()).busy === 1);
    expect((await pawl.run(books, { after: false })).output).toBe('booked');
    const later = await pawl.start(books, { after: true });
    await later.signal('go');
    expect((await later.result()).output).toBe('booked');
    release();
    await held.result();
    await pawl.close();
  });
});
