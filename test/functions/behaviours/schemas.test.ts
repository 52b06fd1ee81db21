/** What schemas let in and out. */

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { workflow } from '../../../src/index.ts';
import { comesTo, places, refusal, stageOn } from './stage.ts';

const order = workflow(
  'order',
  {
    input: z.object({ id: z.string().min(1), at: z.coerce.date().optional() }),
    output: z.object({ sum: z.number() }),
    signals: { paid: z.object({ cents: z.number().int() }) },
    queries: { left: { input: z.number(), output: z.number() } },
    updates: { limit: { input: z.number().positive(), output: z.string() } },
  },
  async (run, { at }) => {
    let limit = 10;
    run.query('left', (of) => limit - (of as number));
    run.update('limit', async (to) => {
      limit = to;
      return `now ${limit}`;
    });
    const { cents } = await run.signal('paid');
    return { sum: cents + (at instanceof Date ? 0.5 : 0) };
  },
);

describe.each(places)('given a function with schemas, on %s', (place) => {
  const stage = stageOn(place);

  it('when its input is not as the schema says, then the start is refused with the field, and nothing begins', async () => {
    const pawl = await stage.open([order]);
    expect(await refusal(pawl.start('order', { id: '' }))).toMatchObject({ code: 'bad_input', message: /id/ });
    expect((await pawl.list()).runs).toEqual([]);
  });

  it('when the schema makes something else of the input, then the function gets that, also in the next process', async () => {
    let pawl = await stage.open([order]);
    await comesTo(await pawl.start('order', { id: 'a', at: '2030-01-01' }, { id: 'one' }), 'waiting');
    pawl = await stage.takeOver([order]);
    await pawl.handle('one').signal('paid', { cents: 1 });
    expect((await pawl.handle('one').result()).output).toEqual({ sum: 1.5 });
    expect((await pawl.handle('one').describe()).input).toEqual({ id: 'a', at: '2030-01-01' });
  });

  it('when a signal is not as its schema says, then it is refused with the field, and the run still waits', async () => {
    const pawl = await stage.open([order]);
    const handle = await pawl.start('order', { id: 'a' });
    expect(await refusal(handle.signal('paid', { cents: 1.5 }))).toMatchObject({ code: 'bad_input', message: /cents/ });
    await handle.signal('paid', { cents: 2 });
    expect((await handle.result()).output).toEqual({ sum: 2 });
  });

  it('when a signal is not declared, then it is refused with those that are', async () => {
    const pawl = await stage.open([order]);
    const handle = await pawl.start('order', { id: 'a' });
    expect(await refusal(handle.signal('payed', { cents: 1 }))).toMatchObject({ code: 'bad_input', message: /paid/ });
  });

  it('when a signal that comes with the start is not as its schema says, then nothing begins', async () => {
    const pawl = await stage.open([order]);
    const asked = pawl.start('order', { id: 'a' }, { signal: { name: 'paid', payload: 'all' } });
    expect((await refusal(asked)).code).toBe('bad_input');
    expect((await pawl.list()).runs).toEqual([]);
  });

  it('when many are given a signal that is not as its schema says, then each refuses', async () => {
    const pawl = await stage.open([order]);
    for (const id of ['a', 'b']) await comesTo(await pawl.start('order', { id }), 'waiting');
    expect(await pawl.bulk({ workflow: 'order' }).signal('paid', 'all')).toMatchObject({
      matched: 2,
      done: 0,
      refused: 2,
    });
  });

  it('when a query is given what is not as its schema says, then it is refused', async () => {
    const pawl = await stage.open([order]);
    const handle = await pawl.start(order, { id: 'a' });
    await comesTo(handle, 'waiting');
    expect(await handle.query('left', 3)).toBe(7);
    expect((await refusal(handle.query('left', 'x' as never))).code).toBe('bad_input');
  });

  it('when an update is given what is not as its schema says, then it is refused and nothing is recorded', async () => {
    const pawl = await stage.open([order]);
    const handle = await pawl.start(order, { id: 'a' });
    await comesTo(handle, 'waiting');
    const before = (await handle.history()).length;
    expect((await refusal(handle.update('limit', -1))).code).toBe('bad_input');
    expect((await handle.history()).length).toBe(before);
    expect(await handle.update('limit', 20)).toBe('now 20');
  });

  it('when the output is not as its schema says, then the run fails and names the field', async () => {
    const pawl = await stage.open();
    const odd = workflow('odd', { output: z.object({ sum: z.number() }) }, async () => ({ sum: 'many' }));
    expect(await pawl.run(odd)).toMatchObject({
      status: 'failed',
      errors: [{ message: expect.stringMatching(/sum/) }],
    });
  });

  it('when a child is given what is not as its schema says, then the parent is told', async () => {
    const parent = workflow('parent', (run) => run.child('order', { id: 7 }).catch((error: Error) => error.message));
    const pawl = await stage.open([order, parent]);
    expect((await pawl.run(parent)).output).toMatch(/id/);
  });

  it('when it is to begin anew with what is not as its schema says, then the run fails and says so', async () => {
    const pawl = await stage.open();
    const again = workflow('again', { input: z.object({ n: z.number() }) }, (run) => run.continueAsNew({ n: 'x' }));
    const { status, errors } = await pawl.run(again, { n: 1 });
    expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/n/)]);
  });

  it('when a schema answers later, then the start says that it must answer at once', async () => {
    const pawl = await stage.open();
    const later = workflow('later', { input: z.string().refine(async () => true) }, async () => 1);
    expect((await refusal(pawl.start(later, 'x'))).message).toMatch(/at once|async/);
  });
});
