import { describe, expect, it } from 'vitest';
import { branch, chain, graph, type StepContext } from '../../src/chain/index.ts';
import { all, byHand, deaf, listenersOf, rejection, settle, world } from './world.ts';

/** A producer that tells what happens to it. */
function producer(count = Number.POSITIVE_INFINITY) {
  const seen: string[] = [];
  let signal: AbortSignal | undefined;
  async function* counts(_input: unknown, context: StepContext): AsyncGenerator<number> {
    signal = context.signal;
    seen.push('begin');
    try {
      for (let index = 0; index < count; index += 1) {
        seen.push(`make ${index}`);
        yield index;
      }
    } finally {
      seen.push(context.signal.aborted ? 'stopped' : 'end');
    }
  }
  return { counts, seen, signal: () => signal };
}

describe('given a chain whose last step streams', () => {
  it('when it is read to its end, then every chunk comes, and the steps before ran whole', async () => {
    const { counts, seen } = producer(3);
    async function* letters(_input: null) {
      yield 'a';
      yield 'b';
    }
    const given: unknown[] = [];
    const keeps = (text: string): string => {
      given.push(text);
      return text;
    };

    expect(await all(chain([letters, keeps, counts]).stream(null))).toEqual([0, 1, 2]);
    expect(given).toEqual(['ab']);
    expect(seen.at(-1)).toBe('end');
  });

  it('when nobody reads, then nothing begins', async () => {
    const { counts, seen } = producer();

    chain([counts]).stream(null);
    await settle();

    expect(seen).toEqual([]);
  });

  it('when a chunk is read, then the next one is not made before it is asked for', async () => {
    const { counts, seen } = producer();
    const stream = chain([chain([counts])]).stream(null);

    await stream.next();
    await settle();
    expect(seen).toEqual(['begin', 'make 0']);
    await stream.next();
    await settle();
    expect(seen).toEqual(['begin', 'make 0', 'make 1']);
    await stream.return();
  });

  it('when the reader leaves, then the producer is aborted, closed, and done before the loop is left', async () => {
    const { counts, seen, signal } = producer();

    for await (const chunk of chain([chain([counts])]).stream(null)) if (chunk === 1) break;

    expect(seen).toEqual(['begin', 'make 0', 'make 1', 'stopped']);
    expect(signal()?.aborted).toBe(true);
  });

  it("when the reader leaves, then the caller's signal is as before", async () => {
    const { counts } = producer();
    const controller = new AbortController();

    for await (const _chunk of chain([counts], { timeoutMs: 1000 }).stream(null, {
      signal: controller.signal,
      ports: world().ports,
    }))
      break;

    expect(controller.signal.aborted).toBe(false);
    expect(listenersOf(controller.signal)).toBe(0);
  });

  it('when the producer fails in its cleanup, then the reader who leaves hears of it', async () => {
    async function* untidy(_input: null) {
      try {
        yield 1;
        yield 2;
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: that is the fault.
        throw new Error('untidy');
      }
    }
    const leave = async (): Promise<void> => {
      for await (const _chunk of chain([untidy]).stream(null)) break;
    };

    expect(await rejection(leave())).toMatchObject({ code: 'failed', cause: { message: 'untidy' } });
  });

  it('when the producer fails, then the chunks before come, and then its error', async () => {
    async function* breaks(_input: null) {
      yield 1;
      throw new Error('boom');
    }
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const chunk of chain([breaks]).stream(null)) seen.push(chunk);
    };

    expect(await rejection(read())).toMatchObject({ code: 'failed', step: 'breaks' });
    expect(seen).toEqual([1]);
  });

  it('when an earlier step fails, then the last one never begins', async () => {
    const { counts, seen } = producer();
    const breaks = () => Promise.reject(new Error('boom'));

    expect(await rejection(chain([breaks, counts]).stream(null).next())).toMatchObject({ step: 'breaks' });
    expect(seen).toEqual([]);
  });

  it('when the caller aborts while a chunk is made, then the reader hears at once, although the producer is deaf', async () => {
    const controller = new AbortController();
    let closed = false;
    const stuck = () => ({
      [Symbol.asyncIterator]: () => ({
        next: deaf,
        return: () => {
          closed = true;
          return deaf();
        },
      }),
    });
    const failed = rejection(chain([stuck]).stream(null, { signal: controller.signal }).next());
    await settle();

    controller.abort('enough');

    expect(await failed).toBe('enough');
    expect(closed).toBe(true);
    expect(listenersOf(controller.signal)).toBe(0);
  });
});

