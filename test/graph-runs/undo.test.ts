/** Compensation and groups, in flows and graphs. */

import { describe, expect, it } from 'vitest';
import type { RunId } from '../../src/base/index.ts';
import { driven, failed, succeeded, World } from './world.ts';

const saga = (more = '') => `
version: 1.0
tasks:
  a: { needs: [], action: do.a, compensate: { action: undo.a, input: { was: "<% result() %>" }${more} } }
  b: { needs: [a], action: do.b, compensate: undo.b }
  c: { needs: [b], action: do.c, compensate: undo.c }
  d: { needs: [c], action: do.d }
`;
const sagaFlow = `
version: 1.0
tasks:
  a: { action: do.a, compensate: { action: undo.a, input: { was: "<% result() %>" } }, next: [{ when: "<% succeeded() %>", do: b }] }
  b: { action: do.b, compensate: undo.b, next: [{ when: "<% succeeded() %>", do: c }] }
  c: { action: do.c, compensate: undo.c, next: [{ when: "<% succeeded() %>", do: d }] }
  d: { action: do.d }
`;
const undone = (world: World) => world.began.filter((name) => name.startsWith('undo '));

describe.each([
  ['graph', saga()],
  ['flow', sagaFlow],
])('given a %s of tasks that can be undone', (_style, document) => {
  it('when a later one fails, then they are undone one after the other, the latest first', async () => {
    const { world, result } = await driven(document, { a: succeeded(7), d: failed() });
    expect(undone(world)).toEqual(['undo c', 'undo b', 'undo a']);
    expect(world.orders.at(-1)?.input).toEqual({ was: 7 });
    expect(result.status).toBe('failed');
    expect(result.errors.map(({ kind }) => kind)).toEqual(['task_failed']);
  });

  it('when the run succeeds, then nothing is undone', async () => {
    const { world } = await driven(document);
    expect(undone(world)).toEqual([]);
  });

  it('when one of them fails, then it is not undone itself', async () => {
    const { world } = await driven(document, { b: failed() });
    expect(undone(world)).toEqual(['undo a']);
  });

  it('when the run is canceled, then they are undone and it ends as canceled', async () => {
    const world = new World({ script: { d: 'hold' } });
    const run = await world.start(document);
    await world.ask({ op: 'cancel', run });
    expect(undone(world)).toEqual([]);
    await world.complete('d');
    expect(undone(world)).toEqual(['undo c', 'undo b', 'undo a']);
    expect((await world.ended(run)).status).toBe('canceled');
  });

  it('when a task succeeds after the run was canceled, then that is undone as well', async () => {
    const world = new World({ script: { c: 'hold' } });
    const run = await world.start(document);
    await world.ask({ op: 'cancel', run });
    await world.complete('c');
    await world.ended(run);
    expect(undone(world)).toEqual(['undo c', 'undo b', 'undo a']);
  });

  it('when undoing one fails, then that is reported and the rest is still undone', async () => {
    const { world, result } = await driven(document, { d: failed(), 'undo b': failed() });
    expect(undone(world)).toEqual(['undo c', 'undo b', 'undo a']);
    expect(result.errors.map(({ kind, task }) => [kind, task])).toEqual([
      ['task_failed', 'd'],
      ['compensation_failed', 'undo b'],
    ]);
  });

  it('when it is canceled during undoing after a failure, then that is refused and undoing goes on', async () => {
    const world = new World({ script: { d: failed(), 'undo c': 'hold' } });
    const run = await world.start(document);
    expect(await world.ask({ op: 'cancel', run })).toMatchObject({ ok: false, reason: 'run_is_ending' });
    expect(world.harness.executor.aborted).toEqual([]);
    await world.complete('undo c');
    expect(undone(world)).toEqual(['undo c', 'undo b', 'undo a']);
    expect((await world.ended(run)).status).toBe('failed');
  });

  it('when it is canceled a second time during undoing, then undoing goes on', async () => {
    const world = new World({ script: { d: 'hold', 'undo c': 'hold' } });
    const run = await world.start(document);
    await world.ask({ op: 'cancel', run });
    await world.complete('d');
    expect(await world.ask({ op: 'cancel', run })).toMatchObject({ ok: true });
    await world.complete('undo c');
    expect((await world.ended(run)).status).toBe('canceled');
    expect(undone(world)).toEqual(['undo c', 'undo b', 'undo a']);
  });

  it('when it is terminated during undoing, then what was not undone is named', async () => {
    const world = new World({ script: { d: failed(), 'undo b': 'hold' } });
    const run = await world.start(document);
    await world.ask({ op: 'terminate', run });
    const { status, errors } = await world.ended(run);
    expect(status).toBe('terminated');
    expect(errors.at(-1)).toMatchObject({ kind: 'not_compensated' });
    expect(errors.at(-1)?.message).toMatch(/2 tasks were undone: b, a/);
  });

  it('when it is paused during undoing, then that is refused', async () => {
    const world = new World({ script: { d: failed(), 'undo c': 'hold' } });
    const run = await world.start(document);
    expect(await world.ask({ op: 'pause', run })).toMatchObject({ ok: false, reason: 'run_is_ending' });
  });

  it('when the process dies in the middle of undoing, then undoing goes on, each task once more at most', async () => {
    const world = new World({ script: { d: failed(), 'undo b': 'hold' } });
    const run = await world.start(document);
    await world.reload();
    expect(world.running).toEqual(['undo b']);
    await world.complete('undo b');
    expect((await world.ended(run)).status).toBe('failed');
    expect(undone(world)).toEqual(['undo c', 'undo b', 'undo b', 'undo a']);
  });

  it('when the process dies again and again while undoing, then that one is reported and the rest is undone', async () => {
    const world = new World({ script: { d: failed(), 'undo b': 'hold' } });
    const run = await world.start(document);
    for (let life = 0; life < 5; life += 1) await world.reload();
    expect((await world.ended(run)).errors.map(({ kind }) => kind)).toContain('compensation_failed');
    expect(undone(world).at(-1)).toBe('undo a');
  });
});

