import { describe, expect, it } from 'vitest';
import { assign, branch, chain, map, parallel, passthrough, type StepContext, step } from '../../src/chain/index.ts';
import { byHand, deaf, rejection, settle, world } from './world.ts';

const increase = (value: number): number => value + 1;
const double = async (value: number): Promise<number> => value * 2;

describe('given parallel steps', () => {
  it('when they are called, then each gets the input, and the output has theirs by their names', async () => {
    const both = parallel({ increase, double, same: passthrough<number>() });

    expect(await both.invoke(5)).toEqual({ increase: 6, double: 10, same: 5 });
  });

  it('when they are called, then they run at once, in their order, as many as their width says', async () => {
    let running = 0;
    const seen: string[] = [];
    const work = async (_input: null, { step: name }: StepContext): Promise<void> => {
      running += 1;
      seen.push(`${name} ${running}`);
      await settle();
      running -= 1;
    };
    // Both of the first two are over in the same turn, before the third begins.

    await parallel({ a: work, b: work, c: work }).invoke(null);
    await parallel({ a: work, b: work, c: work }, { width: 2 }).invoke(null);

    expect(seen).toEqual(['a 1', 'b 2', 'c 3', 'a 1', 'b 2', 'c 1']);
  });

  it('when one fails, then the others are stopped, and the error names it', async () => {
    let signal: AbortSignal | undefined;
    const waits = (_input: null, context: StepContext): Promise<never> => {
      signal = context.signal;
      return deaf();
    };
    const breaks = () => Promise.reject(new Error('boom'));

    expect(await rejection(parallel({ waits, breaks }, { name: 'both' }).invoke(null))).toMatchObject({
      step: 'breaks',
    });
    expect(signal?.aborted).toBe(true);
  });

  it('when two fail, then the second is not unheard', async () => {
    const gates = [byHand<never>(), byHand<never>()];
    const failed = rejection(parallel({ a: () => gates[0]!.promise, b: () => gates[1]!.promise }).invoke(null));
    gates[1]!.reject(new Error('second node, first failure'));
    gates[0]!.reject(new Error('late'));

    expect(await failed).toMatchObject({ step: 'b' });
    await settle();
  });

  it('when a name is __proto__, then it is a name like any other', async () => {
    const output = await parallel({ ['__proto__']: increase }).invoke(1);

    expect(Object.entries(output)).toEqual([['__proto__', 2]]);
  });

  it('when there are none, then it is refused', () => {
    expect(() => parallel({})).toThrow(expect.objectContaining({ code: 'bad_definition' }));
  });

  it('when a width is none, then it is refused', () => {
    expect(() => parallel({ increase }, { width: 0 })).toThrow(expect.objectContaining({ code: 'bad_definition' }));
  });
});

describe('given fields that are to be added', () => {
  const withLength = assign({ length: ({ text }: { text: string }) => text.length });

  it('when the input is a map, then the output has its fields and those added', async () => {
    expect(await withLength.invoke({ text: 'four' })).toEqual({ text: 'four', length: 4 });
  });

  it('when a field is there already, then the step goes before it', async () => {
    expect(await assign({ n: ({ n }: { n: number }) => n + 1 }).invoke({ n: 1 })).toEqual({ n: 2 });
  });

  it('when the input is no map, then it is refused', async () => {
    expect(await rejection(withLength.invoke('four' as never))).toMatchObject({ code: 'bad_input' });
  });
});

describe('given a branch', () => {
  const sized = branch(
    [
      [(value: number) => value < 10, () => 'small'],
      [async (value: number) => value < 100, async () => 'middle'],
    ],
    (value: number) => `large ${value}`,
  );

  it.each([
    [5, 'small'],
    [50, 'middle'],
    [500, 'large 500'],
  ])('when its input is %i, then it takes the first step whose condition holds: %s', async (input, output) => {
    expect(await sized.invoke(input)).toBe(output);
  });

  it('when a condition holds, then no later one is asked', async () => {
    let asked = 0;
    const asks = (): boolean => {
      asked += 1;
      return true;
    };

    await branch(
      [
        [asks, increase],
        [asks, increase],
      ],
      increase,
    ).invoke(1);

    expect(asked).toBe(1);
  });

  it('when a condition throws, then the error says which', async () => {
    const breaks = (): boolean => {
      throw new Error('boom');
    };

    expect(await rejection(branch([[breaks, increase]], increase).invoke(1))).toMatchObject({
      code: 'failed',
      step: 'condition of increase',
    });
  });

  it('when a condition never answers, then the time limit of the branch holds', async () => {
    const { ports, pass } = world();
    const failed = rejection(branch([[deaf, increase]], increase, { timeoutMs: 10 }).invoke(1, { ports }));

    await pass(10);

    expect(await failed).toMatchObject({ code: 'timeout' });
  });

  it('when its structure is read, then conditions and steps are in their order, the last step for the rest', () => {
    expect(sized.structure).toMatchObject({
      kind: 'branch',
      conditions: [expect.any(Function), expect.any(Function)],
      steps: [{ name: 'step-1' }, { name: 'step-2' }, { name: 'step-3' }],
    });
  });
});

