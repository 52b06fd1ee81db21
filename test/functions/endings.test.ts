/** How durable functions are canceled, paused, cut off by a limit, begin anew and are run again; in memory and on a file. */

import { afterEach, describe, expect, it } from 'vitest';
import { ActionError, CanceledError, type RunHandle, workflow } from '../../src/index.ts';
import { FunctionWorld, places, until } from './world.ts';

async function untilOpen(handle: Pick<RunHandle, 'state'>, calls: number): Promise<void> {
  await until(async () => (await handle.state()).open.size === calls);
}

describe.each(places)('given a durable function, its engine on %s', (place) => {
  let world = new FunctionWorld(place);
  afterEach(async () => {
    await world.close();
    world = new FunctionWorld(place);
  });

  it('when it was canceled while it waited and is run again, then it waits again', async () => {
    const pawl = await world.open([]);
    const waits = workflow('waits', async (run) => {
      run.compensate(() => run.step('undo', () => world.does('undo')));
      return run.signal('go');
    });
    const handle = await pawl.start(waits, {}, { id: 'one' });
    await untilOpen(handle, 1);
    await handle.cancel();
    expect((await handle.result()).status).toBe('canceled');
    expect(world.done).toEqual(['undo']);
    await handle.rerun();
    await untilOpen(handle, 1);
    await handle.signal('go', 7);
    expect(await handle.result()).toMatchObject({ status: 'succeeded', output: 7 });
  });

  it('when it was terminated and is run again from a later call, then what it waited for is waited for again', async () => {
    const pawl = await world.open([]);
    const waits = workflow('waits', async (run) => {
      await run.step('begin', () => world.does('begin'));
      return run.all([() => run.signal('go'), () => run.ask('sure', '?')]);
    });
    const handle = await pawl.start(waits, {}, { id: 'one' });
    await untilOpen(handle, 2);
    await handle.terminate();
    await handle.rerun(['2']);
    await untilOpen(handle, 2);
    await handle.signal('go', 1);
    await handle.answer('sure', 2);
    expect((await handle.result()).output).toEqual([1, 2]);
    expect(world.done).toEqual(['begin']);
  });

  it('when it is run again from a call that had won a race, then those that had lost it run again as well', async () => {
    const pawl = await world.open([]);
    let fails = true;
    const races = workflow('races', async (run) => {
      const first = await run.race([
        () => run.signal<string>('go'),
        async () => {
          await run.step('quick', () => 1);
          await run.step('then', () => 2);
          return 'the step';
        },
      ]);
      if (fails) throw new Error('not yet');
      return first;
    });
    const handle = await pawl.start(races, {}, { id: 'one' });
    expect((await handle.result()).status).toBe('failed');
    fails = false;
    await handle.rerun(['2']);
    expect((await handle.result()).output).toBe('the step');
    const signals = (await handle.history()).filter(
      (event) => event.type === 'TaskScheduled' && event.spec.name === 'go',
    );
    expect(signals).toHaveLength(2);
  });

  it('when it asks for a patch as it is run again, then the answer is kept', async () => {
    let isAgain = false;
    const asks = workflow('asks', async (run) => {
      const [way] = await run.all([
        async () => {
          await run.signal('first');
          const name = run.patched('new way') ? 'new' : 'old';
          return run.step(name, () => name);
        },
        async () => {
          await run.step('a', () => world.does('a'));
          await run.step('b', () => world.does('b'));
        },
      ]);
      await run.signal('go');
      if (isAgain) await run.signal('end');
      return way;
    });
    const pawl = await world.open([asks]);
    const handle = await pawl.start(asks, {}, { id: 'one' });
    await until(() => world.done.includes('b'));
    await handle.signal('first');
    await handle.signal('go');
    expect((await handle.result()).output).toBe('new');
    isAgain = true;
    await handle.rerun(['2']);
    await until(async () => [...(await handle.state()).open.values()].some(({ spec }) => spec.name === 'end'));
    const next = place === 'sqlite' ? await world.reopen([asks]) : pawl;
    await next.handle('one').signal('end');
    expect(await next.handle('one').result()).toMatchObject({ status: 'succeeded', output: 'new' });
    expect(world.done).toEqual(['a', 'b', 'b']);
  });

  it('when it begins anew while its run is paused, then it goes on once that is resumed', async () => {
    const pawl = await world.open([]);
    const renews = workflow('renews', async (run, { left }: { left: number }) => {
      if (left === 0) return 'over';
      await run.signal('go');
      return run.continueAsNew({ left: left - 1 });
    });
    const handle = await pawl.start(renews, { left: 1 }, { id: 'one' });
    await untilOpen(handle, 1);
    await handle.pause();
    await handle.signal('go');
    await handle.resume();
    expect(await handle.result()).toMatchObject({ status: 'succeeded', output: 'over' });
  });

  it('when all that `any` waits for is canceled from outside, then it rejects as canceled', async () => {
    const pawl = await world.open([]);
    const waits = workflow('waits', async (run) => {
      try {
        return await run.any([() => run.signal('a'), () => run.signal('b')]);
      } catch (error) {
        world.does(error instanceof CanceledError ? 'canceled' : String(error));
        throw error;
      }
    });
    const handle = await pawl.start(waits, {}, { id: 'one' });
    await untilOpen(handle, 2);
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ status: 'canceled', errors: [] });
    expect(world.done).toEqual(['canceled']);
  });

  it('when a part is canceled, then that reaches what it left behind unawaited', async () => {
    const pawl = await world.open([]);
    const leaves = workflow('leaves', async (run) => {
      const part = run.cancelable(async () => {
        await run.all([
          async () => {
            run.cancelable(() => run.signal('left behind')).result.catch(() => world.does('left'));
            await run.step('quick', () => 1);
          },
        ]);
        await run.signal('never');
      });
      part.result.catch(() => undefined);
      await run.signal('enough');
      part.cancel();
      await run.signal('end');
    });
    const handle = await pawl.start(leaves, {}, { id: 'one' });
    await untilOpen(handle, 3);
    await until(async () => [...(await handle.state()).open.values()].some(({ spec }) => spec.name === 'never'));
    await handle.signal('enough');
    await until(async () => [...(await handle.state()).open.values()].some(({ spec }) => spec.name === 'end'));
    expect((await handle.state()).open.size).toBe(1);
    expect(world.done).toEqual(['left']);
    await handle.signal('end');
    expect((await handle.result()).status).toBe('succeeded');
  });

  it('when a loser of a race within a shield makes a call, then that is none', async () => {
    const pawl = await world.open([]);
    const races = workflow('races', async (run) => {
      const first = await run.shield(() =>
        run.race([
          () => run.step('quick', () => 1),
          async () => {
            await run.signal('never').catch(() => run.step('too late', () => world.does('too late')));
          },
        ]),
      );
      await run.signal('end');
      return first;
    });
    const handle = await pawl.start(races, {}, { id: 'one' });
    await until(async () => [...(await handle.state()).open.values()].some(({ spec }) => spec.name === 'end'));
    expect((await handle.state()).open.size).toBe(1);
    await handle.signal('end');
    expect((await handle.result()).output).toBe(1);
    expect(world.done).toEqual([]);
  });

  it('when a signal is waited for and not any more in one breath, then it is kept for the next who waits', async () => {
    const pawl = await world.open([]);
    const races = workflow('races', async (run) => {
      await run.signal('begin');
      await run.race([() => run.waitUntil(() => true), () => run.signal('go')]);
      return run.signal('go');
    });
    const handle = await pawl.start(races, {}, { id: 'one' });
    await handle.signal('go', 'kept');
    await handle.signal('begin');
    expect((await handle.result()).output).toBe('kept');
  });

  it('when its run meets its limit while a step runs, then what that comes to moves it no more, and the run fails', async () => {
    const pawl = await world.open([]);
    const lasts = workflow(
      'lasts',
      async (run) => {
        const untilAborted = ({ signal }: { signal: AbortSignal }) =>
          new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        await run.step('long', untilAborted).catch(() => undefined);
        await run.step('too late', () => world.does('too late'));
        return 'done';
      },
      { limits: { durationMs: 30 } },
    );
    const handle = await pawl.start(lasts, {}, { id: 'one' });
    expect(await handle.result()).toMatchObject({ status: 'failed', output: null, errors: [{ kind: 'limit' }] });
    const calls = (await handle.history()).filter(({ type }) => type === 'TaskScheduled');
    expect([world.done, calls.length]).toEqual([[], 1]);
  });

  it('when its run meets its limit while a once-only step runs, then nobody is waited for to find out what that came to', async () => {
    const pawl = await world.open([]);
    const lasts = workflow(
      'lasts',
      (run) =>
        run.step(
          'once',
          ({ signal }) =>
            new Promise<number>((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(new ActionError('?', { kind: 'outcome_unknown' })));
            }),
          { effect: 'once', verify: () => ({ happened: true, output: 1 }) },
        ),
      { limits: { durationMs: 30 } },
    );
    expect(await pawl.run(lasts)).toMatchObject({ status: 'failed', errors: [{ kind: 'limit' }] });
  });

  it('when it would have returned after its limit, then the run has failed all the same', async () => {
    const pawl = await world.open([]);
    const copes = workflow(
      'copes',
      async (run) => {
        const untilAborted = ({ signal }: { signal: AbortSignal }) =>
          new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        return run.step('long', untilAborted).then(
          () => 'done',
          () => 'coped',
        );
      },
      { limits: { durationMs: 30 } },
    );
    expect(await pawl.run(copes)).toMatchObject({ status: 'failed', output: null, errors: [{ kind: 'limit' }] });
  });

  it('when its run ended before it answered an update, then whoever asks again is refused', async () => {
    const pawl = await world.open([]);
    const updates = workflow('updates', async (run) => {
      run.update('slow', () => run.signal('never'));
      await run.signal('end');
    });
    const handle = await pawl.start(updates, {}, { id: 'one' });
    await untilOpen(handle, 1);
    const asked = handle.update('slow', null, 'u1').catch((error: unknown) => error);
    await untilOpen(handle, 2);
    await handle.terminate();
    expect(await asked).toMatchObject({ code: 'refused' });
    await expect(handle.update('slow', null, 'u1')).rejects.toMatchObject({ code: 'refused' });
  });

  it('when two updates come together, then the second is held against what the first has changed', async () => {
    const pawl = await world.open([]);
    const sells = workflow('sells', async (run) => {
      let left = 1;
      run.query('left', () => left);
      run.update('buy', {
        validate: () => {
          if (left === 0) throw new Error('sold out');
        },
        handle: () => {
          left -= 1;
          return 'bought';
        },
      });
      await run.signal('end');
      return left;
    });
    const handle = await pawl.start(sells, {}, { id: 'one' });
    await untilOpen(handle, 1);
    const [first, second, shown] = await Promise.allSettled([
      handle.update('buy', 1),
      handle.update('buy', 2),
      handle.query('left'),
    ]);
    expect(first).toMatchObject({ value: 'bought' });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'bad_input', message: 'sold out' } });
    expect(shown).toMatchObject({ value: 0 });
    await handle.signal('end');
    expect((await handle.result()).output).toBe(0);
  });

  it('when its parent is paused before it has been in memory again, then it goes on with the resume', async () => {
    const child = workflow('child', async (run) => {
      const given = await run.signal('go');
      return run.step('then', () => given);
    });
    const parent = workflow('parent', async (run) => run.child(child));
    const pawl = await world.open([child, parent]);
    const handle = await pawl.start(parent, {}, { id: 'one' });
    await until(async () => (await handle.state()).open.size === 1);
    const next = place === 'sqlite' ? await world.reopen([child, parent]) : pawl;
    await next.handle('one').pause();
    await next.handle('one').resume();
    await next.handle('one/0').signal('go', 5);
    expect((await next.handle('one').result()).output).toBe(5);
  });

  it('when it waits, then its state in memory is that which is stored', async () => {
    const waits = workflow('waits', async (run) => {
      await run.all([() => run.sleep('1h'), () => run.signal('go'), () => run.ask('sure', '?')]);
    });
    const pawl = await world.open([waits]);
    const handle = await pawl.start(waits, {}, { id: 'one' });
    await untilOpen(handle, 3);
    const actions = [...(await handle.state()).open.values()].map(({ spec }) => spec.action);
    expect(actions).toEqual(['core.sleep', 'core.receive', 'core.ask']);
  });
});
