/** Signals, questions, queries and updates. */

import { describe, expect, it } from 'vitest';
import { type CanceledError, type Json, type RunHandle, workflow } from '../../../src/index.ts';
import { comesTo, places, refusal, stageOn, until } from './stage.ts';

const counter = workflow('counter', async (run) => {
  let n = 0;
  run.query('n', () => n);
  run.update('add', {
    validate: (by: unknown) => {
      if (typeof by !== 'number') throw new Error(`${JSON.stringify(by)} cannot be added`);
    },
    handle: async (by) => {
      n += by as number;
      await run.step('tell', () => null);
      return n;
    },
  });
  await run.signal('end');
  return n;
});

describe.each(places)('given functions that are told things, on %s', (place) => {
  const stage = stageOn(place);

  it('when signals of several names come, then each is taken by who waits for its name', async () => {
    const pawl = await stage.open();
    const waits = workflow('waits', (run) =>
      run.all([() => run.signal('a'), () => run.signal('b'), () => run.signal('a')]),
    );
    const handle = await pawl.start(waits);
    for (const [name, payload] of [
      ['b', 1],
      ['a', 2],
      ['a', 3],
    ] as const)
      await handle.signal(name, payload);
    expect((await handle.result()).output).toEqual([2, 1, 3]);
  });

  it('when a signal came before the process died, then it is there in the next', async () => {
    const waits = workflow('waits', async (run) => {
      await run.signal('begin');
      return run.signal('n');
    });
    let pawl = await stage.open([waits]);
    const handle = await pawl.start(waits, {}, { id: 'one' });
    await handle.signal('n', 7);
    pawl = await stage.takeOver([waits]);
    await pawl.handle('one').signal('begin');
    expect((await pawl.handle('one').result()).output).toBe(7);
  });

  it('when signal and timeout come close to each other, then one of them counts and no signal is lost', async () => {
    const pawl = await stage.open();
    const waits = workflow('waits', async (run) => {
      const first = await run.signal('n', { timeout: '5ms' });
      return [first ?? 'none', first === undefined ? await run.signal('n') : 'taken'];
    });
    const handle = await pawl.start(waits);
    await new Promise((resolve) => setTimeout(resolve, 4));
    await handle.signal('n', 1);
    expect([
      ['none', 1],
      [1, 'taken'],
    ]).toContainEqual((await handle.result()).output);
  });

  it('when a signal timed out and comes later, then the next wait has it', async () => {
    const pawl = await stage.open();
    const waits = workflow('waits', async (run) => {
      const first = await run.signal('n', { timeout: stage.long });
      await run.step('mark', () => stage.does('timed out'));
      return [first === undefined, await run.signal('n')];
    });
    const handle = await pawl.start(waits);
    const result = handle.result();
    result.catch(() => {});
    void result.then(() => {});
    await until(() => stage.done.length === 1);
    await handle.signal('n', 'late');
    expect((await result).output).toEqual([true, 'late']);
  });

  it('when a wait for a signal was canceled, then a later wait has the signal', async () => {
    const pawl = await stage.open();
    const waits = workflow('waits', async (run) => {
      const winner = await run.race([() => run.signal('n'), async () => run.step('quick', () => 'quick')]);
      return [winner, await run.signal('n')];
    });
    const handle = await pawl.start(waits);
    await comesTo(handle, 'waiting');
    await handle.signal('n', 1);
    expect((await handle.result()).output).toEqual(['quick', 1]);
  });

  it('when a run has ended, then a signal is refused and says so, and the same one that it took is not', async () => {
    const pawl = await stage.open();
    const handle = await pawl.start(workflow('waits', (run) => run.signal('go')));
    await handle.signal('go', 1, 's1');
    await handle.result();
    expect(await refusal(handle.signal('go', 2))).toMatchObject({
      code: 'refused',
      message: /ended|succeeded|not open/,
    });
    await handle.signal('go', 1, 's1');
  });

  it.each<[what: string, payload: unknown]>([
    ['a big integer', 1n],
    ['a function', () => 1],
    ['NaN', Number.NaN],
    ['a Date in a map', { at: new Date(0) }],
  ])('when a signal says %s, then it is refused and the run goes on', async (_what, payload) => {
    const pawl = await stage.open();
    const handle = await pawl.start(workflow('waits', (run) => run.signal('go')));
    expect(await refusal(handle.signal('go', payload as never))).toMatchObject({ code: 'bad_input', message: /JSON/ });
    await handle.signal('go', 'right');
    expect((await handle.result()).output).toBe('right');
  });

  it.each(['', 7, null, undefined])(
    'when a signal is named %j, then it is refused, and so is the wait for it',
    async (name) => {
      const pawl = await stage.open();
      const waits = workflow('waits', (run) => run.signal(name as string).catch((error: Error) => error.message));
      const handle = await pawl.start(waits, {}, { id: 'one' });
      expect((await refusal(handle.signal(name as string))).code).toMatch(/bad_input|refused/);
      expect((await handle.result()).output).toMatch(/name/);
    },
  );

  it.each(['__proto__', 'constructor', 'toString', 'a b/c\n', '🐾'])(
    'when a signal is named %j, then it is a name like any other',
    async (name) => {
      const pawl = await stage.open();
      const waits = workflow('waits', async (run) => {
        run.query(name, () => 'asked');
        run.update(name, () => 'updated');
        return run.signal(name);
      });
      const handle = await pawl.start(waits);
      await comesTo(handle, 'waiting');
      expect(await handle.query(name)).toBe('asked');
      expect(await handle.update(name)).toBe('updated');
      await handle.signal(name, 1);
      expect((await handle.result()).output).toBe(1);
    },
  );

  it('when a loop over signals is left, then those not taken stay for the next', async () => {
    const pawl = await stage.open();
    const loops = workflow('loops', async (run) => {
      for await (const n of run.signals<number>('n')) if (n === 2) break;
      return run.signal('n');
    });
    const handle = await pawl.start(loops);
    for (const n of [1, 2, 3]) await handle.signal('n', n);
    expect((await handle.result()).output).toBe(3);
  });

  it('when a wait of the loop over signals loses a race, then the loop goes on', async () => {
    const pawl = await stage.open();
    const loops = workflow('loops', async (run) => {
      const signals = run.signals('n');
      const first = await run.race([() => signals.next(), () => run.step('quick', () => 'quick')]);
      return [first, (await signals.next()).value as Json];
    });
    const handle = await pawl.start(loops);
    await comesTo(handle, 'waiting');
    await handle.signal('n', 1);
    expect((await handle.result()).output).toEqual(['quick', 1]);
  });

  it('when a person is asked and answers twice, then the first counts and the second is refused', async () => {
    const pawl = await stage.open();
    const asks = workflow('asks', async (run) => [await run.ask('first', '?'), await run.signal('go')]);
    const handle = await pawl.start(asks);
    await comesTo(handle, 'waiting');
    await handle.answer('first', 'yes');
    expect(await refusal(handle.answer('first', 'no'))).toMatchObject({
      code: expect.stringMatching(/refused|not_found|bad_input/),
    });
    await handle.signal('go', 1);
    expect((await handle.result()).output).toEqual(['yes', 1]);
  });

  it('when an answer is not JSON, then it is refused and the question stays', async () => {
    const pawl = await stage.open();
    const handle = await pawl.start(workflow('asks', (run) => run.ask('first', '?')));
    await comesTo(handle, 'waiting');
    expect(await refusal(handle.answer('first', { at: new Date(0) } as never))).toMatchObject({ code: 'bad_input' });
    await handle.answer('first', 'yes');
    expect((await handle.result()).output).toBe('yes');
  });

  it('when waitUntil holds already, then it goes on at once', async () => {
    const pawl = await stage.open();
    expect((await pawl.run(workflow('holds', (run) => run.waitUntil(() => true)))).status).toBe('succeeded');
  });

  it('when an update makes a waitUntil hold, then the function goes on', async () => {
    const pawl = await stage.open();
    const waits = workflow('waits', async (run) => {
      let ready = false;
      run.update('ready', () => {
        ready = true;
        return 'noted';
      });
      await run.waitUntil(() => ready);
      return 'went on';
    });
    const handle = await pawl.start(waits);
    expect(await handle.update('ready')).toBe('noted');
    expect((await handle.result()).output).toBe('went on');
  });

  it('when a waitUntil throws, then the function gets that', async () => {
    const pawl = await stage.open();
    const waits = workflow('waits', (run) =>
      run
        .waitUntil(() => {
          throw new Error('cannot tell');
        })
        .catch((error: Error) => error.message),
    );
    expect((await pawl.run(waits)).output).toBe('cannot tell');
  });

  it('when it is queried under a name it does not answer, then the names it answers are said', async () => {
    const pawl = await stage.open([counter]);
    const handle = await pawl.start(counter);
    expect(await refusal(handle.query('m'))).toMatchObject({ code: 'bad_input', message: /"n"/ });
  });

  it('when a query throws, then the asker is told and the run goes on', async () => {
    const pawl = await stage.open();
    const odd = workflow('odd', async (run) => {
      run.query('q', () => {
        throw new Error('no idea');
      });
      return run.signal('end');
    });
    const handle = await pawl.start(odd);
    expect((await refusal(handle.query('q'))).message).toMatch(/no idea/);
    await handle.signal('end', 1);
    expect((await handle.result()).output).toBe(1);
  });

  it.each<[what: string, answer: () => unknown]>([
    ['a big integer', () => 1n],
    ['a promise', async () => 1],
    ['a Map', () => new Map()],
    ['a function', () => () => 1],
  ])('when a query gives %s, then the asker is told what an answer is', async (_what, answer) => {
    const pawl = await stage.open();
    const odd = workflow('odd', async (run) => {
      run.query('q', answer as () => null);
      return run.signal('end');
    });
    const handle = await pawl.start(odd);
    expect((await refusal(handle.query('q'))).message).toMatch(/JSON|async/);
    await handle.signal('end', 1);
    expect((await handle.result()).status).toBe('succeeded');
  });

  it('when what a query gave is changed by the asker, then the function does not see it', async () => {
    const pawl = await stage.open();
    const holds = workflow('holds', async (run) => {
      const held = { n: 1 };
      run.query('held', () => held);
      await run.signal('end');
      return held;
    });
    const handle = await pawl.start(holds);
    Object.assign((await handle.query('held')) as object, { n: 2 });
    await handle.signal('end');
    expect((await handle.result()).output).toEqual({ n: 1 });
  });

  it('when a query makes calls of the run, then the asker is told, and the run is as it was', async () => {
    const pawl = await stage.open();
    const odd = workflow('odd', async (run) => {
      run.query('q', () => {
        void run.step('s', () => stage.does('s'));
        return 1;
      });
      return run.signal('end');
    });
    const handle = await pawl.start(odd);
    const { message } = await refusal(handle.query('q'));
    expect(message).toMatch(/quer/);
    await handle.signal('end', 1);
    expect([await handle.result(), stage.done]).toMatchObject([{ status: 'succeeded', output: 1 }, []]);
  });

  it('when a run that has ended is queried, then it says that it has ended', async () => {
    const pawl = await stage.open([counter]);
    const handle = await pawl.start(counter, {}, { signal: { name: 'end' } });
    await handle.result();
    expect(await refusal(handle.query('n'))).toMatchObject({ code: 'refused', message: /succeeded/ });
  });

  it('when the process is another, then queries are answered from what the function held', async () => {
    let pawl = await stage.open([counter]);
    await (await pawl.start(counter, {}, { id: 'one' })).update('add', 5);
    pawl = await stage.takeOver([counter]);
    expect(await pawl.handle('one').query('n')).toBe(5);
  });

  it('when a run waits in pause, then queries are answered, and an update once it is resumed', async () => {
    const pawl = await stage.open([counter]);
    const handle = await pawl.start(counter);
    await comesTo(handle, 'waiting');
    await handle.pause();
    expect(await handle.query('n')).toBe(0);
    const answer = handle.update('add', 2);
    await until(async () => (await handle.describe()).status === 'paused');
    await handle.resume();
    expect(await answer).toBe(2);
  });

  it('when an update is refused by its validation, then the asker is told and nothing is recorded', async () => {
    const pawl = await stage.open([counter]);
    const handle = await pawl.start(counter);
    await comesTo(handle, 'waiting');
    const before = (await handle.history()).length;
    expect(await refusal(handle.update('add', 'x'))).toMatchObject({
      code: 'bad_input',
      message: /"x" cannot be added/,
    });
    expect((await handle.history()).length).toBe(before);
  });

  it('when an update is asked twice under one id, then it is done once and both get the answer', async () => {
    const pawl = await stage.open([counter]);
    const handle = await pawl.start(counter);
    const answers = await Promise.all([handle.update('add', 3, 'u1'), handle.update('add', 3, 'u1')]);
    expect([answers, await handle.update('add', 3, 'u1'), await handle.query('n')]).toEqual([[3, 3], 3, 3]);
  });

  it('when an update was answered before the process died, then the same id gets the same answer after', async () => {
    let pawl = await stage.open([counter]);
    const handle = await pawl.start(counter, {}, { id: 'one' });
    await handle.update('add', 3, 'u1');
    await handle.update('add', 4, 'u2');
    pawl = await stage.takeOver([counter]);
    expect(await pawl.handle('one').update('add', 3, 'u1')).toBe(3);
    expect(await pawl.handle('one').query('n')).toBe(7);
  });

  it('when many updates are asked at once, then each is handled and none is lost', async () => {
    const pawl = await stage.open([counter]);
    const handle = await pawl.start(counter);
    const answers = await Promise.all(Array.from({ length: 50 }, () => handle.update('add', 1)));
    expect(Math.max(...(answers as number[]))).toBe(50);
    await handle.signal('end');
    expect((await handle.result()).output).toBe(50);
  });

  it('when an update is not known, then the asker is told which are', async () => {
    const pawl = await stage.open([counter]);
    const handle = await pawl.start(counter);
    expect(await refusal(handle.update('subtract', 1))).toMatchObject({ code: 'bad_input', message: /"add"/ });
  });

  it('when a run has ended, then an update is refused', async () => {
    const pawl = await stage.open([counter]);
    const handle = await pawl.start(counter, {}, { signal: { name: 'end' } });
    await handle.result();
    expect(await refusal(handle.update('add', 1))).toMatchObject({ code: 'refused' });
  });

  it('when a handler is given again under its name, then the later one counts', async () => {
    const pawl = await stage.open();
    const twice = workflow('twice', async (run) => {
      for (const stand of ['draft', 'final']) {
        run.query('stand', () => stand);
        run.update('stand', () => stand);
        await run.signal('next');
      }
    });
    const handle = await pawl.start(twice);
    expect([await handle.query('stand'), await handle.update('stand')]).toEqual(['draft', 'draft']);
    await handle.signal('next');
    await until(async () => (await handle.describe()).tasks.length === 2);
    expect([await handle.query('stand'), await handle.update('stand')]).toEqual(['final', 'final']);
  });

  it.each<[what: string, handler: unknown]>([
    ['nothing', undefined],
    ['a value', 7],
    ['a map without handle', { validate: () => {} }],
    ['a validation that is none', { validate: 'yes', handle: () => 1 }],
  ])('when %s is given to handle an update, then the call throws and says so', async (_what, handler) => {
    const pawl = await stage.open();
    const odd = workflow('odd', async (run) => run.update('u', handler as () => unknown));
    const { status, errors } = await pawl.run(odd);
    expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/"u".*function/)]);
  });

  it('when the handler of an update throws, then the asker is told, and the function goes on', async () => {
    const pawl = await stage.open();
    const odd = workflow('odd', async (run) => {
      run.update('u', async () => {
        await run.step('s', () => 1);
        throw new Error('too late');
      });
      return run.signal('end');
    });
    const handle = await pawl.start(odd);
    expect(await refusal(handle.update('u', null, 'u1'))).toMatchObject({ code: 'failed', message: /too late/ });
    expect(await refusal(handle.update('u', null, 'u1'))).toMatchObject({ code: 'failed', message: /too late/ });
    await handle.signal('end', 1);
    expect(await handle.result()).toMatchObject({ status: 'succeeded', output: 1 });
  });

  it.each<[what: string, answer: unknown]>([
    ['a big integer', 1n],
    ['a Map', new Map()],
    ['a function', () => 1],
  ])('when the handler of an update gives %s, then the asker is told what an answer is', async (_what, answer) => {
    const pawl = await stage.open();
    const odd = workflow('odd', async (run) => {
      run.update('u', () => answer);
      return run.signal('end');
    });
    const handle = await pawl.start(odd);
    expect(await refusal(handle.update('u'))).toMatchObject({ code: 'failed', message: /JSON/ });
    await handle.signal('end', 1);
    expect((await handle.result()).status).toBe('succeeded');
  });

  it('when the function returns while an update is handled, then it ends after the answer', async () => {
    const pawl = await stage.open();
    const slow = workflow('slow', async (run) => {
      run.update('u', async () => {
        await run.sleep(stage.long);
        return 'answered';
      });
      await run.signal('end');
      return 'ended';
    });
    const handle = await pawl.start(slow);
    const answer = handle.update('u');
    await until(async () => (await handle.describe()).tasks.some(({ name }) => name === 'sleep'));
    await handle.signal('end');
    expect([await answer, (await handle.result()).output]).toEqual(['answered', 'ended']);
  });

  it('when the run is canceled while an update is handled, then the asker is told and the run is canceled', async () => {
    const pawl = await stage.open();
    const slow = workflow('slow', async (run) => {
      run.update('u', () => run.signal('never'));
      await run.signal('end');
    });
    const handle = await pawl.start(slow);
    const answer = refusal(handle.update('u'));
    await until(async () => (await handle.describe()).tasks.length === 2);
    await handle.cancel('enough');
    expect((await handle.result()).status).toBe('canceled');
    expect((await answer).code).toMatch(/failed|refused/);
  });

  it('when the run is terminated while an update is handled, then the asker is told', async () => {
    const pawl = await stage.open();
    const slow = workflow('slow', async (run) => {
      run.update('u', () => run.signal('never'));
      await run.signal('end');
    });
    const handle = await pawl.start(slow);
    const answer = refusal(handle.update('u'));
    await until(async () => (await handle.describe()).tasks.length === 2);
    await handle.terminate();
    expect((await answer).code).toBe('refused');
  });

  it('when the process dies while an update is handled, then it is handled to its end in the next', async () => {
    const slow = workflow('slow', async (run) => {
      run.update('u', async () => {
        await run.step('tell', () => stage.does('told'));
        return run.signal('more');
      });
      return run.signal('end');
    });
    let pawl = await stage.open([slow]);
    const handle = await pawl.start(slow, {}, { id: 'one' });
    const first = handle.update('u', null, 'u1').catch(() => 'cut off');
    await until(async () => (await handle.describe()).tasks.length === 3);
    pawl = await stage.takeOver([slow]);
    await pawl.handle('one').signal('more', 'done');
    expect(await pawl.handle('one').update('u', null, 'u1')).toBe('done');
    expect(stage.done).toEqual(['told']);
    void first;
  });

  it('when handlers are given after the first wait, then an update that came before is answered once they are', async () => {
    const pawl = await stage.open();
    const late = workflow('late', async (run) => {
      await run.step('prepare', () => new Promise((resolve) => setTimeout(() => resolve(null), 20)));
      run.update('u', () => 'answered');
      run.query('q', () => 'asked');
      return run.signal('end');
    });
    const handle = await pawl.start(late);
    const early = await handle.update('u').catch((error: { code: string }) => error.code);
    expect(['answered', 'bad_input']).toContain(early);
    await comesTo(handle, 'waiting');
    expect([await handle.update('u'), await handle.query('q')]).toEqual(['answered', 'asked']);
  });

  it('when a waitUntil throws later, then the function gets that, and other runs go on', async () => {
    const pawl = await stage.open([counter]);
    const waits = workflow('waits', async (run) => {
      let count = 0;
      run.update('more', () => {
        count += 1;
        return count;
      });
      return run
        .waitUntil(() => {
          if (count === 2) throw new Error('two is too many');
          return false;
        })
        .catch((error: Error) => error.message);
    });
    const handle = await pawl.start(waits);
    await handle.update('more');
    await handle.update('more');
    expect((await handle.result()).output).toBe('two is too many');
    expect((await pawl.run(counter, {}, { signal: { name: 'end' } })).output).toBe(0);
  });

  it.each<[what: string, ask: (handle: RunHandle) => Promise<unknown>]>([
    ['a signal named by a number', (handle) => handle.signal(7 as never, 1)],
    ['a signal whose id is a number', (handle) => handle.signal('n', 1, 7 as never)],
    ['an update whose id is a number', (handle) => handle.update('add', 1, 7 as never)],
    ['an update of a big integer', (handle) => handle.update('add', 1n as never)],
    ['a query about a Map', (handle) => handle.query('n', new Map() as never)],
    ['a cancel for a number', (handle) => handle.cancel(7 as never)],
    ['a terminate for a map', (handle) => handle.terminate({} as never)],
    ['an answer to a number', (handle) => handle.answer(7 as never, 1)],
    ['a decision about nothing', (handle) => handle.decide(undefined as never, 'retry')],
    ['attributes of a list', (handle) => handle.setAttributes([1] as never)],
  ])('when it is asked %s, then that is refused, and the run can be read and goes on', async (_what, ask) => {
    const pawl = await stage.open([counter]);
    const handle = pawl.handle((await pawl.start(counter)).id);
    await comesTo(handle, 'waiting');
    expect((await refusal(ask(handle))).code).toBe('bad_input');
    await handle.signal('end');
    expect(await handle.result()).toMatchObject({ status: 'succeeded', output: 0 });
  });

  it('when a cancel is caught by who waits for a signal, then that tells by its error', async () => {
    const pawl = await stage.open();
    const waits = workflow('waits', async (run) => {
      try {
        return await run.signal('never');
      } catch (error) {
        return (error as CanceledError).name;
      }
    });
    const handle = await pawl.start(waits);
    await comesTo(handle, 'waiting');
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ output: 'CanceledError' });
  });
});
