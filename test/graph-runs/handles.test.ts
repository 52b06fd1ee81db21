/** Graph runs as a user holds them: `createPawl`, actions of their own, and the handle of a run. */

import { afterEach, describe, expect, it } from 'vitest';
import { createPawl, dag, defineAction, type Pawl } from '../../src/index.ts';

const open: Pawl[] = [];
afterEach(async () => {
  for (const pawl of open.splice(0)) await pawl.close();
});

/** The actions `my.ok`, `my.undo`, `my.flaky` (fails the first `failures` times) and `my.held` (until it is let go, or stopped). */
async function opened({ failures = 0 } = {}) {
  const calls: string[] = [];
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  let left = failures;
  const pawl = await createPawl({
    path: ':memory:',
    keepAlive: false,
    actions: [
      defineAction({
        name: 'my.ok',
        handler: (input, { task }) => {
          calls.push(task);
          return input ?? task;
        },
      }),
      defineAction({
        name: 'my.undo',
        handler: (_input, { task }) => {
          calls.push(task);
        },
      }),
      defineAction({
        name: 'my.flaky',
        handler: (_input, { task }) => {
          calls.push(task);
          left -= 1;
          if (left >= 0) throw new Error('not yet');
          return 'at last';
        },
      }),
      defineAction({
        name: 'my.held',
        handler: async (_input, { signal, task }) => {
          calls.push(task);
          begun.resolve();
          const stopped = new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(new Error('stopped'))),
          );
          await Promise.race([go.promise, stopped]);
          return 'held';
        },
      }),
    ],
  });
  open.push(pawl);
  return { pawl, calls, begun: begun.promise, letGo: () => go.resolve() };
}

const decided = `
version: 1.0
tasks:
  a: { needs: [], action: my.flaky, intervention: true }
  b: { needs: [a], action: my.ok, input: { a: "<% ctx(a) %>" } }
`;

/** Resolves once the run has an event of that type. */
async function event(pawl: Pawl, type: string, start: () => Promise<unknown>): Promise<void> {
  const seen = Promise.withResolvers<void>();
  const end = pawl.subscribe((_run, events) => {
    if (events.some((one) => one.type === type)) seen.resolve();
  });
  await start();
  await seen.promise;
  end();
}

