import { describe, expect, it } from 'vitest';
import type { RunId } from '../../src/base/index.ts';
import { MemoryStore, openSqlite, type Store } from '../../src/store/index.ts';
import { Harness } from './harness.ts';

const hour = 3_600_000;
const one = `
version: 1.0
tasks: { only: { action: user.act } }
`;
const cached = `
version: 1.0
tasks: { only: { action: user.act, cache: { key: k, ttl: 2h } } }
`;
const parent = `
version: 1.0
tasks:
  child: { action: core.workflow, input: { workflow: child, input: {} }, next: [{ do: after }] }
  after: { action: user.act }
`;

const stores: { name: string; make: () => Promise<Store> }[] = [
  { name: 'memory', make: async () => new MemoryStore() },
  { name: 'SQLite', make: () => openSqlite({ path: ':memory:' }) },
];

async function ids(store: Store): Promise<string[]> {
  return (await store.list({ order: 'oldest', limit: 10_000 })).map(({ run }) => run);
}

/** A long time, in which what begins may end. */
async function pass(world: Harness, ms: number): Promise<void> {
  await world.advance(ms - 2_000);
  await world.advance(1_000);
  await world.advance(1_000);
}

/** Counts what is asked of a store. */
function counting(store: Store): { store: Store; calls: string[] } {
  const calls: string[] = [];
  const proxy = new Proxy(store, {
    get(target, name) {
      const own = target[name as keyof Store];
      if (typeof own !== 'function') return own;
      return (...args: unknown[]) => {
        calls.push(String(name));
        return (own as (...given: unknown[]) => unknown).apply(target, args);
      };
    },
  });
  return { store: proxy, calls };
}

