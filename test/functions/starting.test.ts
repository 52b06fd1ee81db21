/** Starts that meet a run of their id, alone and at the same time. */

import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { workflow } from '../../src/index.ts';
import { FunctionWorld, places, until } from './world.ts';

describe.each(places)('given a run of an id, its engine on %s', (place) => {
  let world = new FunctionWorld(place);
  afterEach(async () => {
    await world.close();
    world = new FunctionWorld(place);
  });
  const echo = workflow('echo', async (run, { n }: { n: number }) => [n, await run.signal('go')]);
  const codes = async (starts: readonly Promise<unknown>[]): Promise<string[]> =>
    (await Promise.allSettled(starts)).map((one) =>
      one.status === 'fulfilled' ? 'started' : (one.reason as { code: string }).code,
    );

  it('when several starts that must not attach come at once, then one of them starts', async () => {
    const pawl = await world.open([echo]);
    const starts = Array.from({ length: 5 }, () => pawl.start(echo, { n: 1 }, { id: 'r', conflict: 'fail' }));
    expect((await codes(starts)).sort()).toEqual(['conflict', 'conflict', 'conflict', 'conflict', 'started']);
  });

  it('when several starts that replace come at once, then all start, and the run is that of one of them', async () => {
    const pawl = await world.open([echo]);
    await pawl.start(echo, { n: 0 }, { id: 'r' });
    const starts = [1, 2, 3, 4].map((n) => pawl.start(echo, { n }, { id: 'r', conflict: 'terminate' }));
    expect(await codes(starts)).toEqual(['started', 'started', 'started', 'started']);
    await pawl.handle('r').signal('go', 'x');
    const { output } = await pawl.handle('r').result();
    expect([
      [1, 'x'],
      [2, 'x'],
      [3, 'x'],
      [4, 'x'],
    ]).toContainEqual(output);
  });

  it('when a start stops the run in its place, then it gets a new one, also with the same input', async () => {
    const pawl = await world.open([echo]);
    await pawl.start(echo, { n: 1 }, { id: 'r' });
    const handle = await pawl.start(echo, { n: 1 }, { id: 'r', conflict: 'terminate' });
    await handle.signal('go', 2);
    expect((await handle.result()).output).toEqual([1, 2]);
  });

  it.each(['always', 'failed'] as const)(
    'when several starts reuse the id (%s), then one replaces and the others attach',
    async (reuse) => {
      const fails = workflow('fails', async (run) => {
        await run.signal('go');
        throw new Error('no');
      });
      const pawl = await world.open([fails]);
      await pawl.start(fails, {}, { id: 'r' });
      await pawl.handle('r').signal('go');
      await pawl.handle('r').result();
      const starts = Array.from({ length: 4 }, () => pawl.start(fails, {}, { id: 'r', reuse }));
      expect(await codes(starts)).toEqual(['started', 'started', 'started', 'started']);
      expect((await pawl.handle('r').state()).status).toBe('running');
    },
  );

  it('when the run has a child that was abandoned and goes on, then a start that would replace it is told', async () => {
    const child = workflow('child', (run) => run.signal('never'));
    const parent = workflow('parent', async (run) => {
      void run.child(child, {}, { onParentClose: 'abandon' });
      await run.sleep('10ms');
    });
    const pawl = await world.open([parent, child]);
    await pawl.run(parent, {}, { id: 'p' });
    await expect(pawl.start(parent, {}, { id: 'p', reuse: 'always' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('sub-workflows'),
    });
  });

  it('when a start brings a signal to a run that has ended, then it is told that nobody took it', async () => {
    const pawl = await world.open([echo]);
    await pawl.start(echo, { n: 1 }, { id: 'r', signal: { name: 'go', payload: 1, id: 's' } });
    await pawl.handle('r').result();
    await expect(pawl.start(echo, { n: 1 }, { id: 'r', signal: { name: 'go', payload: 2 } })).rejects.toMatchObject({
      code: 'refused',
      details: { reason: 'run_not_open' },
    });
    // The same one again is the answer that was lost.
    const again = await pawl.start(echo, { n: 1 }, { id: 'r', signal: { name: 'go', payload: 1, id: 's' } });
    expect((await again.result()).output).toEqual([1, 1]);
  });

  it('when a start brings a signal that the function does not let through, then nothing is started', async () => {
    const typed = workflow('typed', { signals: { paid: z.object({ by: z.string() }) } }, (run) => run.signal('paid'));
    const pawl = await world.open([typed]);
    for (const signal of [{ name: 'paid', payload: { by: 1 } }, { name: 'other', payload: {} }, { name: 'toString' }])
      await expect(pawl.start(typed, {} as never, { id: 'r', signal })).rejects.toMatchObject({ code: 'bad_input' });
    expect((await pawl.list()).runs).toEqual([]);
  });

  it('when many starts with a signal come at once, then each signal is taken once', async () => {
    const counts = workflow('counts', async (run) => {
      let sum = 0;
      for await (const n of run.signals<number>('add')) {
        sum += n;
        if (sum === 45) return sum;
      }
      return sum;
    });
    const pawl = await world.open([counts]);
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        pawl.start(counts, {}, { id: 'r', signal: { name: 'add', payload: n, id: `s${n}` } }),
      ),
    );
    expect((await pawl.handle('r').result()).output).toBe(45);
    await until(async () => (await pawl.handle('r').state()).status === 'succeeded');
  });
});
