/** Once-only work of which nobody knows whether it was done, where the code has changed or time goes by. */

import { afterEach, describe, expect, it } from 'vitest';
import { ActionError, dag, defineAction, workflow } from '../../src/index.ts';
import { FunctionWorld, until } from './world.ts';

describe('given once-only work', () => {
  let world = new FunctionWorld('sqlite');
  afterEach(async () => {
    await world.close();
    world = new FunctionWorld('sqlite');
  });

  it('when its probe is gone from the code, then it is not done again, and a person is asked', async () => {
    const charged: string[] = [];
    const lost = () => {
      charged.push('charged');
      throw new ActionError('no answer', { kind: 'outcome_unknown' });
    };
    const withProbe = defineAction({ name: 'charge', handler: lost, verify: () => new Promise<never>(() => {}) });
    const without = defineAction({ name: 'charge', handler: lost });
    const pays = workflow('pays', (run) => run.task(withProbe, {}, { effect: 'once' }));
    const pawl = await world.open([pays], [withProbe]);
    await pawl.start(pays, {}, { id: 'r' });
    await until(() => charged.length === 1);
    const other = await world.reopen([pays], [without]);
    await until(async () => [...(await other.handle('r').state()).open.values()][0]?.asked !== undefined);
    expect(charged).toEqual(['charged']);
    await other.handle('r').decide('charge', 'skip', { output: 'by hand' });
    expect((await other.handle('r').result()).output).toBe('by hand');
  });

  it('when the run is paused, canceled or terminated while the probe runs, then it comes to that', async () => {
    const probes: (() => void)[] = [];
    const pays = workflow('pays', (run) =>
      run.step('charge', () => Promise.reject(new ActionError('?', { kind: 'outcome_unknown' })), {
        effect: 'once',
        verify: () =>
          new Promise<{ happened: true; output: number }>((resolve) =>
            probes.push(() => resolve({ happened: true, output: 1 })),
          ),
      }),
    );
    const pawl = await world.open([pays]);
    for (const id of ['paused', 'canceled', 'terminated']) await pawl.start(pays, {}, { id });
    await until(() => probes.length === 3);
    await pawl.handle('paused').pause();
    await pawl.handle('canceled').cancel();
    await pawl.handle('terminated').terminate();
    expect((await pawl.handle('canceled').result()).status).toBe('canceled');
    expect((await pawl.handle('terminated').result()).status).toBe('terminated');
    for (const answer of probes) answer();
    await until(async () => (await pawl.handle('paused').state()).busy === 0);
    await pawl
      .handle('paused')
      .resume()
      .catch(() => {});
    expect(await pawl.handle('paused').result()).toMatchObject({ status: 'succeeded', output: 1 });
  });

  it('when a task that started too late waits for a person, then it is asked about once, and a retry may take its time', async () => {
    const slots: (() => void)[] = [];
    const holds = defineAction({ name: 'holds', handler: () => new Promise<void>((resolve) => slots.push(resolve)) });
    const late = workflow('late', async (run) => {
      const first = run.task(holds, {});
      const second = await run.step('second', () => 2, { startTimeout: '30ms', intervention: true });
      await first;
      return second;
    });
    const pawl = await world.open([late], [holds], { concurrency: 1 });
    await pawl.start(late, {}, { id: 'r' });
    const asked = async (from = pawl) =>
      (await from.handle('r').history()).filter(({ type }) => type === 'DecisionAsked').length;
    await until(async () => (await asked()) === 1);
    const other = await world.reopen([late], [holds], { concurrency: 1 });
    await until(() => slots.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(await asked(other)).toBe(1);
    await other.handle('r').decide('second', 'retry');
    const third = await world.reopen([late], [holds], { concurrency: 1 });
    await until(() => slots.length === 3);
    await new Promise((resolve) => setTimeout(resolve, 80));
    slots[2]?.();
    expect((await third.handle('r').result()).output).toBe(2);
    expect(await asked(third)).toBe(1);
  });

  it('when a task of a graph hands itself over although its run is being canceled, then the run ends', async () => {
    const hands = defineAction({
      name: 'hands',
      handler: async (_input, { signal, handOver }) => {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        return handOver();
      },
    });
    const graph = dag('graph').task('give', { action: hands, input: {} } as never);
    const pawl = await world.open([graph], [hands]);
    const handle = await pawl.start(graph, {}, { id: 'r' });
    await until(async () => (await handle.state()).busy === 1);
    await handle.cancel();
    expect((await handle.result()).status).toBe('canceled');
  });
});
