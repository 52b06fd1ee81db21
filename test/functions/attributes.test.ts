import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Pawl, workflow } from '../../src/index.ts';
import type { SqliteStore } from '../../src/store/index.ts';
import { FunctionWorld, places, until } from './world.ts';

const order = workflow('order', async (run, { amount }: { amount: number }) => {
  run.setAttributes({ amount, stage: 'begun' });
  await run.signal('go');
  run.setAttributes({ stage: 'paid', paidAt: new Date('2030-01-02T03:04:05Z'), customer: null });
  await run.signal('end');
});
const flow = 'version: 1.0\ntasks: { ask: { action: core.ask, input: { question: q } } }\n';

async function ids(pawl: Pawl, options: Parameters<Pawl['list']>[0] = {}): Promise<string[]> {
  return (await pawl.list({ order: 'oldest', ...options })).runs.map(({ id }) => id);
}

describe.each(places)('given runs with attributes, on %s', (place) => {
  let world: FunctionWorld;
  beforeEach(() => {
    world = new FunctionWorld(place);
  });
  afterEach(() => world.close());

  it('when they are given at the start, then the run is found by them at once, whatever its style', async () => {
    const pawl = await world.open([order]);
    const attributes = { customer: 'c1', at: new Date(0), urgent: true };
    await pawl.start(order, { amount: 5 }, { id: 'f', attributes });
    await pawl.start(pawl.workflow(flow), {}, { id: 'y', attributes: { customer: 'c2' } });
    expect(await ids(pawl, { attributes: { customer: 'c1' } })).toEqual(['f']);
    expect(await ids(pawl, { attributes: { customer: { in: ['c1', 'c2'] } } })).toEqual(['f', 'y']);
    expect(await ids(pawl, { attributes: { at: { lte: new Date(0) } } })).toEqual(['f']);
    expect((await pawl.list({ attributes: { urgent: true } })).runs[0]).toMatchObject({
      id: 'f',
      workflow: 'order',
      attributes: { at: '1970-01-01T00:00:00.000Z', customer: 'c1' },
    });
  });

  it('when a function sets others, then those count, and null takes one away', async () => {
    const pawl = await world.open([order]);
    const handle = await pawl.start(order, { amount: 5 }, { id: 'f', attributes: { customer: 'c1' } });
    await until(async () => (await ids(pawl, { attributes: { stage: 'begun', amount: { gte: 5 } } })).length === 1);
    await handle.signal('go');
    await until(async () => (await ids(pawl, { attributes: { stage: 'paid' } })).length === 1);
    expect((await pawl.list()).runs[0]?.attributes).toEqual({
      amount: 5,
      paidAt: '2030-01-02T03:04:05.000Z',
      stage: 'paid',
    });
    expect(await ids(pawl, { attributes: { customer: { exists: true } } })).toEqual([]);
  });

  it('when somebody else sets them on an open run, then it is found by them; an ended run refuses', async () => {
    const pawl = await world.open([]);
    const handle = await pawl.start(pawl.workflow(flow), {}, { id: 'y' });
    await handle.setAttributes({ checked: true });
    expect(await ids(pawl, { attributes: { checked: true } })).toEqual(['y']);
    expect((await handle.state()).attributes).toEqual({ checked: true });
    await handle.answer('ask', 1);
    await handle.result();
    await expect(handle.setAttributes({ checked: false })).rejects.toMatchObject({ code: 'refused' });
    expect(await ids(pawl, { attributes: { checked: true } })).toEqual(['y']);
  });

  it('when the run is forked, then the fork has those of its point, and each goes its way', async () => {
    const pawl = await world.open([order]);
    const handle = await pawl.start(order, { amount: 5 }, { id: 'f', attributes: { customer: 'c1' } });
    await until(async () => (await handle.state()).open.size === 1);
    await handle.setAttributes({ seen: true });
    const { revision } = await handle.state();
    await handle.signal('go');
    await until(async () => (await ids(pawl, { attributes: { stage: 'paid' } })).length === 1);
    await handle.fork(revision, 'g');
    expect(await ids(pawl, { attributes: { stage: 'begun', customer: 'c1' } })).toEqual(['g']);
    await pawl.handle('g').signal('go');
    await until(async () => (await ids(pawl, { attributes: { stage: 'paid' } })).length === 2);
  });

  it('when the input or a name cannot be one, then the start says why and nothing is started', async () => {
    const pawl = await world.open([order]);
    const bad = async (attributes: object, message: RegExp): Promise<void> => {
      const start = pawl.start(order, { amount: 1 }, { attributes: attributes as never });
      await expect(start).rejects.toMatchObject({ code: 'bad_input', message: expect.stringMatching(message) });
    };
    await bad({ 'no spaces': 1 }, /"no spaces" cannot name an attribute/);
    await bad({ __proto__x: 1 }, /cannot name/);
    await bad({ a: {} }, /"a": it is a value of type object/);
    await bad({ a: Number.NaN }, /not a finite number/);
    await bad({ a: new Date(Number.NaN) }, /a date that is none/);
    await bad({ a: 'x'.repeat(1_025) }, /1025 characters/);
    await bad({ a: '\ud800' }, /surrogate/);
    await bad(Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`a${n}`, n])), /at most 64/);
    expect(await ids(pawl)).toEqual([]);
  });

  it('when a filter says what is no filter, then it is refused by field, and means not every run', async () => {
    const pawl = await world.open([]);
    const bad = async (options: object, message: RegExp): Promise<void> => {
      await expect(pawl.list(options as never)).rejects.toMatchObject({
        code: 'bad_input',
        message: expect.stringMatching(message),
      });
    };
    await bad({ stats: 'running' }, /no "stats"/);
    await bad({ status: 'runing' }, /no status "runing"/);
    await bad({ attributes: { a: { gtt: 1 } } }, /attributes\.a has no "gtt"/);
    await bad({ attributes: { a: {} } }, /attributes\.a says nothing/);
    await bad({ attributes: { a: null } }, /attributes\.a/);
    await bad({ startedAfter: 'soon' }, /startedAfter/);
    await bad({ parent: 'no such id!' }, /parent/);
    await bad({ limit: 0 }, /limit/);
    await bad({ after: 'x' }, /after/);
    await bad({ order: 'size' }, /order/);
  });

  it('when there are more than a page, then pages give each once, newest first, while runs come and go', async () => {
    const pawl = await world.open([]);
    const workflowOfOne = pawl.workflow(flow);
    for (let count = 0; count < 25; count += 1)
      await pawl.start(
        workflowOfOne,
        {},
        { id: `r${String(count).padStart(2, '0')}`, attributes: { even: count % 2 === 0 } },
      );
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await pawl.list({ attributes: { even: true }, limit: 4, ...(after === undefined ? {} : { after }) });
      seen.push(...page.runs.map(({ id }) => id));
      after = page.next;
      await pawl.start(workflowOfOne, {}, { attributes: { even: true } });
      await pawl.store.remove(page.runs.at(-1)!.id as never);
    } while (after !== undefined);
    expect(seen).toEqual(Array.from({ length: 13 }, (_, n) => `r${String(24 - n * 2).padStart(2, '0')}`));
  });
});

describe('given a function on a file', () => {
  it('when its process is another, then attributes are as they were and the function agrees with its history', async () => {
    const world = new FunctionWorld('sqlite');
    const pawl = await world.open([order]);
    await pawl.start(order, { amount: 5 }, { id: 'f' });
    await until(async () => (await ids(pawl, { attributes: { stage: 'begun' } })).length === 1);
    const again = await world.reopen([order]);
    expect(await ids(again, { attributes: { stage: 'begun' } })).toEqual(['f']);
    await again.handle('f').signal('go');
    await until(async () => (await ids(again, { attributes: { stage: 'paid' } })).length === 1);
    const history = (await again.engine.view('f' as never, 1_000))!.history;
    expect(history.filter(({ type }) => type === 'AttributesSet')).toHaveLength(2);
    expect(await (again.store as SqliteStore).verify()).toEqual([]);
    await again.handle('f').signal('end');
    expect((await again.handle('f').result()).status).toBe('succeeded');
    await world.close();
  });
});
