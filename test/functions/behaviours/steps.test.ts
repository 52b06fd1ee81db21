/** Tasks and steps: what they are given, what they give, and how they fail. */

import { describe, expect, it } from 'vitest';
import { ActionError, defineAction, PawlError, type RunContext, TaskFailed, workflow } from '../../../src/index.ts';
import { comesTo, places, stageOn, until } from './stage.ts';

class Point {
  readonly x = 1;
}

describe.each(places)('given steps and tasks, on %s', (place) => {
  const stage = stageOn(place);

  it('when a step gives undefined, then the function gets null, now and after a crash alike', async () => {
    const gives = workflow('gives', async (run) => {
      const given: unknown = await run.step('nothing', () => {});
      await run.signal('go');
      return [given === null, given === undefined];
    });
    let pawl = await stage.open([gives]);
    const first = await pawl.start(gives, {}, { id: 'one' });
    await first.signal('go');
    const before = (await first.result()).output;
    await comesTo(await pawl.start(gives, {}, { id: 'two' }), 'waiting');
    pawl = await stage.takeOver([gives]);
    await pawl.handle('two').signal('go');
    expect((await pawl.handle('two').result()).output).toEqual(before);
  });

  it.each<[what: string, value: unknown]>([
    ['an instance of a class', new Point()],
    ['a big integer', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a Map', new Map([[1, 2]])],
    ['a Date', new Date(0)],
    ['NaN', Number.NaN],
    ['undefined in a map', { a: undefined }],
    ['bytes', new Uint8Array([1])],
    ['what is nested 100 deep', Array.from({ length: 100 }).reduce<unknown>((inner) => [inner], 1)],
  ])('when a step gives %s, then it fails and says what it gave, and is not tried again', async (_what, value) => {
    const pawl = await stage.open();
    const odd = workflow('odd', (run) =>
      run
        .step(
          'odd',
          () => {
            stage.does('work');
            return value;
          },
          { retry: { count: 3 } },
        )
        .then(
          () => 'kept',
          (error: TaskFailed) => `${error.task}: ${error.message}`,
        ),
    );
    expect((await pawl.run(odd)).output).toMatch(/^odd: .*(not JSON|nested)/);
    expect(stage.done).toEqual(['work']);
  });

  it('when a step gives an object that it changes later, then what it gave counts', async () => {
    const pawl = await stage.open();
    const changes = workflow('changes', async (run) => {
      const shared = { n: 1 };
      const given = await run.step('give', () => shared);
      shared.n = 2;
      return given;
    });
    expect((await pawl.run(changes)).output).toEqual({ n: 1 });
  });

  it('when the function changes what a step gave, then the history has what it gave', async () => {
    const pawl = await stage.open();
    const changes = workflow('changes', async (run) => {
      const given = await run.step('give', () => ({ n: 1 }));
      Object.assign(given, { n: 2 });
      await run.signal('go');
      return given.n;
    });
    const handle = await pawl.start(changes);
    await comesTo(handle, 'waiting');
    expect((await handle.describe()).tasks[0]?.output).toEqual({ n: 1 });
  });

  it('when the function goes on writing to what it was given and gave, then each process sees it as it was', async () => {
    const child = workflow('child', async () => ({ n: [1] }));
    const writes = workflow('writes', async (run, input: { n: number[] }) => {
      input.n.push(2);
      const step = await run.step('step', () => [1]);
      step.push(2);
      const signal = await run.signal<number[]>('list');
      signal.push(2);
      const below = await run.child(child);
      below.n.push(2);
      const given = { n: [1] };
      const echo = run.task('echo', given);
      given.n.push(2);
      run.emit('piece', given);
      given.n.push(3);
      run.emit('piece', given);
      const failure = await run
        .step('fails', () => Promise.reject(new ActionError('no', { result: [1] })))
        .catch((e: TaskFailed) => e);
      (failure as unknown as { result: number[] }).result.push(2);
      await run.signal('go');
      return { input, step, signal, below, echo: await echo, failure: (failure as TaskFailed).result };
    });
    const echo = defineAction({ name: 'echo', handler: (input) => input });
    const lists = { signal: { name: 'list', payload: [1] } };
    let pawl = await stage.open([writes, child], [echo]);
    await pawl.start(writes, { n: [1] }, { id: 'one', ...lists });
    const through = await pawl.start(writes, { n: [1] }, { id: 'two', ...lists });
    await through.signal('go');
    const { output } = await through.result();
    await comesTo(pawl.handle('one'), 'waiting');
    pawl = await stage.takeOver([writes, child], [echo]);
    await pawl.handle('one').signal('go');
    expect((await pawl.handle('one').result()).output).toEqual(output);
    expect(output).toMatchObject({ step: [1, 2], echo: { n: [1] }, failure: [1, 2] });
    const pieces: unknown[] = [];
    for await (const { value } of pawl.handle('one').stream('piece')) pieces.push(value);
    expect(pieces).toEqual([{ n: [1, 2] }, { n: [1, 2, 3] }]);
    expect((await pawl.handle('one').describe()).input).toEqual({ n: [1] });
  });

  it.each<[what: string, misuse: (run: RunContext) => unknown]>([
    ['a number at random', (run) => run.random()],
    ['a UUID', (run) => run.uuid()],
    ['another step', (run) => run.step('inner', () => 1)],
    ['a sleep', (run) => run.sleep(1)],
    ['a signal', (run) => run.signal('s')],
    ['many at the same time', (run) => run.all([() => run.step('inner', () => 1)])],
    ['a shield', (run) => run.shield(() => 1)],
    ['a patch', (run) => run.patched('p')],
    ['a piece of a stream', (run) => run.emit('s', 1)],
    ['attributes', (run) => run.setAttributes({ a: 1 })],
    ['something to undo', (run) => run.compensate(() => {})],
    ['a query', (run) => run.query('q', () => 1)],
    ['an update', (run) => run.update('u', () => 1)],
  ])('when a step asks the run for %s, then it is told that it may not, and the run goes on', async (_what, misuse) => {
    const pawl = await stage.open();
    const odd = workflow('odd', async (run) => {
      const message = await run
        .step('outer', async () => {
          await new Promise((resolve) => setImmediate(resolve));
          await misuse(run);
        })
        .catch((error: TaskFailed) => error.message);
      return [message, await run.step('after', () => 'after')];
    });
    expect((await pawl.run(odd)).output).toEqual([
      expect.stringMatching(/^the step "outer" asks its run for/),
      'after',
    ]);
  });

  it('when a result has odd keys, then it is given as it is', async () => {
    const pawl = await stage.open();
    const odd = workflow('odd', async (run) => {
      const given = await run.step('give', () => JSON.parse('{"__proto__": {"a": 1}, "then": 2}') as object);
      return JSON.stringify(given);
    });
    expect((await pawl.run(odd)).output).toBe('{"__proto__":{"a":1},"then":2}');
  });

  it.each(['', 7, undefined, null])('when a step is named %j, then the call throws and says so', async (name) => {
    const pawl = await stage.open();
    const odd = workflow('odd', (run) => run.step(name as string, () => 1));
    const { status, errors } = await pawl.run(odd);
    expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/name/)]);
  });

  it.each([undefined, null, '', 7, {}])(
    'when a task or a child is %j, then the call throws and says so',
    async (called) => {
      const pawl = await stage.open();
      const odd = workflow('odd', async (run) => {
        const messages: string[] = [];
        for (const call of [() => run.task(called as string), () => run.child(called as string)]) {
          try {
            await call();
          } catch (error) {
            messages.push((error as Error).message);
          }
        }
        return messages;
      });
      expect((await pawl.run(odd)).output).toEqual([
        expect.stringMatching(/definition/),
        expect.stringMatching(/definition/),
      ]);
    },
  );

  it('when a step has no work, then the call throws and says so', async () => {
    const pawl = await stage.open();
    const odd = workflow('odd', (run) => run.step('s', undefined as never));
    const { status, errors } = await pawl.run(odd);
    expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/function/)]);
  });

  it.each<[what: string, thrown: unknown, message: RegExp]>([
    ['a text', 'no paper', /no paper/],
    ['undefined', undefined, /./],
    ['null', null, /./],
    ['a map', { code: 'E1' }, /not an error/],
    ['an error without a message', new Error(''), /./],
    ['an error with a cause', new Error('outer', { cause: new Error('inner') }), /outer/],
    ['many errors', new AggregateError([new Error('a')], 'several'), /several/],
  ])('when a step throws %s, then the function gets a TaskFailed that says so', async (_what, thrown, message) => {
    const pawl = await stage.open();
    const throws = workflow('throws', (run) =>
      run
        .step('s', () => {
          throw thrown;
        })
        .catch((error: unknown) => (error instanceof TaskFailed ? { kind: error.kind, message: error.message } : 'no')),
    );
    expect((await pawl.run(throws)).output).toEqual({ kind: 'failed', message: expect.stringMatching(message) });
  });

  it.each<[what: string, thrown: unknown]>([
    ['what has no text', Object.create(null)],
    ['a symbol', Symbol('odd')],
    [
      'what cannot be read',
      {
        toString() {
          throw new Error('never');
        },
      },
    ],
    ['an error as long as a book', new Error('x'.repeat(1_000_000))],
  ])(
    'when a function, an update, a query, an undoing or a transaction throws %s, then each comes to its end',
    async (_what, thrown) => {
      const pawl = await stage.open();
      const throws = (): never => {
        throw thrown;
      };
      const odd = workflow('odd', async (run) => {
        run.query('q', throws);
        run.update('u', throws);
        run.update('v', { validate: throws, handle: () => 1 });
        run.compensate(throws);
        await run.transaction('t', throws).catch(() => {});
        await run.signal('end');
        throw thrown;
      });
      const handle = await pawl.start(odd);
      for (const asked of [handle.query('q'), handle.update('u'), handle.update('v')])
        await expect(asked).rejects.toThrow();
      await handle.signal('end');
      const { status, errors } = await handle.result();
      expect(status).toBe('failed');
      expect(errors[0]?.message.length).toBeLessThan(9_000);
    },
  );

  it('when a step throws a TaskFailed of another call, then it is a failure of its own', async () => {
    const pawl = await stage.open();
    const wraps = workflow('wraps', async (run) => {
      const inner = await run
        .step('inner', () => Promise.reject(new Error('deep')))
        .catch((error: TaskFailed) => error);
      return run.step('outer', () => Promise.reject(inner)).catch((error: TaskFailed) => [error.task, error.message]);
    });
    expect((await pawl.run(wraps)).output).toEqual(['outer', expect.stringMatching(/deep/)]);
  });

  it('when two calls have the same name, then each has its own result and key', async () => {
    const pawl = await stage.open();
    const same = workflow('same', (run) =>
      run.map([1, 2], (n) => run.step('s', ({ idempotencyKey }) => `${n} ${idempotencyKey}`)),
    );
    const [one, two] = (await pawl.run(same)).output as string[];
    expect([one?.[0], two?.[0], one?.slice(2) === two?.slice(2)]).toEqual(['1', '2', false]);
  });

  it('when an attempt was cut off by a crash, then the next has its key and the next number', async () => {
    const works = workflow('works', (run) =>
      run.step('s', async ({ attempt, idempotencyKey }) => {
        stage.does(idempotencyKey);
        if (stage.done.length === 1) await new Promise(() => {});
        return attempt;
      }),
    );
    let pawl = await stage.open([works]);
    await pawl.start(works, {}, { id: 'one' });
    await until(() => stage.done.length === 1);
    pawl = await stage.takeOver([works]);
    expect((await pawl.handle('one').result()).output).toBe(2);
    expect(stage.done[0]).toBe(stage.done[1]);
  });

  it('when a step starts a run of its own, then that is a run beside', async () => {
    const other = workflow('other', async () => 'beside');
    const pawl = await stage.open([other]);
    const begins = workflow('begins', (run) =>
      run.step(
        'begin',
        async ({ idempotencyKey }) => (await pawl.start('other', {}, { id: `b-${idempotencyKey.length}` })).id,
      ),
    );
    const id = (await pawl.run(begins)).output as string;
    expect((await pawl.handle(id).result()).output).toBe('beside');
  });

  it('when a call is made after the function has returned, then nothing is made of it', async () => {
    const pawl = await stage.open();
    const leaves = workflow('leaves', async (run) => {
      void run.sleep('1ms').then(() => run.step('late', () => stage.does('late')));
      return 'done';
    });
    const handle = await pawl.start(leaves);
    expect(await handle.result()).toMatchObject({ status: 'succeeded', output: 'done' });
    expect(stage.done).toEqual([]);
  });

  it('when the input of a task is not what its schema says, then the task fails once and names the field', async () => {
    const { z } = await import('zod');
    const pay = defineAction({
      name: 'pay',
      input: z.object({ cents: z.number() }),
      handler: () => stage.does('pay'),
    });
    const pawl = await stage.open([], [pay]);
    const odd = workflow('odd', (run) =>
      run.task('pay', { cents: 'many' }, { retry: { count: 5 } }).catch((error: TaskFailed) => error.message),
    );
    expect((await pawl.run(odd)).output).toMatch(/cents/);
    expect(stage.done).toEqual([]);
  });

  it('when an action fails with more than a message, then the function gets kind and result', async () => {
    const pay = defineAction({
      name: 'pay',
      handler: () => {
        throw new ActionError('declined', { kind: 'card_declined', result: { code: 51 }, retryable: false });
      },
    });
    const pawl = await stage.open([], [pay]);
    const pays = workflow('pays', (run) =>
      run.task(pay, {}).catch((error: TaskFailed) => ({ kind: error.kind, result: error.result, task: error.task })),
    );
    expect((await pawl.run(pays)).output).toEqual({ kind: 'card_declined', result: { code: 51 }, task: 'pay' });
  });

  it('when an error is thrown on, then the run says which task it was, and an own error names itself', async () => {
    const pawl = await stage.open();
    const throws = workflow('throws', async (run) => {
      try {
        await run.step('pay', () => Promise.reject(new Error('declined')));
      } catch (cause) {
        throw new PawlError('failed', 'no order', { cause });
      }
    });
    expect(await pawl.run(throws)).toMatchObject({ status: 'failed', errors: [{ message: 'no order' }] });
  });

  it('when a task is given a name of its own, then the history and failures call it so', async () => {
    const pay = defineAction({ name: 'pay', handler: () => Promise.reject(new Error('no')) });
    const pawl = await stage.open([], [pay]);
    const pays = workflow('pays', (run) => run.task(pay, {}, { name: 'pay the hotel' }));
    const handle = await pawl.start(pays);
    expect((await handle.result()).errors).toMatchObject([{ task: 'pay the hotel' }]);
    expect((await handle.describe()).tasks.map(({ name }) => name)).toEqual(['pay the hotel']);
  });

  it('when a call fails and nobody waits for it, then the function goes on', async () => {
    const pawl = await stage.open();
    const leaves = workflow('leaves', async (run) => {
      void run.step('fails', () => Promise.reject(new Error('unheard')));
      await run.step('other', () => 1);
      return 'done';
    });
    expect(await pawl.run(leaves)).toMatchObject({ status: 'succeeded', output: 'done' });
  });
});
