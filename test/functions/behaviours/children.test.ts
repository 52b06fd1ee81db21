/** Functions that run other workflows, and what becomes of these where the function ends. */

import { describe, expect, it } from 'vitest';
import { dag, type Pawl, type TaskFailed, workflow } from '../../../src/index.ts';
import { comesTo, places, stageOn, until } from './stage.ts';

const kindOf = (error: TaskFailed): string => error.kind;
const waits = workflow('waits', (run) => run.signal('go'));
const fails = workflow('fails', async () => {
  throw new Error('broken');
});
const echo = workflow('echo', async (_run, given: unknown) => ({ given }) as never);

async function childOf(pawl: Pawl, parent = 'one'): Promise<string> {
  let id: string | undefined;
  await until(async () => {
    id = (await pawl.list({ parent })).runs[0]?.id;
    return id !== undefined;
  });
  return id ?? '';
}

describe.each(places)('given functions that have children, on %s', (place) => {
  const stage = stageOn(place);

  it.each<[onParentClose: 'cancel' | 'terminate' | 'abandon', becomes: string]>([
    ['cancel', 'canceled'],
    ['terminate', 'terminated'],
    ['abandon', 'waiting'],
  ])('when the function returns and its child was to %s, then the child is %s', async (onParentClose, becomes) => {
    const leaves = workflow('leaves', async (run) => {
      void run.child(waits, {}, { onParentClose }).catch(() => {});
      await run.signal('leave');
    });
    const pawl = await stage.open([waits, leaves]);
    const handle = await pawl.start(leaves, {}, { id: 'one' });
    const child = pawl.handle(await childOf(pawl));
    await comesTo(child, 'waiting');
    await handle.signal('leave');
    await handle.result();
    await comesTo(child, becomes);
  });

  it.each<[act: 'cancel' | 'terminate', becomes: string]>([
    ['cancel', 'canceled'],
    ['terminate', 'terminated'],
  ])('when the parent is asked to %s, then the child is %s', async (act, becomes) => {
    const parent = workflow('parent', (run) => run.child(waits, {}));
    const pawl = await stage.open([waits, parent]);
    const handle = await pawl.start(parent, {}, { id: 'one' });
    const child = pawl.handle(await childOf(pawl));
    await comesTo(child, 'waiting');
    await handle[act]();
    expect((await handle.result()).status).toBe(becomes);
    await comesTo(child, becomes);
  });

  it('when a child was abandoned and its parent canceled, then the child goes on to its end', async () => {
    const parent = workflow('parent', (run) => run.child(waits, {}, { onParentClose: 'abandon' }));
    const pawl = await stage.open([waits, parent]);
    const handle = await pawl.start(parent, {}, { id: 'one' });
    const child = pawl.handle(await childOf(pawl));
    await comesTo(child, 'waiting');
    await handle.cancel();
    expect((await handle.result()).status).toBe('canceled');
    await child.signal('go', 'on my own');
    expect(await child.result()).toMatchObject({ status: 'succeeded', output: 'on my own' });
  });

  it('when onParentClose is none, then the call throws and says which there are', async () => {
    const parent = workflow('parent', (run) => run.child(waits, {}, { onParentClose: 'leave' as 'abandon' }));
    const pawl = await stage.open([waits, parent]);
    const { status, errors } = await pawl.run(parent);
    expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/abandon/)]);
  });

  it('when a child does not end in time, then the function gets a timeout and the child is canceled', async () => {
    const parent = workflow('parent', (run) => run.child(waits, {}, { timeout: stage.long }).catch(kindOf));
    const pawl = await stage.open([waits, parent]);
    const handle = await pawl.start(parent, {}, { id: 'one' });
    expect((await handle.result()).output).toBe('timeout');
    await comesTo(pawl.handle(await childOf(pawl)), 'canceled');
  });

  it('when a child fails, then the function is told which and why, and may start another', async () => {
    const parent = workflow('parent', async (run) => {
      const failed = await run.child(fails).catch((error: TaskFailed) => [error.kind, error.task, error.message]);
      return [failed, await run.child(echo, 7)];
    });
    const pawl = await stage.open([fails, echo, parent]);
    expect((await pawl.run(parent)).output).toEqual([
      ['child_failed', 'fails', expect.stringMatching(/broken/)],
      { given: 7 },
    ]);
  });

  it('when somebody cancels the child, then the function gets a failure of its own and is not canceled', async () => {
    const parent = workflow('parent', (run) => run.child(waits, {}).catch((error: Error) => error.name));
    const pawl = await stage.open([waits, parent]);
    const handle = await pawl.start(parent, {}, { id: 'one' });
    await pawl.handle(await childOf(pawl)).cancel('by hand');
    expect(await handle.result()).toMatchObject({ status: 'succeeded', output: 'TaskFailed' });
  });

  it('when somebody terminates the child, then the function gets a failure and is not canceled', async () => {
    const parent = workflow('parent', (run) => run.child(waits, {}).catch((error: Error) => error.name));
    const pawl = await stage.open([waits, parent]);
    const handle = await pawl.start(parent, {}, { id: 'one' });
    await pawl.handle(await childOf(pawl)).terminate('by hand');
    expect(await handle.result()).toMatchObject({ status: 'succeeded', output: 'TaskFailed' });
  });

  it('when the child is not registered, then the call fails and names it, or waits for a process that has it', async () => {
    const parent = workflow('parent', (run) => run.child('nobody', {}).catch((error: Error) => error.message));
    const pawl = await stage.open([parent]);
    const handle = await pawl.start(parent);
    await until(async () => {
      const { blocked, output } = await handle.describe();
      return /nobody/.test(blocked ?? JSON.stringify(output));
    });
  });

  it.each<[what: string, input: unknown]>([
    ['a big integer', 1n],
    ['a Date', new Date(0)],
    ['NaN', { n: Number.NaN }],
  ])('when a child is given %s, then the call throws and no child begins', async (_what, input) => {
    const parent = workflow('parent', (run) => run.child('echo', input));
    const pawl = await stage.open([echo, parent]);
    const handle = await pawl.start(parent, {}, { id: 'one' });
    expect(await handle.result()).toMatchObject({
      status: 'failed',
      errors: [{ message: expect.stringMatching(/JSON/) }],
    });
    expect((await pawl.list({ parent: 'one' })).runs).toEqual([]);
  });

  it.each<[what: string, input: unknown]>([
    ['null', null],
    ['a list', [1]],
    ['a map of the key value', { value: 1 }],
    ['odd keys', JSON.parse('{"__proto__": 1}')],
  ])('when a child is given %s, then it gets that', async (_what, input) => {
    const parent = workflow('parent', (run) => run.child('echo', input));
    const pawl = await stage.open([echo, parent]);
    expect(JSON.stringify((await pawl.run(parent)).output)).toBe(JSON.stringify({ given: input }));
  });

  it('when the child is of another style, then its output is what the function gets', async () => {
    const sums = dag('sums')
      .task('add', { run: () => 3 })
      .output(['add'], ({ add }) => add);
    const parent = workflow('parent', (run) => run.child('sums', {}));
    const pawl = await stage.open([sums, parent]);
    expect((await pawl.run(parent)).output).toBe(3);
  });

  it('when the process dies while a child works, then the next one goes on with both and there is one child', async () => {
    const parent = workflow('parent', (run) => run.child(waits, {}));
    let pawl = await stage.open([waits, parent]);
    await pawl.start(parent, {}, { id: 'one' });
    const child = await childOf(pawl);
    pawl = await stage.takeOver([waits, parent]);
    await pawl.handle(child).signal('go', 'done');
    expect((await pawl.handle('one').result()).output).toBe('done');
    expect((await pawl.list({ parent: 'one' })).runs).toHaveLength(1);
  });

  it('when a child has children, then a cancel from above reaches all', async () => {
    const middle = workflow('middle', (run) => run.child(waits, {}));
    const top = workflow('top', (run) => run.child(middle, {}));
    const pawl = await stage.open([waits, middle, top]);
    const handle = await pawl.start(top, {}, { id: 'one' });
    const below = await childOf(pawl);
    const lowest = pawl.handle(await childOf(pawl, below));
    await comesTo(lowest, 'waiting');
    await handle.cancel();
    expect((await handle.result()).status).toBe('canceled');
    await comesTo(lowest, 'canceled');
  });

  it('when a function calls itself without end, then a limit stops it and says so', async () => {
    const deep = workflow('deep', (run): Promise<unknown> => run.child('deep', {}));
    const pawl = await stage.open([deep], [], { limits: { depthMax: 5 } });
    const { status, errors } = await pawl.run(deep);
    expect([status, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/deep|5|limit/)]);
    expect((await pawl.list()).runs.length).toBeLessThanOrEqual(7);
  });

  it('when a child loses a race, then it is canceled', async () => {
    const parent = workflow('parent', (run) => run.race([() => run.child(waits, {}), () => run.signal('stop')]));
    const pawl = await stage.open([waits, parent]);
    const handle = await pawl.start(parent, {}, { id: 'one' });
    const child = pawl.handle(await childOf(pawl));
    await comesTo(child, 'waiting');
    await handle.signal('stop', 'stopped');
    expect((await handle.result()).output).toBe('stopped');
    await comesTo(child, 'canceled');
  });

  it('when the child undoes what it did, then the parent goes on after that', async () => {
    const child = workflow('child', async (run) => {
      run.compensate(() => run.step('undo', () => stage.does('undone')));
      throw new Error('no');
    });
    const parent = workflow('parent', async (run) => {
      await run.child(child).catch(() => {});
      return run.step('after', () => stage.done.slice());
    });
    const pawl = await stage.open([child, parent]);
    expect((await pawl.run(parent)).output).toEqual(['undone']);
  });

  it('when the parent fails while a child works, then the child is canceled', async () => {
    const parent = workflow('parent', async (run) => {
      void run.child(waits, {}).catch(() => {});
      await run.signal('break');
      throw new Error('broken');
    });
    const pawl = await stage.open([waits, parent]);
    const handle = await pawl.start(parent, {}, { id: 'one' });
    const child = pawl.handle(await childOf(pawl));
    await handle.signal('break');
    expect((await handle.result()).status).toBe('failed');
    await comesTo(child, 'canceled');
  });

  it('when many children run at the same time, then each gives its own', async () => {
    const parent = workflow('parent', (run) =>
      run.map(
        Array.from({ length: 30 }, (_, n) => n),
        (n) => run.child('echo', n),
      ),
    );
    const pawl = await stage.open([echo, parent]);
    expect((await pawl.run(parent)).output).toEqual(Array.from({ length: 30 }, (_, given) => ({ given })));
  });
});
