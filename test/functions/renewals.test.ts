/** Runs that began anew: forked, rerun, canceled, and found by what they were given before. */

import { afterEach, describe, expect, it } from 'vitest';
import { type RunContext, workflow } from '../../src/index.ts';
import { FunctionWorld, places, until } from './world.ts';

describe.each(places)('given a run that begins anew, its engine on %s', (place) => {
  let world = new FunctionWorld(place);
  afterEach(async () => {
    await world.close();
    world = new FunctionWorld(place);
  });

  it('when it goes on as a newer version, and is forked where it was an older one, then the fork is of the older', async () => {
    const first = workflow(
      'year',
      async (run: RunContext, { n }: { n: number }) => {
        await run.step('work', () => `first ${n}`);
        await run.signal('go');
        return run.continueAsNew({ n: n + 1 });
      },
      { version: '1' },
    );
    const second = workflow(
      'year',
      async (run: RunContext, { n }: { n: number }) => `second ${n} ${await run.signal('go')}`,
      {
        version: '2',
      },
    );
    const pawl = await world.open([first]);
    const handle = await pawl.start(first, { n: 1 }, { id: 'r' });
    await until(async () => (await handle.state()).nextTask === 2);
    pawl.workflow(second);
    await handle.signal('go');
    await until(async () => (await handle.state()).version === 'year@2');
    const fork = await handle.fork({ call: 'work', output: 'edited' }, 'f');
    expect(await fork.state()).toMatchObject({ version: 'year@1', input: { n: 1 } });
    await fork.signal('go');
    await until(async () => (await fork.state()).version === 'year@2');
    await fork.signal('go', 'end');
    expect((await fork.result()).output).toBe('second 2 end');
    await handle.signal('go', 'end');
    expect((await handle.result()).output).toBe('second 2 end');
  });

  it('when it sets attributes each time, then their number is limited as it is in one', async () => {
    const tags = workflow('tags', async (run, { n }: { n: number }) => {
      const some = Object.fromEntries(Array.from({ length: 20 }, (_, place) => [`a${n}_${place}`, n]));
      try {
        run.setAttributes(some);
      } catch (error) {
        return { n, message: (error as Error).message };
      }
      await run.sleep('1ms');
      return run.continueAsNew({ n: n + 1 });
    });
    const pawl = await world.open([tags]);
    const { output } = await pawl.run(tags, { n: 0 }, { id: 'r' });
    expect((output as { n: number }).n).toBeLessThan(20);
    expect(Object.keys((await pawl.handle('r').state()).attributes).length).toBeLessThan(100);
  });

  it('when it is canceled as it begins anew, then it is canceled, and no fault is told', async () => {
    const anew = workflow('anew', async (run) => {
      await run.signal('go').catch(() => {});
      return run.continueAsNew({});
    });
    const pawl = await world.open([anew]);
    const handle = await pawl.start(anew, {}, { id: 'r' });
    await handle.cancel('enough');
    expect(await handle.result()).toMatchObject({ status: 'canceled', errors: [] });
  });

  it('when a client waits for its result and an update over several beginnings, then both are answered', async () => {
    const anew = workflow('anew', async (run, { n }: { n: number }) => {
      let isAsked = false;
      run.update('when', async () => {
        isAsked = true;
        await run.sleep('20ms');
        return n;
      });
      await run.sleep('1ms');
      if (n < 5 && !isAsked) return run.continueAsNew({ n: n + 1 });
      await run.signal('end');
      return n;
    });
    const pawl = await world.open([anew]);
    const handle = await pawl.start(anew, { n: 0 }, { id: 'r' });
    const result = handle.result();
    const answer = await handle.update('when', null, 'u');
    await handle.signal('end');
    await handle.signal('end').catch(() => {});
    const { output } = await result;
    expect([answer, output]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(await handle.update('when', null, 'u')).toBe(answer);
  });

  it('when a run is rerun from before the signals it took, then they are there again, before those that nobody took', async () => {
    let isMended = false;
    const takes = workflow('takes', async (run, { n }: { n: number }) => {
      if (n === 0) return run.continueAsNew({ n: 1, early: await run.signal('s') });
      await run.step('first', () => 1);
      const taken = [await run.signal('s'), await run.signal('s')];
      if (!isMended) throw new Error('a bug');
      return [...taken, await run.signal('s')];
    });
    const pawl = await world.open([takes]);
    const handle = await pawl.start(takes, { n: 0 }, { id: 'r' });
    await Promise.all([1, 2, 3, 4].map((n) => handle.signal('s', n, `s${n}`)));
    expect((await handle.result()).status).toBe('failed');
    await handle.rerun(['0']);
    await handle.result();
    isMended = true;
    const again = place === 'sqlite' ? await world.reopen([takes]) : pawl;
    await again.handle('r').rerun(['0']);
    expect((await again.handle('r').result()).output).toEqual([2, 3, 4]);
    await again
      .handle('r')
      .signal('s', 2, 's2')
      .catch(() => {});
    expect((await again.handle('r').state()).signals.size).toBe(0);
  });

  it('when children, attempts and waits are open as it begins anew, then they are left, and it goes on', async () => {
    const child = workflow('child', (run) => run.signal('never'));
    const anew = workflow('anew', async (run, { n }: { n: number }) => {
      void run.child(child).catch(() => {});
      void run.child(child, {}, { onParentClose: 'abandon' }).catch(() => {});
      void run
        .step('slow', ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', reject)))
        .catch(() => {});
      void run.signal('other');
      await run.signal('go');
      if (n === 2) return 'ended';
      return run.continueAsNew({ n: n + 1 });
    });
    const pawl = await world.open([anew, child]);
    const handle = await pawl.start(anew, { n: 0 }, { id: 'r' });
    for (let n = 0; n < 3; n += 1) {
      await until(async () => (await handle.state()).open.size === 5);
      await handle.signal('go');
      await until(async () => (await handle.state()).renewals === Math.min(n + 1, 2));
    }
    expect((await handle.result()).output).toBe('ended');
    await until(async () => (await pawl.list({ workflow: 'child', status: 'canceled' })).runs.length === 3);
    expect((await pawl.list({ workflow: 'child', status: 'waiting' })).runs.length).toBe(3);
    const again = await world.reopen([anew, child]);
    if (place === 'sqlite') expect((await again.handle('r').result()).output).toBe('ended');
  });
});
