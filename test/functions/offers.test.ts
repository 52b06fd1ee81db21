/** What other processes may start by name, and how a start is waited for, over the connection that the socket serves. */

import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, durable } from '../../src/chain/index.ts';
import type { Reply } from '../../src/client/index.ts';
import { dag, type Pawl, workflow } from '../../src/index.ts';
import { FunctionWorld, places } from './world.ts';

const greet = workflow('greet', { input: z.object({ name: z.string() }) }, async (run, { name }) =>
  run.step('write', () => `Hello ${name}`),
);
const echo = workflow('echo', async (_run, given: unknown) => ({ given }) as never);
const waits = workflow('waits', async (run) => (await run.signal('go')) ?? null);
const asksTwice = workflow('asks-twice', async (run) => {
  await run.ask('first', '?');
  await run.sleep('0.05s');
  return await run.ask('second', '?');
});
const parent = workflow('parent', async (run) => run.child(asksTwice, {}));
const stuck = workflow('stuck', async (run) => run.task('nobody.has', {}));
const sums = dag('sums', { input: z.object({ a: z.number() }) })
  .task('add', { run: ({ input }) => input.a + 1 })
  .output(['add'], ({ add }) => add);
const words = chain([(text: string) => text.split(' '), (all: string[]) => all.length], { name: 'words' });

const all = [greet, echo, waits, asksTwice, parent, stuck, sums];

describe.each(places)('given an engine on %s that has workflows of every style', (place) => {
  let world = new FunctionWorld(place);
  afterEach(async () => {
    await world.close();
    world = new FunctionWorld(place);
  });

  const open = async (): Promise<Pawl> => {
    const pawl = await world.open(all);
    durable(words, pawl);
    return pawl;
  };
  const start = (pawl: Pawl, name: string, input: unknown, more: object = {}): Promise<Reply> =>
    pawl.connection.ask({ op: 'start', workflow: name, input: input as never, ...more });
  const wait = (pawl: Pawl, run: string): Promise<Reply> => pawl.connection.ask({ op: 'await', run });

  it.each<[name: string, input: unknown, output: unknown]>([
    ['greet', { name: 'Ada' }, 'Hello Ada'],
    ['echo', 7, { given: 7 }],
    ['echo', null, { given: null }],
    ['echo', [1, 2], { given: [1, 2] }],
    ['echo', { value: 1, unit: 'kg' }, { given: { value: 1, unit: 'kg' } }],
    ['sums', { a: 1 }, 2],
    ['words', 'to be or not', 4],
  ])('when "%s" is started with %j, then it runs and what it gave is told', async (name, input, output) => {
    const pawl = await open();
    expect(await start(pawl, name, input, { id: 'one' })).toMatchObject({ ok: true, started: { run: 'one' } });
    expect(await wait(pawl, 'one')).toMatchObject({ ok: true, stand: { id: 'one', status: 'succeeded', output } });
  });

  it.each<[name: string, input: unknown, more: object, code: string]>([
    ['nope', {}, {}, 'not_found'],
    ['greet', { name: 7 }, {}, 'bad_input'],
    ['sums', 7, {}, 'bad_input'],
    ['greet', { name: 'Ada' }, { version: 'another' }, 'conflict'],
    ['greet', { name: 'Ada' }, { id: 'a b' }, 'bad_input'],
    ['sums', { a: 1 }, { from: ['nowhere'] }, 'bad_input'],
  ])('when "%s" is started with %j and %j, then it is refused as %s', async (name, input, more, code) => {
    const pawl = await open();
    expect(await start(pawl, name, input, more)).toMatchObject({ ok: false, code });
    expect(await pawl.store.open()).toEqual([]);
  });

  it('when the same id is started again, then it attaches, and with another input it is a conflict', async () => {
    const pawl = await open();
    await start(pawl, 'greet', { name: 'Ada' }, { id: 'one' });
    expect(await start(pawl, 'greet', { name: 'Ada' }, { id: 'one' })).toMatchObject({ started: { run: 'one' } });
    expect(await start(pawl, 'greet', { name: 'Bo' }, { id: 'one' })).toMatchObject({ ok: false, code: 'conflict' });
  });

  it('when a run waits for someone, then whoever awaits it is told so, each time it stands still', async () => {
    const pawl = await open();
    await start(pawl, 'asks-twice', {}, { id: 'one' });
    expect(await wait(pawl, 'one')).toMatchObject({ stand: { status: 'waiting', output: null } });
    await pawl.handle('one').answer('first', true);
    // It sleeps in between: that is no standing still.
    expect(await wait(pawl, 'one')).toMatchObject({ stand: { status: 'waiting' } });
    await pawl.handle('one').answer('second', 'done');
    expect(await wait(pawl, 'one')).toMatchObject({ stand: { status: 'succeeded', output: 'done' } });
  });

  it('when a run waits for a sub-workflow, then it stands still where that does, and not before', async () => {
    const pawl = await open();
    await start(pawl, 'parent', {}, { id: 'one' });
    expect(await wait(pawl, 'one')).toMatchObject({ stand: { status: 'waiting' } });
    const child = (await pawl.store.open()).map((row) => row.run).find((run) => run !== 'one') ?? '';
    expect((await pawl.handle(child).state()).open.size).toBe(1);
    await pawl.handle(child).answer('first', true);
    await wait(pawl, child);
    await pawl.handle(child).answer('second', 'done');
    expect(await wait(pawl, 'one')).toMatchObject({ stand: { status: 'succeeded', output: 'done' } });
  });

  it.each<[name: string, act: (pawl: Pawl) => Promise<void>, status: string]>([
    ['waits', (pawl) => pawl.handle('one').pause(), 'paused'],
    ['waits', (pawl) => pawl.handle('one').cancel(), 'canceled'],
    ['waits', (pawl) => pawl.handle('one').terminate(), 'terminated'],
    ['waits', (pawl) => pawl.handle('one').signal('go', 7), 'succeeded'],
  ])('when "%s" is awaited while that happens to it, then it is told', async (name, act, status) => {
    const pawl = await open();
    await start(pawl, name, {}, { id: 'one' });
    await act(pawl);
    expect(await wait(pawl, 'one')).toMatchObject({ stand: { status } });
  });

  it('when a run is blocked, then what it lacks is told', async () => {
    const pawl = await open();
    await start(pawl, 'stuck', {}, { id: 'one' });
    expect(await wait(pawl, 'one')).toMatchObject({
      stand: { status: 'blocked', blocked: expect.stringContaining('nobody.has') },
    });
  });

  it('when a run is awaited that is not there, then that is told', async () => {
    expect(await wait(await open(), 'none')).toMatchObject({ ok: false, code: 'not_found' });
  });
});
