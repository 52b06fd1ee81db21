import { describe, expect, it } from 'vitest';
import { chain, graph, map, parallel, type StepContext, step } from '../../src/chain/index.ts';
import { byHand, deaf, listenersOf, rejection, settle, world } from './world.ts';

describe('given a step with a time limit', () => {
  it('when it takes longer, then its signal is aborted, and timeout names it and how long', async () => {
    const { ports, pass, clock } = world();
    let signal: AbortSignal | undefined;
    const slow = (_input: null, context: StepContext): Promise<never> => {
      signal = context.signal;
      return deaf();
    };
    const failed = rejection(chain([step(slow, { timeoutMs: 500 })], { name: 'tale' }).invoke(null, { ports }));

    await pass(499);
    expect(signal?.aborted).toBe(false);
    await pass(1);

    expect(await failed).toMatchObject({ code: 'timeout', step: 'slow', details: { timeoutMs: 500 } });
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toMatchObject({ code: 'timeout' });
    expect(clock.nextTimer()).toBeUndefined();
  });

  it('when it is in time, then no timer is left', async () => {
    const { ports, clock } = world();

    expect(
      await chain([async (value: number) => value], { stepTimeoutMs: 500, timeoutMs: 900 }).invoke(1, { ports }),
    ).toBe(1);
    expect(clock.nextTimer()).toBeUndefined();
  });

  it('when it fails after its time was up, then nobody hears of it', async () => {
    const { ports, pass } = world();
    const late = byHand<never>();
    const failed = rejection(chain([step(() => late.promise, { timeoutMs: 5 })]).invoke(null, { ports }));
    await pass(5);
    await failed;

    late.reject(new Error('too late to matter'));
    await settle();
  });

  it('when it has retries, then its time begins again with each', async () => {
    const { ports, pass } = world();
    const attempts: number[] = [];
    const slow = (_input: null, context: StepContext): Promise<string> => {
      attempts.push(context.attempt);
      return context.attempt === 3 ? Promise.resolve('done') : deaf();
    };
    const output = chain([slow], { stepTimeoutMs: 10, retries: { count: 2, delayMs: 100, jitter: 0 } }).invoke(null, {
      ports,
    });

    await pass(10);
    await pass(100);
    await pass(10);
    await pass(200);

    expect(await output).toBe('done');
    expect(attempts).toEqual([1, 2, 3]);
  });
});

describe('given a limit for all steps together', () => {
  it('when they take longer, then the chain is named, and no step begins any more', async () => {
    const { ports, pass, clock } = world();
    const first = byHand<number>();
    let began = false;
    const next = (value: number): number => {
      began = true;
      return value;
    };
    const failed = rejection(
      chain([() => first.promise, next], { name: 'tale', timeoutMs: 100 }).invoke(null, { ports }),
    );

    await pass(100);
    first.resolve(1);

    expect(await failed).toMatchObject({ code: 'timeout', name: 'PawlError', details: { timeoutMs: 100 } });
    await settle();
    expect(began).toBe(false);
    expect(clock.nextTimer()).toBeUndefined();
  });

  it('when the call says less than the chain, then that counts', async () => {
    const { ports, pass } = world();
    const failed = rejection(chain([deaf], { timeoutMs: 100 }).invoke(null, { ports, timeoutMs: 20 }));

    await pass(20);

    expect(await failed).toMatchObject({ code: 'timeout', details: { timeoutMs: 20 } });
  });

  it('when it is up during the pause before a retry, then the pause ends', async () => {
    const { ports, pass, clock } = world();
    const breaks = () => Promise.reject(new Error('boom'));
    const failed = rejection(
      chain([breaks], { timeoutMs: 50, retries: { count: 5, delayMs: 1000, jitter: 0 } }).invoke(null, { ports }),
    );

    await pass(50);

    expect(await failed).toMatchObject({ code: 'timeout' });
    expect(clock.nextTimer()).toBeUndefined();
  });

  it('when it is that of a chain within, then that chain is the step that took too long', async () => {
    const { ports, pass } = world();
    const inner = chain([deaf], { name: 'inner', timeoutMs: 10 });
    const failed = rejection(chain([inner]).invoke(null, { ports }));

    await pass(10);

    expect(await failed).toMatchObject({ code: 'timeout', step: 'inner' });
  });
});