describe('given a compensation with retries of its own', () => {
  it('when it fails at first, then it is tried again after its delay although the run is failing', async () => {
    const world = new World({ script: { d: failed(), 'undo a': [failed(), failed(), succeeded()] } });
    const run = await world.start(saga(', retry: { count: 2, delay: 30 }'));
    expect(await world.status(run)).toBe('failing');
    await world.advance(30_000);
    await world.reload();
    await world.advance(30_000);
    expect((await world.ended(run)).status).toBe('failed');
    expect(undone(world)).toEqual(['undo c', 'undo b', 'undo a', 'undo a', 'undo a']);
  });

  // Each try that failed is logged as `compensation_failed` (src/kernel/evolve.ts, kindOfError), also where the next one undid the task.
  it('when a later try undoes the task, then nothing says that undoing failed', async () => {
    const { result } = await driven(saga(', retry: { count: 1 }'), { d: failed(), 'undo a': [failed(), succeeded()] });
    expect(result.errors.map(({ kind }) => kind)).not.toContain('compensation_failed');
  });

  it('when the run has a limit of time, then undoing may take longer', async () => {
    const world = new World({ script: { d: 'hold', 'undo a': [failed(), succeeded()] } });
    const run = await world.start(
      saga(', retry: { count: 2, delay: 3600 }').replace('tasks:', 'limits: { duration: 60 }\ntasks:'),
    );
    await world.advance(60_000);
    await world.complete('d');
    await world.advance(3_600_000);
    expect((await world.ended(run)).status).toBe('failed');
    expect(undone(world)).toEqual(['undo c', 'undo b', 'undo a', 'undo a']);
  });

  it('when it waits, then the run waits with it', async () => {
    const world = new World({ script: { b: failed() } });
    const run = await world.start(`
version: 1.0
tasks:
  a: { needs: [], action: do.a, compensate: { action: core.sleep, input: { seconds: 60 } } }
  b: { needs: [a], action: do.b }
`);
    expect(await world.status(run)).toBe('failing');
    await world.reload();
    await world.advance(60_000);
    expect((await world.ended(run)).status).toBe('failed');
  });
});

