/** Lists, attributes and what is asked of many runs. */

import { describe, expect, it } from 'vitest';
import { workflow } from '../../../src/index.ts';
import { comesTo, places, refusal, stageOn, until } from './stage.ts';

const waits = workflow('waits', async (run) => run.signal('go'));

describe.each(places)('given runs that are looked for, on %s', (place) => {
  const stage = stageOn(place);

  it('when a function sets attributes, then the run is found by them while it waits', async () => {
    const pawl = await stage.open();
    const tags = workflow('tags', async (run) => {
      run.setAttributes({ stage: 'waits', paidAt: new Date('2030-01-01'), amount: 5, isNew: true });
      return run.signal('go');
    });
    const { id } = await pawl.start(tags);
    await comesTo(pawl.handle(id), 'waiting');
    const found = await pawl.list({
      attributes: { stage: 'waits', amount: { gte: 5, lt: 6 }, paidAt: { gt: new Date('2029-01-01') }, isNew: true },
    });
    expect(found.runs.map((run) => run.id)).toEqual([id]);
  });

  it.each<[what: string, attributes: unknown]>([
    ['a list', { a: [1] }],
    ['NaN', { a: Number.NaN }],
    ['a map', { a: {} }],
    ['a long text', { a: 'x'.repeat(1_025) }],
    ['a name with a space', { 'a b': 1 }],
    ['a name of prototypes', JSON.parse('{"__proto__": 1}')],
    ['no map', 7],
    ['an invalid Date', { a: new Date('x') }],
  ])('when a function sets %s as an attribute, then the call throws and none is set', async (_what, attributes) => {
    const pawl = await stage.open();
    const odd = workflow('odd', async (run) => run.setAttributes(attributes as { a: 1 }));
    const handle = await pawl.start(odd);
    expect((await handle.result()).status).toBe('failed');
    expect((await handle.describe()).attributes).toEqual({});
  });

  it('when a function sets more attributes than a run has room for, then it is told and keeps those it had', async () => {
    const pawl = await stage.open();
    const many = workflow('many', async (run) => {
      run.setAttributes({ a: 1 });
      try {
        run.setAttributes(Object.fromEntries(Array.from({ length: 64 }, (_, n) => [`n${n}`, n])));
        return 'taken';
      } catch (error) {
        return (error as Error).message;
      }
    });
    const handle = await pawl.start(many);
    expect((await handle.result()).output).toMatch(/64/);
    expect((await handle.describe()).attributes).toEqual({ a: 1 });
  });

  it('when a list is filtered by status and workflow, then those are found and no other', async () => {
    const pawl = await stage.open([waits, workflow('done', async () => 1)]);
    await pawl.run('done', {}, { id: 'd' });
    await comesTo(await pawl.start(waits, {}, { id: 'w' }), 'waiting');
    const ids = async (filter: object) => (await pawl.list(filter)).runs.map(({ id }) => id);
    expect(await ids({ status: 'succeeded' })).toEqual(['d']);
    expect(await ids({ status: 'waiting' })).toEqual(['w']);
    expect(await ids({ workflow: 'waits', status: ['succeeded', 'waiting'] })).toEqual(['w']);
    expect(await ids({ workflow: 'none' })).toEqual([]);
  });

  it.each<[what: string, options: object]>([
    ['a status that is none', { status: 'done' }],
    ['a field that is none', { colour: 'red' }],
    ['a limit of nothing', { limit: 0 }],
    ['a negative limit', { limit: -1 }],
    ['half a run', { limit: 1.5 }],
    ['a limit without end', { limit: Number.POSITIVE_INFINITY }],
    ['a page that is none', { after: 'nonsense' }],
    ['a time that is none', { startedAfter: 'soon' }],
    ['an order that is none', { order: 'random' }],
    ['an empty condition', { attributes: { a: {} } }],
    ['a condition that is none', { attributes: { a: { like: 'x' } } }],
  ])('when a list is asked for with %s, then it is refused and is not every run', async (_what, options) => {
    const pawl = await stage.open([waits]);
    await pawl.start(waits);
    expect((await refusal(pawl.list(options))).code).toBe('bad_input');
  });

  it('when many runs are canceled at once, then each undoes what it did', async () => {
    const pawl = await stage.open();
    const undoes = workflow('undoes', async (run) => {
      run.compensate(() => run.step('undo', () => stage.does('undone')));
      return run.signal('go');
    });
    for (let n = 0; n < 7; n += 1) await comesTo(await pawl.start(undoes), 'waiting');
    expect(await pawl.bulk({ workflow: 'undoes' }).cancel('closed')).toMatchObject({ matched: 7, done: 7 });
    await until(async () => (await pawl.list({ status: 'canceled' })).runs.length === 7);
    expect(stage.done).toHaveLength(7);
  });

  it('when many runs are given a signal, then those that wait take it and those that ended are not asked', async () => {
    const pawl = await stage.open([waits]);
    const ended = await pawl.start(waits, {}, { signal: { name: 'go', payload: 'first' } });
    await ended.result();
    const handles = await Promise.all(Array.from({ length: 5 }, () => pawl.start(waits)));
    expect(await pawl.bulk({ workflow: 'waits' }).signal('go', 'all')).toMatchObject({ matched: 5, done: 5 });
    expect(await Promise.all(handles.map(async (handle) => (await handle.result()).output))).toEqual(
      Array.from({ length: 5 }, () => 'all'),
    );
  });

  it.each([{}, { attributes: {} }, undefined, null])(
    'when many are meant by the filter %j, then that is refused',
    async (filter) => {
      const pawl = await stage.open([waits]);
      const handle = await pawl.start(waits);
      expect((await refusal((async () => pawl.bulk(filter as never).terminate())())).code).toBe('bad_input');
      expect((await handle.describe()).endedAt).toBeUndefined();
    },
  );

  it('when a run is described, then its calls, what it waits for and what came are there', async () => {
    const pawl = await stage.open();
    const works = workflow('works', async (run) => {
      await run.step('first', () => 'one');
      return run.signal('go');
    });
    const handle = await pawl.start(works, { a: 1 }, { id: 'one' });
    await handle.signal('other', 1);
    await comesTo(handle, 'waiting');
    expect(await handle.describe()).toMatchObject({
      id: 'one',
      workflow: 'works',
      input: { a: 1 },
      signals: { other: 1 },
      tasks: [
        { name: 'first', status: 'succeeded', output: 'one' },
        { name: 'go', signal: 'go', status: 'waiting' },
      ],
    });
  });

  it('when whoever listens throws, then the run goes on', async () => {
    const pawl = await stage.open([waits]);
    pawl.subscribe(() => {
      throw new Error('a bad listener');
    });
    const handle = await pawl.start(waits, {}, { signal: { name: 'go', payload: 1 } });
    expect((await handle.result()).output).toBe(1);
  });
});
