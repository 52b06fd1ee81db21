/** Timers, timeouts of each kind, heartbeats and retries. */

import { describe, expect, it } from 'vitest';
import { ActionError, defineAction, type TaskFailed, workflow } from '../../../src/index.ts';
import { TestPawl } from '../../../src/testing/test-pawl.ts';
import { places, stageOn, until } from './stage.ts';

const kindOf = (error: TaskFailed): string => error.kind;
/** Does not end by itself. */
const hangs = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

describe.each(places)('given functions that wait for time, on %s', (place) => {
  const stage = stageOn(place);

  it('when it sleeps and its process is another in the morning, then it wakes when it was to wake', async () => {
    const sleeps = workflow('sleeps', async (run) => {
      const began = run.now;
      await run.sleep(stage.long);
      return run.now - began;
    });
    let pawl = await stage.open([sleeps]);
    const handle = await pawl.start(sleeps, {}, { id: 'one' });
    await until(async () => (await handle.describe()).tasks.length === 1);
    pawl = await stage.takeOver([sleeps]);
    const slept = (await pawl.handle('one').result()).output as number;
    expect(slept).toBeGreaterThanOrEqual(place === 'memory' ? 30 * 86_400_000 : 30);
  });

  it('when it sleeps for nothing, then it goes on', async () => {
    const pawl = await stage.open();
    expect((await pawl.run(workflow('naps', (run) => run.sleep(0)))).status).toBe('succeeded');
  });

  it('when it sleeps in parts of a millisecond, then it goes on', async () => {
    const pawl = await stage.open();
    expect((await pawl.run(workflow('naps', (run) => run.sleep(0.0001)))).status).toBe('succeeded');
  });

  it.each<[what: string, when: unknown]>([
    ['no date', 'tomorrow'],
    ['an invalid Date', new Date('x')],
    ['NaN', Number.NaN],
    ['undefined', undefined],
    ['null', null],
    ['the year 300000', 8.64e15 + 1],
  ])('when it is to sleep until %s, then the call throws and says what a time is', async (_what, when) => {
    const pawl = await stage.open();
    const odd = workflow('odd', (run) => run.sleepUntil(when as Date));
    const { status, errors } = await pawl.run(odd);
    expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/sleepUntil.*2030-01-31T/)]);
  });

  it.each([
    '',
    '10',
    '1w',
    '-5s',
    -1,
    Number.POSITIVE_INFINITY,
    Number.NaN,
    1e300,
    9e12,
    null,
    undefined,
    {},
    true,
    '1e3s',
  ])('when a duration is %j, then each call that takes one throws and says how', async (duration) => {
    const pawl = await stage.open();
    const given = duration as string;
    const odd = workflow('odd', async (run) => {
      const asked: (() => unknown)[] = [
        () => run.sleep(given),
        ...(duration === undefined
          ? []
          : [
              () => run.step('s', () => 1, { timeout: given }),
              () => run.step('s', () => 1, { deadline: given }),
              () => run.step('s', () => 1, { heartbeat: given }),
              () => run.step('s', () => 1, { startTimeout: given }),
              () => run.step('s', () => 1, { retry: { count: 1, delay: given } }),
              () => run.step('s', () => 1, { retry: { count: 1, maxDelay: given } }),
              () => run.signal('s', { timeout: given }),
              () => run.child('other', {}, { timeout: given }),
              () => run.callback('c', { timeout: given }).result,
            ]),
      ];
      const messages: string[] = [];
      for (const ask of asked) {
        try {
          await ask();
          messages.push('taken');
        } catch (error) {
          messages.push(/30s/.test((error as Error).message) ? 'said how' : (error as Error).message);
        }
      }
      return messages.filter((message) => message !== 'said how');
    });
    expect((await pawl.run(odd)).output).toEqual([]);
  });

  it('when many sleep at the same time, then each wakes at its time and in order', async () => {
    const pawl = await stage.open();
    const sleeps = workflow('sleeps', async (run) => {
      const woken: number[] = [];
      await run.all(
        [4, 1, 3, 2].map((n) => async () => {
          await run.sleep(n * (place === 'memory' ? 86_400 : 0.01));
          woken.push(n);
        }),
      );
      return woken;
    });
    expect((await pawl.run(sleeps)).output).toEqual([1, 2, 3, 4]);
  });

  it('when an attempt takes too long, then it is told to stop and the next begins', async () => {
    const pawl = await stage.open();
    const slow = workflow('slow', (run) =>
      run.step(
        's',
        ({ attempt, signal }) => {
          stage.does(`attempt ${attempt}`);
          return attempt === 1 ? hangs(signal) : attempt;
        },
        { timeout: '20ms', retry: { count: 1 } },
      ),
    );
    expect((await pawl.run(slow)).output).toBe(2);
    expect(stage.done).toEqual(['attempt 1', 'attempt 2']);
  });

  it('when an attempt goes on after its timeout, then what it gives in the end counts for nothing', async () => {
    const pawl = await stage.open();
    const late = Promise.withResolvers<string>();
    const slow = workflow('slow', async (run) => {
      const kind = await run.step('s', () => late.promise, { timeout: '20ms' }).catch(kindOf);
      await run.step('end it', () => late.resolve('late'));
      await run.sleep('5ms');
      return kind;
    });
    expect((await pawl.run(slow)).output).toBe('timeout');
  });

  it('when a call has a deadline, then waits between attempts count, and it fails with deadline', async () => {
    const pawl = await stage.open();
    const slow = workflow('slow', (run) =>
      run
        .step(
          's',
          ({ attempt }) => {
            stage.does(`attempt ${attempt}`);
            throw new Error('no');
          },
          { deadline: stage.long, retry: { count: 1_000, delay: place === 'memory' ? '7d' : '12ms' } },
        )
        .catch(kindOf),
    );
    expect((await pawl.run(slow)).output).toBe('deadline');
    // Days 0, 7, 14, 21 and 28.
    if (place === 'memory') expect(stage.done).toHaveLength(5);
  });

  it('when a deadline passes while no process runs, then the call has failed when one comes back', async () => {
    const waits = workflow('waits', (run) => run.task('other.action', {}, { deadline: '20ms' }).catch(kindOf));
    let pawl = await stage.open([waits]);
    await pawl.start(waits, {}, { id: 'one' });
    pawl = await stage.takeOver([waits]);
    expect((await pawl.handle('one').result()).output).toBe('deadline');
  });

  it('when no worker is free in time, then the call fails with start_timeout and is never carried out', async () => {
    const pawl = await stage.open([], [], { concurrency: 1 });
    const busy = workflow('busy', async (run) => {
      const gate = run.cancelable(() => run.step('long', ({ signal }) => hangs(signal)));
      gate.result.catch(() => {});
      const kind = await run.step('late', () => stage.does('late'), { startTimeout: '30ms' }).catch(kindOf);
      gate.cancel();
      return kind;
    });
    expect((await pawl.run(busy)).output).toBe('start_timeout');
    expect(stage.done).toEqual([]);
  });

  it('when an attempt gives no sign of life, then it fails with heartbeat_timeout', async () => {
    const pawl = await stage.open();
    const silent = workflow('silent', (run) =>
      run.step('s', ({ signal }) => hangs(signal), { heartbeat: '30ms' }).catch(kindOf),
    );
    expect((await pawl.run(silent)).output).toBe('heartbeat_timeout');
  });

  it('when an attempt gives signs of life, then it may take longer than the silence that is allowed', async () => {
    const pawl = await stage.open();
    const alive = workflow('alive', (run) =>
      run.step(
        's',
        async ({ heartbeat }) => {
          for (let beat = 0; beat < 12; beat += 1) {
            await new Promise((resolve) => setTimeout(resolve, place === 'memory' ? 5 : 40));
            heartbeat();
          }
          return 'alive';
        },
        { heartbeat: '300ms' },
      ),
    );
    expect((await pawl.run(alive)).output).toBe('alive');
  });

  it('when an attempt that told how far it was fails, then the next one finds that', async () => {
    const pawl = await stage.open();
    const copies = workflow('copies', (run) =>
      run.step(
        's',
        ({ attempt, progress, heartbeat }) => {
          heartbeat({ line: attempt * 100 });
          if (attempt < 3) throw new Error('cut off');
          return progress;
        },
        { retry: { count: 3 } },
      ),
    );
    expect((await pawl.run(copies)).output).toEqual({ line: 200 });
  });

  it('when an attempt that told how far it was dies with its process, then the next one finds that', async () => {
    const copies = workflow('copies', (run) =>
      run.step('s', async ({ attempt, progress, heartbeat }) => {
        heartbeat({ line: attempt * 100 });
        stage.does(`attempt ${attempt}`);
        if (attempt === 1) await new Promise(() => {});
        return progress ?? 'nothing';
      }),
    );
    let pawl = await stage.open([copies]);
    const handle = await pawl.start(copies, {}, { id: 'one' });
    await until(() => stage.done.length === 1);
    await until(async () => (await handle.history()).some(({ type }) => /Progress|Heartbeat/.test(type)));
    pawl = await stage.takeOver([copies]);
    expect((await pawl.handle('one').result()).output).toEqual({ line: 100 });
  });

  it('when a sign of life says what is not JSON, then the attempt is told and nothing is kept', async () => {
    const pawl = await stage.open();
    const odd = workflow('odd', (run) =>
      run.step('s', ({ heartbeat }) => heartbeat(1n)).catch(({ message }) => message),
    );
    expect((await pawl.run(odd)).output).toMatch(/JSON/);
  });

  it('when an action fails, then it is tried as often as its retry says and no more', async () => {
    const pay = defineAction({
      name: 'pay',
      handler: () => {
        stage.does('pay');
        throw new Error('no line');
      },
    });
    const pawl = await stage.open([], [pay]);
    const pays = workflow('pays', (run) => run.task(pay, {}, { retry: { count: 2, delay: stage.long } }));
    expect(await pawl.run(pays)).toMatchObject({ status: 'failed', errors: [{ message: 'no line' }] });
    expect(stage.done).toHaveLength(3);
  });

  it('when an attempt fails and no retry is asked for, then there is none', async () => {
    const pawl = await stage.open();
    const tries = workflow('tries', (run) =>
      run.step('s', () => {
        stage.does('work');
        throw new Error('no');
      }),
    );
    await pawl.run(tries);
    expect(stage.done).toEqual(['work']);
  });

  it('when a failure says that no retry can help, then there is none', async () => {
    const pawl = await stage.open();
    const tries = workflow('tries', (run) =>
      run.step(
        's',
        () => {
          stage.does('work');
          throw new ActionError('bad card', { retryable: false });
        },
        { retry: { count: 9 } },
      ),
    );
    await pawl.run(tries);
    expect(stage.done).toEqual(['work']);
  });

  it('when a failure says how long to wait, then the next attempt is not made before', async () => {
    const pawl = await stage.open();
    const tries = workflow('tries', async (run) => {
      const began = run.now;
      await run.step(
        's',
        ({ attempt }) => {
          if (attempt === 1) throw new ActionError('slow down', { retryAfter: stage.long });
        },
        { retry: { count: 1, delay: '1ms' } },
      );
      return run.now - began;
    });
    expect((await pawl.run(tries)).output).toBeGreaterThanOrEqual(place === 'memory' ? 30 * 86_400_000 : 30);
  });

  it('when delays grow, then by their factor and never beyond the longest', async () => {
    const pawl = await stage.open();
    const tries = workflow('tries', (run) =>
      run
        .step('s', () => Promise.reject(new Error('no')), {
          retry: { count: 4, delay: '4ms', factor: 3, maxDelay: '20ms' },
        })
        .catch(() => null),
    );
    const handle = await pawl.start(tries);
    await handle.result();
    const pauses = (await handle.history()).flatMap((event) =>
      event.type === 'RetryScheduled' ? [event.notBefore - event.at] : [],
    );
    expect(pauses).toEqual([4, 12, 20, 20]);
  });

  it('when delays grow beyond all time, then the run waits and can be read', async () => {
    const pawl = await stage.open();
    const tries = workflow('tries', (run) =>
      run.step('s', () => Promise.reject(new ActionError('no', { retryAfter: Number.MAX_SAFE_INTEGER / 1_000 })), {
        retry: { count: Number.POSITIVE_INFINITY, delay: '1ms', factor: 1e300 },
      }),
    );
    const handle = await pawl.start(tries);
    await until(async () => (await handle.describe()).tasks[0]?.status === 'retrying');
    const [run] = (await pawl.list()).runs;
    expect(new Date(run?.dueAt ?? 0).getFullYear()).toBeGreaterThan(100_000);
    await handle.terminate();
  });

  it.each<[what: string, retry: unknown]>([
    ['no count', { delay: '1s' }],
    ['a negative count', { count: -1 }],
    ['half a time', { count: 1.5 }],
    ['NaN times', { count: Number.NaN }],
    ['a text', { count: '3' }],
    ['a factor below one', { count: 1, factor: 0.5 }],
    ['a factor that is no number', { count: 1, factor: Number.NaN }],
    ['jitter above one', { count: 1, jitter: 2 }],
    ['jitter below none', { count: 1, jitter: -0.1 }],
    ['a number', 3],
    ['null', null],
  ])('when a retry has %s, then the call throws and says what is wrong', async (_what, retry) => {
    const pawl = await stage.open();
    const odd = workflow('odd', (run) => run.step('s', () => 1, { retry: retry as { count: number } }));
    const { status, errors } = await pawl.run(odd);
    expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/retry|count|factor|jitter/)]);
  });

  it('when an effect is none, then the call throws and says which there are', async () => {
    const pawl = await stage.open();
    const odd = workflow('odd', (run) => run.step('s', () => 1, { effect: 'onse' as 'once' }));
    const { status, errors } = await pawl.run(odd);
    expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/once/)]);
  });

  it('when an option is misspelt, then the call throws and names it', async () => {
    const pawl = await stage.open();
    const odd = workflow('odd', (run) => run.step('s', () => 1, { retries: { count: 1 } } as object));
    const { status, errors } = await pawl.run(odd);
    expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/retries/)]);
  });

  it('when a run may last so long, then it ends with the kind limit', async () => {
    const pawl = await stage.open([], [], { limits: { durationMs: place === 'memory' ? 86_400_000 : 40 } });
    const waits = workflow('waits', (run) => run.signal('never'));
    expect(await pawl.run(waits)).toMatchObject({ status: 'failed', errors: [{ kind: 'limit' }] });
  });

  it('when a function has a limit of its own, then its run fails with that, and nothing more is done', async () => {
    const pawl = await stage.open();
    const waits = workflow(
      'waits',
      async (run) => {
        run.compensate(() => run.step('undo', () => stage.does('undone')));
        await run.signal('never');
      },
      { limits: { durationMs: 30 } },
    );
    expect(await pawl.run(waits)).toMatchObject({ status: 'failed', errors: [{ kind: 'limit' }] });
    expect(stage.done).toEqual([]);
  });

  it('when a run was paused while it slept, then time goes on and it wakes once it is resumed', async () => {
    const pawl = await stage.open();
    const sleeps = workflow('sleeps', async (run) => {
      await run.sleep('200ms');
      return run.step('after', () => stage.does('after'));
    });
    const handle = await pawl.start(sleeps);
    await handle.pause();
    if (pawl instanceof TestPawl) await pawl.advance('1d');
    else await new Promise((resolve) => setTimeout(resolve, 250));
    expect(stage.done).toEqual([]);
    await handle.resume();
    expect((await handle.result()).status).toBe('succeeded');
  });
});
