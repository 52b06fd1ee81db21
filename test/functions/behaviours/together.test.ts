/** What runs at the same time, what is canceled together, and what is undone. */

import { describe, expect, it } from 'vitest';
import { CanceledError, type TaskFailed, workflow } from '../../../src/index.ts';
import { comesTo, places, stageOn, until } from './stage.ts';

const messageOf = (error: Error): string => error.message;
const fails = (message: string) => () => Promise.reject(new Error(message));

describe.each(places)('given functions that do much at the same time, on %s', (place) => {
  const stage = stageOn(place);

  it('when the loser of a race would have had an effect later, then it does not', async () => {
    const pawl = await stage.open();
    const races = workflow('races', async (run) => {
      const won = await run.race([
        async () => {
          await run.sleep(stage.long);
          return run.step('slow', () => stage.does('slow'));
        },
        () => run.step('fast', () => 'fast'),
      ]);
      await run.sleep(stage.long);
      await run.sleep(stage.long);
      return won;
    });
    expect((await pawl.run(races)).output).toBe('fast');
    expect(stage.done).toEqual([]);
  });

  it('when the loser of a race is an attempt under way, then its signal is aborted', async () => {
    const pawl = await stage.open();
    const races = workflow('races', (run) =>
      run.race([
        () =>
          run.step('slow', ({ signal }) => {
            signal.addEventListener('abort', () => stage.does('aborted'));
            return new Promise((resolve) => signal.addEventListener('abort', () => resolve('too late')));
          }),
        () => run.step('fast', () => 'fast'),
      ]),
    );
    expect((await pawl.run(races)).output).toBe('fast');
    await until(() => stage.done.length === 1);
  });

  it('when a race was decided and the process dies, then the loser does not win in the next', async () => {
    const races = workflow('races', async (run) => {
      const won = await run.race([() => run.signal('a'), () => run.signal('b')]);
      await run.signal('go');
      return won;
    });
    let pawl = await stage.open([races]);
    const handle = await pawl.start(races, {}, { id: 'one' });
    await handle.signal('b', 'b');
    await until(async () => (await handle.describe()).tasks.length === 3);
    pawl = await stage.takeOver([races]);
    await pawl.handle('one').signal('a', 'a');
    await pawl.handle('one').signal('go');
    expect((await pawl.handle('one').result()).output).toBe('b');
  });

  it('when nothing races, then that is said and the run does not wait for ever', async () => {
    const pawl = await stage.open();
    const empty = workflow('empty', (run) => run.race([]).catch(messageOf));
    expect((await pawl.run(empty)).output).toMatch(/race/);
  });

  it('when nothing will do, since there is nothing, then any fails', async () => {
    const pawl = await stage.open();
    const empty = workflow('empty', (run) => run.any([]).catch((error: Error) => error.name));
    expect((await pawl.run(empty)).output).toBe('AggregateError');
  });

  it('when none of any does, then all failures are there, in their order', async () => {
    const pawl = await stage.open();
    const none = workflow('none', (run) =>
      run
        .any([() => run.step('a', fails('a')), () => run.step('b', fails('b'))])
        .catch((error: AggregateError) => error.errors.map(messageOf)),
    );
    expect((await pawl.run(none)).output).toEqual(['a', 'b']);
  });

  it('when one of all fails while others wait, then the others are canceled and none begins anything', async () => {
    const pawl = await stage.open();
    const all = workflow('all', async (run) => {
      const message = await run
        .all([
          () => run.step('a', fails('a')),
          async () => {
            await run.sleep(stage.long);
            await run.step('b', () => stage.does('b'));
          },
          async () => {
            try {
              await run.signal('never');
            } catch (error) {
              stage.does((error as Error).name);
              throw error;
            }
          },
        ])
        .catch(messageOf);
      await run.sleep(stage.long);
      return message;
    });
    expect((await pawl.run(all)).output).toBe('a');
    expect(stage.done).toEqual(['CanceledError']);
  });

  it('when promises are given in place of functions, then that is said', async () => {
    const pawl = await stage.open();
    const odd = workflow('odd', async (run) => {
      const messages: string[] = [];
      for (const together of ['all', 'race', 'any'] as const) {
        const works = [run.step('s', () => 1)] as never;
        await (run[together](works) as Promise<unknown>).catch((error: Error) => messages.push(error.message));
      }
      return messages;
    });
    const { output } = await pawl.run(odd);
    expect(output).toEqual([
      expect.stringMatching(/\(\) =>/),
      expect.stringMatching(/\(\) =>/),
      expect.stringMatching(/\(\) =>/),
    ]);
  });

  it.each([0, -1, Number.NaN, 1.5, '2', null])(
    'when map has the width %j, then it throws and says what a width is',
    async (width) => {
      const pawl = await stage.open();
      const maps = workflow('maps', (run) =>
        run.map([1, 2, 3], (n) => run.step('s', () => n), { width: width as number }),
      );
      const { status, errors } = await pawl.run(maps);
      expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/width/)]);
    },
  );

  it.each([1, 2, 1_000_000, Number.POSITIVE_INFINITY])(
    'when map has the width %j, then all items are done',
    async (width) => {
      const pawl = await stage.open();
      const maps = workflow('maps', (run) => run.map([1, 2, 3], (n) => run.step('s', () => n), { width }));
      expect((await pawl.run(maps)).output).toEqual([1, 2, 3]);
    },
  );

  it('when there is nothing to map, then it gives an empty list', async () => {
    const pawl = await stage.open();
    expect((await pawl.run(workflow('maps', (run) => run.map([], () => 1, { width: 3 })))).output).toEqual([]);
  });

  it('when what is mapped is no list, then that is said', async () => {
    const pawl = await stage.open();
    const maps = workflow('maps', (run) => run.map({ length: 2 } as never, (n) => n));
    const { status, errors } = await pawl.run(maps);
    expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/list/)]);
  });

  it('when one item of a map fails, then no further item begins', async () => {
    const pawl = await stage.open();
    const maps = workflow('maps', (run) =>
      run
        .map(
          [1, 2, 3, 4, 5, 6],
          (n) =>
            run.step(`item ${n}`, () => {
              stage.does(`item ${n}`);
              if (n === 2) throw new Error('two');
            }),
          { width: 1 },
        )
        .catch(messageOf),
    );
    expect((await pawl.run(maps)).output).toBe('two');
    expect(stage.done).toEqual(['item 1', 'item 2']);
  });

  it('when items of a map fail with a width, then no lane goes on with others', async () => {
    const pawl = await stage.open();
    const maps = workflow('maps', async (run) => {
      const message = await run
        .map(
          [0, 1, 2, 3, 4, 5, 6, 7],
          async (n) => {
            if (n === 0) throw new Error('none');
            await run.step(`item ${n}`, () => stage.does(`item ${n}`)).catch(() => {});
          },
          { width: 2 },
        )
        .catch(messageOf);
      await run.sleep('5ms');
      return message;
    });
    expect((await pawl.run(maps)).output).toBe('none');
    expect(stage.done.length).toBeLessThan(2);
  });

  it('when the process dies in the middle of a map, then items that were done are not done again', async () => {
    const maps = workflow('maps', (run) =>
      run.map(
        [1, 2, 3, 4],
        async (n) => {
          const given = await run.step(`item ${n}`, () => {
            stage.does(`item ${n}`);
            return n;
          });
          if (n > 2) await run.signal('go');
          return given * 10;
        },
        { width: 2 },
      ),
    );
    let pawl = await stage.open([maps]);
    const handle = await pawl.start(maps, {}, { id: 'one' });
    await until(async () => (await handle.describe()).tasks.length === 6);
    pawl = await stage.takeOver([maps]);
    await pawl.handle('one').signal('go');
    await pawl.handle('one').signal('go');
    expect((await pawl.handle('one').result()).output).toEqual([10, 20, 30, 40]);
    expect(stage.done).toHaveLength(4);
  });

  it('when all of all of races are nested, then each gives its own', async () => {
    const pawl = await stage.open();
    const nested = workflow('nested', (run) =>
      run.all([
        () =>
          run.all([
            () => run.step('a', () => 'a'),
            () => run.race([() => run.signal('never'), () => run.step('b', () => 'b')]),
          ]),
        () => run.any([() => run.step('c', fails('c')), async () => 'd']),
        () => run.map([1, 2], (n) => n * 2),
      ]),
    );
    expect((await pawl.run(nested)).output).toEqual([['a', 'b'], 'd', [2, 4]]);
  });

  it('when native Promise.all and race are used, then they do, and the loser is not canceled', async () => {
    const pawl = await stage.open();
    const native = workflow('native', async (run) => {
      const both = await Promise.all([run.step('a', () => 1), run.step('b', () => 2)]);
      const slow = run.signal('late');
      const first = await Promise.race([slow, run.step('c', () => 'c')]);
      return [both, first, await slow];
    });
    const handle = await pawl.start(native);
    await comesTo(handle, 'waiting');
    await handle.signal('late', 'kept');
    expect((await handle.result()).output).toEqual([[1, 2], 'c', 'kept']);
  });

  it('when a part is canceled, then that part alone rejects, with the reason', async () => {
    const pawl = await stage.open();
    const parts = workflow('parts', async (run) => {
      const part = run.cancelable(() => run.signal('never'));
      const other = run.signal('go');
      part.cancel('not needed');
      const message = await part.result.catch((error: Error) => `${error.name}: ${error.message}`);
      return [message, await other];
    });
    const handle = await pawl.start(parts);
    await handle.signal('go', 1);
    expect((await handle.result()).output).toEqual([expect.stringMatching(/CanceledError: .*not needed/), 1]);
  });

  it('when a part is canceled after it ended, then nothing comes of it', async () => {
    const pawl = await stage.open();
    const parts = workflow('parts', async (run) => {
      const part = run.cancelable(() => run.step('s', () => 1));
      const given = await part.result;
      part.cancel();
      return [given, await run.step('t', () => 2)];
    });
    expect((await pawl.run(parts)).output).toEqual([1, 2]);
  });

  it('when a part is canceled while something in it is shielded, then the shielded runs to its end', async () => {
    const pawl = await stage.open();
    const parts = workflow('parts', async (run) => {
      const part = run.cancelable(() => run.shield(() => run.signal('go')));
      part.cancel();
      return part.result;
    });
    const handle = await pawl.start(parts);
    await comesTo(handle, 'waiting');
    await handle.signal('go', 'shielded');
    expect((await handle.result()).output).toBe('shielded');
  });

  it('when a cancel is caught and the function goes on without a shield, then each further call rejects', async () => {
    const pawl = await stage.open();
    const stubborn = workflow('stubborn', async (run) => {
      const caught: string[] = [];
      for (let turn = 0; turn < 3; turn += 1) await run.sleep('1h').catch((error: Error) => caught.push(error.name));
      return caught;
    });
    const handle = await pawl.start(stubborn);
    await comesTo(handle, 'waiting');
    await handle.cancel();
    expect((await handle.result()).output).toEqual(['CanceledError', 'CanceledError', 'CanceledError']);
  });

  it('when it is canceled, then its reason reaches the function and the run', async () => {
    const pawl = await stage.open();
    const waits = workflow('waits', (run) =>
      run.signal('never').catch((error: unknown) => {
        stage.does(error instanceof CanceledError ? error.message : 'no');
        throw error;
      }),
    );
    const handle = await pawl.start(waits);
    await comesTo(handle, 'waiting');
    await handle.cancel('the meeting was called off');
    expect((await handle.result()).status).toBe('canceled');
    expect(stage.done[0]).toMatch(/the meeting was called off/);
    expect((await handle.describe()).reason).toBe('the meeting was called off');
  });

  it('when it is canceled twice, then the cleaning up is not cut off', async () => {
    const pawl = await stage.open();
    const cleans = workflow('cleans', async (run) => {
      try {
        await run.signal('never');
      } finally {
        await run.shield(async () => {
          await run.signal('cleaned');
          await run.step('clean', () => stage.does('clean'));
        });
      }
    });
    const handle = await pawl.start(cleans);
    await comesTo(handle, 'waiting');
    await handle.cancel();
    await handle.cancel('again').catch(() => {});
    await handle.signal('cleaned');
    expect((await handle.result()).status).toBe('canceled');
    expect(stage.done).toEqual(['clean']);
  });

  it('when it is canceled as it begins and terminated after, then it has ended', async () => {
    const pawl = await stage.open();
    const handle = await pawl.start(workflow('waits', (run) => run.step('s', () => new Promise(() => {}))));
    await handle.cancel();
    await handle.terminate().catch(() => {});
    expect((await handle.result()).status).toMatch(/canceled|terminated/);
  });

  it('when a run has ended, then cancel, pause and terminate are refused', async () => {
    const pawl = await stage.open();
    const handle = await pawl.start(workflow('done', async () => 1));
    await handle.result();
    const codes = await Promise.all(
      [handle.cancel(), handle.pause(), handle.terminate()].map((asked) =>
        asked.then(
          () => 'done',
          (error: { code: string }) => error.code,
        ),
      ),
    );
    expect(codes).toEqual(['refused', 'refused', 'refused']);
  });

  it('when what was canceled is a task under way, then the action is told and the function waits for no longer than it', async () => {
    const pawl = await stage.open();
    const works = workflow('works', (run) =>
      run.step(
        's',
        ({ signal }) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => {
              stage.does('aborted');
              reject(signal.reason);
            }),
          ),
      ),
    );
    const handle = await pawl.start(works);
    await comesTo(handle, 'running');
    await handle.cancel();
    expect((await handle.result()).status).toBe('canceled');
    expect(stage.done).toEqual(['aborted']);
  });

  it('when steps are undone, then with what they gave, latest first, and while one is undone the process may die', async () => {
    const trip = workflow('trip', async (run) => {
      for (const n of [1, 2, 3]) {
        const booked = await run.step(`book ${n}`, () => `ref ${n}`);
        run.compensate(() => run.step(`cancel ${n}`, () => stage.does(`cancel ${booked}`)));
        if (n === 2) run.compensate(() => run.signal('waits'));
      }
      throw new Error('no money');
    });
    let pawl = await stage.open([trip]);
    const handle = await pawl.start(trip, {}, { id: 'one' });
    await until(async () => (await handle.describe()).tasks.some(({ signal }) => signal === 'waits'));
    pawl = await stage.takeOver([trip]);
    await pawl.handle('one').signal('waits');
    expect(await pawl.handle('one').result()).toMatchObject({ status: 'failed', errors: [{ message: 'no money' }] });
    expect(stage.done).toEqual(['cancel ref 3', 'cancel ref 2', 'cancel ref 1']);
  });

  it('when a failure is coped with, then nothing is undone', async () => {
    const pawl = await stage.open();
    const trip = workflow('trip', async (run) => {
      run.compensate(() => stage.does('undone'));
      await run.step('pay', fails('no money')).catch(() => {});
      return 'went on';
    });
    expect((await pawl.run(trip)).output).toBe('went on');
    expect(stage.done).toEqual([]);
  });

  it('when an undoing registers another, then that is undone as well', async () => {
    const pawl = await stage.open();
    const trip = workflow('trip', async (run) => {
      run.compensate(async () => {
        run.compensate(() => run.step('deeper', () => stage.does('deeper')));
        await run.step('first', () => stage.does('first'));
      });
      throw new Error('no');
    });
    await pawl.run(trip);
    expect(stage.done).toEqual(['first', 'deeper']);
  });

  it('when what undoes is no function, then that is said where it is given', async () => {
    const pawl = await stage.open();
    const odd = workflow('odd', async (run) => {
      run.compensate(run.step('eager', () => 1) as never);
    });
    const { status, errors } = await pawl.run(odd);
    expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/\(\) =>/)]);
  });

  it('when a run that was undone is terminated meanwhile, then nothing further is undone', async () => {
    const pawl = await stage.open();
    const trip = workflow('trip', async (run) => {
      run.compensate(() => run.step('first', () => stage.does('first')));
      run.compensate(() => run.signal('never'));
      throw new Error('no');
    });
    const handle = await pawl.start(trip);
    await comesTo(handle, 'waiting');
    await handle.terminate();
    expect((await handle.result()).status).toBe('terminated');
    expect(stage.done).toEqual([]);
  });

  it('when undoing fails, then that is in the history, and the run fails with what made it fail', async () => {
    const pawl = await stage.open();
    const trip = workflow('trip', async (run) => {
      run.compensate(() => run.step('first', fails('no answer')));
      throw new Error('no money');
    });
    const handle = await pawl.start(trip);
    expect(await handle.result()).toMatchObject({ status: 'failed', errors: [{ message: 'no money' }] });
    expect(JSON.stringify(await handle.history())).toMatch(/compensation_failed.*no answer/);
  });

  it('when many fail in one all, then one failure counts and none is unhandled', async () => {
    const pawl = await stage.open();
    const all = workflow('all', (run) =>
      run
        .all([1, 2, 3].map((n) => () => run.step(`s${n}`, fails(`no ${n}`))))
        .catch((error: TaskFailed) => error.message),
    );
    expect((await pawl.run(all)).output).toMatch(/no \d/);
  });
});