describe('given a deadline', () => {
  it('when it comes, then the call is over', async () => {
    const { ports, pass, clock } = world();
    const failed = rejection(
      chain([deaf]).invoke(null, { ports, deadline: new Date(clock.now() + 30), timeoutMs: 100 }),
    );

    await pass(30);

    expect(await failed).toMatchObject({ code: 'timeout', details: { deadline: clock.now() } });
  });

  it('when it has passed already, then no step begins', async () => {
    const { ports, clock } = world();
    let began = false;
    const begins = () => {
      began = true;
    };

    expect(await rejection(chain([begins]).invoke(null, { ports, deadline: clock.now() }))).toMatchObject({
      code: 'timeout',
    });
    expect(began).toBe(false);
  });

  it('when the timeout is sooner, then the timeout counts', async () => {
    const { ports, pass, clock } = world();
    const failed = rejection(chain([deaf]).invoke(null, { ports, deadline: clock.now() + 100, timeoutMs: 10 }));

    await pass(10);

    expect(await failed).toMatchObject({ details: { timeoutMs: 10 } });
  });

  it.each([[{ deadline: Number.NaN }], [{ timeoutMs: -1 }]])('when %j is said, then it is refused', async (options) => {
    expect(await rejection(chain([deaf]).invoke(null, options))).toMatchObject({ code: 'bad_input' });
  });
});

describe("given the caller's signal", () => {
  const reason = new Error('the user left');

  it('when it is aborted before, then no step begins and its reason is thrown', async () => {
    let began = false;
    const begins = () => {
      began = true;
    };

    expect(await rejection(chain([begins]).invoke(null, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(began).toBe(false);
  });

  it.each([
    ['a chain', () => chain([deaf])],
    ['a chain with limits', () => chain([deaf], { timeoutMs: 1000, stepTimeoutMs: 500, retries: 3 })],
    ['a chain within a chain', () => chain([chain([deaf])])],
    ['a parallel', () => parallel({ one: deaf, other: deaf })],
    ['a graph', () => graph().addNode('a', deaf).setEntryPoint('a').setFinishPoint('a')],
  ])(
    'when it is aborted while %s runs, then the call rejects at once with its reason, and nothing is left',
    async (_what, make) => {
      const { ports, clock } = world();
      const controller = new AbortController();
      const failed = rejection(make().invoke(null, { signal: controller.signal, ports }));
      await settle();

      controller.abort(reason);

      expect(await failed).toBe(reason);
      expect(listenersOf(controller.signal)).toBe(0);
      expect(clock.nextTimer()).toBeUndefined();
    },
  );

  it('when it is aborted, then the step sees it', async () => {
    const controller = new AbortController();
    let seen: unknown;
    const listens = (_input: null, { signal }: StepContext): Promise<never> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          seen = signal.reason;
          reject(signal.reason);
        });
      });
    const failed = rejection(chain([listens], { retries: 2 }).invoke(null, { signal: controller.signal }));
    await settle();

    controller.abort(reason);

    expect(await failed).toBe(reason);
    expect(seen).toBe(reason);
  });

  it.each([
    ['succeeds', async (value: number) => value],
    ['fails', () => Promise.reject(new Error('boom'))],
  ])('when the call %s, then no listener is left on it', async (_what, work) => {
    const { ports } = world();
    const { signal } = new AbortController();
    const all = chain([work, (value: number) => [value], map(chain([parallel({ work })]))], {
      timeoutMs: 100,
      stepTimeoutMs: 50,
    });

    await all.invoke(1, { signal, ports }).catch(() => {});

    expect(listenersOf(signal)).toBe(0);
  });

  it('when nobody gave one, then a step has a signal all the same', async () => {
    const asks = (_input: null, { signal }: StepContext): boolean => signal.aborted;

    expect(await chain([asks]).invoke(null)).toBe(false);
  });
});

