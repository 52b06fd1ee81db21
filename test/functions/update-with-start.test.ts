/** Entities that begin with their first request: a start and an update at once. */

import { afterEach, describe, expect, it } from 'vitest';
import { workflow } from '../../src/index.ts';
import { FunctionWorld, places } from './world.ts';

const basket = workflow('basket', async (run, { owner }: { owner: string }) => {
  const items: unknown[] = [];
  run.update('add', async (item) => {
    items.push(item);
    return items.length;
  });
  await run.signal('bought');
  return { owner, items };
});

describe.each(places)('given a basket that begins with its first item, on %s', (place) => {
  const world = new FunctionWorld(place);
  afterEach(() => world.close());

  it('when two items are added, one of them twice under one id, then one run holds both once', async () => {
    const pawl = await world.open([basket]);
    const add = (item: string, id: string) =>
      pawl.updateWithStart(basket, { owner: 'Ada' }, { id: 'basket-ada', update: { name: 'add', input: item, id } });
    expect((await add('lamp', '1')).answer).toBe(1);
    expect((await add('chair', '2')).answer).toBe(2);
    const { handle, answer } = await add('lamp', '1');
    expect(answer).toBe(1);
    await handle.signal('bought');
    expect((await handle.result()).output).toEqual({ owner: 'Ada', items: ['lamp', 'chair'] });
  });
});
