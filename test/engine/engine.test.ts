import { describe, expect, it } from 'vitest';
import { type Json, PawlError, type RunId } from '../../src/base/index.ts';
import { connectionTo } from '../../src/engine/index.ts';
import { encodeEvents } from '../../src/kernel/index.ts';
import { type Bundle, MemoryStore, type Outcome, openSqlite, type Store } from '../../src/store/index.ts';
import { Harness } from './harness.ts';

const chain = `
version: 1.0
tasks:
  a:
    action: do.a
    next:
      - when: <% succeeded() %>
        do: b
  b:
    action: do.b
`;

const sleeper = `
version: 1.0
tasks:
  nap:
    action: core.sleep
    input: { seconds: 60 }
    next:
      - do: after
  after:
    action: do.after
`;

/** A store whose commits a test watches, holds back or makes fail. */
function watched(store: Store) {
  const commits: (readonly Bundle[])[] = [];
  const hooks: {
    before?: (bundles: readonly Bundle[]) => Promise<void> | void;
    after?: () => Promise<void> | void;
    reopened: number;
  } = { reopened: 0 };
  const proxy = new Proxy(store, {
    get(target, name) {
      if (name === 'commit') {
        return async (bundles: readonly Bundle[]): Promise<readonly Outcome[]> => {
          commits.push(bundles);
          await hooks.before?.(bundles);
          const outcomes = await target.commit(bundles);
          await hooks.after?.();
          return outcomes;
        };
      }
      if (name === 'reopen') {
        return async () => {
          hooks.reopened += 1;
          await target.reopen();
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { store: proxy, commits, hooks };
}

describe('given an engine over a store in memory', () => {
  it('when a run is driven, then it ends and its result is told', async () => {
    const one = new Harness(new MemoryStore());
    const run = await one.start(chain);
    expect(one.executor.names).toEqual(['a']);
    one.executor.complete('a');
    await one.settle();
    one.executor.complete('b');
    expect(await one.result(run)).toMatchObject({ status: 'succeeded' });
    expect(await one.result(run)).toMatchObject({ status: 'succeeded' });
  });

  it('when many runs start in one turn, then they share one commit', async () => {
    const { store, commits } = watched(new MemoryStore());
    const one = new Harness(store);
    await Promise.all(Array.from({ length: 100 }, () => one.start(chain)));
    expect(commits).toHaveLength(1);
    expect(commits[0]).toHaveLength(100);
  });

  it('when a commit is under way, then nothing it holds is answered or carried out', async () => {
    const { store, hooks } = watched(new MemoryStore());
    const one = new Harness(store);
    let letGo = (): void => {};
    hooks.before = () => new Promise<void>((resolve) => (letGo = resolve));
    let answered = false;
    const starting = one.start(chain).then((run) => {
      answered = true;
      return run;
    });
    for (let turn = 0; turn < 10; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    expect(one.executor.names).toEqual([]);
    delete hooks.before;
    letGo();
    await starting;
    expect(one.executor.names).toEqual(['a']);
  });

  it('when the inbox is full, then clients are refused and what was taken is done', async () => {
    const one = new Harness(new MemoryStore(), { limits: { inboxMax: 3 } });
    const starts = Array.from({ length: 3 }, () => one.start(chain));
    await expect(one.start(chain)).rejects.toMatchObject({ code: 'busy' });
    expect(await Promise.all(starts)).toHaveLength(3);
  });

  it('when slots are few, then attempts wait for one and none is forgotten', async () => {
    const one = new Harness(new MemoryStore());
    one.executor.slots = 2;
    await Promise.all(Array.from({ length: 5 }, () => one.start(chain)));
    await one.settle();
    let done = 0;
    while (one.executor.names.length > 0) {
      expect(one.executor.names.length).toBeLessThanOrEqual(2);
      one.executor.complete(one.executor.names[0]!);
      await one.settle();
      done += 1;
    }
    expect(done).toBe(10);
  });

  it('when an id is started twice alike, then there is one run; with another input it is a conflict', async () => {
    const one = new Harness(new MemoryStore());
    const text = chain.replace('tasks:', 'input: [x]\ntasks:');
    expect(await one.start(text, { id: 'k', input: { x: 1 } })).toBe('k');
    expect(await one.start(text, { id: 'k', input: { x: 1 } })).toBe('k');
    await expect(one.start(text, { id: 'k', input: { x: 2 } })).rejects.toMatchObject({ code: 'conflict' });
    expect(one.executor.names).toEqual(['a']);
  });

  it('when an id is started again after its run has ended, then the run is found and not started', async () => {
    const one = new Harness(new MemoryStore());
    await one.start(chain, { id: 'k' });
    one.executor.complete('a');
    await one.settle();
    one.executor.complete('b');
    await one.settle();
    expect(await one.start(chain, { id: 'k' })).toBe('k');
    expect(await one.result('k' as RunId)).toMatchObject({ status: 'succeeded' });
    await expect(one.start(sleeper, { id: 'k' })).rejects.toMatchObject({ code: 'conflict' });
    expect(one.executor.names).toEqual([]);
  });

  it('when a signal comes before anybody waits for it, then it is kept; one with the same id counts once', async () => {
    const one = new Harness(new MemoryStore());
    const run = await one.start(`
version: 1.0
tasks:
  a: { action: do.a, next: [{ do: hear }] }
  hear: { action: core.receive, input: { signal: go }, next: [{ publish: [{ got: <% result() %> }], do: again }] }
  again: { action: core.receive, input: { signal: go, timeout: 5 } }
output: [{ got: <% ctx(got) %> }]
`);
    for (const payload of [1, 2]) await one.engine.command(run, { type: 'Signal', name: 'go', payload, id: 'same' });
    one.executor.complete('a');
    await one.settle();
    await one.advance(5_000);
    expect(await one.result(run)).toMatchObject({
      status: 'failed',
      output: { got: 1 },
      errors: [{ kind: 'timeout', task: 'again' }],
    });
  });
});

describe('given runs that only wait', () => {
  it('when there are many, then few stay in memory and each wakes at its time', async () => {
    const one = new Harness(new MemoryStore(), { limits: { waitingKept: 10 } });
    const runs: RunId[] = [];
    for (let batch = 0; batch < 5; batch += 1) {
      runs.push(...(await Promise.all(Array.from({ length: 20 }, () => one.start(sleeper)))));
      await one.advance(1_000);
    }
    await one.advance(54_000);
    expect(one.executor.names).toEqual([]);
    await one.advance(1_000);
    expect(one.executor.names).toHaveLength(20);
    await one.advance(10_000);
    expect(one.executor.names).toHaveLength(100);
    for (let left = 100; left > 0; left -= 1) one.executor.complete('after');
    await one.settle();
    for (const run of runs) expect(await one.status(run)).toBe('succeeded');
  });
});

describe('given an engine that stops and another that takes up its store', () => {
  it('when attempts were under way, then they are repeated without using up a retry', async () => {
    const store = new MemoryStore();
    const first = new Harness(store);
    const run = await first.start(chain);
    const second = new Harness(store, { clock: first.clock, ids: 2 });
    await second.engine.recover('all');
    await second.settle();
    expect(second.executor.running.map(({ order }) => [order.name, order.attempt])).toEqual([['a', 2]]);
    second.executor.complete('a');
    await second.settle();
    second.executor.complete('b');
    expect(await second.result(run)).toMatchObject({ status: 'succeeded' });
  });

  it('when an attempt is lost five times in a row, then its task fails with worker_lost', async () => {
    const store = new MemoryStore();
    let one = new Harness(store);
    const run = await one.start(chain);
    for (let life = 2; life <= 6; life += 1) {
      one = new Harness(store, { clock: one.clock, ids: life });
      await one.engine.recover('all');
      await one.settle();
    }
    expect(await one.result(run)).toMatchObject({ status: 'failed', errors: [{ kind: 'worker_lost', task: 'a' }] });
  });

  it('when many items of one task are lost at once, then each is repeated: one death is one loss', async () => {
    const store = new MemoryStore();
    const first = new Harness(store);
    const items =
      'version: 1.0\ntasks:\n  each: { with: x in <% range(12) %>, action: do.each, input: { x: <% item(x) %> } }\n';
    const run = await first.start(items);
    await first.settle();
    expect(first.executor.running).toHaveLength(12);
    for (let life = 2; life <= 4; life += 1) {
      const next = new Harness(store, { clock: first.clock, ids: life });
      await next.engine.recover('all');
      await next.settle();
      expect(next.executor.running.map(({ order }) => order.attempt)).toEqual(new Array(12).fill(life));
    }
    const last = new Harness(store, { clock: first.clock, ids: 5 });
    last.executor.answers = () => ({ status: 'succeeded', output: 1 });
    await last.engine.recover('all');
    expect(await last.result(run)).toMatchObject({ status: 'succeeded' });
  });

  it('when it lacks an action, then the run is blocked with its name, and goes on where the action is known', async () => {
    const store = new MemoryStore();
    const first = new Harness(store);
    const run = await first.start(chain);
    first.executor.complete('a');
    first.executor.actions = (action) => action !== 'do.b';
    await first.settle();
    expect((await first.engine.state(run))?.blocked).toContain('do.b');
    expect(await store.list()).toMatchObject([{ status: 'blocked' }]);

    const second = new Harness(store, { clock: first.clock, ids: 2 });
    await second.engine.recover('all');
    await second.settle();
    expect(second.executor.names).toEqual(['b']);
  });

  it('when a timer fell due in between, then it is told at once', async () => {
    const store = new MemoryStore();
    const first = new Harness(store);
    await first.start(sleeper);
    first.clock.advance(0);
    const second = new Harness(store, { clock: first.clock, ids: 2 });
    second.clock.advance(120_000);
    await second.engine.recover('all');
    await second.advance(0);
    await second.settle();
    expect(second.executor.names).toEqual(['after']);
  });
});

describe('given a store that fails', () => {
  it('when it is full, then clients are told, and a result that came is kept until there is room', async () => {
    const { store, hooks } = watched(new MemoryStore());
    const one = new Harness(store);
    const run = await one.start(chain);
    hooks.before = () => {
      throw new PawlError('store_full', 'no room');
    };
    await expect(one.start(chain)).rejects.toMatchObject({ code: 'store_full' });
    await expect(one.engine.command(run, { type: 'Pause' })).rejects.toMatchObject({ code: 'store_full' });
    one.executor.complete('a', 'precious');
    await one.settle();
    await one.advance(1_000);
    expect(one.executor.names).toEqual([]);
    delete hooks.before;
    await one.advance(1_000);
    expect(one.executor.names).toEqual(['b']);
    one.executor.complete('b');
    expect(await one.result(run)).toMatchObject({ status: 'succeeded' });
  });

  it('when it has room for what goes on and not for what begins, then only the start is refused', async () => {
    const { store, hooks } = watched(new MemoryStore());
    const one = new Harness(store);
    const run = await one.start(chain);
    hooks.before = (bundles) => {
      if (bundles.some(({ appends }) => appends.every(({ expected }) => expected === 0)))
        throw new PawlError('store_full', 'no room');
    };
    one.executor.complete('a');
    await expect(one.start(chain)).rejects.toMatchObject({ code: 'store_full' });
    expect(one.executor.names).toEqual(['b']);
    one.executor.complete('b');
    expect(await one.result(run)).toMatchObject({ status: 'succeeded' });
  });

  it('when a start is refused that brought a document, then the next start brings it', async () => {
    const store = new MemoryStore();
    const first = new Harness(store);
    await first.start(chain, { id: 'taken' });
    const second = new Harness(store, { clock: first.clock, ids: 2 });
    await expect(second.start(sleeper, { id: 'taken' })).rejects.toMatchObject({ code: 'conflict' });
    const run = await second.start(sleeper);
    const third = new Harness(store, { clock: first.clock, ids: 3 });
    expect(await third.status(run)).toBe('running');
  });

  it('when it is full while a timer falls due, then the timer is told once there is room', async () => {
    const { store, hooks } = watched(new MemoryStore());
    const one = new Harness(store);
    const run = await one.start(sleeper);
    hooks.before = () => {
      throw new PawlError('store_full', 'no room');
    };
    await one.advance(60_000);
    expect(await one.status(run)).toBe('running');
    await one.advance(5_000);
    expect(one.executor.names).toEqual([]);
    expect(one.engine.hasWork).toBe(true);
    delete hooks.before;
    await one.advance(1_000);
    expect(one.executor.names).toEqual(['after']);
  });

  it('when it is full while a parent moves, then its child, which goes on, finds it again', async () => {
    const { store, hooks } = watched(new MemoryStore());
    const one = new Harness(store);
    const parent = `
version: 1.0
tasks:
  call: { action: core.workflow, input: { workflow: child } }
  nap: { action: core.sleep, input: { seconds: 1 } }
`;
    const run = await one.start(parent, { children: { child: chain } });
    hooks.before = () => {
      delete hooks.before;
      throw new PawlError('store_full', 'no room');
    };
    await one.advance(1_000);
    one.executor.complete('a');
    await one.settle();
    one.executor.complete('b');
    await one.settle();
    await one.advance(1_000);
    expect(await one.status(run)).toBe('succeeded');
  });

  it('when it cannot be read for a while, then timers and results wait until it can', async () => {
    const memory = new MemoryStore();
    let reads = true;
    const store = new Proxy<Store>(memory, {
      get(target, name) {
        if (!reads && (name === 'load' || name === 'due' || name === 'nextDue'))
          return () => Promise.reject(new PawlError('store_failed', 'a read failed'));
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const one = new Harness(store, { limits: { waitingKept: 0 } });
    const run = await one.start(sleeper);
    reads = false;
    await one.advance(60_000);
    await one.advance(2_000);
    expect(one.executor.names).toEqual([]);
    reads = true;
    await one.advance(1_000);
    await one.advance(1_000);
    one.executor.complete('after');
    expect(await one.result(run)).toMatchObject({ status: 'succeeded' });
  });

  it('when it cannot be opened again, then those who wait for a result are told', async () => {
    const { store, hooks } = watched(new MemoryStore());
    const failing = new Proxy(store, {
      get(target, name) {
        if (name === 'reopen') return () => Promise.reject(new PawlError('store_failed', 'gone'));
        return Reflect.get(target, name, target);
      },
    });
    const one = new Harness(failing);
    const result = one.engine.result(await one.start(chain));
    const told = expect(result).rejects.toMatchObject({ code: 'store_failed' });
    await one.settle();
    hooks.before = () => {
      throw new PawlError('store_failed', 'who knows');
    };
    one.executor.complete('a');
    await told;
  });

  it('when the outcome of a commit is unknown, then the store is opened anew and nothing happens twice', async () => {
    const { store, hooks } = watched(new MemoryStore());
    const one = new Harness(store);
    const run = await one.start(chain);
    hooks.after = () => {
      delete hooks.after;
      throw new PawlError('store_failed', 'who knows');
    };
    one.executor.complete('a');
    await one.settle();
    expect(hooks.reopened).toBe(1);
    await one.advance(1_000);
    await one.settle();
    expect(one.executor.names).toEqual(['b']);
    one.executor.complete('b');
    expect(await one.result(run)).toMatchObject({ status: 'succeeded' });
  });

  it('when the outcome of a commit that starts the next attempt is unknown, then that attempt is not taken for alive', async () => {
    const { store, hooks } = watched(new MemoryStore());
    const one = new Harness(store);
    const run = await one.start('version: 1.0\ntasks: { a: { action: do.a, retry: { count: 2, delay: 0 } } }\n');
    hooks.after = () => {
      delete hooks.after;
      throw new PawlError('store_failed', 'who knows');
    };
    // What ends the first attempt and starts the second is in the store, and nobody was told.
    one.executor.fail('a');
    await one.settle();
    await one.advance(1_000);
    expect(one.executor.running.map(({ order }) => order.attempt)).toEqual([3]);
    one.executor.complete('a');
    expect(await one.result(run)).toMatchObject({ status: 'succeeded' });
  });

  it('when another writer was first, then the run is read again and nothing is lost', async () => {
    const { store, hooks } = watched(new MemoryStore());
    const one = new Harness(store);
    const run = await one.start(chain);
    const stored = await store.load(run);
    const expected = stored?.corrupt === false ? (stored.entries[stored.entries.length - 1]?.to ?? 0) : 0;
    const at = one.clock.now();
    const encoded = encodeEvents([{ type: 'SignalReceived', at, name: 'x', payload: 1 }], at);
    await store.commit([
      {
        appendId: 'other',
        appends: [{ run, expected, count: 1, at, events: encoded.events, payloads: encoded.payloads ?? '[]' }],
      },
    ]);
    one.executor.complete('a');
    await one.settle();
    await one.advance(1_000);
    expect(hooks.reopened).toBe(0);
    expect(one.executor.names).toEqual(['b']);
    expect((await one.engine.state(run))?.signals.get('x')).toEqual([1]);
  });
});

describe('given a run of which something cannot be written down', () => {
  it('when it comes to that, then that run is stopped, and the others of the same turn are served', async () => {
    const one = new Harness(new MemoryStore());
    const poisoned = await one.start(chain);
    const healthy = await one.start(chain);
    let deep: Json = 1;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    one.executor.complete('a', deep);
    one.executor.complete('a', 'fine');
    await one.settle();
    expect(one.executor.names).toEqual(['b']);
    one.executor.complete('b');
    expect(await one.result(healthy)).toMatchObject({ status: 'succeeded' });
    await expect(one.engine.command(poisoned, { type: 'Pause' })).rejects.toMatchObject({ code: 'internal' });
  });

  it('when a client would give it to a run, then the client is refused', async () => {
    const one = new Harness(new MemoryStore());
    const run = await one.start(sleeper);
    let deep: Json = 1;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    const reply = await connectionTo(one.engine).ask({ op: 'signal', run, name: 'x', payload: deep });
    expect(reply).toMatchObject({ ok: false, code: 'bad_input' });
  });
});

describe('given a store with a run that is damaged', () => {
  it('when the engine takes it up, then that run is refused and the others are served', async () => {
    const store = await openSqlite({ path: ':memory:' });
    const first = new Harness(store);
    const [bad, good] = [await first.start(chain), await first.start(chain)];
    const append = { run: bad, expected: 5, count: 1, at: first.clock.now(), events: '[[99,0]]' };
    const stored = await store.load(bad);
    const revision = stored?.corrupt === false ? (stored.entries[stored.entries.length - 1]?.to ?? 0) : 0;
    await store.commit([{ appendId: 'zz', appends: [{ ...append, expected: revision }] }]);

    const second = new Harness(store, { clock: first.clock, ids: 2 });
    await second.engine.recover('all');
    await second.settle();
    expect(second.executor.names).toEqual(['a']);
    expect(second.executor.running[0]?.order.run).toBe(good);
    await expect(second.engine.command(bad, { type: 'Pause' })).rejects.toMatchObject({ code: 'store_corrupt' });
    expect(second.logs.join()).toContain(bad);
  });
});
