/** The same steps, plain and with an engine underneath. */

import { describe, expect, it } from 'vitest';
import { bufferMemory, chain, durable, graph, map, step, storedConversations } from '../../src/chain/index.ts';
import { createPawl, type Pawl } from '../../src/index.ts';
import { type AnyStepForTests, randomComposite } from './random-composite.ts';

async function withPawl<T>(work: (pawl: Pawl) => Promise<T>): Promise<T> {
  const pawl = await createPawl({ path: ':memory:' });
  try {
    return await work(pawl);
  } finally {
    await pawl.close();
  }
}

describe('given random compositions of steps', () => {
  it('when they are called plain and durable, then both give the same', () =>
    withPawl(async (pawl) => {
      for (let seed = 1; seed <= 150; seed += 1) {
        const composite: AnyStepForTests = randomComposite(seed);
        const inputs = [0, 1, 7];
        const plain = await Promise.all(inputs.map((input) => composite.invoke(input).catch(messageOf)));
        const lasting = durable(composite, pawl);
        const kept = await Promise.all(inputs.map((input) => lasting.invoke(input).catch(messageOf)));
        expect(kept, `seed ${seed}`).toEqual(plain);
      }
    }));
});

/** Both say which step failed and why, each in its own words. */
function messageOf(error: unknown): unknown {
  return { failed: /step \d+ fails/.exec(String(error))?.[0] };
}

describe('given a durable chain', () => {
  const tripled = chain([(n: number) => n + 1, (n: number) => n * 3], { name: 'tripled' });

  it('when it is called again with the same id, then no step runs again', () =>
    withPawl(async (pawl) => {
      let calls = 0;
      const counted = durable(
        chain(
          [
            (n: number) => {
              calls += 1;
              return n;
            },
          ],
          { name: 'counted' },
        ),
        pawl,
      );
      expect(await counted.invoke(4, { id: 'one' })).toBe(4);
      expect(await counted.invoke(4, { id: 'one' })).toBe(4);
      expect(calls).toBe(1);
    }));

  it('when the id belongs to another input, then the call is refused', () =>
    withPawl(async (pawl) => {
      const lasting = durable(tripled, pawl);
      await lasting.invoke(1, { id: 'one' });
      await expect(lasting.invoke(2, { id: 'one' })).rejects.toMatchObject({ code: 'conflict' });
    }));

  it('when a step fails and has retries, then the engine tries it again', () =>
    withPawl(async (pawl) => {
      const attempts: number[] = [];
      const flaky = chain(
        [
          (n: number, { attempt }: { attempt: number }) => {
            attempts.push(attempt);
            if (attempt < 3) throw new Error('not yet');
            return n;
          },
        ],
        { name: 'flaky', retries: { count: 3, delayMs: 1, jitter: 0 } },
      );
      expect(await durable(flaky, pawl).invoke(5)).toBe(5);
      expect(attempts).toEqual([1, 2, 3]);
    }));

  it('when a step says that no retry can help, then it is not tried again', () =>
    withPawl(async (pawl) => {
      let calls = 0;
      const hopeless = chain(
        [
          (): never => {
            calls += 1;
            throw Object.assign(new Error('never'), { retryable: false });
          },
        ],
        { name: 'hopeless', retries: 3 },
      );
      await expect(durable(hopeless, pawl).invoke(1 as never)).rejects.toMatchObject({ code: 'failed' });
      expect(calls).toBe(1);
    }));

  it('when the input lacks a declared key, then it is refused before anything is recorded', () =>
    withPawl(async (pawl) => {
      const keyed = chain([(input: { a: number }) => input], { name: 'keyed', inputKeys: ['a'], outputKeys: ['a'] });
      const lasting = durable(keyed, pawl);
      await expect(lasting.invoke({} as { a: number })).rejects.toMatchObject({ code: 'bad_input' });
      expect(await pawl.store.list()).toEqual([]);
      expect(await lasting.invoke({ a: 1 })).toEqual({ a: 1 });
    }));

  it('when the input is not JSON, then the call is refused', () =>
    withPawl(async (pawl) => {
      const odd = durable(chain([(input: unknown) => input], { name: 'odd' }), pawl);
      await expect(odd.invoke(() => 1)).rejects.toMatchObject({ code: 'bad_input' });
    }));

  it('when the caller aborts, then the run is canceled and the call rejects with the reason', () =>
    withPawl(async (pawl) => {
      const began = Promise.withResolvers<void>();
      const slow = chain(
        [
          (_: number, { signal }: { signal: AbortSignal }) => {
            began.resolve();
            return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
          },
        ],
        { name: 'slow' },
      );
      const controller = new AbortController();
      const call = durable(slow, pawl).invoke(1, { id: 'slow-1', signal: controller.signal });
      await began.promise;
      controller.abort('enough');
      await expect(call).rejects.toBe('enough');
      expect((await pawl.handle('slow-1').result()).status).toBe('canceled');
    }));

  it('when its conversation is remembered in the store, then the next call has it, and a turn is kept once', () =>
    withPawl(async (pawl) => {
      const seen: unknown[] = [];
      const memory = bufferMemory({ store: storedConversations(pawl.store), inputKey: 'q' });
      const talk = chain(
        [
          (input: { q: string; history?: unknown }) => {
            seen.push(input.history);
            return `re: ${input.q}`;
          },
        ],
        { name: 'talk', memory },
      );
      const lasting = durable(talk, pawl);
      await lasting.invoke({ q: 'one' }, { conversation: 'c' });
      await memory.save('c', { q: 'again' }, 'again', 'named');
      await memory.save('c', { q: 'again' }, 'again', 'named');
      await lasting.invoke({ q: 'two' }, { conversation: 'c' });
      expect(seen[0]).toEqual([]);
      expect(seen[1]).toEqual([
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 're: one' },
        { role: 'user', content: 'again' },
        { role: 'assistant', content: 'again' },
      ]);
    }));

  it('when many inputs are given, then so many run at once and outputs come in their order', () =>
    withPawl(async (pawl) => {
      let now = 0;
      let most = 0;
      const wide = chain(
        [
          async (n: number) => {
            now += 1;
            most = Math.max(most, now);
            await Promise.resolve();
            now -= 1;
            return n * n;
          },
        ],
        { name: 'wide' },
      );
      expect(await durable(wide, pawl).batch([1, 2, 3, 4, 5], { width: 2 })).toEqual([1, 4, 9, 16, 25]);
      expect(most).toBeLessThanOrEqual(2);
    }));

  it('when a graph has several ends, then they come by name', () =>
    withPawl(async (pawl) => {
      const made = graph<number, { twice: number; more: number }>({ name: 'ends' })
        .addNode('twice', (n: number) => n * 2)
        .addNode('more', (n: number) => n + 1)
        .setEntryPoint(['twice', 'more'])
        .setFinishPoint(['twice', 'more']);
      expect(await durable(made, pawl).invoke(4)).toEqual({ twice: 8, more: 5 });
    }));

  it('when a map has items, then each is an attempt of its own', () =>
    withPawl(async (pawl) => {
      const squares = chain([map((n: number) => n * n, { width: 2 })], { name: 'squares' });
      const lasting = durable(squares, pawl);
      expect(await lasting.invoke([1, 2, 3], { id: 'sq' })).toEqual([1, 4, 9]);
      expect((await pawl.handle('sq').state()).status).toBe('succeeded');
    }));
});

