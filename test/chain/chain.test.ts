import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PawlError } from '../../src/base/index.ts';
import { chain, map, StepFailed, step } from '../../src/chain/index.ts';
import { defineAction } from '../../src/worker/index.ts';
import { rejection } from './world.ts';

const double = (value: number): number => value * 2;
const increase = async (value: number): Promise<number> => value + 1;
const shown = (value: number): string => `<${value}>`;

describe('given a chain of functions', () => {
  const shows = chain([double, increase, shown]);

  it('when it is invoked, then each step got what the one before gave', async () => {
    expect(await shows.invoke(20)).toBe('<41>');
  });

  it('when it is invoked twice at once, then the calls do not meet', async () => {
    expect(await Promise.all([shows.invoke(1), shows.invoke(2)])).toEqual(['<3>', '<5>']);
  });

  it('when it is a step of another chain, then it is called like any other', async () => {
    expect(await chain([shows, (text: string) => text.length]).invoke(20)).toBe(4);
  });

  it('when nothing is said of it, then its name is what it is, and it has no keys', () => {
    expect(shows).toMatchObject({ name: 'chain', description: '', inputKeys: [], outputKeys: [], memory: undefined });
  });

  it('when a name and a description are given, then they can be read', () => {
    expect(chain([double], { name: 'doubling', description: 'doubles' })).toMatchObject({
      name: 'doubling',
      description: 'doubles',
    });
  });
});

describe('given steps of other kinds', () => {
  it('when a step is an object with invoke, then it is called as its method, with its options', async () => {
    const seen: unknown[] = [];
    const model = {
      reply: 'hello',
      async invoke(input: string, options?: { metadata?: Record<string, unknown>; tags?: string[] }) {
        seen.push(options);
        return { content: `${this.reply} ${input}` };
      },
    };

    const output = await chain([model]).invoke('Ada', { metadata: { user: 7 }, extra: { tags: ['greeting'] } });

    expect(output).toEqual({ content: 'hello Ada' });
    expect(seen).toMatchObject([{ metadata: { user: 7 }, tags: ['greeting'] }]);
  });

  it('when a step is an async generator of text, then its chunks come together as text', async () => {
    async function* words(count: number) {
      for (let index = 0; index < count; index += 1) yield `${index} `;
    }

    expect(await chain([words, (text: string) => text.trim()]).invoke(3)).toBe('0 1 2');
  });

  it('when its chunks are not text, then they come as a list', async () => {
    async function* numbers(count: number) {
      for (let index = 0; index < count; index += 1) yield index;
    }

    expect(await chain([numbers, (list: number[]) => list.length]).invoke(3)).toBe(3);
    expect(await chain([numbers]).invoke(0)).toEqual([]);
  });

  it('when it returns something, then that is its output', async () => {
    async function* counted(_input: null): AsyncGenerator<string, unknown> {
      yield 'a';
      return { tokens: 1 };
    }

    expect(await chain([counted]).invoke(null)).toEqual({ tokens: 1 });
  });

  it('when the step says how its chunks come together, then they do so', async () => {
    async function* numbers(_input: null) {
      yield 1;
      yield 2;
    }
    const sum = step(numbers, { collect: (chunks) => chunks.reduce((one, other) => one + other, 0) });

    expect(await chain([sum]).invoke(null)).toBe(3);
  });

  it('when a function gives a stream, then it counts as a generator', async () => {
    const body = (text: string): ReadableStream<string> => ReadableStream.from([text, '!']);

    expect(await chain([body, (text: string) => text]).invoke('hi')).toBe('hi!');
  });
});

