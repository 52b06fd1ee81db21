/** A durable function comes back to memory: it is run again over its history, on the file alone. */

import { afterEach, describe, expect, it } from 'vitest';
import { workflow } from '../../src/index.ts';
import { FunctionWorld, until } from './world.ts';

type Body = Parameters<typeof workflow<Record<string, never>, unknown>>[1];

let world = new FunctionWorld('sqlite');
afterEach(async () => {
  await world.close();
  world = new FunctionWorld('sqlite');
});

/** Begins a run with one body, opens the file again with another, and sends the signal that lets it end. */
async function changed(before: Body, after: Body) {
  const first = workflow('changes', before);
  const pawl = await world.open([first]);
  await pawl.start(first, {}, { id: 'one' });
  await until(async () => (await pawl.handle('one').state()).open.size > 0);
  await until(async () =>
    [...(await pawl.handle('one').state()).open.values()].every(({ status }) => status === 'waiting'),
  );
  const again = await world.reopen([workflow('changes', after)]);
  const handle = again.handle('one');
  await handle.signal('go', 'went');
  await until(async () => {
    const state = await handle.state();
    return state.blocked !== undefined || !['running', 'waiting'].includes(state.status);
  });
  const state = await handle.state();
  return { pawl: again, handle, blocked: state.blocked, status: state.status };
}

describe('given a function that waits while its engine is closed and opened again', () => {
  it('when it goes on, then no finished step runs again, and it ends with the same results', async () => {
    const body: Body = async (run) => {
      const a = await run.step('a', () => {
        world.does('a');
        return Math.random();
      });
      const said = await run.signal('go');
      const b = await run.step('b', () => {
        world.does('b');
        return a;
      });
      return { a, b, said };
    };
    const { handle, status } = await changed(body, body);
    const { a, b, said } = (await handle.result()).output as { a: number; b: number; said: string };
    expect(status).toBe('succeeded');
    expect(a).toBe(b);
    expect(said).toBe('went');
    expect(world.done).toEqual(['a', 'b']);
  });

  it('when it took numbers, UUIDs and the time before, then it takes the same again', async () => {
    const taken: unknown[] = [];
    const body: Body = async (run) => {
      const drawn = [run.random(), run.uuid(), run.now];
      taken.push(JSON.stringify(drawn));
      await run.signal('go');
      return drawn;
    };
    await changed(body, body);
    expect(taken).toHaveLength(2);
    expect(taken[0]).toBe(taken[1]);
  });

  it('when a race was decided before, then the same one has won', async () => {
    const body: Body = async (run) => {
      const first = await run.race([
        () => run.step('slow', () => new Promise((resolve) => setTimeout(() => resolve('slow'), 30))),
        () => run.step('quick', () => 'quick'),
      ]);
      await run.signal('go');
      return first;
    };
    const { handle } = await changed(body, body);
    expect((await handle.result()).output).toBe('quick');
  });

  it('when several waited at the same time, then each goes on where it was', async () => {
    const body: Body = (run) =>
      run.all([
        async () => {
          await run.step('a1', () => world.does('a1'));
          await run.signal('go');
          await run.step('a2', () => world.does('a2'));
          return 'a';
        },
        async () => {
          await run.step('b1', () => world.does('b1'));
          await run.step('b2', () => world.does('b2'));
          return 'b';
        },
      ]);
    const { handle } = await changed(body, body);
    expect((await handle.result()).output).toEqual(['a', 'b']);
    expect(world.done.toSorted()).toEqual(['a1', 'a2', 'b1', 'b2']);
  });

  it('when something was registered to be undone before, then it is undone after', async () => {
    const body: Body = async (run) => {
      await run.step('book', () => world.does('book'));
      run.compensate(() => run.step('undo', () => world.does('undo')));
      await run.signal('go');
      throw new Error('no');
    };
    const { status } = await changed(body, body);
    expect(status).toBe('failed');
    expect(world.done).toEqual(['book', 'undo']);
  });

  it('when signals were buffered before, then they are still there', async () => {
    const late = workflow('late', async (run) => {
      await run.signal('begin');
      return [await run.signal('n'), await run.signal('n')];
    });
    const pawl = await world.open([late]);
    await pawl.start(late, {}, { id: 'one' });
    await pawl.handle('one').signal('n', 1);
    await pawl.handle('one').signal('n', 2);
    const again = await world.reopen([late]);
    await again.handle('one').signal('begin');
    expect((await again.handle('one').result()).output).toEqual([1, 2]);
  });

  it('when it was opened and closed three times, then the history is the same as without', async () => {
    const body: Body = async (run) => {
      for (let step = 0; step < 3; step += 1) {
        await run.step(`step ${step}`, () => world.does(`step ${step}`));
        await run.signal('go');
      }
      return 'end';
    };
    let pawl = await world.open([workflow('thrice', body)]);
    await pawl.start(workflow('thrice', body), {}, { id: 'one' });
    for (let time = 0; time < 3; time += 1) {
      await until(() => world.done.length === time + 1);
      pawl = await world.reopen([workflow('thrice', body)]);
      await pawl.handle('one').signal('go');
    }
    expect((await pawl.handle('one').result()).output).toBe('end');
    expect(world.done).toEqual(['step 0', 'step 1', 'step 2']);
  });

  it('when it was canceled before and its cleaning up was not over, then that goes on', async () => {
    const body: Body = async (run) => {
      try {
        await run.signal('never');
      } finally {
        await run.shield(async () => {
          await run.signal('go');
          await run.step('clean', () => world.does('cleaned'));
        });
      }
    };
    const pawl = await world.open([workflow('cleans', body)]);
    await pawl.start(workflow('cleans', body), {}, { id: 'one' });
    await pawl.handle('one').cancel();
    const again = await world.reopen([workflow('cleans', body)]);
    await again.handle('one').signal('go');
    expect((await again.handle('one').result()).status).toBe('canceled');
    expect(world.done).toEqual(['cleaned']);
  });
});

