import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Pawl, workflow } from '../../src/index.ts';
import { FunctionWorld, places, until } from './world.ts';

const waits = workflow('waits', (run) => run.signal('go'));
const above = workflow('above', (run) => run.child(waits, {}));

async function start(pawl: Pawl, count: number, attributes: Record<string, string | number> = {}): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `${attributes.customer ?? 'r'}-${n}`);
  await Promise.all(ids.map((id) => pawl.start(waits, {}, { id, attributes })));
  return ids;
}

describe.each(places)('given many runs, on %s', (place) => {
  let world: FunctionWorld;
  let pawl: Pawl;
  beforeEach(async () => {
    world = new FunctionWorld(place);
    pawl = await world.open([waits, above]);
  });
  afterEach(() => world.close());

  it('when they are counted, then by status, and nothing changes', async () => {
    await start(pawl, 250, { customer: 'c1' });
    await start(pawl, 3, { customer: 'c2' });
    await pawl.handle('c1-0').cancel();
    await pawl.handle('c1-0').result();
    const c1 = pawl.bulk({ attributes: { customer: 'c1' } });
    expect(await c1.count()).toEqual({ total: 250, byStatus: { waiting: 249, canceled: 1 } });
    expect(await pawl.bulk('all').count()).toMatchObject({ total: 253 });
    expect(await pawl.bulk({ status: 'waiting' }).count()).toMatchObject({ total: 252 });
  });

  it('when those of a filter are canceled, then all of them are and no other, over many pages', async () => {
    await start(pawl, 250, { customer: 'c1' });
    await start(pawl, 3, { customer: 'c2' });
    const canceled = await pawl.bulk({ attributes: { customer: 'c1' } }).cancel('account closed');
    expect(canceled).toEqual({ matched: 250, done: 250, refused: 0, refusals: [] });
    expect(await pawl.bulk('all').count()).toEqual({ total: 253, byStatus: { canceled: 250, waiting: 3 } });
    expect((await pawl.handle('c1-7').state()).reason).toBe('account closed');
    expect(await pawl.bulk({ attributes: { customer: 'c1' } }).cancel()).toMatchObject({ matched: 0 });
  });

  it('when they are given a signal with an id twice, then each takes it once', async () => {
    await start(pawl, 5);
    const signaled = await pawl.bulk({ workflow: 'waits' }).signal('other', { n: 1 }, 'once');
    expect(signaled).toMatchObject({ matched: 5, done: 5 });
    expect(await pawl.bulk({ workflow: 'waits' }).signal('other', { n: 1 }, 'once')).toMatchObject({ done: 5 });
    expect((await pawl.handle('r-3').state()).signals.get('other')).toEqual([{ n: 1 }]);
    expect(await pawl.bulk({ workflow: 'waits' }).signal('go', 7)).toMatchObject({ done: 5 });
    expect((await pawl.handle('r-3').result()).output).toBe(7);
  });

  it('when they are paused and resumed, then so they are', async () => {
    await start(pawl, 5);
    expect(await pawl.bulk({ workflow: 'waits' }).pause()).toMatchObject({ done: 5 });
    expect(await pawl.bulk('all').count()).toEqual({ total: 5, byStatus: { paused: 5 } });
    expect(await pawl.bulk('all').resume()).toMatchObject({ matched: 5, done: 5 });
    expect(await pawl.bulk('all').count()).toEqual({ total: 5, byStatus: { waiting: 5 } });
  });

  it('when some refuse, then each is named with the reason, and the others have done it', async () => {
    await start(pawl, 4);
    await pawl.handle('r-1').signal('go');
    await pawl.handle('r-1').result();
    const ended = await pawl.bulk({ workflow: 'waits', status: ['waiting', 'succeeded'] }).terminate('stop');
    expect(ended).toMatchObject({ matched: 4, done: 3, refused: 1 });
    expect(ended.refusals).toEqual([
      { run: 'r-1', code: 'refused', reason: 'run_not_open', message: expect.stringContaining('succeeded') },
    ]);
  });

  it('when ended ones are removed, then they are gone in pages, open ones stay, and a sub-workflow is not removed by itself', async () => {
    await start(pawl, 130, { customer: 'c1' });
    await pawl.bulk('all').signal('go');
    await until(async () => (await pawl.bulk({ status: 'succeeded' }).count()).total === 130);
    await start(pawl, 2, { customer: 'c2' });
    await pawl.start(above, {}, { id: 'p' });
    await until(async () => (await pawl.list({ parent: 'p' })).runs.length === 1);
    const [child] = (await pawl.list({ parent: 'p' })).runs;
    await pawl.handle(child!.id).signal('go');
    await pawl.handle('p').result();

    const removed = await pawl.bulk({ workflow: 'waits' }).remove();
    expect(removed).toMatchObject({ matched: 131, done: 130, refused: 1 });
    expect(removed.refusals).toMatchObject([{ run: child!.id, code: 'refused', reason: 'has_parent' }]);
    expect(await pawl.bulk('all').count()).toEqual({ total: 4, byStatus: { waiting: 2, succeeded: 2 } });
    await pawl.handle('p').remove();
    expect(await pawl.bulk('all').count()).toEqual({ total: 2, byStatus: { waiting: 2 } });
    await expect(pawl.handle('c2-0').remove()).rejects.toMatchObject({ code: 'refused', details: { reason: 'open' } });
    await expect(pawl.handle('p').remove()).rejects.toMatchObject({ code: 'not_found' });
    await pawl.start(waits, {}, { id: 'c1-0' });
  });

  it('when a parent and its child both fit, then the child hears of it through the parent', async () => {
    await pawl.start(above, {}, { id: 'p' });
    await until(async () => (await pawl.list({ parent: 'p' })).runs.length === 1);
    await pawl.bulk('all').cancel();
    expect((await pawl.handle('p').result()).status).toBe('canceled');
    expect(await pawl.bulk('all').count()).toEqual({ total: 2, byStatus: { canceled: 2 } });
  });

  it('when the filter says nothing, then it is refused', async () => {
    for (const filter of [
      {},
      { workflow: undefined },
      { attributes: {} },
      { attributes: { customer: undefined } },
      { stats: 1 },
    ])
      expect(() => pawl.bulk(filter as never)).toThrow(expect.objectContaining({ code: 'bad_input' }));
  });
});