describe('given an action as a step', () => {
  const greet = defineAction({
    name: 'demo.greet',
    input: z.object({ name: z.string().default('you') }),
    output: z.object({ text: z.string() }),
    handler: ({ name }) => ({ text: name === '' ? (0 as unknown as string) : `Hello ${name}` }),
  });

  it('when its input fits, then it gets it as its schema lets it through', async () => {
    expect(await chain([greet]).invoke({} as { name: string })).toEqual({ text: 'Hello you' });
  });

  it('when its input does not fit, then bad_input says where', async () => {
    const error = await rejection(chain([greet]).invoke({ name: 3 } as unknown as { name: string }));

    expect(error).toMatchObject({ code: 'bad_input', step: 'demo.greet', retryable: false });
    expect(String(error)).toContain('name');
  });

  it('when its output does not fit, then the step has failed and no retry can help', async () => {
    const error = await rejection(chain([greet], { retries: 3 }).invoke({ name: '' }));

    expect(error).toMatchObject({ code: 'failed', retryable: false, details: { attempts: 1 } });
  });

  it('when the handler looks at its context, then it has what it has in a workflow', async () => {
    const lines: string[] = [];
    const look = defineAction<string, unknown>({
      name: 'demo.look',
      handler: (_input, context) => {
        context.log('looking');
        const { run, task, item, attempt, idempotencyKey, signal } = context;
        return { run, task, item, attempt, idempotencyKey, aborted: signal.aborted };
      },
    });

    const output = await chain([look]).invoke('x', { log: (text, name) => lines.push(`${name}: ${text}`) });

    const run = expect.stringMatching(/^plain-[0-9a-f]{32}$/);
    expect(output).toMatchObject({ run, task: 'demo.look', item: undefined, attempt: 1, aborted: false });
    expect(lines).toEqual(['demo.look: looking']);
  });

  it('when it works on items, then each has a key of its own', async () => {
    const key = defineAction<number, string>({ name: 'key', handler: (_item, context) => context.idempotencyKey });

    const keys = await map(key).invoke([1, 2]);

    expect(keys[0]).toMatch(/\/key\[0\]$/);
    expect(keys[1]).toBe(keys[0]!.replace('[0]', '[1]'));
  });
});

describe('given the names of steps', () => {
  it('when steps bring none or the same, then each has one of its own', () => {
    const { structure } = chain([
      double,
      double,
      (value: number) => value,
      step(double, { name: 'third' }),
      { name: 'model', invoke: (value: number) => value },
    ]);

    expect(structure.steps.map(({ name }) => name)).toEqual(['double', 'double-2', 'step-3', 'third', 'model']);
  });

  it('when a step asks for its name, then it is the one in the chain', async () => {
    const named = (_input: unknown, context: { step: string }): string => context.step;

    expect(await chain([step(named, { name: 'asker' })]).invoke(null)).toBe('asker');
  });

  it('when the structure is read, then retries, timeouts and keys are there', () => {
    const { structure } = chain([step(double, { timeoutMs: 50, retries: 0 }), increase], {
      name: 'both',
      inputKeys: ['a'],
      timeoutMs: 1000,
      stepTimeoutMs: 100,
      retries: { count: 2, delayMs: 10 },
    });

    expect(structure).toMatchObject({
      kind: 'chain',
      name: 'both',
      inputKeys: ['a'],
      timeoutMs: 1000,
      steps: [
        { name: 'double', kind: 'function', timeoutMs: 50, retry: undefined },
        { name: 'increase', timeoutMs: 100, retry: { count: 2, delayMs: 10, factor: 2 } },
      ],
    });
  });
});

