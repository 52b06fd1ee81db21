import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Rehearsal } from '../../test/worker/rehearsal.ts';
import { ActionError, type AnyAction, defineAction } from './action.ts';
import { attemptOf } from './attempt-context.ts';
import { messageLengthMax } from './failed-outcome.ts';

/** A handler that is settled by hand. */
function held(): {
  readonly action: AnyAction;
  readonly signal: () => AbortSignal;
  readonly settle: PromiseWithResolvers<unknown>;
} {
  const settle = Promise.withResolvers<unknown>();
  let signal: AbortSignal | undefined;
  const action = defineAction({
    name: 'held',
    handler(_, context) {
      signal = context.signal;
      return settle.promise;
    },
  });
  return { action, signal: () => signal!, settle };
}

const acting = (handler: AnyAction['handler']): AnyAction => ({ name: 'act', handler });

/** Lets everything happen that only waits for its turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('given a handler that returns', () => {
  it.each<[string, unknown, unknown]>([
    ['nothing', undefined, null],
    ['a value', { a: [1] }, { a: [1] }],
    ['a promise', Promise.resolve('later'), 'later'],
    ['a thenable', Object.fromEntries([['then', (resolve: (value: unknown) => void) => resolve('then')]]), 'then'],
  ])('when it is %s, then the task succeeds with it', async (_, given, output) => {
    expect(await new Rehearsal([acting(() => given)]).outcome('act')).toEqual({ status: 'succeeded', output });
  });

  it('when it goes on changing what it returned, then the result stays', async () => {
    const shared = { list: [1] };
    const outcome = await new Rehearsal([acting(() => shared)]).outcome('act');
    shared.list.push(2);

    expect(outcome.output).toEqual({ list: [1] });
  });

  it('when it changes its input, then the order stays as it was', async () => {
    const input = { list: [1] };
    const rehearsal = new Rehearsal([
      acting(((given: { list: number[] }) => given.list.push(2)) as AnyAction['handler']),
    ]);

    expect(await rehearsal.outcome('act', input)).toEqual({ status: 'succeeded', output: 2 });
    expect(input).toEqual({ list: [1] });
  });

  it.each<[string, unknown, string]>([
    ['a class instance', new Date(0), 'invalid_output'],
    ['a function', () => 1, 'invalid_output'],
    ['more than the limit', 'x'.repeat(2_000), 'result_too_large'],
  ])('when it is %s, then the task fails for good', async (_, given, kind) => {
    const outcome = await new Rehearsal([acting(() => given)], { resultLimitBytes: 1_000 }).outcome('act');

    expect(outcome).toMatchObject({ status: 'failed', output: null, failure: { kind, retryable: false } });
  });
});

describe('given a handler that throws', () => {
  it.each<[string, unknown, string]>([
    ['an error', new Error('broken'), 'broken'],
    ['an error without a message', new TypeError(), 'TypeError'],
    ['text', 'just text', 'just text'],
    ['undefined', undefined, 'the action threw a value of type undefined, not an error'],
    ['null', null, 'the action threw null, not an error'],
    ['an object', { a: 1 }, 'the action threw a value of type object, not an error'],
    [
      'an error that throws when it is read',
      Object.defineProperty(new Error('x'), 'message', {
        get() {
          throw new Error('no');
        },
      }),
      'the action threw something whose message cannot be read',
    ],
  ])('when it is %s, then the task fails with a sentence', async (_, thrown, message) => {
    const throwing = acting(() => {
      throw thrown;
    });
    const rejecting: AnyAction = { name: 'reject', handler: () => Promise.reject(thrown) };
    const rehearsal = new Rehearsal([throwing, rejecting]);
    const failure = { status: 'failed', output: null, failure: { kind: 'failed', message } };

    expect(await rehearsal.outcome('act')).toEqual(failure);
    expect(await rehearsal.outcome('reject')).toEqual(failure);
  });

  it('when its message is huge, then it is cut', async () => {
    const outcome = await new Rehearsal([
      acting(() => {
        throw new Error('y'.repeat(1_000_000));
      }),
    ]).outcome('act');
    const message = outcome.status === 'failed' ? outcome.failure.message : '';

    expect(message.length).toBeLessThan(messageLengthMax + 100);
    expect(message).toContain('1000000 characters');
  });

  it('when it is an ActionError, also of another copy of the package, then its result and kind are kept', async () => {
    const options = { result: { left: 3 }, retryable: false, kind: 'out_of_paper' };
    const foreign = Object.assign(new Error('no paper'), { name: 'ActionError', ...options });
    for (const thrown of [new ActionError('no paper', options), foreign]) {
      const outcome = await new Rehearsal([
        acting(() => {
          throw thrown;
        }),
      ]).outcome('act');

      expect(outcome).toEqual({
        status: 'failed',
        output: { left: 3 },
        failure: { kind: 'out_of_paper', message: 'no paper', retryable: false },
      });
    }
  });

  it('when the result of an ActionError is no JSON and its kind no code, then both are left out', async () => {
    const outcome = await new Rehearsal([
      acting(() => {
        throw new ActionError('broken', { result: new Map() as never, kind: 'Not A Code' });
      }),
    ]).outcome('act');

    expect(outcome).toMatchObject({
      status: 'failed',
      output: null,
      failure: { kind: 'failed', message: expect.stringContaining('dropped') },
    });
  });
});

describe('given an attempt with a time limit', () => {
  it('when its time is up, then it fails at once, keeps its slot until its handler returns, and what that gives is dropped', async () => {
    const { action, signal, settle } = held();
    const rehearsal = new Rehearsal([action], { concurrency: 1 });
    const started = rehearsal.start('held', {}, { timeoutMs: 5_000 });
    await turn();
    rehearsal.time.advance(4_999);
    expect(started.answers()).toBe(0);
    rehearsal.time.advance(1);

    expect(await started.outcome).toMatchObject({
      status: 'failed',
      failure: { kind: 'timeout', message: expect.stringContaining('5 s') },
    });
    expect(signal().aborted).toBe(true);
    expect(rehearsal.executor.free()).toBe(0);
    const freed = rehearsal.freed();
    settle.resolve('too late');
    await freed;
    expect(rehearsal.executor.free()).toBe(1);
    expect(started.answers()).toBe(1);
  });

  it('when it ends in time, then no timer is left', async () => {
    const rehearsal = new Rehearsal([acting(() => 'done')]);
    await rehearsal.outcome('act', {}, { timeoutMs: 5_000 });

    expect(rehearsal.time.pending).toBe(0);
  });

  it('when its secrets never come, then its time is up too', async () => {
    const rehearsal = new Rehearsal([acting(() => 'never called')], { secrets: () => new Promise(() => {}) });
    const started = rehearsal.start('act', 'secret(A)', { timeoutMs: 10 });
    rehearsal.time.advance(10);

    expect(await started.outcome).toMatchObject({ status: 'failed', failure: { kind: 'timeout' } });
  });
});

describe('given an attempt that is asked to stop', () => {
  const order = { run: 'r' as never, task: 0, item: undefined };

  it('when its handler throws because of that, then it was canceled', async () => {
    const rehearsal = new Rehearsal([
      acting(
        (_, { signal }) =>
          new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      ),
    ]);
    const started = rehearsal.start('act');
    await turn();
    rehearsal.executor.abort(order);

    expect(await started.outcome).toEqual({ status: 'canceled', output: null });
  });

  it('when its handler finishes all the same, then that counts', async () => {
    const { action, settle } = held();
    const rehearsal = new Rehearsal([action]);
    const started = rehearsal.start('held');
    await turn();
    rehearsal.executor.abort(order);
    settle.resolve('finished');

    expect(await started.outcome).toEqual({ status: 'succeeded', output: 'finished' });
  });

  it('when its handler never settles, then it never answers and keeps its slot', async () => {
    const { action } = held();
    const rehearsal = new Rehearsal([action], { concurrency: 2 });
    const started = rehearsal.start('held');
    await turn();
    rehearsal.executor.abort(order);
    await turn();

    expect(started.answers()).toBe(0);
    expect(rehearsal.executor.free()).toBe(1);
  });

  it('when it is asked before its handler was called, then that never is', async () => {
    let called = false;
    const secrets = Promise.withResolvers<string>();
    const rehearsal = new Rehearsal(
      [
        acting(() => {
          called = true;
        }),
      ],
      { secrets: () => secrets.promise },
    );
    const started = rehearsal.start('act', 'secret(A)');
    rehearsal.executor.abort(order);
    secrets.resolve('value');

    expect(await started.outcome).toEqual({ status: 'canceled', output: null });
    expect(called).toBe(false);
  });
});

describe('given an executor that is closed', () => {
  it('when an attempt ends within the grace, then it answers', async () => {
    const { action, settle } = held();
    const rehearsal = new Rehearsal([action]);
    const started = rehearsal.start('held');
    const closed = rehearsal.executor.close(1_000);
    settle.resolve('in time');

    expect(await started.outcome).toEqual({ status: 'succeeded', output: 'in time' });
    await closed;
  });

  it('when an attempt does not, then it is asked to stop and never answers', async () => {
    const { action, signal, settle } = held();
    const rehearsal = new Rehearsal([action]);
    const started = rehearsal.start('held');
    await turn();
    const closed = rehearsal.executor.close(1_000);
    rehearsal.time.advance(1_000);
    await closed;
    settle.resolve('too late');
    await turn();

    expect(signal().aborted).toBe(true);
    expect(started.answers()).toBe(0);
  });
});

describe('given schemas', () => {
  const double = defineAction({
    name: 'double',
    input: z.object({ n: z.coerce.number(), key: z.string().max(8).optional() }),
    output: z.number().max(100),
    handler: ({ n }) => n * 2,
  });

  it.each<[string, unknown, object]>([
    ['fits', { n: '21' }, { status: 'succeeded', output: 42 }],
    [
      'does not',
      { n: 'x' },
      {
        status: 'failed',
        failure: { kind: 'invalid_input', message: expect.stringContaining('n: '), retryable: false },
      },
    ],
    [
      'gives too much',
      { n: 51 },
      { status: 'failed', failure: { kind: 'invalid_output', message: expect.any(String), retryable: false } },
    ],
  ])('when the input %s, then the schema has its say', async (_, input, outcome) => {
    expect(await new Rehearsal([double]).outcome('double', input as never)).toMatchObject(outcome);
  });
});

describe('given an attempt with a secret', () => {
  const secrets = { KEY: 'canary-0451' };

  it('when it returns, logs and throws it, then it is shown nowhere', async () => {
    const talk = acting(((input: { key: string }, context: { log(text: string): void }) => {
      context.log(`using ${input.key.slice(0, 4)}`);
      context.log(`${input.key} and ${input.key}`);
      return { echoed: input.key, length: input.key.length };
    }) as AnyAction['handler']);
    const fail: AnyAction = {
      name: 'fail',
      handler: ((input: { key: string }) => {
        throw new ActionError(`bad key ${input.key}`, { result: { [input.key]: [input.key] } });
      }) as AnyAction['handler'],
    };
    const rehearsal = new Rehearsal([talk, fail], { secrets });
    const talked = rehearsal.start('act', { key: 'secret(KEY)' });

    expect(await talked.outcome).toEqual({ status: 'succeeded', output: { echoed: '***', length: 11 } });
    expect(talked.text()).toBe('using cana\n*** and ***\n');
    expect(await rehearsal.outcome('fail', { key: 'secret(KEY)' })).toEqual({
      status: 'failed',
      output: { '***': ['***'] },
      failure: { kind: 'failed', message: 'bad key ***' },
    });
  });

  it('when a stream is cut inside of it, then it is masked and the rest is in order', async () => {
    const talk = acting(async (_, context) => {
      const attempt = attemptOf(context);
      for (const piece of ['a cana', 'ry-0', '451 b', ' can']) await attempt.write('stdout', piece);
    });
    const started = new Rehearsal([talk], { secrets }).start('act', { key: 'secret(KEY)' });
    await started.outcome;

    expect(started.text('stdout')).toBe('a *** b can');
  });

  it('when a message is cut inside of it, then no half of it is left', async () => {
    const fail = acting(() => {
      throw new Error(`${'x'.repeat(messageLengthMax - 4)}canary-0451`);
    });
    const outcome = await new Rehearsal([fail], { secrets }).outcome('act', { key: 'secret(KEY)' });

    expect(JSON.stringify(outcome)).not.toContain('cana');
  });

  it('when a schema complains of it, then the complaint does not show it', async () => {
    const picky = defineAction({
      name: 'act',
      input: z.object({ key: z.literal('other', { error: (issue) => `got ${issue.input}` }) }),
      handler: () => 1,
    });
    const outcome = await new Rehearsal([picky], { secrets }).outcome('act', { key: 'secret(KEY)' });

    expect(outcome).toMatchObject({ failure: { kind: 'invalid_input', message: expect.stringContaining('got ***') } });
  });

  it('when there is no such secret, then the task fails for good and says which', async () => {
    const outcome = await new Rehearsal([acting(() => 1)], { secrets }).outcome('act', { key: 'secret(NONE)' });

    expect(outcome).toMatchObject({
      status: 'failed',
      failure: { kind: 'missing_secret', retryable: false, message: expect.stringContaining('NONE') },
    });
  });
});

describe('given an attempt that writes much', () => {
  it('when it is beyond the limit, then one more character is handed on, and nothing after', async () => {
    const talk = acting((_, context) => {
      for (let line = 0; line < 100; line += 1) context.log('x'.repeat(99));
    });
    const started = new Rehearsal([talk], { logLimitBytes: 1_000 }).start('act');
    await started.outcome;

    expect(started.text().length).toBe(1_001);
  });

  it('when the store is behind, then whoever writes is told to wait', async () => {
    const behind = Promise.withResolvers<void>();
    const order: string[] = [];
    const talk = acting(async (_, context) => {
      await attemptOf(context).write('stdout', 'one');
      order.push('wrote');
    });
    const rehearsal = new Rehearsal([talk]);
    const started = rehearsal.start('act', {}, {}, () => behind.promise);
    await turn();
    order.push('taken');
    behind.resolve();
    await started.outcome;

    expect(order).toEqual(['taken', 'wrote']);
  });
});