describe('given a run of a graph in memory', () => {
  it('when a task that asks is skipped with a result, then the next sees that', async () => {
    const { pawl } = await opened({ failures: 1 });
    await event(pawl, 'DecisionAsked', () => pawl.start(pawl.workflow(decided), {}, { id: 'r' }));
    await pawl.handle('r').decide('a', 'skip', { output: { made: 'up' }, reason: 'known' });
    expect(await pawl.handle('r').result()).toMatchObject({
      status: 'succeeded',
      output: { b: { a: { made: 'up' } } },
    });
  });

  it('when it is tried again, then its own result counts', async () => {
    const { pawl } = await opened({ failures: 1 });
    await event(pawl, 'DecisionAsked', () => pawl.start(pawl.workflow(decided), {}, { id: 'r' }));
    await pawl.handle('r').decide('a', 'retry');
    expect(await pawl.handle('r').result()).toMatchObject({ output: { b: { a: 'at last' } } });
  });

  it('when what a skipped task is to give is not JSON, then that is refused and the question stands', async () => {
    const { pawl } = await opened({ failures: 1 });
    await event(pawl, 'DecisionAsked', () => pawl.start(pawl.workflow(decided), {}, { id: 'r' }));
    await expect(pawl.handle('r').decide('a', 'skip', { output: Number.NaN })).rejects.toMatchObject({
      code: 'bad_input',
    });
    await pawl.handle('r').decide('a', 'fail');
    expect(await pawl.handle('r').result()).toMatchObject({ status: 'failed' });
  });

  it('when it is canceled while an attempt runs, then the attempt is stopped, what succeeded is undone, and it is canceled', async () => {
    const { pawl, calls, begun } = await opened();
    const run = await pawl.start(
      pawl.workflow(`
version: 1.0
tasks:
  a: { needs: [], action: my.ok, compensate: my.undo }
  b: { needs: [a], action: my.held }
`),
    );
    await begun;
    await run.cancel('enough');
    expect(await run.result()).toMatchObject({ status: 'canceled' });
    expect(calls).toEqual(['a', 'b', 'undo a']);
  });

  it('when it is paused and goes on, then it ends', async () => {
    const { pawl, begun, letGo } = await opened();
    const run = await pawl.start(
      pawl.workflow('version: 1.0\ntasks:\n  a: { needs: [], action: my.held }\n  b: { needs: [a], action: my.ok }\n'),
    );
    await begun;
    await run.pause();
    await event(pawl, 'RunPaused', async () => letGo());
    await run.resume();
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
  });

  it('when it failed and runs again, then it goes on where it failed', async () => {
    const { pawl, calls } = await opened({ failures: 1 });
    const run = await pawl.start(
      pawl.workflow('version: 1.0\ntasks:\n  a: { needs: [], action: my.ok }\n  b: { needs: [a], action: my.flaky }\n'),
    );
    expect(await run.result()).toMatchObject({ status: 'failed' });
    await run.rerun();
    expect(await run.result()).toMatchObject({ status: 'succeeded', output: { b: 'at last' } });
    expect(calls).toEqual(['a', 'b', 'b']);
  });

  it('when it waits for a signal and is forked, then a signal to the one does not reach the other', async () => {
    const { pawl } = await opened();
    const run = await pawl.start(
      pawl.workflow('version: 1.0\ntasks:\n  a: { needs: [], action: core.receive, input: { signal: go } }\n'),
    );
    const fork = await run.fork((await run.state()).revision);
    await fork.signal('go', 2);
    expect(await fork.result()).toMatchObject({ output: { a: 2 } });
    await run.signal('go', 1);
    expect(await run.result()).toMatchObject({ output: { a: 1 } });
  });

  it('when it has ended, then it is not decided, canceled, paused or forked at its end', async () => {
    const { pawl } = await opened();
    const run = await pawl.start(pawl.workflow('version: 1.0\ntasks:\n  a: { needs: [], action: my.ok }\n'));
    await run.result();
    await expect(run.decide('a', 'skip')).rejects.toMatchObject({ code: 'bad_input' });
    await expect(run.cancel()).rejects.toMatchObject({ code: 'refused' });
    await expect(run.pause()).rejects.toMatchObject({ code: 'refused' });
    await expect(run.fork((await run.state()).revision)).rejects.toMatchObject({ code: 'bad_input' });
  });
});

describe('given a graph in code', () => {
  it('when one of a group fails and parts are enough, then the group is undone and the run succeeds', async () => {
    const { pawl } = await opened();
    const undone: string[] = [];
    const graph = dag('g', { failure: 'partial' })
      .task('a', { run: () => 1, group: 'g', compensate: { run: () => undone.push('a') } })
      .task('b', { needs: ['a'], run: () => 2, group: 'g', compensate: { run: () => undone.push('b') } })
      .task('c', {
        needs: ['b'],
        group: 'g',
        run: () => {
          throw new Error('no');
        },
      })
      .build();
    expect((await pawl.run(graph)).status).toBe('succeeded');
    expect(undone).toEqual(['b', 'a']);
  });

  it('when tasks are added whose code is that of a task, then that code runs with their input', async () => {
    const { pawl } = await opened();
    const seen: unknown[] = [];
    const graph = dag('g')
      .task('work', { input: { n: 0 }, run: (input: { n: number }) => seen.push(input.n) })
      .task('split', {
        needs: ['work'],
        run: () => [1, 2, 3],
        expand: (list) => list.map((n) => ({ name: `work ${n}`, run: 'work', input: { n } })),
      })
      .build();
    expect((await pawl.run(graph)).status).toBe('succeeded');
    expect(seen).toEqual([0, 1, 2, 3]);
  });
});