describe('given a function whose code changed while a run of it waited', () => {
  const waits = (...steps: string[]): Body => {
    return async (run) => {
      for (const step of steps)
        if (step === 'go') await run.signal('go');
        else await run.step(step, () => world.does(step));
      return steps.join();
    };
  };

  it.each([
    ['nothing changed', 'goes on', ['a', 'b', 'go', 'c'], ['a', 'b', 'go', 'c']],
    ['a step was added behind the wait', 'goes on', ['a', 'go', 'c'], ['a', 'go', 'b', 'c']],
    ['a step behind the wait was removed', 'goes on', ['a', 'go', 'c'], ['a', 'go']],
    ['a step behind the wait was renamed', 'goes on', ['a', 'go', 'c'], ['a', 'go', 'd']],
    ['steps behind the wait were put in another order', 'goes on', ['a', 'go', 'c', 'd'], ['a', 'go', 'd', 'c']],
    ['a step was added at the beginning', 'stands still', ['a', 'go'], ['z', 'a', 'go']],
    ['a step was added just before the wait', 'stands still', ['a', 'go'], ['a', 'b', 'go']],
    ['a step that had run was removed', 'stands still', ['a', 'b', 'go'], ['a', 'go']],
    ['the last step before the wait was renamed', 'stands still', ['a', 'b', 'go'], ['a', 'x', 'go']],
    ['two steps that had run changed places', 'stands still', ['a', 'b', 'go'], ['b', 'a', 'go']],
    ['the wait was put before a step that had run', 'stands still', ['a', 'b', 'go'], ['a', 'go', 'b']],
    ['all was removed', 'stands still', ['a', 'b', 'go'], []],
    ['the wait was removed', 'stands still', ['a', 'go'], ['a']],
  ] as const)('when %s, then it %s', async (_what, verdict, before, after) => {
    const { blocked, status, handle } = await changed(waits(...before), waits(...after));
    expect(blocked === undefined ? 'goes on' : 'stands still').toBe(verdict);
    if (verdict === 'stands still') await handle.terminate();
    else expect(status).toBe('succeeded');
  });

  it('when a step became a wait, then both calls are named, and the line of the new one', async () => {
    const { blocked, handle } = await changed(waits('a', 'go'), async (run) => {
      await run.signal('a');
      return run.signal('go');
    });
    expect(blocked).toMatch(/call 0 of its history is the step "a", and the code now has the signal "a" there/);
    expect(blocked).toMatch(/replay\.test\.ts:\d+/);
    expect(blocked).toMatch(/run\.patched/);
    await handle.terminate();
  });

  it('when the code is put back, then the run goes on and nothing was lost', async () => {
    const { handle, blocked } = await changed(waits('a', 'go', 'c'), waits('x', 'go', 'c'));
    expect(blocked).toBeDefined();
    expect(await handle.state()).toMatchObject({ status: 'running' });
    const again = await world.reopen([workflow('changes', waits('a', 'go', 'c'))]);
    expect((await again.handle('one').result()).output).toBe('a,go,c');
    expect(world.done).toEqual(['a', 'c']);
  });

  it('when the change asks patched, then a run from before goes the old way and a new one the new', async () => {
    const patched: Body = async (run) => {
      if (run.patched('with b')) await run.step('b', () => world.does('b'));
      await run.step('a', () => world.does('a'));
      await run.signal('go');
      return 'end';
    };
    const { handle, pawl } = await changed(waits('a', 'go'), patched);
    expect((await handle.result()).status).toBe('succeeded');
    expect(world.done).toEqual(['a']);
    const second = await pawl.start(workflow('changes', patched), {}, { id: 'two' });
    await second.signal('go');
    await second.result();
    expect(world.done).toEqual(['a', 'b', 'a']);
  });

  it('when the change asks patched behind the wait, then a run from before goes the new way', async () => {
    const { handle } = await changed(waits('a', 'go'), async (run) => {
      await run.step('a', () => world.does('a'));
      await run.signal('go');
      if (run.patched('with b')) await run.step('b', () => world.does('b'));
      return 'end';
    });
    await handle.result();
    expect(world.done).toEqual(['a', 'b']);
  });

  it('when the new way was taken and patched is asked again after a restart, then the answer is the same', async () => {
    const body: Body = async (run) => {
      const ways = [run.patched('x')];
      await run.signal('go');
      ways.push(run.patched('x'));
      return ways;
    };
    const { handle } = await changed(body, body);
    expect((await handle.result()).output).toEqual([true, true]);
  });

  it('when the code is missing, then the run waits for it and says so', async () => {
    const first = workflow('changes', waits('a', 'go'));
    const pawl = await world.open([first]);
    await pawl.start(first, {}, { id: 'one' });
    await until(() => world.done.length === 1);
    const without = await world.reopen([]);
    await until(async () => (await without.handle('one').state()).blocked !== undefined);
    expect((await without.handle('one').state()).blocked).toMatch(/changes/);
    const again = await world.reopen([workflow('changes', waits('a', 'go'))]);
    await again.handle('one').signal('go');
    expect((await again.handle('one').result()).status).toBe('succeeded');
  });

  it.each([
    ['a signal', 'succeeded', ['a']],
    ['a cancel', 'canceled', ['a']],
  ])(
    'when %s comes while the code is missing, then it is heard of once the code is there',
    async (what, status, done) => {
      const body = workflow('changes', waits('a', 'go'));
      const pawl = await world.open([body]);
      await pawl.start(body, {}, { id: 'one' });
      await until(() => world.done.length === 1);
      const without = await world.reopen([]);
      if (what === 'a signal') await without.handle('one').signal('go');
      else await without.handle('one').cancel('enough');
      expect((await without.handle('one').state()).blocked).toMatch(/changes/);
      const again = await world.reopen([body]);
      expect((await again.handle('one').result()).status).toBe(status);
      expect(world.done).toEqual(done);
    },
  );
});

describe('given two versions of a function side by side', () => {
  it('when runs of both wait and go on, then each goes on with the version it began with', async () => {
    const one = workflow('w', async (run) => run.signal('go').then(() => 'one'), { version: '1' });
    const two = workflow(
      'w',
      async (run) => {
        await run.step('new', () => world.does('new'));
        await run.signal('go');
        return 'two';
      },
      { version: '2' },
    );
    const pawl = await world.open([one]);
    await pawl.start(one, {}, { id: 'a' });
    const again = await world.reopen([one, two]);
    await again.start(two, {}, { id: 'b' });
    for (const id of ['a', 'b']) await again.handle(id).signal('go');
    expect((await again.handle('a').result()).output).toBe('one');
    expect((await again.handle('b').result()).output).toBe('two');
  });
});
