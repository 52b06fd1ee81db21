import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/base/index.ts';
import {
  bufferMemory,
  type ConversationStore,
  chain,
  inProcessConversations,
  type Memory,
  type Message,
  type StepContext,
  summaryMemory,
  windowMemory,
} from '../../src/chain/index.ts';
import { all, byHand, deaf, rejection, settle, world } from './world.ts';

interface Question {
  readonly text: string;
  readonly history?: readonly Message[];
}

const echo = ({ text }: Question): string => `re: ${text}`;
const count = ({ history = [] }: Question): number => history.length;
const said = async (memory: Memory, conversation = 'default'): Promise<unknown[]> =>
  ((await memory.load(conversation)) as unknown as Message[]).map(({ content }) => content);

describe('given a chain with memory', () => {
  it('when it is called again, then its first step sees what was said', async () => {
    const seen: unknown[] = [];
    const sees = (input: Question): string => {
      seen.push(input.history);
      return echo(input);
    };
    const remembers = chain([sees], { memory: bufferMemory({ inputKey: 'text' }) });

    await remembers.invoke({ text: 'one' });
    await remembers.invoke({ text: 'two' });

    expect(seen).toEqual([
      [],
      [
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 're: one' },
      ],
    ]);
  });

  it('when nothing is said of fields, then the whole input and output are remembered, without the history', async () => {
    const memory = bufferMemory();

    await chain([echo], { memory }).invoke({ text: 'one' });

    expect(await said(memory)).toEqual([{ text: 'one' }, 're: one']);
  });

  it('when the output is a map, then the named field of it is remembered', async () => {
    const memory = bufferMemory({ inputKey: 'text', outputKey: 'answer' });

    await chain([({ text }: Question) => ({ answer: `re: ${text}`, tokens: 3 })], { memory }).invoke({ text: 'one' });

    expect(await said(memory)).toEqual(['one', 're: one']);
  });

  it('when conversations differ, then neither hears of the other', async () => {
    const counts = chain([count], { memory: bufferMemory() });
    await counts.invoke({ text: 'x' }, { conversation: 'a' });

    expect(await counts.invoke({ text: 'x' }, { conversation: 'a' })).toBe(2);
    expect(await counts.invoke({ text: 'x' }, { conversation: 'b' })).toBe(0);
  });

  it('when the input is no map, then the context has the history, in every step', async () => {
    const memory = bufferMemory();
    const lengths: number[] = [];
    const sees = (text: string, { history }: StepContext): string => {
      lengths.push((history as readonly Json[]).length);
      return text;
    };
    const talks = chain([sees, chain([sees])], { memory });
    await talks.invoke('one');
    await talks.invoke('two');

    expect(lengths).toEqual([0, 0, 2, 2]);
  });

  it('when another key is named, then the history stands there', async () => {
    const keyed = chain([({ before }: { before?: unknown }) => before as Json], {
      memory: bufferMemory(),
      memoryKey: 'before',
    });

    expect(await keyed.invoke({})).toEqual([]);
  });

  it('when the caller gives something under that key, then memory goes before it', async () => {
    const counts = chain([count], { memory: bufferMemory() });

    expect(await counts.invoke({ text: 'x', history: [{ role: 'user', content: 'made up' }] })).toBe(0);
  });

  it('when chains with memory lie within each other, then neither keeps what the other remembers', async () => {
    const memory = bufferMemory();
    const talks = chain([chain([echo], { memory })], { memory: bufferMemory() });
    await talks.invoke({ text: 'one' });
    await talks.invoke({ text: 'two' });

    expect(await said(memory)).toEqual([{ text: 'one' }, 're: one', { text: 'two' }, 're: two']);
  });

  it('when the history is a declared input key, then the caller need not give it', async () => {
    const counts = chain([count], { memory: bufferMemory(), inputKeys: ['text', 'history'] });

    expect(await counts.invoke({ text: 'x' })).toBe(0);
  });

  it('when a call fails, then it is not remembered', async () => {
    const memory = bufferMemory();
    const breaks = (): never => {
      throw new Error('boom');
    };

    await rejection(chain([breaks], { memory }).invoke({ text: 'one' }));

    expect(await said(memory)).toEqual([]);
  });

  it('when the input is no JSON, then it is refused before any step', async () => {
    let began = false;
    const begins = (_input: unknown) => {
      began = true;
    };

    expect(await rejection(chain([begins], { memory: bufferMemory() }).invoke({ when: 1n }))).toMatchObject({
      code: 'bad_input',
    });
    expect(began).toBe(false);
  });

  it('when a stream was read to its end, then what came of it is remembered, and not when it was left', async () => {
    const memory = bufferMemory({ inputKey: 'text' });
    async function* words(_input: Question) {
      yield 'to ';
      yield 'be';
    }
    const speaks = chain([words], { memory });

    for await (const _word of speaks.stream({ text: 'left' })) break;
    expect(await said(memory)).toEqual([]);
    await all(speaks.stream({ text: 'read' }));
    expect(await said(memory)).toEqual(['read', 'to be']);
  });

  it('when the store does not answer, then the call is over when its time is', async () => {
    const { ports, pass } = world();
    const memory: Memory = { load: deaf, save: deaf };
    const failed = rejection(chain([echo], { memory, timeoutMs: 10 }).invoke({ text: 'one' }, { ports }));

    await pass(10);

    expect(await failed).toMatchObject({ code: 'timeout' });
  });

  it('when it is asked for its memory, then it gives it', () => {
    const memory = bufferMemory();

    expect(chain([echo], { memory }).memory).toBe(memory);
  });
});

