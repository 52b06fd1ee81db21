/** Functions that begin anew: what goes along, and where they must not. */

import { describe, expect, it } from 'vitest';
import { workflow } from '../../../src/index.ts';
import { comesTo, places, refusal, stageOn, until } from './stage.ts';

const rounds = workflow('rounds', async (run, { n }: { n: number }) => {
  if (n === 0) return 'done';
  await run.step('work', () => n);
  return run.continueAsNew({ n: n - 1 });
});

describe.each(places)('given functions that begin anew, on %s', (place) => {
  const stage = stageOn(place);

  it('when one does so fifty times, then whoever waits gets the last result, and the id is the same', async () => {
    const pawl = await stage.open([rounds]);
    const handle = await pawl.start(rounds, { n: 50 }, { id: 'one' });
    expect(await handle.result()).toMatchObject({ status: 'succeeded', output: 'done' });
    expect((await pawl.list()).runs.map(({ id }) => id)).toEqual(['one']);
  });

  it('when signals were not taken, then they go along in their order', async () => {
    const pawl = await stage.open();
    const takes = workflow('takes', async (run, { taken }: { taken: unknown[] }) => {
      const signal = await run.signal<number>('n');
      return taken.length === 2 ? [...taken, signal] : run.continueAsNew({ taken: [...taken, signal] });
    });
    const handle = await pawl.start(takes, { taken: [] });
    for (const n of [1, 2, 3]) await handle.signal('n', n, `s${n}`);
    expect((await handle.result()).output).toEqual([1, 2, 3]);
  });

  it('when a signal with an id was taken before, then the same id does not count again', async () => {
    const pawl = await stage.open();
    const takes = workflow('takes', async (run, { first }: { first?: unknown }) => {
      const signal = await run.signal('n', first === undefined ? {} : { timeout: stage.long });
      return first === undefined ? run.continueAsNew({ first: signal ?? 'none' }) : [first, signal ?? 'none'];
    });
    const handle = await pawl.start(takes, {});
    await handle.signal('n', 1, 's1');
    await until(async () => ((await handle.describe()).input as { first?: unknown }).first !== undefined);
    await handle.signal('n', 1, 's1');
    expect((await handle.result()).output).toEqual([1, 'none']);
  });

  it('when the process dies between, then the run goes on with the new input', async () => {
    const waits = workflow('waits', async (run, { n }: { n: number }): Promise<unknown> => {
      const signal = await run.signal('go');
      return n === 0 ? run.continueAsNew({ n: 1 }) : [n, signal];
    });
    let pawl = await stage.open([waits]);
    const handle = await pawl.start(waits, { n: 0 }, { id: 'one' });
    await handle.signal('go', 'first');
    await until(async () => ((await handle.describe()).input as { n: number }).n === 1);
    pawl = await stage.takeOver([waits]);
    await pawl.handle('one').signal('go', 'second');
    expect((await pawl.handle('one').result()).output).toEqual([1, 'second']);
  });

  it('when it is called in a race, then the whole run begins anew', async () => {
    const pawl = await stage.open();
    const races = workflow('races', async (run, { n }: { n: number }): Promise<unknown> => {
      if (n === 1) return 'anew';
      return run.race([() => run.signal('never'), () => run.continueAsNew({ n: 1 })]);
    });
    expect((await pawl.run(races, { n: 0 })).output).toBe('anew');
  });

  it('when children are open, then they are canceled as at an end', async () => {
    const child = workflow('child', (run) => run.signal('never'));
    const parent = workflow('parent', async (run, { n }: { n: number }): Promise<unknown> => {
      if (n === 1) return 'anew';
      void run.child(child, {}).catch(() => {});
      await run.signal('go');
      return run.continueAsNew({ n: 1 });
    });
    const pawl = await stage.open([child, parent]);
    const handle = await pawl.start(parent, { n: 0 }, { id: 'one' });
    await until(async () => (await pawl.list({ workflow: 'child' })).runs.length === 1);
    await handle.signal('go');
    expect((await handle.result()).output).toBe('anew');
    const [run] = (await pawl.list({ workflow: 'child' })).runs;
    await comesTo(pawl.handle(run?.id ?? ''), 'canceled');
  });

  it('when calls are under way, then they are left, and what they come to counts for nothing', async () => {
    const pawl = await stage.open();
    const leaves = workflow('leaves', async (run, { n }: { n: number }): Promise<unknown> => {
      if (n === 1) return run.step('s', () => 'second');
      void run
        .step('s', ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve('late'))))
        .catch(() => {});
      await run.sleep('5ms');
      return run.continueAsNew({ n: 1 });
    });
    expect((await pawl.run(leaves, { n: 0 })).output).toBe('second');
  });

  it('when it is called in the handler of an update, then the asker is told, and nothing hangs', async () => {
    const pawl = await stage.open();
    const takes = workflow('takes', async (run, { n }: { n: number }): Promise<unknown> => {
      run.update('u', () => run.continueAsNew({ n: n + 1 }));
      return [n, await run.signal('end')];
    });
    const handle = await pawl.start(takes, { n: 0 });
    expect((await refusal(handle.update('u', null, 'u1'))).message).toMatch(/continueAsNew/);
    await handle.signal('end', 'ended');
    expect((await handle.result()).output).toEqual([0, 'ended']);
  });

  it('when an update is being handled, then it is answered before the run begins anew', async () => {
    const pawl = await stage.open();
    const takes = workflow('takes', async (run, { n }: { n: number }): Promise<unknown> => {
      if (n === 1) return 'anew';
      run.update('u', async () => {
        await run.signal('more');
        return 'answered';
      });
      await run.signal('go');
      return run.continueAsNew({ n: 1 });
    });
    const handle = await pawl.start(takes, { n: 0 });
    const answer = handle.update('u');
    await until(async () => (await handle.describe()).tasks.length === 2);
    await handle.signal('go');
    await handle.signal('more');
    expect([await answer, (await handle.result()).output]).toEqual(['answered', 'anew']);
  });

  it('when steps were to be undone, then beginning anew is no failure and undoes nothing', async () => {
    const pawl = await stage.open();
    const begins = workflow('begins', async (run, { n }: { n: number }): Promise<unknown> => {
      if (n === 1) return 'anew';
      run.compensate(() => stage.does('undone'));
      return run.continueAsNew({ n: 1 });
    });
    expect((await pawl.run(begins, { n: 0 })).output).toBe('anew');
    expect(stage.done).toEqual([]);
  });

  it.each<[what: string, input: unknown]>([
    ['a big integer', 1n],
    ['a Date', new Date(0)],
    ['NaN', { n: Number.NaN }],
  ])('when it is to begin anew with %s, then the call says that this is not JSON', async (_what, input) => {
    const pawl = await stage.open();
    const odd = workflow('odd', (run) => run.continueAsNew(input));
    expect(await pawl.run(odd)).toMatchObject({
      status: 'failed',
      errors: [{ message: expect.stringMatching(/JSON/) }],
    });
  });

  it('when it is canceled after it began anew, then it is canceled', async () => {
    const pawl = await stage.open();
    const waits = workflow(
      'waits',
      async (run, { n }: { n: number }): Promise<unknown> =>
        n === 0 ? run.continueAsNew({ n: 1 }) : run.signal('never'),
    );
    const handle = await pawl.start(waits, { n: 0 });
    await comesTo(handle, 'waiting');
    await handle.cancel();
    expect((await handle.result()).status).toBe('canceled');
  });

  it('when it has attributes, then it keeps them', async () => {
    const pawl = await stage.open();
    const waits = workflow('waits', async (run, { n }: { n: number }): Promise<unknown> => {
      if (n === 1) return 'anew';
      run.setAttributes({ stage: 'first' });
      return run.continueAsNew({ n: 1 });
    });
    await pawl.run(waits, { n: 0 }, { id: 'one', attributes: { customer: 'c1' } });
    expect((await pawl.handle('one').describe()).attributes).toEqual({ customer: 'c1', stage: 'first' });
  });

  it('when a stream was written before, then it goes on behind that', async () => {
    const pawl = await stage.open();
    const tells = workflow('tells', async (run, { n }: { n: number }): Promise<unknown> => {
      run.emit('n', n);
      return n === 2 ? 'done' : run.continueAsNew({ n: n + 1 });
    });
    const handle = await pawl.start(tells, { n: 0 });
    await handle.result();
    const read: unknown[] = [];
    for await (const { value, offset } of handle.stream('n')) read.push([offset, value]);
    expect(read).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  });
});
