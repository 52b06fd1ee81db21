/** What a durable function may call, and what it gets; in memory and on a file. */

import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ActionError, CanceledError, defineAction, TaskFailed, workflow } from '../../src/index.ts';
import { FunctionWorld, places, until } from './world.ts';

const add = defineAction<{ a: number; b: number }, number>({ name: 'my.add', handler: ({ a, b }) => a + b });

describe.each(places)('given a durable function, its engine on %s', (place) => {
  let world = new FunctionWorld(place);
  afterEach(async () => {
    await world.close();
    world = new FunctionWorld(place);
  });

  it('when it returns, then that is the output of its run', async () => {
    const pawl = await world.open([]);
    const greet = workflow('greet', async (_run, { name }: { name: string }) => ({ text: `hello ${name}` }));
    const { status, output } = await pawl.run(greet, { name: 'Ada' });
    expect({ status, output }).toEqual({ status: 'succeeded', output: { text: 'hello Ada' } });
  });

  it('when it returns nothing, then the output is null', async () => {
    const pawl = await world.open([]);
    expect(await pawl.run(workflow('nothing', async () => {}))).toMatchObject({ status: 'succeeded', output: null });
  });

  it('when it is not async, then it is one all the same', async () => {
    const pawl = await world.open([]);
    expect((await pawl.run(workflow('plain', () => 7))).output).toBe(7);
  });

  it.each([
    ['a function', () => () => 1],
    ['NaN', () => Number.NaN],
    ['a big integer', () => 1n],
    ['a date', () => new Date(0)],
  ])('when it returns %s, then the run fails and says that this is not JSON', async (_what, body) => {
    const pawl = await world.open([]);
    const { status, errors } = await pawl.run(workflow('odd', async () => body() as unknown));
    expect(status).toBe('failed');
    expect(errors[0]?.message).toMatch(/not JSON/);
  });

  it('when it throws, then the run fails with what it threw', async () => {
    const pawl = await world.open([]);
    const { status, errors, output } = await pawl.run(
      workflow('throws', async () => {
        throw new Error('no more paper');
      }),
    );
    expect({ status, output }).toEqual({ status: 'failed', output: null });
    expect(errors).toMatchObject([{ kind: 'function_failed', message: 'no more paper' }]);
  });

  it.each(['text', 5, null, undefined, { code: 1 }])('when it throws %j, then the run fails', async (thrown) => {
    const pawl = await world.open([]);
    const throws = workflow('throws', async () => {
      throw thrown;
    });
    expect((await pawl.run(throws)).status).toBe('failed');
  });

  it('when it has an action run, then it gets what that gave', async () => {
    const pawl = await world.open([], [add]);
    const sum = workflow('sum', async (run) => (await run.task(add, { a: 1, b: 2 })) + 10);
    expect((await pawl.run(sum)).output).toBe(13);
  });

  it('when it calls an action by name, then that runs', async () => {
    const pawl = await world.open([], [add]);
    const sum = workflow('sum', (run) => run.task('my.add', { a: 1, b: 2 }));
    expect((await pawl.run(sum)).output).toBe(3);
  });

  it('when the action fails for good, then it gets a TaskFailed and may go on', async () => {
    const fails = defineAction({
      name: 'my.fails',
      handler: () => {
        throw new ActionError('no stock', { kind: 'no_stock', retryable: false });
      },
    });
    const pawl = await world.open([], [fails]);
    const copes = workflow('copes', async (run) => {
      try {
        await run.task(fails, {});
        return 'went well';
      } catch (error) {
        if (!(error instanceof TaskFailed)) throw error;
        return { kind: error.kind, task: error.task, message: error.message };
      }
    });
    expect((await pawl.run(copes)).output).toEqual({ kind: 'no_stock', task: 'my.fails', message: 'no stock' });
  });

  it('when it lets a failure of a task through, then the run fails and names the task', async () => {
    const pawl = await world.open([]);
    const fails = workflow('fails', (run) =>
      run.step('pay', () => {
        throw new Error('declined');
      }),
    );
    expect(await pawl.run(fails)).toMatchObject({
      status: 'failed',
      errors: [{ kind: 'task_failed', message: 'declined', task: 'pay' }],
    });
  });

  it('when a step fails and has retries, then it is tried again and knows its attempt', async () => {
    const pawl = await world.open([]);
    const tries = workflow('tries', (run) =>
      run.step(
        'flaky',
        ({ attempt }) => {
          world.does(`attempt ${attempt}`);
          if (attempt < 3) throw new Error('not yet');
          return attempt;
        },
        { retry: { count: 5, delay: '1ms' } },
      ),
    );
    expect((await pawl.run(tries)).output).toBe(3);
    expect(world.done).toEqual(['attempt 1', 'attempt 2', 'attempt 3']);
  });

  it('when a step is tried again, then its idempotency key names the attempt of one call', async () => {
    const pawl = await world.open([]);
    const keys = workflow('keys', async (run) => {
      const first = await run.step('a', ({ idempotencyKey }) => idempotencyKey);
      const second = await run.step('a', ({ idempotencyKey }) => idempotencyKey);
      return [first, second];
    });
    const [first, second] = (await pawl.run(keys)).output as string[];
    expect(first).not.toBe(second);
  });

  it('when a step takes longer than its timeout, then it fails with kind timeout and its signal is aborted', async () => {
    const pawl = await world.open([]);
    let aborted = false;
    const slow = workflow('slow', async (run) => {
      try {
        await run.step(
          'slow',
          ({ signal }) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => {
                aborted = true;
                reject(signal.reason);
              });
            }),
          { timeout: '20ms' },
        );
        return 'in time';
      } catch (error) {
        return (error as TaskFailed).kind;
      }
    });
    expect((await pawl.run(slow)).output).toBe('timeout');
    expect(aborted).toBe(true);
  });

  it('when an action does not exist here, then the run waits for a process that has it, and says so', async () => {
    const pawl = await world.open([]);
    const handle = await pawl.start(workflow('lost', (run) => run.task('no.such', {})));
    await until(async () => (await handle.state()).blocked !== undefined);
    expect((await handle.state()).blocked).toMatch(/no\.such/);
    await handle.terminate();
  });

  it('when a failure was coped with, then it is no error of the run', async () => {
    const pawl = await world.open([]);
    const copes = workflow('copes', async (run) => {
      await run.signal('never', { timeout: '1ms' });
      await run
        .step('fails', () => {
          throw new Error('no');
        })
        .catch(() => {});
    });
    expect(await pawl.run(copes)).toMatchObject({ status: 'succeeded', errors: [] });
  });

  it.each([
    ['a function', () => {}],
    ['a map with NaN', { a: Number.NaN }],
  ])('when the input of a task is %s, then the call throws and nothing is recorded', async (_what, input) => {
    const pawl = await world.open([], [add]);
    const odd = workflow('odd', (run) => run.task('my.add', input));
    expect(await pawl.run(odd)).toMatchObject({ status: 'failed' });
  });

  it('when it runs another workflow, then it gets the output of that', async () => {
    const pawl = await world.open([]);
    const double = workflow('double', async (_run, { n }: { n: number }) => n * 2);
    pawl.workflow(double);
    const parent = workflow('parent', async (run) => (await run.child(double, { n: 4 })) as number);
    expect((await pawl.run(parent)).output).toBe(8);
  });

  it('when the workflow it runs fails, then it gets a TaskFailed of kind child_failed', async () => {
    const pawl = await world.open([]);
    const bad = workflow('bad', async () => {
      throw new Error('bad');
    });
    pawl.workflow(bad);
    const parent = workflow('parent', (run) => run.child('bad').catch((error: TaskFailed) => error.kind));
    expect((await pawl.run(parent)).output).toBe('child_failed');
  });

  it('when it sleeps, then it goes on after that, and its clock stands at that instant', async () => {
    const pawl = await world.open([]);
    const sleeps = workflow('sleeps', async (run) => {
      const before = run.now;
      await run.sleep('30ms');
      return run.now - before;
    });
    expect((await pawl.run(sleeps)).output).toBeGreaterThanOrEqual(30);
  });

  it('when it sleeps until an instant that has passed, then it goes on at once', async () => {
    const pawl = await world.open([]);
    expect((await pawl.run(workflow('late', (run) => run.sleepUntil('2020-01-01T00:00:00Z')))).status).toBe(
      'succeeded',
    );
  });

  it.each(['soon', -1, '5 weeks', Number.NaN])(
    'when it is to sleep for %j, then it throws and says how',
    async (duration) => {
      const pawl = await world.open([]);
      const { status, errors } = await pawl.run(workflow('odd', (run) => run.sleep(duration)));
      expect(status).toBe('failed');
      expect(errors[0]?.message).toMatch(/30s/);
    },
  );

  it('when it takes numbers and UUIDs, then they differ from each other and are well formed', async () => {
    const pawl = await world.open([]);
    const draws = workflow('draws', async (run) => [run.random(), run.random(), run.uuid(), run.uuid()]);
    const [a, b, c, d] = (await pawl.run(draws)).output as [number, number, string, string];
    expect(a).not.toBe(b);
    expect(c).not.toBe(d);
    expect(c).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('when it waits for a signal, then it goes on with what that says', async () => {
    const pawl = await world.open([]);
    const waits = workflow('waits', (run) => run.signal<{ ok: boolean }>('go'));
    const handle = await pawl.start(waits);
    await handle.signal('go', { ok: true });
    expect((await handle.result()).output).toEqual({ ok: true });
  });

  it('when signals come before it waits for them, then none is lost and their order holds', async () => {
    const pawl = await world.open([]);
    const late = workflow('late', async (run) => {
      await run.signal('begin');
      return [await run.signal('n'), await run.signal('n'), await run.signal('n')];
    });
    const handle = await pawl.start(late);
    for (const n of [1, 2, 3]) await handle.signal('n', n);
    await handle.signal('begin');
    expect((await handle.result()).output).toEqual([1, 2, 3]);
  });

  it('when a signal does not come in time, then it gets undefined', async () => {
    const pawl = await world.open([]);
    const waits = workflow('waits', async (run) => (await run.signal('go', { timeout: '20ms' })) === undefined);
    expect((await pawl.run(waits)).output).toBe(true);
  });

  it('when the same signal is sent twice under one id, then it counts once', async () => {
    const pawl = await world.open([]);
    const waits = workflow('waits', async (run) => [
      await run.signal('n'),
      (await run.signal('n', { timeout: '30ms' })) ?? 'none',
    ]);
    const handle = await pawl.start(waits);
    await handle.signal('n', 1, 'one');
    await handle.signal('n', 1, 'one');
    expect((await handle.result()).output).toEqual([1, 'none']);
  });

  it('when it goes through signals one after the other, then it hears each', async () => {
    const pawl = await world.open([]);
    const counts = workflow('counts', async (run) => {
      let sum = 0;
      for await (const n of run.signals<number>('n')) {
        if (n === 0) break;
        sum += n;
      }
      return sum;
    });
    const handle = await pawl.start(counts);
    for (const n of [1, 2, 3, 0]) await handle.signal('n', n);
    expect((await handle.result()).output).toBe(6);
  });

  it('when it is asked, then it answers from what it holds, with arguments', async () => {
    const pawl = await world.open([]);
    const holds = workflow('holds', async (run) => {
      const seen: number[] = [];
      run.query('seen', (from: number) => seen.slice(from));
      for await (const n of run.signals<number>('n')) {
        if (n < 0) return seen;
        seen.push(n);
      }
      return seen;
    });
    const handle = await pawl.start(holds);
    for (const n of [4, 5, 6]) await handle.signal('n', n);
    await until(async () => ((await handle.query('seen', 0)) as number[]).length === 3);
    expect(await handle.query('seen', 1)).toEqual([5, 6]);
    await expect(handle.query('unseen')).rejects.toThrow(/it answers seen/);
    await handle.signal('n', -1);
    await handle.result();
  });

  it('when it waits until something holds, then it goes on once a signal made it so', async () => {
    const pawl = await world.open([]);
    const counts = workflow('counts', async (run) => {
      let count = 0;
      const listener = run.cancelable(async () => {
        for await (const n of run.signals<number>('n')) count += n;
      });
      listener.result.catch(() => {});
      await run.waitUntil(() => count >= 3);
      listener.cancel();
      return count;
    });
    const handle = await pawl.start(counts);
    await handle.signal('n', 1);
    await handle.signal('n', 2);
    expect((await handle.result()).output).toBe(3);
  });

  it('when it asks a person, then it goes on with the answer', async () => {
    const pawl = await world.open([]);
    const asks = workflow('asks', (run) => run.ask('approve', { amount: 5 }));
    const handle = await pawl.start(asks);
    await handle.answer('approve', { ok: true });
    expect((await handle.result()).output).toEqual({ ok: true });
  });

  it('when it runs several at the same time, then it gets all results in their order', async () => {
    const pawl = await world.open([], [add]);
    const both = workflow('both', (run) =>
      run.all([
        async () => {
          await run.sleep('20ms');
          return 'slow';
        },
        () => run.step('quick', () => 'quick'),
        () => run.task(add, { a: 1, b: 1 }),
      ]),
    );
    expect((await pawl.run(both)).output).toEqual(['slow', 'quick', 2]);
  });

  it('when one of several fails, then the others are canceled and it gets the failure', async () => {
    const pawl = await world.open([]);
    const both = workflow('both', async (run) => {
      const began = run.now;
      try {
        await run.all([
          () => run.sleep('1h'),
          () =>
            run.step('fails', () => {
              throw new Error('no');
            }),
        ]);
      } catch (error) {
        return { message: (error as Error).message, quick: run.now - began < 60_000 };
      }
      return 'went well';
    });
    expect((await pawl.run(both)).output).toEqual({ message: 'no', quick: true });
  });

  it('when nothing is to be run at the same time, then it gets an empty list', async () => {
    const pawl = await world.open([]);
    const none = workflow('none', async (run) => [await run.all([]), await run.map([], () => 1)]);
    expect((await pawl.run(none)).output).toEqual([[], []]);
  });

  it('when several race, then the first counts and the others are canceled', async () => {
    const pawl = await world.open([]);
    const race = workflow('race', async (run) => {
      let canceled = '';
      const first = await run.race([
        () =>
          run.sleep('1h').catch((error) => {
            canceled = (error as Error).name;
            throw error;
          }),
        () => run.step('quick', () => 'quick'),
      ]);
      await run.step('after', () => null);
      return { first, canceled };
    });
    expect((await pawl.run(race)).output).toEqual({ first: 'quick', canceled: 'CanceledError' });
  });

  it('when the first of a race fails, then the race fails', async () => {
    const pawl = await world.open([]);
    const race = workflow('race', (run) =>
      run.race([
        () => run.sleep('1h'),
        () =>
          run.step('fails', () => {
            throw new Error('first');
          }),
      ]),
    );
    expect(await pawl.run(race)).toMatchObject({ status: 'failed', errors: [{ message: 'first' }] });
  });

  it('when any of several will do, then failures before it do not count', async () => {
    const pawl = await world.open([]);
    const anyOf = workflow('any', (run) =>
      run.any([
        () =>
          run.step('fails', () => {
            throw new Error('first');
          }),
        async () => {
          await run.sleep('20ms');
          return 'second';
        },
      ]),
    );
    expect((await pawl.run(anyOf)).output).toBe('second');
  });

  it('when any of several will do and none does, then it fails', async () => {
    const pawl = await world.open([]);
    const fails = (run: Parameters<Parameters<typeof workflow>[1]>[0], name: string) => () =>
      run.step(name, () => {
        throw new Error(name);
      });
    const anyOf = workflow('any', (run) => run.any([fails(run, 'a'), fails(run, 'b')]));
    expect((await pawl.run(anyOf)).status).toBe('failed');
  });

  it('when it maps a list with a width, then no more are under way at a time and results keep their order', async () => {
    const pawl = await world.open([]);
    let under = 0;
    let most = 0;
    const maps = workflow('maps', (run) =>
      run.map(
        [5, 4, 3, 2, 1],
        (n) =>
          run.step(`item ${n}`, async () => {
            under += 1;
            most = Math.max(most, under);
            await new Promise((resolve) => setTimeout(resolve, n));
            under -= 1;
            return n * 10;
          }),
        { width: 2 },
      ),
    );
    expect((await pawl.run(maps)).output).toEqual([50, 40, 30, 20, 10]);
    expect(most).toBe(2);
  });

  it('when it is canceled, then what it waits for rejects with a CanceledError and the run is canceled', async () => {
    const pawl = await world.open([]);
    const waits = workflow('waits', async (run) => {
      try {
        await run.signal('never');
      } catch (error) {
        world.does(error instanceof CanceledError ? `canceled: ${error.reason}` : 'something else');
        throw error;
      }
    });
    const handle = await pawl.start(waits);
    await handle.cancel('enough');
    expect((await handle.result()).status).toBe('canceled');
    expect(world.done).toEqual(['canceled: enough']);
  });

  it('when it is canceled and cleans up under a shield, then the cleaning up runs to its end', async () => {
    const pawl = await world.open([]);
    const cleans = workflow('cleans', async (run) => {
      try {
        await run.signal('never');
      } finally {
        await run.shield(() => run.step('clean', () => world.does('cleaned')));
      }
    });
    const handle = await pawl.start(cleans);
    await handle.cancel();
    expect((await handle.result()).status).toBe('canceled');
    expect(world.done).toEqual(['cleaned']);
  });

  it('when it is canceled and calls on without a shield, then that call is not made', async () => {
    const pawl = await world.open([]);
    const stubborn = workflow('stubborn', async (run) => {
      await run.signal('never').catch(() => {});
      await run.step('more', () => world.does('more')).catch(() => {});
    });
    const handle = await pawl.start(stubborn);
    await handle.cancel();
    expect((await handle.result()).status).toBe('canceled');
    expect(world.done).toEqual([]);
  });

  it('when it fails after steps with something to undo, then that is undone, latest first', async () => {
    const pawl = await world.open([]);
    const saga = workflow('saga', async (run) => {
      for (const what of ['flight', 'hotel', 'car']) {
        await run.step(`book ${what}`, () => world.does(`book ${what}`));
        run.compensate(() => run.step(`undo ${what}`, () => world.does(`undo ${what}`)));
      }
      throw new Error('no insurance');
    });
    expect((await pawl.run(saga)).status).toBe('failed');
    expect(world.done).toEqual(['book flight', 'book hotel', 'book car', 'undo car', 'undo hotel', 'undo flight']);
  });

  it('when it is canceled after steps with something to undo, then that is undone', async () => {
    const pawl = await world.open([]);
    const saga = workflow('saga', async (run) => {
      await run.step('book', () => world.does('book'));
      run.compensate(() => run.step('undo', () => world.does('undo')));
      await run.signal('never');
    });
    const handle = await pawl.start(saga);
    await until(() => world.done.length === 1);
    await handle.cancel();
    expect((await handle.result()).status).toBe('canceled');
    expect(world.done).toEqual(['book', 'undo']);
  });

  it('when one thing cannot be undone, then the others are undone all the same', async () => {
    const pawl = await world.open([]);
    const saga = workflow('saga', async (run) => {
      run.compensate(() => run.step('undo first', () => world.does('undo first')));
      run.compensate(() =>
        run.step('undo second', () => {
          throw new Error('stuck');
        }),
      );
      throw new Error('no');
    });
    expect((await pawl.run(saga)).status).toBe('failed');
    expect(world.done).toEqual(['undo first']);
  });

  it('when it succeeds, then nothing is undone', async () => {
    const pawl = await world.open([]);
    const saga = workflow('saga', async (run) => {
      run.compensate(() => run.step('undo', () => world.does('undo')));
      return 'fine';
    });
    expect((await pawl.run(saga)).output).toBe('fine');
    expect(world.done).toEqual([]);
  });

  it('when it returns while calls of its are still under way, then they are left and the run ends', async () => {
    const pawl = await world.open([]);
    const leaves = workflow('leaves', async (run) => {
      void run.sleep('1h');
      void run.signal('never');
      return 'gone';
    });
    expect(await pawl.run(leaves)).toMatchObject({ status: 'succeeded', output: 'gone' });
  });

  it('when it is terminated, then it stops at once and nothing of it is heard of any more', async () => {
    const pawl = await world.open([]);
    const waits = workflow('waits', async (run) => {
      try {
        await run.signal('never');
      } finally {
        world.does('heard');
      }
    });
    const handle = await pawl.start(waits);
    await handle.terminate();
    expect((await handle.result()).status).toBe('terminated');
    expect(world.done).toEqual([]);
  });

  it('when it is paused, then nothing new begins until it is resumed', async () => {
    const pawl = await world.open([]);
    const two = workflow('two', async (run) => {
      await run.signal('go');
      return run.step('after', () => world.does('after'));
    });
    const handle = await pawl.start(two);
    await handle.pause();
    await handle.signal('go');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(world.done).toEqual([]);
    await handle.resume();
    expect((await handle.result()).status).toBe('succeeded');
    expect(world.done).toEqual(['after']);
  });

  it('when a task of it waits for a person, then a decision lets it go on', async () => {
    const pawl = await world.open([]);
    const decided = workflow('decided', (run) =>
      run.step(
        'pay',
        () => {
          throw new Error('declined');
        },
        { intervention: true },
      ),
    );
    const handle = await pawl.start(decided);
    await until(async () => [...(await handle.state()).open.values()].some(({ asked }) => asked !== undefined));
    await handle.decide('pay', 'skip', { output: 'by hand' });
    expect((await handle.result()).output).toBe('by hand');
  });

  it.each([
    ['a timer', () => new Promise((resolve) => setTimeout(resolve, 10))],
    ['a file', () => readFile(import.meta.filename)],
    ['nothing that ever comes', () => new Promise(() => {})],
  ])('when it awaits %s, then it is set aside, which says so, and nothing more is called', async (_what, stray) => {
    const pawl = await world.open([]);
    const strays = workflow('strays', async (run) => {
      await run.step('before', () => world.does('before'));
      await stray();
      return run.step('after', () => world.does('after'));
    });
    const handle = await pawl.start(strays);
    await until(async () => (await handle.state()).blocked !== undefined);
    expect((await handle.state()).blocked).toMatch(/after call 0 it waits for something else than calls of `run`/);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(world.done).toEqual(['before']);
    await handle.terminate();
  });

  it('when it awaits promises of its own that need nothing from outside, then it goes on', async () => {
    const pawl = await world.open([]);
    const own = workflow('own', async (run) => {
      for (let turn = 0; turn < 100; turn += 1) await null;
      const [a, b] = await Promise.all([run.step('a', () => 1), run.step('b', () => 2)]);
      await new Promise<void>((resolve) => queueMicrotask(resolve));
      return a + b;
    });
    expect((await pawl.run(own)).output).toBe(3);
  });

  it('when a thousand run at the same time, then each gets its own results', async () => {
    const pawl = await world.open([], [add]);
    const sum = workflow('sum', async (run, { n }: { n: number }) => {
      const first = await run.task(add, { a: n, b: 1 });
      return run.step('double', () => first * 2);
    });
    const results = await Promise.all(
      Array.from({ length: 1_000 }, async (_, n) => (await pawl.run(sum, { n })).output),
    );
    expect(results).toEqual(Array.from({ length: 1_000 }, (_, n) => 2 * (n + 1)));
  });

  it('when it makes a thousand steps, then it gets to its end', async () => {
    const pawl = await world.open([]);
    const long = workflow('long', async (run) => {
      let sum = 0;
      for (let step = 0; step < 1_000; step += 1) sum += await run.step('one', () => 1);
      return sum;
    });
    expect((await pawl.run(long)).output).toBe(1_000);
  });
});
