/** What the simulator found in the engine and kernel, each as small as it gets. */

import { describe, expect, it } from 'vitest';
import type { RunId } from '../../src/base/index.ts';
import { MemoryStore } from '../../src/store/index.ts';
import { slowStore } from '../../src/store/memory/slow-store.ts';
import { Harness } from './harness.ts';

const oneTask = `
version: 1.0
tasks:
  work: { action: do.work }
`;

const parentOf = (more: string) => `
version: 1.0
tasks:
  call:
    action: core.workflow
    input: { workflow: child.yaml, input: {} }
    ${more}
`;

const waitingChild = `
version: 1.0
tasks:
  hear: { action: core.receive, input: { signal: go } }
`;

describe('given a signal that was taken', () => {
  it('when it is repeated after the run has ended, then it is known and not refused', async () => {
    const one = new Harness(new MemoryStore());
    const run = await one.start(waitingChild);
    const signal = { type: 'Signal', name: 'go', payload: 1, id: 's1' } as const;
    await one.engine.command(run, signal);
    expect(await one.result(run)).toMatchObject({ status: 'succeeded' });
    expect(await one.engine.command(run, signal)).toMatchObject({ reason: 'signal_known' });
  });
});

describe('given a list that is tried again', () => {
  it('when its items start anew, then their attempts go on counting', async () => {
    const one = new Harness(new MemoryStore());
    await one.start(`
version: 1.0
tasks:
  work: { with: '<% range(1) %>', action: do.work, retry: { count: 1 } }
`);
    await one.settle();
    one.executor.fail('work');
    await one.settle();
    expect(one.executor.running[0]?.order.attempt).toBe(2);
  });
});

describe('given a task that runs another workflow and is tried again', () => {
  it('when the first child has failed, then another child starts and its end counts', async () => {
    const one = new Harness(new MemoryStore());
    const run = await one.start(parentOf('retry: { count: 1 }'), { children: { 'child.yaml': oneTask } });
    await one.settle();
    one.executor.fail('work');
    await one.settle();
    expect(one.executor.running[0]?.order.run).toBe(`${run}/0:1`);
    one.executor.complete('work');
    expect(await one.result(run)).toMatchObject({ status: 'succeeded' });
  });
});

describe('given two waits due at one instant', () => {
  it('when the first ends its branch, then what follows the second runs all the same', async () => {
    const one = new Harness(new MemoryStore());
    const run = await one.start(`
version: 1.0
tasks:
  a: { action: core.sleep, input: { seconds: 1 }, next: [{ when: '<% failed() %>', do: after }] }
  b: { action: core.sleep, input: { seconds: 1 }, next: [{ do: after }] }
  after: { action: do.work }
`);
    await one.settle();
    await one.advance(1_000);
    expect(one.executor.running.map(({ order }) => order.name)).toEqual(['after']);
    one.executor.complete('after');
    expect(await one.result(run)).toMatchObject({ status: 'succeeded' });
  });
});

describe('given a list of waits, one at a time', () => {
  it('when one ends while the run is paused, then the next begins on resume, as a wait', async () => {
    const one = new Harness(new MemoryStore());
    one.executor.actions = (action) => !action.startsWith('core.');
    const run = await one.start(`
version: 1.0
tasks:
  naps: { with: { items: '<% range(2) %>', concurrency: 1 }, action: core.sleep, input: { seconds: 1 } }
`);
    await one.settle();
    await one.engine.command(run, { type: 'Pause' });
    await one.advance(1_000);
    await one.engine.command(run, { type: 'Resume' });
    await one.settle();
    expect((await one.engine.state(run))?.blocked).toBeUndefined();
    await one.advance(1_000);
    expect(await one.result(run)).toMatchObject({ status: 'succeeded' });
  });
});