describe('given a sub-workflow', () => {
  const parent = `
version: 1.0
tasks:
  a: { needs: [], action: core.workflow, input: { workflow: child }, compensate: { action: undo.a, input: { was: "<% result() %>" } } }
  b: { needs: [a], action: do.b }
`;
  const child = `
version: 1.0
tasks:
  one: { needs: [], action: do.one, compensate: undo.one }
  two: { needs: [one], action: do.two }
output: [{ x: 1 }]
`;

  it('when the parent fails afterwards, then the task is undone by its own compensation, with its result', async () => {
    const world = new World({ script: { b: failed() } });
    const run = await world.start(parent, { children: { child } });
    expect((await world.ended(run)).status).toBe('failed');
    expect(world.orders.at(-1)).toMatchObject({ name: 'undo a', input: { was: { x: 1 } } });
    expect(undone(world)).toEqual(['undo a']);
  });

  // The canceled child counts as a failed task, and a graph that is being canceled then turns to failing.
  it('when the parent is canceled while it runs, then the child undoes its own, and the parent waits for that', async () => {
    const world = new World({ script: { two: 'hold', 'undo one': 'hold' } });
    const run = await world.start(parent, { children: { child } });
    await world.ask({ op: 'cancel', run });
    await world.complete('two');
    expect(await world.status(run)).toBe('canceling');
    await world.complete('undo one');
    expect((await world.ended(run)).status).toBe('canceled');
    expect(await world.status(`${run}/0` as RunId)).toBe('canceled');
  });

  it('when it undoes a task itself, then it runs to its end although the run is failing', async () => {
    const world = new World({ script: { b: failed() } });
    const run = await world.start(
      `
version: 1.0
tasks:
  a: { needs: [], action: do.a, compensate: { action: core.workflow, input: { workflow: child } } }
  b: { needs: [a], action: do.b }
`,
      { children: { child } },
    );
    expect((await world.ended(run)).errors.map(({ kind }) => kind)).toEqual(['task_failed']);
    expect(world.began).toEqual(['a', 'b', 'one', 'two']);
  });
});

describe.each([
  [
    'graph',
    `
version: 1.0
failure: skip
tasks:
  a: { needs: [], action: do.a, group: g, compensate: undo.a }
  b: { needs: [a], action: do.b, group: g, compensate: undo.b }
  free: { needs: [a], action: do.free, compensate: undo.free }
  c: { needs: [b, free], action: do.c, group: g }
  later: { needs: [free], action: do.later }
`,
  ],
  [
    'flow',
    `
version: 1.0
tasks:
  a: { action: do.a, group: g, compensate: undo.a, next: [{ do: [b, free] }] }
  b: { action: do.b, group: g, compensate: undo.b, next: [{ do: c }] }
  free: { action: do.free, compensate: undo.free, next: [{ do: [c, later] }] }
  c: { action: do.c, join: all, group: g, next: [{ when: "<% failed() %>", do: noop }] }
  later: { action: do.later }
`,
  ],
])('given a group in a %s', (style, document) => {
  it('when one of it fails, then those of it that succeeded are undone, latest first, while the others go on', async () => {
    const world = new World({ script: { c: failed(), later: 'hold' } });
    const run = await world.start(document);
    expect(undone(world)).toEqual(['undo b', 'undo a']);
    expect(await world.status(run)).toBe('running');
    await world.complete('later');
    const { status } = await world.ended(run);
    expect(status).toBe(style === 'graph' ? 'failed' : 'succeeded');
    expect(undone(world)).toEqual(style === 'graph' ? ['undo b', 'undo a', 'undo free'] : ['undo b', 'undo a']);
  });

  it('when none fails, then nothing is undone', async () => {
    const { world, result } = await driven(document);
    expect(result.status).toBe('succeeded');
    expect(undone(world)).toEqual([]);
  });

  it('when the process dies while the group is undone, then that goes on', async () => {
    const world = new World({ script: { c: failed(), 'undo b': 'hold' } });
    const run = await world.start(document);
    await world.reload();
    await world.complete('undo b');
    await world.ended(run);
    expect(undone(world).slice(0, 3)).toEqual(['undo b', 'undo b', 'undo a']);
  });
});

describe('given a group of which a task fails while others run', () => {
  const document = `
version: 1.0
failure: skip
tasks:
  x: { needs: [], action: do.x, group: g }
  y: { needs: [], action: do.y, group: g, compensate: undo.y }
  z: { needs: [gate], action: do.z, group: g, compensate: undo.z }
  gate: { needs: [], action: do.gate }
`;

  it('when one of them succeeds afterwards, then it is undone', async () => {
    const world = new World({ script: { x: failed(), y: 'hold' } });
    const run = await world.start(document);
    await world.complete('y');
    await world.ended(run);
    expect(undone(world)).toEqual(['undo y']);
  });

  it('when one of them has not begun, then it does not begin', async () => {
    const world = new World({ script: { x: failed(), y: 'hold', gate: 'hold' } });
    const run = await world.start(document);
    await world.complete('gate');
    await world.complete('y');
    await world.ended(run);
    expect(world.began).not.toContain('z');
    expect(await world.errors(run)).toContain('group_failed');
  });
});
