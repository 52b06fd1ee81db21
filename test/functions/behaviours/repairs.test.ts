/** Forks from a call, reruns, and code that changes under runs. */

import { describe, expect, it } from 'vitest';
import { type RunContext, workflow } from '../../../src/index.ts';
import { replay } from '../../../src/testing/index.ts';
import { comesTo, places, refusal, stageOn } from './stage.ts';

const order = (work: (what: string) => void, price: () => number) =>
  workflow('order', async (run) => {
    const cents = await run.step('price', () => {
      work('price');
      return price();
    });
    const paid = await run.step('charge', () => {
      work('charge');
      if (cents > 100) throw new Error(`no ${cents} cents`);
      return cents;
    });
    return run.step('ship', () => {
      work('ship');
      return `paid ${paid}`;
    });
  });

describe.each(places)('given runs that are to be mended, on %s', (place) => {
  const stage = stageOn(place);
  const does = (what: string): void => stage.does(what);

  it('when it is forked from a call by name, then what was before is taken over and the call is made again', async () => {
    const pawl = await stage.open([order(does, () => 50)]);
    const handle = await pawl.start('order', {}, { id: 'one' });
    await handle.result();
    const fork = await handle.fork({ call: 'charge' }, 'two');
    expect(await fork.result()).toMatchObject({ output: 'paid 50' });
    expect(stage.done).toEqual(['price', 'charge', 'ship', 'charge', 'ship']);
  });

  it('when it is forked with a result edited, then the call has come to that and is not made', async () => {
    const pawl = await stage.open([order(does, () => 500)]);
    const handle = await pawl.start('order', {}, { id: 'one' });
    expect((await handle.result()).status).toBe('failed');
    const fork = await handle.fork({ call: 'price', output: 5 });
    expect((await fork.result()).output).toBe('paid 5');
    expect(stage.done).toEqual(['price', 'charge', 'charge', 'ship']);
    expect((await fork.describe()).forkedFrom?.run).toBe('one');
  });

  it('when it is forked by the number of a call, then from there', async () => {
    const pawl = await stage.open([order(does, () => 50)]);
    const handle = await pawl.start('order', {});
    await handle.result();
    await (await handle.fork({ call: 0 })).result();
    expect(stage.done).toEqual(['price', 'charge', 'ship', 'price', 'charge', 'ship']);
  });

  it.each<[what: string, call: unknown]>([
    ['a name that no call has', 'nope'],
    ['a number beyond the last call', 99],
    ['a negative number', -1],
    ['half a call', 0.5],
    ['NaN', Number.NaN],
    ['nothing', undefined],
    ['an empty name', ''],
  ])('when it is forked from %s, then that is refused and no run begins', async (_what, call) => {
    const pawl = await stage.open([order(does, () => 50)]);
    const handle = await pawl.start('order', {});
    await handle.result();
    expect((await refusal(handle.fork({ call: call as string }))).code).toMatch(/bad_input|refused|not_found/);
    expect((await pawl.list()).runs).toHaveLength(1);
  });

  it('when a fork is to have an id that is taken, then that is a conflict', async () => {
    const pawl = await stage.open([order(does, () => 50)]);
    const handle = await pawl.start('order', {}, { id: 'one' });
    await handle.result();
    expect((await refusal(handle.fork({ call: 'charge' }, 'one'))).code).toBe('conflict');
  });

  it('when an edited result is not JSON, then that is refused', async () => {
    const pawl = await stage.open([order(does, () => 50)]);
    const handle = await pawl.start('order', {});
    await handle.result();
    expect((await refusal(handle.fork({ call: 'price', output: 1n as never }))).code).toBe('bad_input');
  });

  it('when a run that waits is forked, then both go on, each for itself', async () => {
    const pawl = await stage.open();
    const waits = workflow('waits', async (run) => [await run.step('id', () => run.id), await run.signal('go')]);
    const handle = await pawl.start(waits, {}, { id: 'one' });
    await comesTo(handle, 'waiting');
    const fork = await handle.fork({ call: 'go' }, 'two');
    await fork.signal('go', 'fork');
    await handle.signal('go', 'first');
    expect([(await handle.result()).output, (await fork.result()).output]).toEqual([
      ['one', 'first'],
      ['one', 'fork'],
    ]);
  });

  it('when a run failed in a call and the world was mended, then a rerun makes that call again and goes on', async () => {
    let isBroken = true;
    const pawl = await stage.open();
    const works = workflow('works', async (run) => {
      await run.step('first', () => stage.does('first'));
      return run.step('second', () => {
        stage.does('second');
        if (isBroken) throw new Error('broken');
        return 'mended';
      });
    });
    const handle = await pawl.start(works);
    expect((await handle.result()).status).toBe('failed');
    isBroken = false;
    await handle.rerun();
    expect(await handle.result()).toMatchObject({ status: 'succeeded', output: 'mended', errors: [] });
    expect(stage.done).toEqual(['first', 'second', 'second']);
  });

  it('when the code threw and was mended, then a rerun with the new code goes on behind the last call', async () => {
    const broken = workflow('works', async (run) => {
      await run.step('first', () => stage.does('first'));
      throw new Error('a slip');
    });
    const mended = workflow('works', (run) => run.step('first', () => stage.does('first')).then(() => 'mended'));
    let pawl = await stage.open([broken]);
    await (await pawl.start('works', {}, { id: 'one' })).result();
    pawl = await stage.takeOver([mended]);
    await pawl.handle('one').rerun();
    expect((await pawl.handle('one').result()).output).toBe('mended');
    expect(stage.done).toEqual(['first']);
  });

  it('when an open run is to run again, then that is refused', async () => {
    const pawl = await stage.open();
    const handle = await pawl.start(workflow('waits', (run) => run.signal('go')));
    expect((await refusal(handle.rerun())).code).toBe('refused');
  });

  it('when a run is removed, then it is gone and its id is free; an open one is not removed', async () => {
    const pawl = await stage.open();
    const waits = workflow('waits', (run) => run.signal('go'));
    const handle = await pawl.start(waits, {}, { id: 'one' });
    expect((await refusal(handle.remove())).code).toBe('refused');
    await handle.signal('go');
    await handle.result();
    await handle.remove();
    expect((await refusal(handle.describe())).code).toBe('not_found');
    expect((await pawl.start(waits, {}, { id: 'one', signal: { name: 'go', payload: 2 } })).id).toBe('one');
  });

  const before = workflow('code', async (run) => {
    await run.step('charge', () => stage.does('charge'));
    await run.signal('go');
    return 'before';
  });
  const renamed = workflow('code', async (run) => {
    await run.step('collect', () => stage.does('collect'));
    await run.signal('go');
    return 'renamed';
  });

  it('when the code makes another call than it made, then the run stands still, names both and the line, and loses nothing', async () => {
    let pawl = await stage.open([before]);
    await comesTo(await pawl.start('code', {}, { id: 'one' }), 'waiting');
    pawl = await stage.takeOver([renamed]);
    const handle = pawl.handle('one');
    await handle.signal('go');
    await comesTo(handle, 'blocked');
    expect((await handle.describe()).blocked).toMatch(/"charge".*"collect".*repairs\.test\.ts:\d+/s);
    pawl = await stage.takeOver([before]);
    expect((await pawl.handle('one').result()).output).toBe('before');
    expect(stage.done).toEqual(['charge']);
  });

  it('when a run that stands still is terminated, then it ends at once', async () => {
    let pawl = await stage.open([before]);
    await comesTo(await pawl.start('code', {}, { id: 'one' }), 'waiting');
    pawl = await stage.takeOver([renamed]);
    const handle = pawl.handle('one');
    await handle.signal('go');
    await comesTo(handle, 'blocked');
    await handle.terminate();
    expect((await handle.result()).status).toBe('terminated');
  });

  it('when one run stands still, then the others go on', async () => {
    let pawl = await stage.open([before]);
    await comesTo(await pawl.start('code', {}, { id: 'one' }), 'waiting');
    pawl = await stage.takeOver([renamed]);
    await pawl.handle('one').signal('go');
    expect((await pawl.run('code', {}, { id: 'two', signal: { name: 'go' } })).output).toBe('renamed');
    expect((await pawl.handle('one').describe()).status).toBe('blocked');
  });

  it('when the gate replays the history of a run, then it says what will come of it, before the deploy', async () => {
    const pawl = await stage.open([before]);
    const handle = await pawl.start('code', {});
    await comesTo(handle, 'waiting');
    const history = await handle.history();
    expect(await replay(before, history)).toMatchObject({ ok: true });
    expect(await replay(renamed, history)).toMatchObject({
      ok: false,
      at: 0,
      recorded: { kind: 'step', name: 'charge' },
      called: { kind: 'step', name: 'collect' },
    });
  });

  it('when the new way asks patched, then runs from before and new ones go each its way, in one process', async () => {
    const patched = workflow('code', async (run) => {
      const isNew = run.patched('collect');
      await (isNew ? run.step('collect', () => stage.does('collect')) : run.step('charge', () => stage.does('charge')));
      await run.signal('go');
      return isNew ? 'new' : 'old';
    });
    let pawl = await stage.open([before]);
    await comesTo(await pawl.start('code', {}, { id: 'one' }), 'waiting');
    pawl = await stage.takeOver([patched]);
    await pawl.start('code', {}, { id: 'two', signal: { name: 'go' } });
    await pawl.handle('one').signal('go');
    expect([(await pawl.handle('one').result()).output, (await pawl.handle('two').result()).output]).toEqual([
      'old',
      'new',
    ]);
    expect(stage.done).toEqual(['charge', 'collect']);
  });

  it.each(['', 7, undefined])('when patched is asked under %j, then the call throws and says so', async (id) => {
    const pawl = await stage.open();
    const odd = workflow('odd', async (run) => run.patched(id as string));
    const { status, errors } = await pawl.run(odd);
    expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/patch/)]);
  });

  it('when versions stand side by side, then each run keeps the one it began with', async () => {
    const one = workflow('code', async (run) => [1, await run.signal('go')], { version: '1' });
    const two = workflow('code', async (run) => [2, await run.signal('go')], { version: '2' });
    let pawl = await stage.open([one]);
    await comesTo(await pawl.start(one, {}, { id: 'one' }), 'waiting');
    pawl = await stage.takeOver([one, two]);
    await pawl.start(two, {}, { id: 'two', signal: { name: 'go', payload: 'b' } });
    await pawl.handle('one').signal('go', 'a');
    expect([(await pawl.handle('one').result()).output, (await pawl.handle('two').result()).output]).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
  });

  it('when the version a run began with is gone, then it waits, says so, and goes on once it is back', async () => {
    const one = workflow('code', (run) => run.signal('go'), { version: '1' });
    const two = workflow('code', (run) => run.signal('other'), { version: '2' });
    let pawl = await stage.open([one]);
    await comesTo(await pawl.start(one, {}, { id: 'one' }), 'waiting');
    pawl = await stage.takeOver([two]);
    await pawl.handle('one').signal('go', 'kept');
    await comesTo(pawl.handle('one'), 'blocked');
    expect((await pawl.handle('one').describe()).blocked).toMatch(/code.*1|1.*code/);
    pawl = await stage.takeOver([one, two]);
    expect((await pawl.handle('one').result()).output).toBe('kept');
  });

  it('when a function awaits what is no call of its run, then it is set aside at once and says what to do', async () => {
    const pawl = await stage.open();
    const awaits = workflow('awaits', async (run) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return run.step('s', () => stage.does('s'));
    });
    const handle = await pawl.start(awaits);
    await comesTo(handle, 'blocked');
    expect((await handle.describe()).blocked).toMatch(/step/);
    expect(stage.done).toEqual([]);
  });

  it('when a function asks the run of another one, then it is told so, and the other goes on', async () => {
    const pawl = await stage.open();
    let kept: RunContext | undefined;
    const first = workflow('first', async (run) => {
      kept = run;
      return run.signal('go');
    });
    const handle = await pawl.start(first);
    await comesTo(handle, 'waiting');
    const second = workflow('second', async () => kept?.step('foreign', () => stage.does('foreign')));
    expect((await pawl.run(second)).errors).toMatchObject([{ message: expect.stringMatching(/another run/) }]);
    await handle.signal('go', 'on');
    expect((await handle.result()).output).toBe('on');
    expect(stage.done).toEqual([]);
  });

  it('when a function never yields, then other runs of the process are not lost when it comes back', async () => {
    const pawl = await stage.open();
    const busy = workflow('busy', async (run) => {
      let sum = 0;
      for (let n = 0; n < 3_000_000; n += 1) sum += n % 7;
      await run.step('s', () => null);
      return sum > 0;
    });
    const calm = workflow('calm', async (run) => run.step('s', () => 1));
    const [a, b] = await Promise.all([pawl.run(busy), pawl.run(calm)]);
    expect([a.output, b.output]).toEqual([true, 1]);
  });
});