describe('given limits of a stream', () => {
  it('when a chunk takes longer than the step may, then it times out; the time of the reader does not count', async () => {
    const { ports, pass, clock } = world();
    async function* slow(_input: null) {
      yield 1;
      await deaf();
    }
    const stream = chain([slow], { stepTimeoutMs: 10 }).stream(null, { ports });

    await stream.next();
    await pass(1000);
    const failed = rejection(stream.next());
    await pass(10);

    expect(await failed).toMatchObject({ code: 'timeout', step: 'slow' });
    expect(clock.nextTimer()).toBeUndefined();
  });

  it('when all of it takes longer than the chain may, then it times out, also while the reader is slow', async () => {
    const { ports, pass, clock } = world();
    const { counts, seen } = producer();
    const stream = chain([counts], { timeoutMs: 10 }).stream(null, { ports });

    await stream.next();
    await pass(10);

    expect(await rejection(stream.next())).toMatchObject({ code: 'timeout' });
    expect(seen).not.toContain('make 1');
    expect(clock.nextTimer()).toBeUndefined();
  });

  it('when it fails before its first chunk, then it is tried again', async () => {
    async function* breaks(_input: null, { attempt }: StepContext) {
      if (attempt < 3) throw new Error('boom');
      yield attempt;
    }

    expect(await all(chain([breaks], { retries: { count: 2, delayMs: 0 } }).stream(null))).toEqual([3]);
  });

  it('when it fails after a chunk was read, then it is not', async () => {
    let begun = 0;
    async function* breaks(_input: null) {
      begun += 1;
      yield 1;
      throw new Error('boom');
    }

    await rejection(all(chain([breaks], { retries: { count: 2, delayMs: 0 } }).stream(null)));

    expect(begun).toBe(1);
  });
});

describe('given last steps of other kinds', () => {
  it('when it does not stream, then its output is the one chunk', async () => {
    expect(await all(chain([(value: number) => value + 1]).stream(1))).toEqual([2]);
  });

  it('when it is a runnable that promises a stream, then that is read', async () => {
    const model = {
      invoke: async (_input: string) => 'whole',
      stream: async (input: string) => ReadableStream.from([input, '?']),
    };

    expect(await all(chain([model]).stream('why'))).toEqual(['why', '?']);
    expect(await chain([model]).invoke('why')).toBe('whole');
  });

  it('when it is a graph, then its finish point is streamed', async () => {
    const { counts } = producer(2);
    const counting = graph()
      .addNode('a', () => 1)
      .addNode('b', counts)
      .addEdge('a', 'b')
      .setEntryPoint('a')
      .setFinishPoint('b');

    expect(await all(chain([counting]).stream(null))).toEqual([0, 1]);
  });

  it('when it is a graph with several finish points, then their map is the one chunk', async () => {
    const two = graph()
      .addNode('a', () => 1)
      .addNode('b', () => 2)
      .setEntryPoint(['a', 'b'])
      .setFinishPoint(['a', 'b']);

    expect(await all(two.stream(null))).toEqual([{ a: 1, b: 2 }]);
  });

  it('when it is a branch, then the step it takes is streamed', async () => {
    const { counts } = producer(2);

    expect(await all(branch([[(value: number) => value > 0, counts]], () => 'none').stream(1))).toEqual([0, 1]);
  });

  it('when output keys are declared, then each chunk has those only, and together they must have all', async () => {
    async function* parts(input: boolean): AsyncGenerator<{ text?: string; tokens?: number; raw?: number }> {
      yield { text: 'a', raw: 1 };
      if (input) yield { tokens: 2 };
    }
    const narrow = chain([parts], { outputKeys: ['text', 'tokens'] });

    expect(await all(narrow.stream(true))).toEqual([{ text: 'a' }, { tokens: 2 }]);
    expect(await rejection(all(narrow.stream(false)))).toMatchObject({
      code: 'failed',
      details: { missing: ['tokens'] },
    });
  });
});

describe('given a stream of very many chunks', () => {
  it('when it is read slowly, then never more than one chunk was made and not yet read', async () => {
    let made = 0;
    let most = 0;
    async function* numbers(_input: null) {
      for (let index = 0; index < 10_000; index += 1) {
        made += 1;
        yield index;
      }
    }
    let read = 0;
    const gate = byHand<void>();
    gate.resolve();
    for await (const _chunk of chain([numbers]).stream(null)) {
      read += 1;
      await gate.promise;
      most = Math.max(most, made - read + 1);
    }

    expect([read, most]).toEqual([10_000, 1]);
  });
});