describe.each(stores)('given an engine that keeps ended runs for an hour, on $name', ({ make }) => {
  const retention = { succeeded: hour, failed: hour, canceled: hour, terminated: hour };
  const open = async (periods: object = retention) => {
    const { store, calls } = counting(await make());
    const world = new Harness(store, { retention: periods });
    world.executor.answers = () => ({ status: 'succeeded', output: 1 });
    return { world, store, calls };
  };

  it('when the hour is over, then the run is gone and its id free, and not before', async () => {
    const { world, store } = await open();
    const run = await world.start(one, { id: 'r' });
    await world.settle();
    await world.advance(hour - 1);
    expect(await ids(store)).toEqual(['r']);
    await world.advance(1);
    expect(await ids(store)).toEqual([]);
    expect(await world.engine.state(run)).toBeUndefined();
    await expect(world.result(run)).rejects.toMatchObject({ code: 'not_found' });
    await world.start(one, { id: 'r', input: { other: true } });
    await world.settle();
    expect(await world.status(run)).toBe('succeeded');
  });

  it('when nothing has ended, then no timer is set and the store is asked nothing', async () => {
    const { world, calls } = await open();
    world.executor.answers = undefined;
    await world.start(one);
    await world.advance(2_000);
    calls.length = 0;
    expect(world.clock.nextTimer()).toBeUndefined();
    await world.advance(1_000 * hour);
    expect(calls).toEqual([]);
  });

  it('when thousands end within the hour, then they go in small commits, and runs go on between', async () => {
    const { world, store, calls } = await open();
    for (let count = 0; count < 2_500; count += 1) void world.start(one);
    await world.settle();
    for (let turns = 0; turns < 50 && (await ids(store)).length < 2_500; turns += 1) await world.settle();
    calls.length = 0;
    await world.advance(hour);
    for (let turns = 0; turns < 50 && (await ids(store)).length > 0; turns += 1) await world.settle();
    expect(await ids(store)).toEqual([]);
    expect(calls.filter((name) => name === 'sweep').length).toBeGreaterThanOrEqual(25);
    expect(await world.status(await world.start(one))).not.toBe(undefined);
  });

  it('when runs end again and again, then passes keep their distance', async () => {
    const { world, calls } = await open({ succeeded: 10_000 });
    for (let second = 0; second < 100; second += 1) {
      for (let count = 0; count < 3; count += 1) {
        await world.start(one);
        await world.advance(333);
      }
    }
    // One pass a second at most, over a hundred seconds less the first ten: a pass with work is two calls of sweep or one.
    expect(calls.filter((name) => name === 'sweep').length).toBeLessThanOrEqual(95);
    expect(calls.filter((name) => name === 'sweep').length).toBeGreaterThan(30);
  });

  it('when a period is for one status, then the others keep theirs', async () => {
    const { world, store } = await open({ succeeded: hour, failed: 7 * 24 * hour });
    await world.start(one, { id: 'well' });
    await world.settle();
    world.executor.answers = () => ({ status: 'failed', output: null, failure: { kind: 'failed', message: 'no' } });
    await world.start(one, { id: 'badly' });
    await world.settle();
    await world.advance(24 * hour);
    expect(await ids(store)).toEqual(['badly']);
    await world.advance(6 * 24 * hour);
    expect(await ids(store)).toEqual([]);
  });

  it('when a parent is still open, then its ended child stays; both go together', async () => {
    const { world, store } = await open();
    world.executor.answers = undefined;
    await world.start(parent, { id: 'p', children: { child: one } });
    await world.settle();
    world.executor.complete('only');
    await world.settle();
    await pass(world, 3 * hour);
    expect(await ids(store)).toEqual(['p', 'p/0']);
    world.executor.complete('after');
    await world.settle();
    await world.advance(hour - 1);
    expect(await ids(store)).toEqual(['p', 'p/0']);
    await world.advance(1);
    expect(await ids(store)).toEqual([]);
  });

  it('when a run was opened again, then its hour begins with its last end', async () => {
    const { world, store } = await open();
    const run = await world.start(one, { id: 'r' });
    await world.settle();
    await world.advance(hour / 2);
    world.executor.answers = undefined;
    await world.engine.command(run, { type: 'Rerun', tasks: [{ name: 'only', route: 0 }] });
    await pass(world, 5 * hour);
    expect(await ids(store)).toEqual(['r']);
    world.executor.complete('only');
    await world.settle();
    await world.advance(hour - 1);
    expect(await ids(store)).toEqual(['r']);
    await world.advance(1);
    expect(await ids(store)).toEqual([]);
  });

  it('when no run uses a document any more, then it goes too, and a later start brings it again', async () => {
    const { world, store } = await open();
    const { version } = world.engine.programs.ofText(one, 'workflow');
    await world.start(one);
    await world.settle();
    expect(await store.document(version)).toBeDefined();
    await world.advance(hour);
    expect(await store.document(version)).toBeUndefined();
    const run = await world.start(one);
    await world.settle();
    expect(await store.document(version)).toBeDefined();
    expect(await world.status(run)).toBe('succeeded');
  });

  it('when a run pins a document for a child it may start later, then that stays while the run does', async () => {
    const { world, store } = await open();
    await world.start(one);
    world.executor.answers = undefined;
    await world.start(parent, { id: 'p', children: { child: one } });
    await world.settle();
    const { version } = world.engine.programs.ofText(one, 'workflow');
    world.executor.complete('only');
    await world.settle();
    await world.advance(2 * hour);
    expect(await store.document(version)).toBeDefined();
  });

  it('when a kept result runs out, then it is dropped although no other is written', async () => {
    const { world, store } = await open();
    await world.start(cached);
    await world.settle();
    expect(await store.nextExpiry()).toBeDefined();
    await pass(world, 2 * hour);
    await world.advance(hour / 20);
    for (let second = 0; second < 6; second += 1) await world.advance(1_000);
    expect(await store.nextExpiry()).toBeUndefined();
  });

  it('when another process opens the store later, then it removes what has been due meanwhile', async () => {
    const { world, store } = await open();
    await world.start(one);
    await world.settle();
    await world.engine.close();
    world.clock.advance(2 * hour);
    const later = new Harness(store, { retention, clock: world.clock, ids: 9 });
    expect(await ids(store)).toHaveLength(1);
    await later.advance(1_000);
    await later.settle();
    expect(await ids(store)).toEqual([]);
  });

  it('when a run ends before it has looked at what was there, then that is removed in its time all the same', async () => {
    const { world, store } = await open();
    await world.start(one, { id: 'old' });
    await world.settle();
    await world.engine.close();
    world.clock.advance(hour - 2_000);
    const later = new Harness(store, { retention, clock: world.clock, ids: 9 });
    later.executor.answers = () => ({ status: 'succeeded', output: 1 });
    await later.start(one, { id: 'new' });
    await later.settle();
    await later.advance(1_000);
    await later.advance(1_000);
    expect(await ids(store)).toEqual(['new']);
    await later.advance(hour);
    expect(await ids(store)).toEqual([]);
  });

  it('when a removal fails, then it is said, nothing is lost, and the next pass removes it', async () => {
    const { world, store } = await open();
    const sweep = store.sweep.bind(store);
    let fails = true;
    (store as { sweep: Store['sweep'] }).sweep = async (asked) => {
      if (fails) throw new Error('no');
      return sweep(asked);
    };
    await world.start(one, { id: 'r' });
    await world.settle();
    await world.advance(hour);
    expect(world.logs.some((line) => line.startsWith('warn: ended runs could not be removed'))).toBe(true);
    expect(await ids(store)).toEqual(['r']);
    fails = false;
    await world.advance(hour);
    expect(await ids(store)).toEqual([]);
  });

  it('when the engine has nothing to do but that, then it is quiet', async () => {
    const { world } = await open();
    await world.start(one);
    await world.settle();
    expect(world.engine.hasWork).toBe(false);
    await world.engine.quiet();
  });
});

describe('given an engine that was told nothing of it', () => {
  it('when years pass, then ended runs stay', async () => {
    const store = new MemoryStore();
    const world = new Harness(store);
    world.executor.answers = () => ({ status: 'succeeded', output: 1 });
    await world.start(one, { id: 'r' as RunId });
    await world.settle();
    await world.advance(100_000 * hour);
    expect(await ids(store)).toEqual(['r']);
  });
});
