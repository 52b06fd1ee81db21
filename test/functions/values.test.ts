/** What a function does to values it was given, or gives away, is its own affair: the history holds what it was. */

import { afterEach, describe, expect, it } from 'vitest';
import { defineAction, workflow } from '../../src/index.ts';
import { FunctionWorld, until } from './world.ts';

describe('given a function that changes values in place', () => {
  let world = new FunctionWorld('sqlite');
  afterEach(async () => {
    await world.close();
    world = new FunctionWorld('sqlite');
  });

  it('when it changes what a step gave, then it finds it as it was when it is run again', async () => {
    const collects = workflow('collects', async (run) => {
      const cart = await run.step('cart', () => ({ items: ['a'] }));
      cart.items.push('b');
      await run.signal('go');
      return cart;
    });
    const pawl = await world.open([collects]);
    await pawl.start(collects, {}, { id: 'r' });
    await until(async () => (await pawl.handle('r').state()).open.size === 1);
    await pawl.handle('r').signal('go');
    expect((await pawl.handle('r').result()).output).toEqual({ items: ['a', 'b'] });
    const other = await world.reopen([collects]);
    expect((await other.handle('r').describe()).tasks[0]?.output).toEqual({ items: ['a'] });
    await other.start(collects, {}, { id: 's' });
    await until(async () => (await other.handle('s').state()).open.size === 1);
    const third = await world.reopen([collects]);
    await third.handle('s').signal('go');
    expect((await third.handle('s').result()).output).toEqual({ items: ['a', 'b'] });
  });

  it('when it changes its input, then it gets the same input when it is run again', async () => {
    const counts = workflow('counts', async (run, input: { list: number[] }) => {
      input.list.push(1);
      await run.signal('go');
      return input.list;
    });
    const pawl = await world.open([counts]);
    const given = { list: [] };
    await pawl.start(counts, given, { id: 'r' });
    expect(given.list).toEqual([]);
    const again = await world.reopen([counts]);
    expect((await again.handle('r').state()).input).toEqual({ list: [] });
    await again.handle('r').signal('go');
    expect((await again.handle('r').result()).output).toEqual([1]);
  });

  it('when it changes a signal, an answer or the result of a child, then the next replay gives what came', async () => {
    const child = workflow('child', () => ({ n: [0] }));
    const changes = workflow('changes', async (run) => {
      const [signal, answer, given] = [
        await run.signal<number[]>('s'),
        (await run.ask('q', null)) as number[],
        (await run.child(child)) as { n: number[] },
      ];
      signal.push(9);
      answer.push(9);
      given.n.push(9);
      await run.signal('go');
      return [signal, answer, given.n];
    });
    const pawl = await world.open([changes, child]);
    await pawl.start(changes, {}, { id: 'r', signal: { name: 's', payload: [1] } });
    await until(async () => (await pawl.handle('r').state()).open.size === 1);
    await pawl.handle('r').answer('q', [2]);
    await until(async () => (await pawl.handle('r').describe()).tasks.length === 4);
    const again = await world.reopen([changes, child]);
    await again.handle('r').signal('go');
    expect((await again.handle('r').result()).output).toEqual([
      [1, 9],
      [2, 9],
      [0, 9],
    ]);
  });

  it('when it changes what it gave away, then what was given away stays', async () => {
    const seen: unknown[] = [];
    const echo = defineAction<{ list: number[] }, number[]>({
      name: 'echo',
      handler: ({ list }) => {
        seen.push(list);
        return list;
      },
    });
    const gives = workflow('gives', async (run) => {
      const list = [1];
      run.emit('s', list);
      run.publish('p', list);
      const called = run.task(echo, { list });
      list.push(2);
      await called;
      await run.signal('go');
      return list;
    });
    const pawl = await world.open([gives], [echo]);
    await pawl.start(gives, {}, { id: 'r' });
    await pawl.handle('r').signal('go');
    await pawl.handle('r').result();
    expect(seen).toEqual([[1]]);
    const notes = (await pawl.handle('r').history()).flatMap((event) =>
      event.type === 'ProgramNoted' && event.values !== undefined ? [event.values] : [],
    );
    expect(notes).toEqual([[1], [1], [1, 2]]);
  });

  it('when a client changes what it gave or was answered, then the function does not see it', async () => {
    const holds = workflow('holds', async (run) => {
      const state = { list: [0] };
      run.query('state', () => state);
      run.query('keep', (given: number[]) => {
        state.list = given;
        return null;
      });
      run.update('set', (given) => {
        state.list = given as number[];
        return state;
      });
      await run.signal('go');
      return state.list;
    });
    const pawl = await world.open([holds]);
    const handle = await pawl.start(holds, {}, { id: 'r' });
    const answer = (await handle.query('state')) as { list: number[] };
    answer.list.push(1);
    expect(await handle.query('state')).toEqual({ list: [0] });
    const given = [5];
    const asked = handle.update('set', given);
    given.push(6);
    const answered = (await asked) as { list: number[] };
    answered.list.push(7);
    given.push(8);
    await handle.signal('go');
    expect((await handle.result()).output).toEqual([5]);
  });

  it.each([
    ['a big integer', 1n],
    ['a map', new Map()],
    ['a function', () => 1],
    ['NaN', Number.NaN],
  ])('when a client asks with %s, then it is told, and the run goes on', async (_what, odd) => {
    const takes = workflow('takes', async (run) => {
      run.query('q', (given: unknown) => given as never);
      run.update('u', (given: unknown) => given);
      return run.signal('go');
    });
    const pawl = await world.open([takes]);
    const handle = await pawl.start(takes, {}, { id: 'r' });
    await expect(handle.update('u', odd as never)).rejects.toMatchObject({ code: 'bad_input' });
    await expect(handle.query('q', odd as never)).rejects.toMatchObject({ code: 'bad_input' });
    await expect(
      pawl.start(takes, {}, { id: 'other', signal: { name: 'go', payload: odd as never } }),
    ).rejects.toMatchObject({ code: 'bad_input' });
    await handle.signal('go', 1);
    expect((await handle.result()).output).toBe(1);
  });

  it('when a query answers with something that is not JSON, then whoever asked is told', async () => {
    const holds = workflow('holds', async (run) => {
      run.query('map', () => new Map() as never);
      run.query('later', (async () => 1) as never);
      return run.signal('go');
    });
    const pawl = await world.open([holds]);
    const handle = await pawl.start(holds, {}, { id: 'r' });
    await expect(handle.query('map')).rejects.toMatchObject({ code: 'failed' });
    await expect(handle.query('later')).rejects.toMatchObject({ code: 'failed' });
  });

  it('when a query or the check of an update calls, says or draws something, then that is refused and the run goes on', async () => {
    const holds = workflow('holds', async (run) => {
      run.query('step', (() => run.step('x', () => 1)) as never);
      run.query('emit', () => {
        run.emit('s', 1);
        return null;
      });
      run.query('random', () => run.random());
      run.query('attributes', () => {
        run.setAttributes({ a: 1 });
        return null;
      });
      run.update('u', {
        validate: () => {
          run.publish('p', 1);
        },
        handle: () => 1,
      });
      await run.signal('go');
      return run.random();
    });
    const pawl = await world.open([holds]);
    const handle = await pawl.start(holds, {}, { id: 'r' });
    for (const name of ['step', 'emit', 'random', 'attributes'])
      await expect(handle.query(name)).rejects.toMatchObject({
        code: 'failed',
        message: expect.stringMatching(/query/),
      });
    await expect(handle.update('u')).rejects.toMatchObject({ code: 'bad_input' });
    expect((await handle.state()).blocked).toBeUndefined();
    await handle.signal('go');
    const { output } = await handle.result();
    const events = await handle.history();
    expect(events.filter(({ type }) => type === 'AttributesSet')).toEqual([]);
    expect(output).toEqual(expect.any(Number));
  });
});