describe('given a map over a list', () => {
  it('when items end in another order, then the outputs are in the order of the items', async () => {
    const gates = [byHand<string>(), byHand<string>()];
    const outputs = map((index: number) => gates[index]!.promise).invoke([0, 1]);
    gates[1]!.resolve('second');
    gates[0]!.resolve('first');

    expect(await outputs).toEqual(['first', 'second']);
  });

  it('when a step asks for its place, then it is told', async () => {
    const placed = (item: string, { item: place }: StepContext): string => `${place}${item}`;

    expect(await map(placed).invoke(['a', 'b'])).toEqual(['0a', '1b']);
  });

  it.each([
    [undefined, 8],
    [2, 2],
  ])('when its width is %s, then at most %i items run at once', async (width, expected) => {
    let running = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await settle();
      running -= 1;
    };

    await map(work, { width }).invoke(new Array(20).fill(null));

    expect(most).toBe(expected);
  });

  it('when an item fails, then no more begin', async () => {
    const begun: number[] = [];
    const work = (item: number): number => {
      begun.push(item);
      if (item === 1) throw new Error('boom');
      return item;
    };

    await rejection(map(work, { width: 1 }).invoke([0, 1, 2]));

    expect(begun).toEqual([0, 1]);
  });

  it('when the list is empty, then so is the output', async () => {
    expect(await map(increase).invoke([])).toEqual([]);
  });

  it('when the input is no list, then it is refused', async () => {
    expect(await rejection(map(increase).invoke('abc' as never))).toMatchObject({ code: 'bad_input' });
  });
});

describe('given combinators within each other', () => {
  it('when they are called, then options reach the innermost step', async () => {
    const seen: unknown[] = [];
    const looks = (value: number, { metadata, conversation }: StepContext): number => {
      seen.push([metadata, conversation]);
      return value;
    };
    const nested = chain([
      parallel({ list: chain([(value: number) => [value, value], map(branch([[() => true, looks]], looks))]) }),
    ]);

    expect(await nested.invoke(1, { metadata: { user: 7 }, conversation: 'c' })).toEqual({ list: [1, 1] });
    expect(seen).toEqual([
      [{ user: 7 }, 'c'],
      [{ user: 7 }, 'c'],
    ]);
  });

  it('when the time of the outermost is up, then the innermost is aborted', async () => {
    const { ports, pass } = world();
    let signal: AbortSignal | undefined;
    const waits = (_input: number, context: StepContext): Promise<never> => {
      signal = context.signal;
      return deaf();
    };
    const failed = rejection(chain([map(parallel({ waits }))], { timeoutMs: 10 }).invoke([1], { ports }));

    await pass(10);

    expect(await failed).toMatchObject({ code: 'timeout' });
    expect(signal?.aborted).toBe(true);
  });

  it('when the innermost fails, then the error has the whole way', async () => {
    const breaks = step(
      (_item: number) => {
        throw new Error('boom');
      },
      { name: 'breaks' },
    );
    const nested = chain([map(parallel({ a: breaks }), { name: 'each' })]);

    expect(await rejection(nested.invoke([1]))).toMatchObject({ step: 'each/parallel/a' });
  });
});

describe('given a step alone', () => {
  it('when it is called, then its retries and name hold', async () => {
    const tries = step(
      (value: number, { attempt }: StepContext) => {
        if (attempt < 2) throw new Error('boom');
        return value + attempt;
      },
      { retries: { count: 1, delayMs: 0 } },
    );

    expect(await tries.invoke(1)).toBe(3);
    expect(tries.structure).toMatchObject({ kind: 'step', steps: [{ retry: { count: 1 } }] });
  });
});