describe('given more tasks without work than one command completes', () => {
  it('when the rest follows, then the run ends', async () => {
    const one = new Harness(new MemoryStore(), { limits: { stepsMax: 1 } });
    one.executor.actions = (action) => !action.startsWith('core.');
    const run = await one.start(`
version: 1.0
tasks:
  a: { action: core.noop, next: [{ do: [b, c] }] }
  b: { action: core.noop }
  c: { action: core.noop }
`);
    await one.settle();
    expect(await one.result(run)).toMatchObject({ status: 'succeeded' });
  });
});

describe('given a run that was terminated', () => {
  it('when it runs again, then what had begun begins anew', async () => {
    const one = new Harness(new MemoryStore());
    const run = await one.start(oneTask);
    await one.settle();
    await one.engine.command(run, { type: 'Terminate' });
    one.executor.running.length = 0;
    expect(await one.engine.command(run, { type: 'Rerun' })).toBeUndefined();
    await one.settle();
    one.executor.complete('work');
    expect(await one.result(run)).toMatchObject({ status: 'succeeded' });
  });
});

describe('given a failing run that sleeps, and no room in memory', () => {
  it('when the time has come, then it wakes', async () => {
    const one = new Harness(new MemoryStore(), { limits: { waitingKept: 0 } });
    const run = await one.start(`
version: 1.0
tasks:
  a: { action: core.noop, next: [{ do: [nap, fail] }] }
  nap: { action: core.sleep, input: { seconds: 5 } }
`);
    await one.engine.recover('all');
    await one.settle();
    expect(await one.status(run)).toBe('failing');
    await one.advance(5_000);
    expect(await one.result(run)).toMatchObject({ status: 'failed' });
  });
});

describe('given a run that has ended', () => {
  it('when another start of its id and the same start arrive together, then the same start attaches', async () => {
    const one = new Harness(new MemoryStore());
    one.executor.answers = () => ({ status: 'succeeded', output: null });
    await one.start(oneTask, { id: 'r', input: { k: 1 } });
    await one.result('r' as RunId);
    await one.settle();
    const other = one.start(oneTask, { id: 'r', input: { k: 2 } });
    const same = one.start(oneTask, { id: 'r', input: { k: 1 } });
    await expect(other).rejects.toMatchObject({ code: 'conflict' });
    await expect(same).resolves.toBe('r');
  });
});

describe('given a parent and a child that have left memory', () => {
  it('when the parent is canceled, then both hear of it in one bundle', async () => {
    const one = new Harness(new MemoryStore(), { limits: { waitingKept: 0 } });
    const run = await one.start(parentOf(''), { children: { 'child.yaml': waitingChild } });
    await one.settle();
    await one.engine.command(run, { type: 'Cancel' });
    const last = async (id: string) => {
      const history = await one.store.history(id as RunId);
      return history === undefined || 'corrupt' in history ? undefined : history.at(-1)?.appendId;
    };
    expect(await last(`${run}/0`)).toBe(await last(run));
    expect(await one.result(run)).toMatchObject({ status: 'canceled' });
  });
});

describe('given a run that waits for a slot', () => {
  it('when the slot becomes free while a commit is under way, then the run starts after it', async () => {
    let open = (): void => {};
    let slow = false;
    const store = slowStore(new MemoryStore(), {
      before: () => (slow ? new Promise<void>((resolve) => (open = resolve)) : Promise.resolve()),
      after: () => Promise.resolve(),
    });
    const one = new Harness(store);
    one.executor.slots = 1;
    await one.start(oneTask, { id: 'first' });
    await one.settle();
    await one.start(oneTask, { id: 'second' });
    await one.settle();
    const [first] = one.executor.running;
    slow = true;
    // Its time is up before its handler returns.
    first!.done({ status: 'failed', output: null, failure: { kind: 'timeout', message: 'too long' } });
    await new Promise<void>((resolve) => setImmediate(resolve));
    await new Promise<void>((resolve) => setImmediate(resolve));
    one.executor.letGo();
    slow = false;
    open();
    await one.settle();
    expect(one.executor.running.map(({ order }) => order.run)).toEqual(['second']);
  });
});
