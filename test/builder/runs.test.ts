/** Graphs that were built in code, run by a real engine. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ActionError, builtInActions, dag, defineAction, type Json } from '../../src/index.ts';
import { event, failing, gate, newFile, pawlInMemory, pawlOver, resultOf } from './world.ts';

describe('given tasks that need each other', () => {
  const sum = dag('sum')
    .task('a', { run: async () => 2 })
    .task('b', { needs: ['a'], run: ({ a }) => a * 10 })
    .task('c', { needs: ['a'], run: ({ a }) => a + 1 })
    .task('d', { needs: ['b', 'c'], run: ({ b, c }) => ({ total: b + c }) });

  it('when they run, then each gets the results of those it needs', async () => {
    expect(await resultOf(sum)).toMatchObject({ status: 'succeeded', output: { d: { total: 23 } } });
  });

  it('when it is built first, then it runs the same', async () => {
    expect(await resultOf(sum.build())).toMatchObject({ status: 'succeeded', output: { d: { total: 23 } } });
  });

  it('when an output is said, then the run gives that', async () => {
    const graph = sum.output(['a', 'd'], ({ a, d }) => [a, d.total]);

    expect(await resultOf(graph)).toMatchObject({ status: 'succeeded', output: [2, 23] });
  });

  it('when a task sees its needs, then it sees nothing else', async () => {
    const graph = sum.task('e', { needs: ['a'], run: (seen) => Object.keys(seen) });

    expect((await resultOf(graph, { q: 1 })).output).toMatchObject({ e: ['input', 'a'] });
  });

  it('when a task has neither code nor action, then it gives null', async () => {
    const graph = dag('x')
      .task('gate', {})
      .task('b', { needs: ['gate'], run: ({ gate: given }) => [given] });

    expect((await resultOf(graph)).output).toEqual({ b: [null] });
  });

  it('when one is asked for its context, then it is that of an attempt', async () => {
    const graph = dag('x').task('a', { run: (_seen, { task, attempt }) => ({ task, attempt }) });

    expect((await resultOf(graph)).output).toEqual({ a: { task: 'a', attempt: 1 } });
  });

  it('when two may run at once, then they do', async () => {
    const first = gate();
    const second = gate();
    const graph = dag('x')
      .task('a', {
        run: async () => {
          first.open();
          await second.opened;
          return 'a';
        },
      })
      .task('b', {
        run: async () => {
          second.open();
          await first.opened;
          return 'b';
        },
      });

    expect((await resultOf(graph)).output).toEqual({ a: 'a', b: 'b' });
  });

  it('when one at a time is allowed, then priority says which goes first', async () => {
    const order: string[] = [];
    const run = (_seen: unknown, { task }: { task: string }): void => void order.push(task);
    const graph = dag('x', { concurrency: 1 })
      .task('low', { priority: 10, run })
      .task('usual', { run })
      .task('high', { priority: 90, run });

    await resultOf(graph);

    expect(order).toEqual(['high', 'usual', 'low']);
  });

  it('when a need is preferred, then it goes first where both could, and its failure does not matter', async () => {
    const order: string[] = [];
    const graph = dag('x', { concurrency: 1, failure: 'skip' })
      .open()
      .task('second', { needs: [{ task: 'first', kind: 'preferred' }], run: () => void order.push('second') })
      .task('first', {
        run: () => {
          order.push('first');
          throw new Error('no');
        },
      });

    const { status } = await resultOf(graph);

    expect([order, status]).toEqual([['first', 'second'], 'failed']);
  });
});

describe('given an input', () => {
  const echo = dag('echo').task('a', { run: ({ input }) => input });

  it('when there is no schema, then tasks see it as it was given', async () => {
    expect((await resultOf(echo, { x: 1, y: [2] })).output).toEqual({ a: { x: 1, y: [2] } });
  });

  it('when it is called input or has the name of a task, then nothing is hidden', async () => {
    const graph = echo.task('b', { needs: ['a'], run: ({ a, input }) => [a, input] as readonly Json[] });
    const input = { input: 1, a: 2 };

    expect((await resultOf(graph, input)).output).toEqual({ b: [input, input] });
  });

  it('when there is a schema, then tasks see what it lets through', async () => {
    const schema = z.object({ n: z.coerce.number(), width: z.number().default(3) });
    const graph = dag('x', { input: schema }).task('a', { run: ({ input }) => input.n + input.width });

    expect((await resultOf(graph, { n: '4' })).output).toEqual({ a: 7 });
  });

  it('when it fails its schema, then the start is refused and no task runs', async () => {
    let runs = 0;
    const graph = dag('x', { input: z.object({ n: z.number() }) }).task('a', {
      run: () => {
        runs += 1;
      },
    });

    const pawl = await pawlInMemory();
    const start = pawl.start(graph, { n: 'four' as never });

    await expect(start).rejects.toMatchObject({ code: 'bad_input', message: expect.stringContaining('n: ') });
    expect(runs).toBe(0);
  });

  it('when the schema is asynchronous, then the start is refused and says so', async () => {
    const schema = z.object({ n: z.number().refine(async () => true) });
    const start = resultOf(dag('x', { input: schema }).task('a'), { n: 1 });

    await expect(start).rejects.toMatchObject({ code: 'bad_input', message: expect.stringMatching(/async|Promise/i) });
  });

  it('when there are variables, then closures see constants and what code gave', async () => {
    const graph = dag('x', {
      input: z.object({ n: z.number() }),
      vars: { base: 10, twice: ({ input }) => input.n * 2, braces: '<% not an expression' },
    }).task('a', { run: ({ base, twice, braces }) => [base, twice, braces] });

    expect((await resultOf(graph, { n: 4 })).output).toEqual({ a: [10, 8, '<% not an expression'] });
  });
});

describe('given inputs of tasks', () => {
  it('when there is a closure, then the code gets what it gives', async () => {
    const graph = dag('x')
      .task('a', { run: () => 2 })
      .task('b', { needs: ['a'], input: ({ a }) => ({ doubled: a * 2 }), run: ({ doubled }) => doubled });

    expect((await resultOf(graph)).output).toEqual({ b: 4 });
  });

  it('when there is a constant, then texts in it are texts', async () => {
    const graph = dag('x').task('a', { input: { text: '<% ctx(secretly) %> {{ x }}' }, run: ({ text }) => text });

    expect((await resultOf(graph)).output).toEqual({ a: '<% ctx(secretly) %> {{ x }}' });
  });

  it('when a closure throws, then the run fails with its message', async () => {
    const { status, errors } = await resultOf(dag('x').task('a', { input: failing('no input today'), run: () => 1 }));

    expect(status).toBe('failed');
    expect(errors[0]).toMatchObject({ task: 'a', message: 'no input today' });
  });

  it('when a closure gives what is not JSON, then the run fails', async () => {
    expect((await resultOf(dag('x').task('a', { input: () => new Date(0), run: () => 1 }))).status).toBe('failed');
  });

  it('when a constant names a secret, then the code gets its value and the history does not', async () => {
    const pawl = await pawlInMemory({ secrets: { API: 'hush-hush' } });
    let history = '';
    pawl.subscribe((_run, events) => {
      history += JSON.stringify(events);
    });
    const graph = dag('x').task('a', {
      input: { token: 'secret(API)' },
      run: ({ token }) => token.length,
    });

    expect((await pawl.run(graph)).output).toEqual({ a: 'hush-hush'.length });
    expect(history).toContain('secret(API)');
    expect(history).not.toContain('hush-hush');
  });

  it('when a closure gives a secret that the task says, then the code gets its value', async () => {
    const pawl = await pawlInMemory({ secrets: { API: 'hush-hush' } });
    const graph = dag('x').task('a', {
      secrets: ['API'],
      input: () => ({ token: 'secret(API)' }),
      run: ({ token }) => token.length,
    });

    expect((await pawl.run(graph)).output).toEqual({ a: 'hush-hush'.length });
  });
});

describe('given actions', () => {
  const price = defineAction({
    name: 'shop.price',
    input: z.object({ item: z.string(), count: z.number().default(1) }),
    output: z.object({ cents: z.number() }),
    handler: async ({ item, count }) => ({ cents: item === 'tea' ? 300 * count : -1, more: true }),
  });

  it('when a task is given one, then it need not be registered, and its schemas hold', async () => {
    const graph = dag('x').task('a', { action: price, input: { item: 'tea' } });

    expect((await resultOf(graph)).output).toEqual({ a: { cents: 300 } });
  });

  it('when its input fails its schema, then the task fails without a retry', async () => {
    const graph = dag('x').task('a', { action: price, input: { item: 7 }, retry: { count: 5 } });

    const { status, errors } = await resultOf(graph);

    expect(status).toBe('failed');
    expect(errors[0]?.message).toContain('item: ');
  });

  it('when a task names one that the engine knows, then that is called', async () => {
    const pawl = await pawlInMemory({ actions: [price] });
    const graph = dag('x')
      .task('a', { action: 'shop.price', input: { item: 'tea', count: 2 } })
      .task('b', { needs: ['a'], run: ({ a }) => a });

    expect((await pawl.run(graph)).output).toEqual({ b: { cents: 600 } });
  });

  it('when a task names a wait of the engine, then it waits', async () => {
    const pawl = await pawlInMemory();
    const graph = dag('x')
      .task('ask', { action: 'core.ask', input: { question: 'go?' } })
      .task('b', { needs: ['ask'], run: ({ ask }) => ask });
    const waiting = event(pawl, 'WaitStarted');
    const run = await pawl.start(graph);
    await waiting;

    await run.answer('ask', 'yes');

    expect((await run.result()).output).toEqual({ b: 'yes' });
  });
});

describe('given maps', () => {
  it('when a list is mapped, then the result is the list of what each item gave', async () => {
    const graph = dag('x')
      .task('list', { run: () => ['a', 'bb', 'ccc'] })
      .map('sizes', { needs: ['list'], over: ({ list }) => list, run: (item) => item.length })
      .task('sum', { needs: ['sizes'], run: ({ sizes }) => sizes.reduce((left, right) => left + right, 0) });

    expect((await resultOf(graph)).output).toEqual({ sum: 6 });
  });

  it('when it has a width, then so many items run at once and no more', async () => {
    let now = 0;
    let most = 0;
    const graph = dag('x').map('m', {
      over: [1, 2, 3, 4, 5],
      width: 2,
      run: async (item) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        return item;
      },
    });

    expect((await resultOf(graph)).output).toEqual({ m: [1, 2, 3, 4, 5] });
    expect(most).toBe(2);
  });

  it('when the width is a closure, then it sees the needs', async () => {
    const graph = dag('x')
      .task('a', { run: () => 1 })
      .map('m', { needs: ['a'], over: [1, 2], width: ({ a }) => a, run: (item) => item * 2 });

    expect((await resultOf(graph)).output).toEqual({ m: [2, 4] });
  });

  it('when items have an input, then the code gets that', async () => {
    const graph = dag('x')
      .task('a', { run: () => 'pre' })
      .map('m', { needs: ['a'], over: ['x', 'y'], input: (item, { a }) => `${a}-${item}`, run: (text) => text });

    expect((await resultOf(graph)).output).toEqual({ m: ['pre-x', 'pre-y'] });
  });

  it('when an item fails, then only that item is tried again', async () => {
    const tries: number[] = [];
    const graph = dag('x').map('m', {
      over: [1, 2],
      retry: { count: 1 },
      run: (item, { attempt }) => {
        tries.push(item);
        if (item === 2 && attempt === 1) throw new Error('once');
        return item;
      },
    });

    expect((await resultOf(graph)).output).toEqual({ m: [1, 2] });
    expect(tries.filter((item) => item === 2).length).toBe(2);
  });

  it('when the list is empty, then the result is an empty list', async () => {
    expect((await resultOf(dag('x').map('m', { over: [] as number[], run: (item) => item }))).output).toEqual({
      m: [],
    });
  });
});

describe('given conditions and triggers', () => {
  const start = dag('x', { failure: 'partial' })
    .task('good', { run: () => 1 })
    .task('bad', { run: failing('bad luck') as () => number })
    .task('off', { when: () => false as boolean, run: () => 3 });

  const seen = async (
    trigger: 'all_succeeded' | 'all_done' | 'any_succeeded' | 'none_failed',
    needs: 'bad' | 'off',
  ) => {
    const graph = start
      .task('end', { needs: ['good', needs], trigger, run: (all) => [all.good, all[needs as never] ?? null] as Json[] })
      .output(['end'], ({ end }) => end);
    return (await resultOf(graph)).output;
  };

  it('when a condition does not hold, then the task and what needs it are skipped, and the run succeeds', async () => {
    const graph = dag('x')
      .task('off', { when: () => false as boolean, run: () => 3 })
      .task('after', { needs: ['off'], run: () => 4 })
      .output(['off', 'after'], ({ off, after }) => [off, after]);

    expect(await resultOf(graph)).toMatchObject({ status: 'succeeded', output: [null, null] });
  });

  it('when a condition holds by what is needed, then the task runs', async () => {
    const graph = dag('x')
      .task('a', { run: () => 5 })
      .task('b', { needs: ['a'], when: ({ a }) => a > 4, run: () => 'big' });

    expect((await resultOf(graph)).output).toEqual({ b: 'big' });
  });

  it('when all must have succeeded and one has not, then the task is skipped', async () => {
    expect([await seen('all_succeeded', 'bad'), await seen('all_succeeded', 'off')]).toEqual([null, null]);
  });

  it('when all must be over, then it runs with null for what gave nothing', async () => {
    expect([await seen('all_done', 'bad'), await seen('all_done', 'off')]).toEqual([
      [1, null],
      [1, null],
    ]);
  });

  it('when any must have succeeded, then one is enough', async () => {
    expect([await seen('any_succeeded', 'bad'), await seen('any_succeeded', 'off')]).toEqual([
      [1, null],
      [1, null],
    ]);
  });

  it('when none may have failed, then one that was skipped does not count', async () => {
    expect([await seen('none_failed', 'bad'), await seen('none_failed', 'off')]).toEqual([null, [1, null]]);
  });
});

describe('given failure policies', () => {
  const build = (failure: 'stop' | 'skip' | 'partial') => {
    const ran: string[] = [];
    const run = (_seen: unknown, { task }: { task: string }): string => {
      ran.push(task);
      return task;
    };
    const graph = dag('x', { failure, concurrency: 1 })
      .task('bad', { run: failing('bad luck') as () => number, priority: 90 })
      .task('under', { needs: ['bad'], run })
      .task('beside', { run });
    return { ran, graph };
  };

  it('when it is stop, then nothing new starts and the run fails', async () => {
    const { ran, graph } = build('stop');

    expect((await resultOf(graph)).status).toBe('failed');
    expect(ran).toEqual([]);
  });

  it('when it is skip, then the rest goes on and the run fails', async () => {
    const { ran, graph } = build('skip');

    expect((await resultOf(graph)).status).toBe('failed');
    expect(ran).toEqual(['beside']);
  });

  it('when it is partial, then the rest goes on and the run succeeds with what there is', async () => {
    const { ran, graph } = build('partial');

    expect(await resultOf(graph)).toMatchObject({ status: 'succeeded', output: { beside: 'beside' } });
    expect(ran).toEqual(['beside']);
  });
});

describe('given retries and time', () => {
  it('when an attempt fails, then it is tried again so often', async () => {
    const graph = dag('x').task('a', {
      retry: { count: 2, factor: 2, jitter: 0.2 },
      run: (_seen, { attempt }) => {
        if (attempt < 3) throw new Error('not yet');
        return attempt;
      },
    });

    expect((await resultOf(graph)).output).toEqual({ a: 3 });
  });

  it('when a closure says which failures are tried again, then it sees how it went', async () => {
    const asked: unknown[] = [];
    const graph = dag('x').task('a', {
      run: (_seen, { attempt }): { again: boolean } => {
        throw new ActionError('no', { result: { again: attempt < 2 } });
      },
      retry: {
        count: 5,
        when: ({ status, result }) => {
          asked.push([status, result]);
          return status === 'failed' && result?.again === true;
        },
      },
    });

    expect((await resultOf(graph)).status).toBe('failed');
    expect(asked).toEqual([
      ['failed', { again: true }],
      ['failed', { again: false }],
    ]);
  });

  it('when an attempt takes too long, then it is stopped and the task fails', async () => {
    const graph = dag('x').task('a', {
      timeout: '5ms',
      run: (_seen, { signal }) => new Promise<number>((_done, stop) => signal.addEventListener('abort', stop)),
    });

    const { status, errors } = await resultOf(graph);

    expect(status).toBe('failed');
    expect(errors[0]).toMatchObject({ task: 'a' });
  });

  it('when the deadline of a task passes, then no retry helps', async () => {
    let tries = 0;
    const graph = dag('x').task('a', {
      deadline: '5ms',
      retry: { count: 100_000, delay: '1s' },
      run: () => {
        tries += 1;
        throw new Error('no');
      },
    });

    expect((await resultOf(graph)).status).toBe('failed');
    expect(tries).toBe(1);
  });

  // A fault of the kernel: the errors of such a run are empty, where a task without items has one of the kind `deadline`.
  it('when the deadline of a map passes, then an error says so', async () => {
    const graph = dag('x').map('m', {
      over: [1, 2],
      deadline: '5ms',
      run: (_item, { signal }) => new Promise<number>((_done, stop) => signal.addEventListener('abort', stop)),
    });

    const { status, errors } = await resultOf(graph);

    expect(status).toBe('failed');
    expect(errors[0]).toMatchObject({ kind: 'deadline', task: 'm' });
  });

  it('when a closure gives no duration, then the run fails and says what it gave', async () => {
    const { status, errors } = await resultOf(dag('x').task('a', { delay: () => '1.5s', run: () => 1 }));

    expect(status).toBe('failed');
    expect(errors[0]?.message).toContain('1.5s');
  });
});

describe('given fallbacks', () => {
  it('when the attempts are used up, then the fallback gives the result', async () => {
    const graph = dag('x')
      .task('a', {
        input: { url: 'here' },
        run: failing('down') as () => string,
        retry: { count: 1 },
        fallback: { run: ({ url }) => `cached ${url}` },
      })
      .task('b', { needs: ['a'], run: ({ a }) => a });

    expect(await resultOf(graph)).toMatchObject({ status: 'succeeded', output: { b: 'cached here' } });
  });

  it('when it has an input of its own, then it gets that', async () => {
    const graph = dag('x')
      .task('n', { run: () => 7 })
      .task('a', {
        needs: ['n'],
        run: failing('down') as () => Json,
        fallback: { action: 'core.echo', input: ({ n }) => ({ n }) },
      });

    const pawl = await pawlInMemory({ actions: builtInActions() });

    expect((await pawl.run(graph)).output).toEqual({ a: { n: 7 } });
  });

  // A fault of the kernel: what it renders of a fallback does not say which secrets its input names.
  it('when its own input names a secret, then it gets its value', async () => {
    const pawl = await pawlInMemory({ secrets: { API: 'hush-hush' } });
    const graph = dag('x').task('a', {
      run: failing('down') as () => number,
      fallback: {
        input: { token: 'secret(API)' },
        action: defineAction<{ token: string }, number>({ name: 'size', handler: ({ token }) => token.length }),
      },
    });

    expect((await pawl.run(graph)).output).toEqual({ a: 'hush-hush'.length });
  });

  it('when it fails too, then the task fails', async () => {
    const graph = dag('x').task('a', { run: failing('down'), fallback: { run: failing('down as well') } });

    expect((await resultOf(graph)).status).toBe('failed');
  });
});

describe('given a task that waits for a person once it has failed', () => {
  const ask = async (choice: 'retry' | 'skip' | 'fail', output?: Json) => {
    const pawl = await pawlInMemory();
    let tries = 0;
    const graph = dag('x')
      .task('a', {
        intervention: true,
        run: () => {
          tries += 1;
          if (tries === 1) throw new Error('who can say');
          return 'tried again';
        },
      })
      .task('b', { needs: ['a'], run: ({ a }) => `b after ${a}` });
    const asked = event(pawl, 'DecisionAsked');
    const run = await pawl.start(graph);
    await asked;
    await run.decide('a', choice, output === undefined ? {} : { output });
    return run.result();
  };

  it('when they say retry, then it runs again', async () => {
    expect((await ask('retry')).output).toEqual({ b: 'b after tried again' });
  });

  it('when they say skip and give a result, then that is the result', async () => {
    expect((await ask('skip', 'a hand')).output).toEqual({ b: 'b after a hand' });
  });

  it('when they say fail, then the run fails', async () => {
    expect((await ask('fail')).status).toBe('failed');
  });
});

describe('given tasks that can be undone', () => {
  it('when a later task fails, then they are undone latest first, each with its result', async () => {
    const undone: unknown[] = [];
    const graph = dag('x')
      .task('a', { run: () => 1, compensate: { run: ({ result }) => void undone.push(['a', result]) } })
      .task('b', {
        needs: ['a'],
        run: ({ a }) => a + 1,
        compensate: { run: ({ result, a }) => void undone.push(['b', result, a]) },
      })
      .task('c', { needs: ['b'], run: failing('too late') });

    expect((await resultOf(graph)).status).toBe('failed');
    expect(undone).toEqual([
      ['b', 2, 1],
      ['a', 1],
    ]);
  });

  it('when the run succeeds, then nothing is undone', async () => {
    let undone = 0;
    const graph = dag('x').task('a', {
      run: () => 1,
      compensate: {
        run: () => {
          undone += 1;
        },
      },
    });

    await resultOf(graph);

    expect(undone).toBe(0);
  });

  it('when undoing has an input, an action and a retry, then it is called with it until it succeeds', async () => {
    const calls: Json[] = [];
    const remove = defineAction<Json, null>({
      name: 'remove',
      handler: (given, { attempt }) => {
        calls.push(given);
        if (attempt === 1) throw new Error('once more');
        return null;
      },
    });
    const graph = dag('x')
      .task('a', {
        run: () => ({ id: 7 }),
        compensate: { action: remove, input: ({ result }) => ({ id: result.id }), retry: { count: 1 } },
      })
      .task('b', { needs: ['a'], run: failing('no') });

    await resultOf(graph);

    expect(calls).toEqual([{ id: 7 }, { id: 7 }]);
  });

  it('when a task of a group fails, then those of the group are undone and others are not', async () => {
    const undone: string[] = [];
    const graph = dag('x', { failure: 'partial' })
      .task('a', { group: 'g', run: () => 1, compensate: { run: () => void undone.push('a') } })
      .task('other', { needs: ['a'], run: () => 1, compensate: { run: () => void undone.push('other') } })
      .task('b', { needs: ['other'], group: 'g', run: failing('no') });

    expect((await resultOf(graph)).status).toBe('succeeded');
    expect(undone).toEqual(['a']);
  });

  it('when a segment has a group and is included twice, then each is a group of its own', async () => {
    const undone: string[] = [];
    const segment = dag('s')
      .task('a', {
        group: 'g',
        run: ({ input }) => input,
        compensate: { run: (_seen, { task }) => void undone.push(task) },
      })
      .task('b', {
        needs: ['a'],
        group: 'g',
        run: ({ input }) => {
          if (input.fails) throw new Error('no');
          return null;
        },
      });
    const graph = dag('x', { failure: 'partial' })
      .include('good', segment, { input: () => ({ fails: false }) })
      .include('bad', segment, { input: () => ({ fails: true }) });

    await resultOf(graph);

    expect(undone).toEqual(['undo bad.a']);
  });
});

describe('given results that are kept for other runs', () => {
  const counting = (cache: object) => {
    const calls: Json[] = [];
    const graph = dag('x', { version: '1' }).task('a', {
      input: ({ input }) => input,
      run: (given) => {
        calls.push(given);
        return given.n ?? null;
      },
      cache,
    });
    return { calls, graph };
  };

  it('when a second run has the same input, then the code is not called again', async () => {
    const pawl = await pawlInMemory();
    const { calls, graph } = counting({});

    const first = await pawl.run(graph, { n: 1 });
    const second = await pawl.run(graph, { n: 1 });
    const other = await pawl.run(graph, { n: 2 });

    expect([first.output, second.output, other.output]).toEqual([{ a: 1 }, { a: 1 }, { a: 2 }]);
    expect(calls).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('when there is a key, then only that counts', async () => {
    const pawl = await pawlInMemory();
    const { calls, graph } = counting({ key: ({ input }: { input: { n: number } }) => input.n % 2, ttl: '1h' });

    await pawl.run(graph, { n: 1 });

    expect((await pawl.run(graph, { n: 3 })).output).toEqual({ a: 1 });
    expect(calls.length).toBe(1);
  });
});

describe('given tasks that add others', () => {
  it('when one adds tasks that run the code of another, then they run after it and are in the output', async () => {
    const graph = dag('x')
      .task('one', { input: 0, run: (n) => n * 10 })
      .task('list', {
        run: () => [1, 2],
        expand: (numbers) => numbers.map((n) => ({ name: `n${n}`, run: 'one', input: n })),
      });

    expect((await resultOf(graph)).output).toEqual({ one: 0, list: [1, 2], n1: 10, n2: 20 });
  });

  it('when added tasks come before one that is there, then that waits for them', async () => {
    const order: string[] = [];
    const run = (given: unknown, { task }: { task: string }): void => void order.push(`${task} ${typeof given}`);
    const graph = dag('x')
      .task('work', { input: 0, run })
      .task('plan', {
        needs: ['work'],
        run: () => 2,
        expand: (count) =>
          Array.from({ length: count }, (_, index) => ({
            name: `w${index}`,
            run: 'work',
            input: index,
            before: ['end'],
          })),
      })
      .task('end', { needs: ['plan'], run });

    await resultOf(graph);

    expect(order.at(-1)).toBe('end object');
    expect(order.length).toBe(4);
  });

  it('when what is added cannot be, then the run fails and says why', async () => {
    const { status, errors } = await resultOf(
      dag('x').task('a', { run: () => 1, expand: () => [{ name: 'b', needs: ['nowhere'] }] }),
    );

    expect(status).toBe('failed');
    expect(errors[0]).toMatchObject({ kind: 'expand', task: 'a' });
  });

  it('when a segment adds tasks, then their names have its prefix', async () => {
    const segment = dag('s')
      .task('one', { input: 'x', run: (text) => text.toUpperCase() })
      .task('more', {
        needs: ['one'],
        run: () => 'y',
        expand: (text) => [{ name: 'two', run: 'one', input: text, needs: ['one'] }],
      });

    expect((await resultOf(dag('x').include('s', segment))).output).toEqual({ 's.more': 'y', 's.two': 'Y' });
  });
});

describe('given segments', () => {
  const deploy = dag('deploy', { input: z.object({ host: z.string() }), vars: { port: 80 } })
    .task('push', { run: ({ input, port }) => `${input.host}:${port}` })
    .task('check', { needs: ['push'], run: ({ push, input }) => ({ push, host: input.host }) });

  it('when one is included, then its tasks see their short names and the input they are given', async () => {
    const graph = dag('x')
      .task('pick', { run: () => 'alpha' })
      .include('d', deploy, { needs: ['pick'], input: ({ pick }) => ({ host: pick }) })
      .task('end', { needs: ['d.check', 'd.push'], run: (seen) => [seen['d.push'], seen['d.check'].host] });

    expect((await resultOf(graph)).output).toEqual({ end: ['alpha:80', 'alpha'] });
  });

  it('when it is included twice, then each has its own input', async () => {
    const graph = dag('x')
      .include('a', deploy, { input: () => ({ host: 'one' }) })
      .include('b', deploy, { input: () => ({ host: 'two' }) })
      .output(['a.check', 'b.check'], (seen) => [seen['a.check'].host, seen['b.check'].host]);

    expect((await resultOf(graph)).output).toEqual(['one', 'two']);
  });

  it('when no input is said, then it is that of the workflow', async () => {
    const graph = dag('x', { input: z.object({ host: z.string() }) })
      .include('d', deploy)
      .output(['d.push'], (seen) => seen['d.push']);

    expect((await resultOf(graph, { host: 'main' })).output).toBe('main:80');
  });

  it('when its input fails its schema, then the run fails and names the segment', async () => {
    const graph = dag('x').include('d', deploy, { input: () => ({ host: 7 as unknown as string }) });

    const { status, errors } = await resultOf(graph);

    expect(status).toBe('failed');
    expect(errors[0]?.message).toContain('"d"');
  });

  it('when what it needs fails, then all of it is skipped', async () => {
    const ran: string[] = [];
    const segment = dag('s')
      .task('a', { run: () => void ran.push('a') })
      .task('b', { needs: ['a'], run: () => void ran.push('b') });
    const graph = dag('x', { failure: 'partial' })
      .task('bad', { run: failing('no') })
      .include('s', segment, { needs: ['bad'] });

    expect((await resultOf(graph)).status).toBe('succeeded');
    expect(ran).toEqual([]);
  });

  it('when one stands in another, then inputs go down both', async () => {
    const inner = dag('inner')
      .task('a', { run: ({ input }) => input })
      .task('b', { needs: ['a'], run: ({ input }) => input });
    const outer = dag('outer')
      .task('c', { run: () => 3 })
      .include('in', inner, { needs: ['c'], input: ({ c, input }) => ({ c, more: input }) });
    const graph = dag('x')
      .task('start', { run: () => 1 })
      .include('out', outer, { needs: ['start'], input: ({ start }) => ({ start }) });

    expect((await resultOf(graph)).output).toEqual({ 'out.in.b': { c: 3, more: { start: 1 } } });
  });

  it('when a task of it waits for any that succeeds, then it does not start before one does', async () => {
    const order: string[] = [];
    const segment = dag('s')
      .task('a', { run: () => void order.push('a') })
      .task('b', { needs: ['a'], trigger: 'any_succeeded', run: ({ input }) => void order.push(`b ${input.n}`) });
    const graph = dag('x')
      .task('start', { run: () => 4 })
      .include('s', segment, { needs: ['start'], input: ({ start }) => ({ n: start }) });

    await resultOf(graph);

    expect(order).toEqual(['a', 'b 4']);
  });
});

describe('given a run that is under way when its engine closes', () => {
  const build = (version?: string) =>
    dag('long', version === undefined ? {} : { version })
      .task('a', { run: () => 20 })
      .task('wait', { needs: ['a'], action: 'core.receive', input: { signal: 'go' } })
      .task('b', { needs: ['a', 'wait'], run: ({ a }) => a + 1 })
      .output(['b'], ({ b }) => b);
  const longer = (version: string) => build(version).task('c', { needs: ['b'], run: () => 3 });

  const startedIn = async (path: string, version?: string): Promise<void> => {
    const pawl = await pawlOver(path);
    const waiting = event(pawl, 'WaitStarted');
    await pawl.start(build(version), {}, { id: 'r' });
    await waiting;
    await pawl.close();
  };

  it('when another engine has the same graph, then the run goes on with its code', async () => {
    const path = newFile();
    await startedIn(path);
    const pawl = await pawlOver(path, { workflows: [build()] });
    await pawl.resume();

    await pawl.handle('r').signal('go');

    expect(await pawl.handle('r').result()).toMatchObject({ status: 'succeeded', output: 21 });
  });

  it('when only closures have changed, then the run goes on with those that are there', async () => {
    const path = newFile();
    await startedIn(path, '1');
    const pawl = await pawlOver(path, { workflows: [build('1').output(['b'], ({ b }) => b * 100)] });
    await pawl.resume();

    await pawl.handle('r').signal('go');

    expect((await pawl.handle('r').result()).output).toBe(2100);
  });

  it('when no graph is there, then what is asked of the run is refused, and the run can be shown', async () => {
    const path = newFile();
    await startedIn(path);
    const pawl = await pawlOver(path);
    await pawl.resume();

    await expect(pawl.handle('r').signal('go')).rejects.toMatchObject({ details: { reason: 'run_is_blocked' } });
    expect((await pawl.handle('r').state()).status).toBe('running');
  });

  it('when the graph of that version has other tasks, then what is asked of the run is refused', async () => {
    const path = newFile();
    await startedIn(path, '1');
    const pawl = await pawlOver(path, { workflows: [longer('1')] });
    await pawl.resume();

    await expect(pawl.handle('r').signal('go')).rejects.toMatchObject({
      message: expect.stringMatching('other tasks'),
    });
  });

  it('when the run had work under way and its graph has other tasks now, then it is blocked and says so', async () => {
    const path = newFile();
    const started = gate();
    const hanging = () => {
      started.open();
      return new Promise<number>(() => {});
    };
    const first = await pawlOver(path);
    await first.start(dag('work', { version: '1' }).task('a', { run: hanging }), {}, { id: 'r' });
    await started.opened;
    await first.close();
    const other = dag('work', { version: '1' })
      .task('a', { run: () => 1 })
      .task('b', {});
    const pawl = await pawlOver(path, { workflows: [other] });
    const blocked = event(pawl, 'RunBlocked');
    await pawl.resume();
    await blocked;

    expect((await pawl.handle('r').state()).blocked).toContain('other tasks');
  });

  it('when a blocked run gets its graph back, then it goes on', async () => {
    const path = newFile();
    const started = gate();
    const work = (run: () => Promise<number>) => dag('work', { version: '1' }).task('a', { run });
    const first = await pawlOver(path);
    await first.start(
      work(() => {
        started.open();
        return new Promise<number>(() => {});
      }),
      {},
      { id: 'r' },
    );
    await started.opened;
    await first.close();
    const second = await pawlOver(path);
    const blocked = event(second, 'RunBlocked');
    await second.resume();
    await blocked;
    await second.close();
    const third = await pawlOver(path, { workflows: [work(async () => 5)] });
    await third.resume();

    expect((await third.handle('r').result()).output).toEqual({ a: 5 });
  });

  it('when a version is declared for other tasks in one engine, then the second is refused', async () => {
    const pawl = await pawlInMemory({ workflows: [build('1')] });

    await expect(pawl.start(longer('1'))).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('given a run that added tasks and whose engine closes', () => {
  it('when another engine takes it up, then the added tasks run there', async () => {
    const path = newFile();
    const build = () =>
      dag('grows')
        .task('one', { input: 1, run: (n) => n * 10 })
        .task('list', {
          run: () => [2, 3],
          expand: (numbers) =>
            numbers.map((n) => ({ name: `n${n}`, run: 'one', input: n, needs: ['wait'], before: ['end'] })),
        })
        .task('wait', { action: 'core.receive', input: { signal: 'go' } })
        .task('end', { needs: ['list', 'one'], run: ({ list, one }) => list.length + one });
    const first = await pawlOver(path);
    const noted = event(first, 'ProgramNoted');
    const run = await first.start(build(), {}, { id: 'r' });
    await noted;
    while ((await run.state()).open.size > 1) await event(first, 'TaskEnded');
    await first.close();
    const second = await pawlOver(path, { workflows: [build()] });
    await second.resume();

    await second.handle('r').signal('go');

    expect((await second.handle('r').result()).output).toEqual({ wait: null, end: 12 });
    expect((await second.handle('r').state()).nextTask).toBe(6);
  });
});

describe('given a fork of a run that was built in code', () => {
  it('when it begins before a task that failed, then that runs again with the results from before', async () => {
    const pawl = await pawlInMemory();
    let isDown = true;
    let made = 0;
    const graph = dag('x')
      .task('a', {
        run: () => {
          made += 1;
          return made;
        },
      })
      .task('b', {
        needs: ['a'],
        run: ({ a }) => {
          if (isDown) throw new Error('down');
          return a * 10;
        },
      });
    let afterA = 0;
    const stop = pawl.subscribe((_run, events, state) => {
      if (afterA === 0 && events.some(({ type }) => type === 'TaskEnded')) afterA = state.revision;
    });
    const run = await pawl.start(graph);
    await run.result();
    stop();
    isDown = false;

    const fork = await run.fork(afterA);

    expect(await fork.result()).toMatchObject({ status: 'succeeded', output: { b: 10 } });
    expect(made).toBe(1);
  });
});

describe('given graphs of any shape', () => {
  it('when they run, then every task gives what working it out by hand gives', async () => {
    const pawl = await pawlInMemory();
    const shapes = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 12 });

    await fc.assert(
      fc.asyncProperty(shapes, async (shape) => {
        let graph = dag('random').open();
        const expected: number[] = [];
        shape.forEach((wanted, index) => {
          const needs = index === 0 ? [] : [...new Set(wanted.map((number) => number % index))];
          expected.push(needs.reduce((sum, need) => sum + expected[need]!, index));
          graph = graph.task(`t${index}`, {
            needs: needs.map((need) => `t${need}`),
            run: (seen) => needs.reduce((sum, need) => sum + Number(seen[`t${need}`]), index),
          });
        });
        const names = shape.map((_, index) => `t${index}`);

        const { output } = await pawl.run(graph.output(names, (seen) => names.map((name) => seen[name] ?? null)));

        expect(output).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});

describe('given a run that failed', () => {
  it('when it is rerun, then only what failed and what follows runs again', async () => {
    const pawl = await pawlInMemory();
    const ran: string[] = [];
    let isDown = true;
    const graph = dag('x')
      .task('a', {
        run: () => {
          ran.push('a');
          return 1;
        },
      })
      .task('b', {
        needs: ['a'],
        run: ({ a }) => {
          ran.push('b');
          if (isDown) throw new Error('down');
          return a + 1;
        },
      });
    const run = await pawl.start(graph);
    await run.result();
    isDown = false;

    await run.rerun();

    expect((await run.result()).output).toEqual({ b: 2 });
    expect(ran).toEqual(['a', 'b', 'b']);
  });
});

describe('given what a graph says for people and schedulers', () => {
  it('when it is built, then it stands in the definition', () => {
    const { definition } = dag('x', {
      description: 'words',
      tags: ['t'],
      metadata: { owner: 'me' },
      limits: { durationMs: 60_000 },
      constraints: [{ type: 'apart', tasks: ['a'] }],
      createdAt: '2030-01-01T00:00:00Z',
      scheduledAt: '2030-01-02T00:00:00Z',
    }).task('a', {
      run: () => 1,
      title: 'the first',
      type: 'io',
      workerType: 'big',
      resources: { cpu: 2, named: { gpu_hours: 1 } },
      estimate: '2m',
    });

    expect(definition).toMatchObject({
      description: 'words',
      tags: ['t'],
      metadata: { owner: 'me' },
      limits: { durationMs: 60_000 },
      createdAt: '2030-01-01T00:00:00Z',
      scheduledAt: '2030-01-02T00:00:00Z',
    });
    expect(definition.tasks.get('a')).toMatchObject({
      title: 'the first',
      type: 'io',
      workerType: 'big',
      resources: { cpu: 2, named: { gpu_hours: 1 } },
      estimateMs: 120_000,
    });
  });
});