describe('given a durable chain whose last step streams', () => {
  const made: number[] = [];
  const counting = chain(
    [
      (n: number) => n,
      step(
        async function* (n: number) {
          for (let index = 0; index < n; index += 1) {
            made.push(index);
            yield `${index};`;
          }
        },
        { name: 'count' },
      ),
    ],
    { name: 'counting' },
  );

  it('when it is read slowly, then one chunk is made at a time', () =>
    withPawl(async (pawl) => {
      made.length = 0;
      const read: string[] = [];
      for await (const chunk of durable(counting, pawl).stream(4)) {
        read.push(chunk);
        expect(made.length).toBe(read.length);
        await Promise.resolve();
        expect(made.length).toBe(read.length);
      }
      expect(read.join('')).toBe(await counting.invoke(4));
    }));

  it('when the reader leaves, then the run goes on and keeps the whole result', () =>
    withPawl(async (pawl) => {
      const lasting = durable(counting, pawl);
      for await (const _ of lasting.stream(5, { id: 'left' })) break;
      expect((await pawl.handle('left').result()).output).toBe('0;1;2;3;4;');
      const later: string[] = [];
      for await (const chunk of lasting.stream(5, { id: 'left' })) later.push(chunk);
      expect(later).toEqual(['0;1;2;3;4;']);
    }));

  it('when it fails after its first chunk, then the stream rejects and nothing is repeated', () =>
    withPawl(async (pawl) => {
      let begun = 0;
      const broken = chain(
        [
          step(
            async function* (_: number) {
              begun += 1;
              yield 'one';
              throw new Error('broken');
            },
            { name: 'broken' },
          ),
        ],
        { name: 'breaks', retries: 3 },
      );
      const read: string[] = [];
      await expect(
        (async () => {
          for await (const chunk of durable(broken, pawl).stream(1)) read.push(chunk);
        })(),
      ).rejects.toMatchObject({ code: 'failed' });
      expect([read, begun]).toEqual([['one'], 1]);
    }));

  it('when its run is canceled while nobody reads, then the producer is stopped', () =>
    withPawl(async (pawl) => {
      let stopped = false;
      const endless = chain(
        [
          step(
            async function* (_: number) {
              try {
                for (let index = 0; ; index += 1) yield String(index);
              } finally {
                stopped = true;
              }
            },
            { name: 'endless' },
          ),
        ],
        { name: 'endless' },
      );
      const stream = durable(endless, pawl).stream(1, { id: 'e' });
      expect((await stream.next()).value).toBe('0');
      await pawl.handle('e').cancel();
      await expect(stream.next()).rejects.toMatchObject({ code: 'failed' });
      expect(stopped).toBe(true);
    }));
});
