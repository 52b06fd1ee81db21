/** What the compiler knows of chains. `tsc` is the judge; the bodies only have to run. */

import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  assign,
  branch,
  type Chain,
  chain,
  graph,
  map,
  parallel,
  passthrough,
  type StepContext,
  step,
} from '../../src/chain/index.ts';
import { defineAction } from '../../src/worker/index.ts';

const length = (text: string): number => text.length;
const half = async (value: number): Promise<number> => value / 2;
const isBig = ({ value }: { value: number }): boolean => value > 10;
const model = { invoke: async (input: string, _options?: { temperature?: number }) => ({ content: input }) };
async function* words(text: string): AsyncGenerator<string, void> {
  yield* text.split(' ');
}
async function* digits(value: number): AsyncGenerator<number, void> {
  yield value;
}

describe('given the types of a chain', () => {
  it('when steps fit, then its input is that of the first and its output that of the last', () => {
    expectTypeOf(chain([length, half, (value: number) => ({ value }), isBig])).toEqualTypeOf<
      Chain<string, boolean, boolean>
    >();
    expectTypeOf(chain([length]).invoke)
      .parameter(0)
      .toEqualTypeOf<string>();
    expectTypeOf(chain([length]).batch(['a'])).resolves.toEqualTypeOf<number[]>();
    expectTypeOf(chain([length]).batch(['a'], { returnErrors: true })).resolves.toEqualTypeOf<(number | Error)[]>();
    expect(true).toBe(true);
  });

  it('when a step does not fit the one before, then it does not compile', () => {
    // @ts-expect-error a number is no text
    chain([half, length]);
    // @ts-expect-error isBig takes a map
    chain([length, half, isBig]);
    // @ts-expect-error the field has another name
    chain([(value: number) => ({ number: value }), isBig]);
    // @ts-expect-error the inner chain gives a number
    chain([chain([length, half]), length]);
    // @ts-expect-error the model gives a map
    chain([model, length]);
    // @ts-expect-error chunks of numbers are a list
    chain([digits, half]);
    expect(true).toBe(true);
  });

  it('when its input is another, then it does not compile', async () => {
    const shouts = chain([(text: string) => text.toUpperCase()]);

    // @ts-expect-error a number is no text
    await shouts.invoke(5).catch(() => {});
    expect(await shouts.invoke('a')).toBe('A');
  });

  it('when a step is a generator, then chunks are what it yields, and the next step gets them together', () => {
    expectTypeOf(chain([words])).toEqualTypeOf<Chain<string, string, string>>();
    expectTypeOf(chain([digits])).toEqualTypeOf<Chain<number, number[], number>>();
    expectTypeOf(chain([digits]).stream(1)).toEqualTypeOf<AsyncGenerator<number, void>>();
    expectTypeOf(chain([words, length])).toEqualTypeOf<Chain<string, number, number>>();
    expectTypeOf(chain([length, chain([digits])])).toEqualTypeOf<Chain<string, number[], number>>();
    expect(true).toBe(true);
  });

  it('when a step is a runnable or an action, then its types count', () => {
    const greet = defineAction({
      name: 'greet',
      input: z.object({ name: z.string() }),
      handler: ({ name }) => ({ text: name }),
    });

    expectTypeOf(chain([model, ({ content }: { content: string }) => content])).toEqualTypeOf<
      Chain<string, string, string>
    >();
    expectTypeOf(chain([greet])).toEqualTypeOf<Chain<{ name: string }, { text: string }, { text: string }>>();
    expectTypeOf(chain([step(length, { retries: 2 })])).toEqualTypeOf<Chain<string, number, number>>();
    expect(true).toBe(true);
  });

  it('when output keys are declared, then the others are gone from the type', () => {
    const narrow = chain([(text: string) => ({ text, size: 1, raw: true })], { outputKeys: ['text', 'size'] });

    expectTypeOf(narrow.invoke('a')).resolves.toEqualTypeOf<{ text: string; size: number }>();
    expect(narrow.outputKeys).toEqual(['text', 'size']);
  });

  it('when parameters of the context are left without a type, then they have one', async () => {
    const named = chain([(text: string, context) => `${text} ${context.step}`]);

    expectTypeOf(named).toEqualTypeOf<Chain<string, string, string>>();
    expect(await named.invoke('in')).toBe('in step-1');
  });

  it('when a step takes anything, then it fits everywhere', () => {
    expectTypeOf(chain([length, (value: unknown) => String(value)])).toEqualTypeOf<Chain<string, string, string>>();
    expectTypeOf(chain([length, () => 5])).toEqualTypeOf<Chain<string, number, number>>();
    expect(true).toBe(true);
  });
});

describe('given the types of combinators', () => {
  it('when steps are parallel, then the input is what all take and the output a map', () => {
    const both = parallel({
      name: ({ name }: { name: string }) => name,
      size: async ({ size }: { size: number }) => size,
    });

    expectTypeOf(both.invoke).parameter(0).toEqualTypeOf<{ name: string } & { size: number }>();
    expectTypeOf(both.invoke({ name: '', size: 1 })).resolves.toEqualTypeOf<{ name: string; size: number }>();
    expect(true).toBe(true);
  });

  it('when fields are assigned, then the output has both', () => {
    const added = assign({ size: ({ text }: { text: string }) => text.length });

    expectTypeOf(added.invoke({ text: '' })).resolves.toMatchObjectType<{ text: string; size: number }>();
    expect(true).toBe(true);
  });

  it('when there are branches, then the output is that of any of them', () => {
    const either = branch([[(value: number) => value > 0, () => 'text']], passthrough<number>());

    expectTypeOf(either.invoke).parameter(0).toEqualTypeOf<number>();
    expectTypeOf(either.invoke(1)).resolves.toEqualTypeOf<string | number>();
    expect(true).toBe(true);
  });

  it('when a step is mapped, then lists of what it takes and gives', () => {
    expectTypeOf(map(length).invoke(['a'])).resolves.toEqualTypeOf<number[]>();
    // @ts-expect-error numbers are no texts
    const failed = map(length).invoke([1]);
    expectTypeOf(failed).resolves.toEqualTypeOf<number[]>();
    expect(true).toBe(true);
  });

  it('when a graph is built, then its types are those that were said', () => {
    expectTypeOf(graph<string, number>().invoke).parameter(0).toEqualTypeOf<string>();
    const takes = (_context: StepContext): void => {};
    expect(takes).toBeTypeOf('function');
  });
});
