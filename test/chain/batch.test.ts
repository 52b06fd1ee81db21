import { describe, expect, it } from 'vitest';
import { chain, type StepContext } from '../../src/chain/index.ts';
import { byHand, deaf, listenersOf, rejection, settle, world } from './world.ts';

describe('given a batch', () => {
  it('when calls end in another order than they began, then the outputs are in the order of the inputs', async () => {
    const gates = [byHand<string>(), byHand<string>(), byHand<string>()];
    const outputs = chain([(index: number) => gates[index]!.promise]).batch([0, 1, 2]);

    for (const index of [2, 0, 1]) gates[index]!.resolve(`output ${index}`);

    expect(await outputs).toEqual(['output 0', 'output 1', 'output 2']);
  });

  it.each([
    [undefined, 8],
    [3, 3],
    [1, 1],
    [100, 20],
  ])('when its width is %s, then at most %i calls run at once', async (width, expected) => {
    let running = 0;
    let most = 0;
    const work = async (value: number): Promise<number> => {
      running += 1;
      most = Math.max(most, running);
      await settle();
      running -= 1;
      return value;
    };
    const inputs = Array.from({ length: 20 }, (_, index) => index);

    expect(await chain([work]).batch(inputs, { width })).toEqual(inputs);
    expect(most).toBe(expected);
  });

  it('when there are no inputs, then there are no outputs', async () => {
    expect(await chain([(value: number) => value]).batch([])).toEqual([]);
  });

  it.each([[0], [-1], [1.5]])('when its width is %d, then it is refused', async (width) => {
    expect(await rejection(chain([(value: number) => value]).batch([1], { width }))).toMatchObject({
      code: 'bad_input',
    });
  });

  it('when one fails, then the others are stopped and no more begin', async () => {
    const begun: number[] = [];
    const signals: AbortSignal[] = [];
    const work = (value: number, { signal }: StepContext): Promise<never> => {
      begun.push(value);
      signals.push(signal);
      return value === 1 ? Promise.reject(new Error('boom')) : deaf();
    };

    expect(await rejection(chain([work]).batch([0, 1, 2, 3], { width: 2 }))).toMatchObject({ code: 'failed' });
    expect(begun).toEqual([0, 1]);
    expect(signals[0]!.aborted).toBe(true);
  });

  it('when errors are to be returned, then each stands in its place', async () => {
    const work = (value: number): number => {
      if (value === 1) throw new Error('boom');
      return value * 10;
    };

    const outputs = await chain([work]).batch([0, 1, 2], { returnErrors: true, width: 1 });

    expect(outputs).toEqual([0, expect.objectContaining({ code: 'failed', step: 'work' }), 20]);
  });

  it('when the caller gives up, then it is over, whatever is to be returned', async () => {
    const controller = new AbortController();
    const failed = rejection(chain([deaf]).batch([null, null], { returnErrors: true, signal: controller.signal }));
    await settle();

    controller.abort('enough');

    expect(await failed).toBe('enough');
    expect(listenersOf(controller.signal)).toBe(0);
  });

  it('when a timeout is said, then it is that of each call', async () => {
    const { ports, pass } = world();
    const work = (value: number): Promise<number> => (value === 0 ? deaf() : Promise.resolve(value));
    const outputs = chain([work]).batch([0, 1], { timeoutMs: 10, returnErrors: true, ports });

    await pass(10);

    expect(await outputs).toEqual([expect.objectContaining({ code: 'timeout' }), 1]);
  });
});
