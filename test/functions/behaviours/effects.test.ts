/** Transactions, once-only steps, callbacks, attempts that are handed over, and streams. */

import { describe, expect, it } from 'vitest';
import { ActionError, defineAction, type Pawl, type RunHandle, type TaskFailed, workflow } from '../../../src/index.ts';
import { comesTo, places, refusal, stageOn, until } from './stage.ts';

const kindOf = (error: TaskFailed): string => error.kind;
const messageOf = (error: Error): string => error.message;

async function table(pawl: Pawl): Promise<void> {
  await pawl.transaction((sql) => sql.run('CREATE TABLE orders (id TEXT PRIMARY KEY, cents INTEGER)'));
}
const rows = (pawl: Pawl): Promise<unknown> =>
  pawl.transaction((sql) => sql.all('SELECT id, cents FROM orders ORDER BY id'));

async function pieces(handle: Pick<RunHandle, 'stream'>, name: string, from = 0): Promise<unknown[]> {
  const read: unknown[] = [];
  for await (const { value } of handle.stream(name, { from })) read.push(value);
  return read;
}

describe.each(places)('given functions with effects outside, on %s', (place) => {
  const stage = stageOn(place);

  it('when a transaction writes, then its rows and its result are there together', async () => {
    const pawl = await stage.open();
    await table(pawl);
    const books = workflow('books', (run) =>
      run.transaction('book', (sql) => {
        sql.run('INSERT INTO orders VALUES (?, ?)', 'a', 5);
        return sql.get('SELECT count(*) AS n FROM orders')?.n;
      }),
    );
    expect((await pawl.run(books)).output).toBe(1);
    expect(await rows(pawl)).toEqual([{ id: 'a', cents: 5 }]);
  });

  it('when a transaction throws, then nothing of it is there, and the function is told', async () => {
    const pawl = await stage.open();
    await table(pawl);
    const books = workflow('books', (run) =>
      run
        .transaction('book', (sql) => {
          sql.run('INSERT INTO orders VALUES (?, ?)', 'a', 5);
          throw new Error('not enough');
        })
        .catch(messageOf),
    );
    expect((await pawl.run(books)).output).toMatch(/not enough/);
    expect(await rows(pawl)).toEqual([]);
  });

  it('when a transaction breaks a constraint, then the function is told by the database, and earlier ones stand', async () => {
    const pawl = await stage.open();
    await table(pawl);
    const insert = workflow('books', async (run) => {
      await run.transaction('book', (sql) => sql.run('INSERT INTO orders VALUES (?, ?)', 'a', 5));
      return run.transaction('again', (sql) => sql.run('INSERT INTO orders VALUES (?, ?)', 'a', 6)).catch(messageOf);
    });
    expect((await pawl.run(insert)).output).toMatch(/UNIQUE|constraint/i);
    expect(await rows(pawl)).toEqual([{ id: 'a', cents: 5 }]);
  });

  it('when a transaction is tried again, then what it wrote before is gone', async () => {
    const pawl = await stage.open();
    await table(pawl);
    let attempt = 0;
    const books = workflow('books', (run) =>
      run.transaction(
        'book',
        (sql) => {
          attempt += 1;
          sql.run('INSERT INTO orders VALUES (?, ?)', `attempt ${attempt}`, attempt);
          if (attempt < 3) throw new Error('not yet');
        },
        { retry: { count: 5, delay: '1ms' } },
      ),
    );
    expect((await pawl.run(books)).status).toBe('succeeded');
    expect(await rows(pawl)).toEqual([{ id: 'attempt 3', cents: 3 }]);
  });

  it('when a transaction is async, then it is refused, undone, and says so', async () => {
    const pawl = await stage.open();
    await table(pawl);
    const books = workflow('books', (run) =>
      run
        .transaction('book', async (sql) => {
          sql.run('INSERT INTO orders VALUES (?, ?)', 'a', 5);
        })
        .then(() => 'kept', messageOf),
    );
    expect((await pawl.run(books)).output).toMatch(/async/);
    expect(await rows(pawl)).toEqual([]);
  });

  it.each<[what: string, given: unknown]>([
    ['a big integer', 1n],
    ['a Map', new Map()],
    ['a function', () => 1],
  ])('when a transaction gives %s, then it is undone and the function is told', async (_what, given) => {
    const pawl = await stage.open();
    await table(pawl);
    const books = workflow('books', (run) =>
      run
        .transaction('book', (sql) => {
          sql.run('INSERT INTO orders VALUES (?, ?)', 'a', 5);
          return given;
        })
        .then(() => 'kept', messageOf),
    );
    expect((await pawl.run(books)).output).toMatch(/JSON/);
    expect(await rows(pawl)).toEqual([]);
  });

  it.each([
    'COMMIT',
    'ROLLBACK',
    'BEGIN',
    'SAVEPOINT s',
    'PRAGMA user_version = 99',
    "ATTACH ':memory:' AS other",
    'DELETE FROM runs',
    'UPDATE events SET run = 1',
    'DROP TABLE runs',
    'SELECT * FROM runs',
    'VACUUM',
  ])('when a transaction says %j, then it is refused and nothing of it is there', async (statement) => {
    const pawl = await stage.open();
    await table(pawl);
    const books = workflow('books', (run) =>
      run
        .transaction('book', (sql) => {
          sql.run('INSERT INTO orders VALUES (?, ?)', 'a', 5);
          sql.run(statement);
        })
        .then(() => 'kept', messageOf),
    );
    expect((await pawl.run(books)).output).not.toBe('kept');
    expect(await rows(pawl)).toEqual([]);
  });

  it('when a transaction keeps its handle for later, then that is closed', async () => {
    const pawl = await stage.open();
    await table(pawl);
    let kept: { run(text: string): unknown } | undefined;
    const books = workflow('books', async (run) => {
      await run.transaction('book', (sql) => {
        kept = sql;
      });
      return run.step('later', () => kept?.run("INSERT INTO orders VALUES ('late', 1)")).catch(messageOf);
    });
    expect((await pawl.run(books)).output).toMatch(/over|closed|ended/);
    expect(await rows(pawl)).toEqual([]);
  });

  it('when a transaction calls the run, then that is refused and undone', async () => {
    const pawl = await stage.open();
    await table(pawl);
    const books = workflow('books', (run) =>
      run
        .transaction('book', (sql) => {
          sql.run('INSERT INTO orders VALUES (?, ?)', 'a', 5);
          void run.step('inner', () => stage.does('inner'));
        })
        .then(() => 'kept', messageOf),
    );
    expect((await pawl.run(books)).output).toMatch(/step|transaction/);
    expect([await rows(pawl), stage.done]).toEqual([[], []]);
  });

  it('when transactions are nested, then that is refused and undone', async () => {
    const pawl = await stage.open();
    await table(pawl);
    const books = workflow('books', (run) =>
      run
        .transaction('outer', (sql) => {
          sql.run('INSERT INTO orders VALUES (?, ?)', 'a', 5);
          void run.transaction('inner', (inner) => inner.run('INSERT INTO orders VALUES (?, ?)', 'b', 6));
        })
        .then(() => 'kept', messageOf),
    );
    expect((await pawl.run(books)).output).toMatch(/transaction/);
    expect(await rows(pawl)).toEqual([]);
  });

  it('when a transaction opens one of the engine, then that is refused and undone, and the engine goes on', async () => {
    const pawl = await stage.open();
    await table(pawl);
    const books = workflow('books', async (run) => [
      await run
        .transaction('outer', (sql) => {
          sql.run('INSERT INTO orders VALUES (?, ?)', 'a', 5);
          void pawl.transaction((inner) => inner.run('INSERT INTO orders VALUES (?, ?)', 'b', 6));
        })
        .then(() => 'kept', messageOf),
      await run.step('beside', () => pawl.transaction((sql) => sql.get('SELECT 1 AS n')?.n)),
    ]);
    expect((await pawl.run(books)).output).toEqual([expect.stringMatching(/nest/), 1]);
    expect(await rows(pawl)).toEqual([]);
  });

  it('when the process dies around a transaction, then it happened once', async () => {
    const books = workflow('books', async (run) => {
      await run.transaction('book', (sql) => sql.run('INSERT INTO orders VALUES (hex(randomblob(8)), 1)'));
      return run.signal('go');
    });
    let pawl = await stage.open([books]);
    await table(pawl);
    await comesTo(await pawl.start(books, {}, { id: 'one' }), 'waiting');
    pawl = await stage.takeOver([books]);
    await pawl.handle('one').signal('go');
    await pawl.handle('one').result();
    expect(await rows(pawl)).toHaveLength(1);
  });

  it('when many transactions race, then each counts once', async () => {
    const pawl = await stage.open();
    await table(pawl);
    await pawl.transaction((sql) => sql.run("INSERT INTO orders VALUES ('sum', 0)"));
    const adds = workflow('adds', (run) =>
      run.map(Array.from({ length: 20 }), () =>
        run.transaction('add', (sql) => void sql.run("UPDATE orders SET cents = cents + 1 WHERE id = 'sum'")),
      ),
    );
    await Promise.all(Array.from({ length: 5 }, () => pawl.run(adds)));
    expect(await rows(pawl)).toEqual([{ id: 'sum', cents: 100 }]);
  });

  it('when a once-only step succeeds, then it is done once', async () => {
    const pawl = await stage.open();
    const once = workflow('once', (run) => run.step('charge', () => stage.does('charged'), { effect: 'once' }));
    expect((await pawl.run(once)).status).toBe('succeeded');
    expect(stage.done).toEqual(['charged']);
  });

  it('when the process dies in a once-only step, then it is not made again, and a person says what it came to', async () => {
    const once = workflow('once', (run) =>
      run.step(
        'charge',
        () => {
          stage.does('charged');
          return new Promise<unknown>(() => {});
        },
        { effect: 'once' },
      ),
    );
    let pawl = await stage.open([once]);
    await pawl.start(once, {}, { id: 'one' });
    await until(() => stage.done.length === 1);
    pawl = await stage.takeOver([once]);
    const handle = pawl.handle('one');
    await until(async () => (await handle.describe()).tasks.some(({ asksForDecision }) => asksForDecision));
    await handle.decide('charge', 'skip', { output: 'receipt 7' });
    expect((await handle.result()).output).toBe('receipt 7');
    expect(stage.done).toEqual(['charged']);
  });

  it.each<[what: string, found: object, output: unknown, done: string[]]>([
    ['happened', { happened: true, output: 'found' }, 'found', ['charged']],
    ['did not happen', { happened: false }, 'charged 2', ['charged', 'charged']],
  ])('when the verify of a once-only step finds that it %s, then that counts', async (_what, found, output, done) => {
    const once = workflow('once', (run) =>
      run.step<unknown>(
        'charge',
        () => {
          stage.does('charged');
          return stage.done.length === 1 ? new Promise(() => {}) : `charged ${stage.done.length}`;
        },
        { effect: 'once', verify: () => found as { happened: false } },
      ),
    );
    let pawl = await stage.open([once]);
    await pawl.start(once, {}, { id: 'one' });
    await until(() => stage.done.length === 1);
    pawl = await stage.takeOver([once]);
    expect((await pawl.handle('one').result()).output).toBe(output);
    expect(stage.done).toEqual(done);
  });

  it.each<[what: string, verify: () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no line');
      },
    ],
    ['says nonsense', () => 'maybe'],
    ['says nothing', () => undefined],
  ])(
    'when the verify of a once-only step %s, then a person decides and nothing is made again',
    async (_what, verify) => {
      const once = workflow('once', (run) =>
        run.step<unknown>(
          'charge',
          () => {
            stage.does('charged');
            return new Promise(() => {});
          },
          { effect: 'once', verify: verify as never },
        ),
      );
      let pawl = await stage.open([once]);
      await pawl.start(once, {}, { id: 'one' });
      await until(() => stage.done.length === 1);
      pawl = await stage.takeOver([once]);
      const handle = pawl.handle('one');
      await until(async () => (await handle.describe()).tasks.some(({ asksForDecision }) => asksForDecision));
      await handle.decide('charge', 'fail');
      expect((await handle.result()).status).toBe('failed');
      expect(stage.done).toEqual(['charged']);
    },
  );

  it('when the time of a once-only step is up, then it is unknown and not tried again', async () => {
    const pawl = await stage.open();
    const once = workflow('once', (run) =>
      run.step(
        'charge',
        () => {
          stage.does('charged');
          return new Promise<unknown>(() => {});
        },
        { effect: 'once', timeout: '20ms', retry: { count: 3 } },
      ),
    );
    const handle = await pawl.start(once);
    handle.result().then(
      () => {},
      () => {},
    );
    await until(async () => (await handle.describe()).tasks.some(({ asksForDecision }) => asksForDecision));
    await handle.decide('charge', 'skip', { output: 1 });
    expect((await handle.result()).output).toBe(1);
    expect(stage.done).toEqual(['charged']);
  });

  it('when a once-only step throws and has retries, then it is tried again: it knows that nothing happened', async () => {
    const pawl = await stage.open();
    const once = workflow('once', (run) =>
      run.step(
        'charge',
        ({ attempt }) => {
          if (attempt === 1) throw new Error('refused at the door');
          return attempt;
        },
        { effect: 'once', retry: { count: 1 } },
      ),
    );
    expect((await pawl.run(once)).output).toBe(2);
  });

  it('when a once-only step says that its outcome is unknown, then a person decides', async () => {
    const pawl = await stage.open();
    const once = workflow('once', (run) =>
      run.step(
        'charge',
        () => {
          throw new ActionError('no answer', { kind: 'outcome_unknown' });
        },
        { effect: 'once', retry: { count: 3 } },
      ),
    );
    const handle = await pawl.start(once);
    await until(async () => (await handle.describe()).tasks.some(({ asksForDecision }) => asksForDecision));
    await handle.decide('charge', 'skip', { output: 'paid' });
    expect((await handle.result()).output).toBe('paid');
  });

  it('when a verify is given without once, then the call says so', async () => {
    const pawl = await stage.open();
    const odd = workflow('odd', (run) => run.step('s', () => 1, { verify: () => ({ happened: false }) }));
    const { status, errors } = await pawl.run(odd);
    expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/once/)]);
  });

  it('when an idempotent step is cut off, then it is made again under the same key, so that it can tell', async () => {
    const charged = new Set<string>();
    const pays = workflow('pays', (run) =>
      run.step('pay', ({ idempotencyKey }) => {
        const isFirst = !charged.has(idempotencyKey);
        charged.add(idempotencyKey);
        return isFirst ? new Promise<string>(() => {}) : 'known';
      }),
    );
    let pawl = await stage.open([pays]);
    await pawl.start(pays, {}, { id: 'one' });
    await until(() => charged.size === 1);
    pawl = await stage.takeOver([pays]);
    expect((await pawl.handle('one').result()).output).toBe('known');
    expect(charged.size).toBe(1);
  });

  const calls = workflow('calls', async (run) => {
    const paid = run.callback('paid', { timeout: '1h' });
    run.query('token', () => paid.token);
    return paid.result.catch((error: TaskFailed) => `${error.kind}: ${error.message}`);
  });

  it('when the holder of a token answers, then the function gets that; a second answer is refused', async () => {
    const pawl = await stage.open([calls]);
    const handle = await pawl.start(calls);
    const token = (await handle.query('token')) as string;
    await pawl.complete(token, { ok: true });
    expect((await handle.result()).output).toEqual({ ok: true });
    expect((await refusal(pawl.complete(token, 2))).code).toBe('refused');
    expect((await refusal(pawl.fail(token, 'no'))).code).toBe('refused');
  });

  it('when the holder of a token says that it failed, then the function gets that', async () => {
    const pawl = await stage.open([calls]);
    const handle = await pawl.start(calls);
    await pawl.fail((await handle.query('token')) as string, 'no funds', { kind: 'declined' });
    expect((await handle.result()).output).toBe('declined: no funds');
  });

  it('when nobody answers a token in time, then the function gets a timeout, and a late answer is refused', async () => {
    const pawl = await stage.open();
    const late = workflow('late', async (run) => {
      const paid = run.callback('paid', { timeout: stage.long });
      await run.step('hand it on', () => stage.does(paid.token));
      return paid.result.catch(kindOf);
    });
    expect((await pawl.run(late)).output).toBe('timeout');
    const [token = ''] = stage.done;
    expect((await refusal(pawl.complete(token, 1))).code).toBe('refused');
  });

  it('when the process is another, then the token is the same and its answer counts', async () => {
    let pawl = await stage.open([calls]);
    const token = (await (await pawl.start(calls, {}, { id: 'one' })).query('token')) as string;
    pawl = await stage.takeOver([calls]);
    const handle = pawl.handle('one');
    expect(await handle.query('token')).toBe(token);
    await pawl.complete(token, 'later');
    expect((await handle.result()).output).toBe('later');
  });

  it.each(['', 'nonsense', 'x'.repeat(10_000), null, 7, 'AAAA.BBBB'])(
    'when a token is %j, then it is said to be none',
    async (token) => {
      const pawl = await stage.open();
      expect((await refusal(pawl.complete(token as string, 1))).code).toBe('bad_input');
    },
  );

  it('when a token was changed by a character, then it is none, and the run still waits', async () => {
    const pawl = await stage.open([calls]);
    const handle = await pawl.start(calls);
    const token = (await handle.query('token')) as string;
    for (const place of [0, Math.floor(token.length / 2), token.length - 1]) {
      const other = token[place] === 'A' ? 'B' : 'A';
      const forged = token.slice(0, place) + other + token.slice(place + 1);
      expect((await refusal(pawl.complete(forged, 'forged'))).code).toMatch(/bad_input|not_found|refused/);
    }
    await pawl.complete(token, 'true');
    expect((await handle.result()).output).toBe('true');
  });

  it('when a step hands itself over, then it holds no slot and is over when the holder says so', async () => {
    const pawl = await stage.open([], [], { concurrency: 1 });
    let token = '';
    const hands = workflow('hands', (run) =>
      run.all([
        () =>
          run.step('wait', (attempt): Promise<unknown> => {
            token = attempt.token;
            return attempt.handOver();
          }),
        () => run.step('beside', () => 'had the slot'),
      ]),
    );
    const handle = await pawl.start(hands);
    await until(async () => (await handle.describe()).tasks[1]?.status === 'succeeded');
    await pawl.complete(token, 'done outside');
    expect((await handle.result()).output).toEqual(['done outside', 'had the slot']);
  });

  it('when what was handed over fails and has retries, then it is tried again under another token', async () => {
    const pawl = await stage.open();
    const tokens: string[] = [];
    const hand = defineAction({
      name: 'hand',
      handler: (_input, { token, handOver }) => {
        tokens.push(token);
        return handOver();
      },
    });
    const hands = workflow('hands', (run) => run.task('hand', {}, { retry: { count: 1 } }));
    pawl.engine.programs;
    await stage.close();
    const other = await stage.open([], [hand]);
    const handle = await other.start(hands);
    await until(() => tokens.length === 1);
    await comesTo(handle, 'waiting').catch(() => {});
    await other.fail(tokens[0] ?? '', 'busy');
    await until(() => tokens.length === 2);
    expect(tokens[0]).not.toBe(tokens[1]);
    await until(async () =>
      other.complete(tokens[1] ?? '', 'second').then(
        () => true,
        () => false,
      ),
    );
    expect((await handle.result()).output).toBe('second');
  });

  it('when the process dies while a step is handed over, then it is not made again and its token holds', async () => {
    const hands = workflow('hands', (run) =>
      run.step('wait', (attempt): Promise<unknown> => {
        stage.does(attempt.token);
        return attempt.handOver();
      }),
    );
    let pawl = await stage.open([hands]);
    const handle = await pawl.start(hands, {}, { id: 'one' });
    await comesTo(handle, 'waiting');
    pawl = await stage.takeOver([hands]);
    await pawl.complete(stage.done[0] ?? '', 'later');
    expect((await pawl.handle('one').result()).output).toBe('later');
    expect(stage.done).toHaveLength(1);
  });

  it('when a function emits, then a reader gets all, in order, from any place on', async () => {
    const pawl = await stage.open();
    const tells = workflow('tells', async (run) => {
      for (let n = 0; n < 5; n += 1) run.emit('n', n);
      await run.step('more', ({ emit }) => {
        emit('n', 'five');
        emit('other', 'other');
      });
      run.emit('n', null);
    });
    const handle = await pawl.start(tells);
    await handle.result();
    expect(await pieces(handle, 'n')).toEqual([0, 1, 2, 3, 4, 'five', null]);
    expect(await pieces(handle, 'n', 4)).toEqual([4, 'five', null]);
    expect(await pieces(handle, 'n', 1_000)).toEqual([]);
    expect(await pieces(handle, 'none')).toEqual([]);
  });

  it('when a reader is there first, then it gets pieces as they come, and ends with the run', async () => {
    const pawl = await stage.open();
    const tells = workflow('tells', async (run) => {
      run.emit('n', 1);
      await run.signal('go');
      run.emit('n', 2);
    });
    const handle = await pawl.start(tells);
    const read: unknown[] = [];
    const reading = (async () => {
      for await (const { value } of handle.stream('n')) {
        read.push(value);
        if (value === 1) await handle.signal('go');
      }
    })();
    await handle.result();
    await reading;
    expect(read).toEqual([1, 2]);
  });

  it('when the process dies, then a stream has each piece of the function once', async () => {
    const tells = workflow('tells', async (run) => {
      run.emit('n', 1);
      await run.step('s', () => null);
      run.emit('n', 2);
      await run.signal('go');
      run.emit('n', 3);
    });
    let pawl = await stage.open([tells]);
    await comesTo(await pawl.start(tells, {}, { id: 'one' }), 'waiting');
    pawl = await stage.takeOver([tells]);
    await pawl.handle('one').signal('go');
    await pawl.handle('one').result();
    expect(await pieces(pawl.handle('one'), 'n')).toEqual([1, 2, 3]);
  });

  it.each([-1, Number.NaN, 1.5, 'x', null])('when a stream is read from %j, then that is said', async (from) => {
    const pawl = await stage.open();
    const handle = await pawl.start(workflow('tells', async (run) => run.emit('n', 1)));
    await handle.result();
    expect((await refusal(pieces(handle, 'n', from as number))).code).toBe('bad_input');
  });

  it('when what is emitted is not JSON, then the call throws and says where', async () => {
    const pawl = await stage.open();
    const odd = workflow('odd', async (run) => {
      try {
        run.emit('n', { at: 1n } as never);
        return 'taken';
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect((await pawl.run(odd)).output).toMatch(/"n".*JSON/);
  });

  it('when a reader stops, then the run goes on and another can read', async () => {
    const pawl = await stage.open();
    const tells = workflow('tells', async (run) => {
      run.emit('n', 1);
      await run.signal('go');
      run.emit('n', 2);
    });
    const handle = await pawl.start(tells);
    for await (const _ of handle.stream('n')) break;
    await handle.signal('go');
    await handle.result();
    expect(await pieces(handle, 'n')).toEqual([1, 2]);
  });

  it('when something is published, then it is in the history and no call', async () => {
    const pawl = await stage.open();
    const handle = await pawl.start(workflow('says', async (run) => run.publish('stage', { n: 1 })));
    await handle.result();
    expect(JSON.stringify(await handle.history())).toMatch(/"stage".*\{"n":1\}/);
    expect((await handle.describe()).tasks).toEqual([]);
  });

  it('when a task waits for a person after it failed for good, then skip, retry and fail do what they say', async () => {
    const pawl = await stage.open();
    const works = workflow('works', (run) =>
      run
        .step(
          's',
          ({ attempt }) => {
            if (attempt < 2) throw new Error('no');
            return `attempt ${attempt}`;
          },
          { intervention: true },
        )
        .catch(kindOf),
    );
    const outcomes: unknown[] = [];
    for (const choice of ['retry', 'skip', 'fail'] as const) {
      const handle = await pawl.start(works);
      await until(async () => (await handle.describe()).tasks.some(({ asksForDecision }) => asksForDecision));
      await handle.decide('s', choice, choice === 'skip' ? { output: 'skipped' } : {});
      outcomes.push((await handle.result()).output);
    }
    expect(outcomes).toEqual(['attempt 2', 'skipped', 'failed']);
  });
});