describe('given a step that throws', () => {
  const boom = new TypeError('boom');
  const breaks = step(
    () => {
      throw boom;
    },
    { name: 'breaks' },
  );

  it('when the chain is invoked, then the error says which step, and holds what it threw', async () => {
    const error = await rejection(chain([double, breaks]).invoke(1));

    expect(error).toBeInstanceOf(StepFailed);
    expect(error).toBeInstanceOf(PawlError);
    expect(error).toMatchObject({ code: 'failed', step: 'breaks', cause: boom, message: 'step "breaks" failed: boom' });
  });

  it('when chains lie within each other, then the way is in the name, and the cause is the first', async () => {
    const inner = chain([breaks], { name: 'inner' });

    expect(await rejection(chain([inner]).invoke(null))).toMatchObject({ step: 'inner/breaks', cause: boom });
  });

  it('when it rejects with a coded error, then the code is kept', async () => {
    const full = () => Promise.reject(new PawlError('store_full', 'no room'));

    expect(await rejection(chain([full]).invoke(null))).toMatchObject({ code: 'store_full', retryable: true });
  });

  it('when it throws something that is no error, then it is the cause all the same', async () => {
    const odd = () => Promise.reject('odd');

    expect(await rejection(chain([odd]).invoke(null))).toMatchObject({ cause: 'odd', code: 'failed' });
  });
});

describe('given a definition that is wrong', () => {
  it.each([
    ['no steps', () => chain([] as unknown as [() => void])],
    ['a step that can not be called', () => chain([5] as unknown as [() => void])],
    ['a step that is null', () => chain([null] as unknown as [() => void])],
    ['an empty name', () => chain([double], { name: '' })],
    ['a timeout of nothing', () => chain([double], { timeoutMs: 0 })],
    ['a timeout of a step that is no number', () => chain([double], { stepTimeoutMs: Number.NaN })],
    ['retries below 0', () => chain([double], { retries: -1 })],
    ['half a retry', () => chain([double], { retries: { count: 0.5 } })],
    ['a factor below 1', () => chain([double], { retries: { count: 1, factor: 0.5 } })],
    ['a jitter above 1', () => chain([double], { retries: { count: 1, jitter: 2 } })],
    ['a negative delay', () => chain([double], { retries: { count: 1, delayMs: -1 } })],
    ['a timeout of one step below 0', () => chain([step(double, { timeoutMs: -1 })])],
  ])('when it has %s, then it is refused where it is made', (_what, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'bad_definition' }));
  });
});

describe('given declared keys', () => {
  const answers = chain(
    [({ question }: { question: string; style: string }) => ({ answer: `${question}!`, tokens: 3, draft: '' })],
    { name: 'answers', inputKeys: ['question', 'style'], outputKeys: ['answer', 'tokens'] },
  );

  it('when they are asked for, then they can be read', () => {
    expect([answers.inputKeys, answers.outputKeys]).toEqual([
      ['question', 'style'],
      ['answer', 'tokens'],
    ]);
  });

  it('when the input has them, then the output has the declared keys only', async () => {
    expect(await answers.invoke({ question: 'why', style: 'short' })).toEqual({ answer: 'why!', tokens: 3 });
  });

  it('when the input lacks one, then bad_input names it', async () => {
    const error = await rejection(answers.invoke({ question: 'why' } as { question: string; style: string }));

    expect(error).toMatchObject({ code: 'bad_input', details: { missing: ['style'] } });
  });

  it.each([['text'], [null], [['question', 'style']]])('when the input is %j, then it is refused', async (input) => {
    expect(await rejection(answers.invoke(input as never))).toMatchObject({ code: 'bad_input' });
  });

  it('when a key is only inherited, then it is missing', async () => {
    const error = await rejection(chain([(_: object) => 1], { inputKeys: ['toString'] }).invoke({}));

    expect(error).toMatchObject({ code: 'bad_input', details: { missing: ['toString'] } });
  });

  it('when the output lacks one, then it has failed and says which', async () => {
    const lacks = chain([(_: null) => ({ answer: 1 }) as { answer: number; tokens: number }], {
      outputKeys: ['answer', 'tokens'],
    });

    expect(await rejection(lacks.invoke(null))).toMatchObject({ code: 'failed', details: { missing: ['tokens'] } });
  });

  it('when the output is no map, then it has failed', async () => {
    const list = chain([(_: null) => [1] as unknown as { answer: number }], { outputKeys: ['answer'] });

    expect(await rejection(list.invoke(null))).toMatchObject({ code: 'failed' });
  });
});