describe('given retries', () => {
  function failing(times: number, error: unknown = new Error('boom')) {
    const attempts: number[] = [];
    const work = (input: string, { attempt }: StepContext): string => {
      attempts.push(attempt);
      if (attempt <= times) throw error;
      return `${input} after ${attempt}`;
    };
    return { attempts, work };
  }

  it('when the step succeeds in the end, then the others are not repeated', async () => {
    const { work } = failing(2);
    let before = 0;
    const once = (input: string): string => {
      before += 1;
      return input;
    };

    const output = await chain([once, work], { retries: { count: 2, delayMs: 0 } }).invoke('ok');

    expect([output, before]).toEqual(['ok after 3', 1]);
  });

  it('when it never does, then the last error comes with the number of attempts', async () => {
    const { work, attempts } = failing(9);

    const error = await rejection(chain([work], { retries: { count: 2, delayMs: 0 } }).invoke('ok'));

    expect(error).toMatchObject({ code: 'failed', details: { attempts: 3 } });
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('when time passes between them, then each pause is the one before times the factor, up to the longest', async () => {
    const { ports, pass } = world();
    const { work, attempts } = failing(3);
    const retries = { count: 3, delayMs: 100, factor: 3, maxDelayMs: 500, jitter: 0 };
    const output = chain([work], { retries }).invoke('ok', { ports });
    const seen: number[] = [];
    for (const ms of [99, 1, 299, 1, 499, 1]) {
      await pass(ms);
      seen.push(attempts.length);
    }

    expect(seen).toEqual([1, 2, 2, 3, 3, 4]);
    expect(await output).toBe('ok after 4');
  });

  it('when there is jitter, then a pause is shorter by a share of it at most', async () => {
    const { clock, pass } = world();
    const { work, attempts } = failing(1);
    const random = { uint32: () => 2 ** 31 };
    const output = chain([work], { retries: { count: 1, delayMs: 100, jitter: 0.5 } }).invoke('ok', {
      ports: { clock, timers: clock, random },
    });

    await pass(74);
    expect(attempts).toEqual([1]);
    await pass(1);

    expect(await output).toBe('ok after 2');
  });

  it('when the error says that no retry can help, then there is none', async () => {
    const { work, attempts } = failing(1, Object.assign(new Error('no'), { retryable: false }));

    const error = await rejection(chain([work], { retries: 5 }).invoke('ok'));

    expect(error).toMatchObject({ retryable: false });
    expect(attempts).toEqual([1]);
  });

  it('when the step was aborted by somebody, then there is none', async () => {
    const { work, attempts } = failing(1, new DOMException('stop', 'AbortError'));

    await rejection(chain([work], { retries: 5 }).invoke('ok'));

    expect(attempts).toEqual([1]);
  });

  it('when a step has a number of its own, then that counts', async () => {
    const { work, attempts } = failing(9);

    await rejection(chain([step(work, { retries: 0 })], { retries: 5 }).invoke('ok'));

    expect(attempts).toEqual([1]);
  });

  it('when a chain within fails, then it is tried again as a whole', async () => {
    let calls = 0;
    const inner = chain([
      () => {
        calls += 1;
        throw new Error('boom');
      },
    ]);

    await rejection(chain([inner], { retries: { count: 2, delayMs: 0 } }).invoke('ok'));

    expect(calls).toBe(3);
  });

  it('when the caller gives up during a pause, then nothing is tried again and no timer is left', async () => {
    const { ports, clock } = world();
    const controller = new AbortController();
    const { work, attempts } = failing(9);
    const failed = rejection(chain([work], { retries: 5 }).invoke('ok', { ports, signal: controller.signal }));
    await settle();

    controller.abort('enough');

    expect(await failed).toBe('enough');
    expect(attempts).toEqual([1]);
    expect(clock.nextTimer()).toBeUndefined();
    expect(listenersOf(controller.signal)).toBe(0);
  });
});