describe('given calls of one conversation at the same time', () => {
  it('when all of them end, then no turn is lost', async () => {
    const memory = bufferMemory({ inputKey: 'text', store: slowStore() });
    const talks = chain([echo], { memory });

    await talks.batch(
      Array.from({ length: 20 }, (_, index) => ({ text: `${index}` })),
      { width: 20 },
    );

    expect(await said(memory)).toHaveLength(40);
  });

  it('when one is being saved, then a load waits for it', async () => {
    const memory = bufferMemory({ store: slowStore() });
    const saved = memory.save('a', 'one', 'two');

    expect(await said(memory, 'a')).toEqual(['one', 'two']);
    await saved;
  });

  it('when a save fails, then its call fails, and later turns are kept', async () => {
    const store = inProcessConversations();
    let isBroken = true;
    const memory = bufferMemory({
      store: {
        read: store.read,
        write: (...value) => (isBroken ? Promise.reject(new Error('disk')) : store.write(...value)),
      },
    });
    const talks = chain([(text: string) => text], { memory });

    expect(await rejection(talks.invoke('lost'))).toMatchObject({ message: 'disk' });
    isBroken = false;
    await talks.invoke('kept');

    expect(await said(memory)).toEqual(['kept', 'kept']);
  });
});

/** Takes several turns of the event loop for everything, as a database does. */
function slowStore(): ConversationStore {
  const store = inProcessConversations();
  return {
    async read(...key) {
      await settle();
      return store.read(...key);
    },
    async write(...entry) {
      await settle();
      await store.write(...entry);
    },
  };
}

describe('given memories that forget', () => {
  const save = async (memory: Memory, ...texts: string[]): Promise<void> => {
    for (const text of texts) await memory.save('default', text, text.toUpperCase());
  };

  it('when a window is full, then its oldest turn leaves', async () => {
    const memory = windowMemory({ turns: 2 });
    await save(memory, 'a', 'b', 'c');

    expect(await said(memory)).toEqual(['b', 'B', 'c', 'C']);
  });

  it('when turns leave a summary memory, then the summary takes them in', async () => {
    const asked: unknown[] = [];
    const memory = summaryMemory({
      keep: 1,
      summarize: (former, messages) => {
        asked.push(former);
        return `${former ?? ''}${messages.map(({ content }) => content).join('')}`;
      },
    });
    await save(memory, 'a', 'b', 'c');

    expect(await memory.load('default')).toEqual([
      { role: 'system', content: 'aAbB' },
      { role: 'user', content: 'c' },
      { role: 'assistant', content: 'C' },
    ]);
    expect(asked).toEqual([undefined, 'aA']);
  });

  it('when a summary can not be made, then no message is lost, and the next turn tries again', async () => {
    let isBroken = true;
    const memory = summaryMemory({
      keep: 1,
      summarize: (_former, messages) => {
        if (isBroken) throw new Error('no model');
        return messages.map(({ content }) => content).join('');
      },
    });
    await save(memory, 'a');
    expect(await rejection(save(memory, 'b'))).toMatchObject({ message: 'no model' });
    expect(await said(memory)).toEqual(['a', 'A', 'b', 'B']);
    isBroken = false;
    await save(memory, 'c');

    expect(await said(memory)).toEqual(['aAbB', 'c', 'C']);
  });

  it.each([
    ['a window of none', () => windowMemory({ turns: 0 })],
    ['a summary that keeps half a turn', () => summaryMemory({ keep: 0.5, summarize: () => '' })],
  ])('when %s is wanted, then it is refused', (_what, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'bad_definition' }));
  });
});

describe('given a store for several memories', () => {
  it('when they have names of their own, then they do not meet, and a new memory finds what the old one kept', async () => {
    const store = inProcessConversations();
    await bufferMemory({ store }).save('a', 'one', 'two');
    await windowMemory({ store, turns: 1, name: 'other' }).save('a', 'three', 'four');

    expect(await said(bufferMemory({ store }), 'a')).toEqual(['one', 'two']);
  });

  it('when what is given away is changed, then what is kept is not', async () => {
    const store = inProcessConversations();
    const value = [1];
    await store.write('a', 'm', value);
    value.push(2);

    expect(await store.read('a', 'm')).toEqual([1]);
  });

  it('when what it keeps is no list of messages, then store_corrupt says so', async () => {
    const store = inProcessConversations();
    await store.write('a', 'buffer', 'nonsense');

    expect(await rejection(bufferMemory({ store }).load('a'))).toMatchObject({ code: 'store_corrupt' });
  });

  it('when a memory of your own is given, then it is loaded before and saved after', async () => {
    const seen: unknown[] = [];
    const gate = byHand<Json>();
    const memory: Memory = {
      load: (conversation) => {
        seen.push(['load', conversation]);
        return gate.promise;
      },
      save: async (...turn) => {
        seen.push(['save', ...turn]);
      },
    };
    const output = chain([({ history }: { history?: Json }) => history ?? null], { memory }).invoke(
      {},
      { conversation: 'c' },
    );
    gate.resolve({ mood: 'good' });

    expect(await output).toEqual({ mood: 'good' });
    expect(seen).toEqual([
      ['load', 'c'],
      ['save', 'c', {}, { mood: 'good' }],
    ]);
  });
});
