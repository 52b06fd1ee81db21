/** Runs of dependency graphs: failure policies, conditions, preferred needs, concurrency, items, pause, cancel, rerun. */

import { describe, expect, it } from 'vitest';
import { driven, failed, succeeded, World } from './world.ts';

const wide = (failure: string) => `
version: 1.0
failure: ${failure}
tasks:
  bad: { needs: [], action: do.it }
  other: { needs: [], action: do.it }
  after_bad: { needs: [bad], action: do.it }
  after_other: { needs: [other], action: do.it }
  both: { needs: [bad, other], action: do.it }
`;

describe('given a graph of which a task fails', () => {
  it('when it is to stop, then what runs may finish, nothing new starts, and the run fails', async () => {
    const world = new World({ script: { bad: 'hold', other: 'hold' } });
    const run = await world.start(wide('stop'));
    await world.fail('bad');
    expect(await world.status(run)).toBe('failing');
    await world.complete('other', 1);
    expect((await world.ended(run)).status).toBe('failed');
    expect(world.began).toEqual(['bad', 'other']);
  });

  it('when nothing is said, then it stops', async () => {
    const { result, world } = await driven(wide('stop').replace('failure: stop\n', ''), { bad: failed() });
    expect(result.status).toBe('failed');
    expect(world.began).not.toContain('after_bad');
  });

  it('when it is to skip, then what does not need the failed task goes on, and the run fails', async () => {
    const { result, outcomes } = await driven(wide('skip'), { bad: failed(), after_other: succeeded(2) });
    expect(result.status).toBe('failed');
    expect(outcomes).toEqual({ bad: 'failed', other: 'succeeded', after_other: 'succeeded' });
  });

  it('when parts are enough, then the run succeeds with what there is', async () => {
    const { result, outcomes } = await driven(wide('partial'), { bad: failed(), after_other: succeeded(2) });
    expect(result).toMatchObject({ status: 'succeeded', output: { after_other: 2 } });
    expect(result.errors.map(({ task }) => task)).toEqual(['bad']);
    expect(outcomes).toEqual({ bad: 'failed', other: 'succeeded', after_other: 'succeeded' });
  });

  it('when the output reads the failed task and parts are enough, then it is null there', async () => {
    const { result } = await driven(
      `${wide('partial')}output: [{ b: "<% ctx(bad) %>" }, { o: "<% ctx(other) %>" }]\n`,
      {
        bad: failed(),
        other: succeeded(1),
      },
    );
    expect(result).toMatchObject({ status: 'succeeded', output: { b: null, o: 1 } });
  });
});

describe('given conditions', () => {
  const document = `
version: 1.0
input: [go]
tasks:
  a: { needs: [], action: do.a }
  b: { needs: [a], action: do.b, when: "<% ctx(go) %>" }
  c: { needs: [b], action: do.c }
  d: { needs: [c, a], action: do.d }
  e: { needs: [c], action: do.e, trigger: none_failed, input: { c: "<% ctx(c) %>" } }
`;

  it('when one does not hold, then that task and all that need it are skipped, and the run succeeds', async () => {
    const { result, world } = await driven(document, {}, { go: false });
    expect(result.status).toBe('succeeded');
    expect(world.began).toEqual(['a', 'e']);
  });

  it('when a task sees one that was skipped, then it sees null', async () => {
    const { world } = await driven(document, {}, { go: false });
    expect(world.orders[1]?.input).toEqual({ c: null });
  });

  it('when it holds, then all run', async () => {
    const { world } = await driven(document, {}, { go: true });
    expect(world.began).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('when one reads the result of a need, then it decides by that', async () => {
    const { world } = await driven(
      'version: 1.0\ntasks:\n  a: { needs: [], action: do.a }\n  b: { needs: [a], action: do.b, when: "<% ctx(a) > 3 %>" }\n',
      { a: succeeded(3) },
    );
    expect(world.began).toEqual(['a']);
  });

  it('when one cannot be evaluated, then the run fails and says whose', async () => {
    const { result } = await driven(
      'version: 1.0\ninput: [n]\ntasks:\n  a: { needs: [], action: do.a, when: "<% ctx(n).x.y > 3 %>" }\n',
    );
    expect(result).toMatchObject({ status: 'failed', errors: [{ kind: 'expression', task: 'a' }] });
  });

  it('when a long chain is skipped, then no stack runs over', async () => {
    const tasks = Array.from(
      { length: 9_000 },
      (_, index) =>
        `  t${index}: { needs: [${index === 0 ? '' : `t${index - 1}`}]${index === 0 ? ', when: "<% false %>"' : ''} }`,
    );
    const { result, outcomes } = await driven(`version: 1.0\ntasks:\n${tasks.join('\n')}\n`);
    expect(result.status).toBe('succeeded');
    expect(outcomes).toEqual({});
  });
});

describe('given a preferred need', () => {
  const document = (concurrency: string) => `
version: 1.0
${concurrency}
tasks:
  late: { needs: [{ task: early, kind: preferred }], action: do.late, input: { x: "<% ctx(early) %>" } }
  early: { needs: [], action: do.early }
`;

  it('when both could start and one may, then the preferred goes first', async () => {
    const { world } = await driven(document('concurrency: 1'));
    expect(world.began).toEqual(['early', 'late']);
  });

  it('when there is room for both, then neither waits', async () => {
    const world = new World({ script: { early: 'hold', late: 'hold' } });
    await world.start(document(''));
    expect([...world.running].sort()).toEqual(['early', 'late']);
  });

  it('when the preferred fails, then the other runs all the same', async () => {
    const { outcomes, result } = await driven(document('concurrency: 1\nfailure: skip'), { early: failed() });
    expect(outcomes).toEqual({ early: 'failed', late: 'succeeded' });
    expect(result.status).toBe('failed');
  });

  it('when the preferred has ended, then its result is seen', async () => {
    const { world } = await driven(document('concurrency: 1'), { early: succeeded(4) });
    expect(world.orders[1]?.input).toEqual({ x: 4 });
  });
});

describe('given a limit of tasks at once', () => {
  const tasks = Array.from({ length: 9 }, (_, index) => `  t${index}: { needs: [], action: do.it }`).join('\n');

  it('when more could start, then no more than that are open', async () => {
    const world = new World();
    world.others = () => undefined;
    const run = await world.start(`version: 1.0\nconcurrency: 2\ntasks:\n${tasks}\n`);
    let most = 0;
    while (world.running.length > 0) {
      most = Math.max(most, world.running.length);
      await world.complete(world.running[0]!);
    }
    expect(most).toBe(2);
    expect((await world.ended(run)).status).toBe('succeeded');
  });

  it('when the run is loaded anew, then the limit stands', async () => {
    const world = new World();
    world.others = () => undefined;
    await world.start(`version: 1.0\nconcurrency: 2\ntasks:\n${tasks}\n`);
    await world.complete('t0');
    await world.reload();
    expect(world.running).toHaveLength(2);
  });

  it('when priorities differ, then the higher goes first', async () => {
    const { world } = await driven(`
version: 1.0
concurrency: 1
tasks:
  low: { needs: [], action: do.it, priority: 1 }
  high: { needs: [], action: do.it, priority: 99 }
  middle: { needs: [], action: do.it }
`);
    expect(world.began).toEqual(['high', 'middle', 'low']);
  });
});

describe('given items inside a graph', () => {
  const document = `
version: 1.0
tasks:
  list: { needs: [], action: do.list }
  each: { needs: [list], action: do.each, with: { items: "<% ctx(list) %>", concurrency: 2 }, input: { n: "<% item() %>" } }
  sum: { needs: [each], action: do.sum, input: { all: "<% ctx(each) %>" } }
`;

  it('when the list comes from a need, then each item runs and the next sees all results in order', async () => {
    const world = new World({ script: { list: succeeded([5, 6, 7]) } });
    world.others = (order) => succeeded((order.input as { n?: number }).n ?? null);
    const run = await world.start(document);
    await world.ended(run);
    expect(world.orders.at(-1)).toMatchObject({ name: 'sum', input: { all: [5, 6, 7] } });
  });

  it('when the list is empty, then the task succeeds with an empty list', async () => {
    const { world } = await driven(document, { list: succeeded([]) });
    expect(world.orders.at(-1)).toMatchObject({ name: 'sum', input: { all: [] } });
  });

  it('when it is no list, then the run fails and says so', async () => {
    const { result } = await driven(document, { list: succeeded(7) });
    expect(result).toMatchObject({ status: 'failed', errors: [{ kind: 'type', task: 'each' }] });
  });

  it('when one item fails, then the task fails once what runs is over', async () => {
    const { result, outcomes } = await driven(document, { list: succeeded([1, 2, 3]), each: [failed(), succeeded()] });
    expect(result.status).toBe('failed');
    expect(outcomes).toEqual({ list: 'succeeded', each: 'failed' });
  });
});

describe('given a graph run that is paused', () => {
  const document = `
version: 1.0
tasks:
  a: { needs: [], action: do.a }
  b: { needs: [], action: do.b }
  c: { needs: [a, b], action: do.c }
`;

  it('when tasks end meanwhile, then what they make possible begins once it goes on', async () => {
    const world = new World({ script: { a: 'hold', b: 'hold' } });
    const run = await world.start(document);
    await world.ask({ op: 'pause', run });
    await world.complete('a');
    expect(await world.status(run)).toBe('pausing');
    await world.complete('b');
    expect(await world.status(run)).toBe('paused');
    expect(world.began).toEqual(['a', 'b']);
    await world.ask({ op: 'resume', run });
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(world.began).toEqual(['a', 'b', 'c']);
  });

  it('when it is loaded anew while paused, then it still goes on', async () => {
    const world = new World({ script: { a: 'hold', b: 'hold' } });
    const run = await world.start(document);
    await world.ask({ op: 'pause', run });
    await world.complete('a');
    await world.complete('b');
    await world.reload();
    expect(await world.status(run)).toBe('paused');
    await world.ask({ op: 'resume', run });
    expect((await world.ended(run)).status).toBe('succeeded');
  });

  it('when the last task ends meanwhile, then the run ends once it goes on', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start('version: 1.0\ntasks:\n  a: { needs: [], action: do.a }\n');
    await world.ask({ op: 'pause', run });
    await world.complete('a', 1);
    expect(await world.status(run)).toBe('paused');
    await world.ask({ op: 'resume', run });
    expect(await world.ended(run)).toMatchObject({ status: 'succeeded', output: { a: 1 } });
  });

  it('when a task fails meanwhile, then the run fails', async () => {
    const world = new World({ script: { a: 'hold', b: 'hold' } });
    const run = await world.start(document);
    await world.ask({ op: 'pause', run });
    await world.fail('a');
    await world.complete('b');
    expect((await world.ended(run)).status).toBe('failed');
  });
});

describe('given a graph run that is canceled in the middle', () => {
  const document = `
version: 1.0
tasks:
  a: { needs: [], action: do.a }
  b: { needs: [a], action: do.b }
  nap: { needs: [a], action: core.sleep, input: { seconds: 60 } }
  c: { needs: [b, nap], action: do.c }
`;

  it('when a task runs, then it is told to stop, waits are left, and nothing new starts', async () => {
    const world = new World({ script: { b: 'hold' } });
    const run = await world.start(document);
    await world.ask({ op: 'cancel', run });
    expect(world.harness.executor.aborted).toEqual(['1']);
    await world.complete('b');
    expect((await world.ended(run)).status).toBe('canceled');
    expect(await world.outcomes(run)).toEqual({ a: 'succeeded', b: 'succeeded', nap: 'dropped' });
  });

  it('when it runs again, then it goes on where it was', async () => {
    const world = new World({ script: { b: 'hold' } });
    const run = await world.start(document);
    await world.ask({ op: 'cancel', run });
    await world.complete('b');
    expect(await world.ask({ op: 'rerun', run })).toMatchObject({ ok: true });
    await world.advance(60_000);
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(world.began).toEqual(['a', 'b', 'c']);
  });

  it('when a task reports that it was canceled, then it takes the run with it', async () => {
    const { result } = await driven(document, { b: { status: 'canceled', output: null } });
    expect(result.status).toBe('canceled');
  });
});

describe('given an ended graph run that is to run tasks again', () => {
  const document = `
version: 1.0
failure: skip
tasks:
  a: { needs: [], action: do.a }
  b: { needs: [a], action: do.b, input: { a: "<% ctx(a) %>" } }
  c: { needs: [b], action: do.c, input: { b: "<% ctx(b) %>" } }
  d: { needs: [a], action: do.d }
`;

  it('when none is named, then those that failed run, and what was cut off follows', async () => {
    const world = new World({ script: { a: succeeded(1), b: [failed(), succeeded(2)] } });
    const run = await world.start(document);
    expect((await world.ended(run)).status).toBe('failed');
    expect(await world.ask({ op: 'rerun', run })).toMatchObject({ ok: true });
    expect(await world.ended(run)).toMatchObject({ status: 'succeeded', errors: [] });
    expect(world.began).toEqual(['a', 'b', 'd', 'b', 'c']);
    expect(world.orders.at(-1)?.input).toEqual({ b: 2 });
    expect(world.orders.at(-2)?.input).toEqual({ a: 1 });
  });

  it('when the process died in between, then they run all the same', async () => {
    const world = new World({ script: { a: succeeded(1), b: [failed(), succeeded(2)] } });
    const run = await world.start(document);
    await world.reload();
    await world.ask({ op: 'rerun', run });
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(world.began).toEqual(['a', 'b', 'd', 'b', 'c']);
  });

  it('when a task is named whose need is not kept any more, then it is refused and says which', async () => {
    const { world, run } = await driven(document);
    const reply = await world.ask({ op: 'rerun', run, tasks: ['c'] });
    expect(reply).toMatchObject({ ok: false, reason: 'rerun_not_possible' });
    expect(!reply.ok && reply.message).toContain('"b"');
    expect((await world.ended(run)).status).toBe('succeeded');
  });

  it('when that need is named as well, then they run', async () => {
    const { world, run } = await driven(document);
    expect(await world.ask({ op: 'rerun', run, tasks: ['a', 'c'] })).toMatchObject({ ok: true });
    expect(world.began.slice(4).sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('when none failed and none is named, then it is refused', async () => {
    const { world, run } = await driven(document);
    expect(await world.ask({ op: 'rerun', run })).toMatchObject({ ok: false, reason: 'nothing_to_rerun' });
  });

  it('when a task is named that does not exist, then it is refused', async () => {
    const { world, run } = await driven(document);
    expect(await world.ask({ op: 'rerun', run, tasks: ['nobody'] })).toMatchObject({
      ok: false,
      reason: 'unknown_task',
    });
  });

  it('when its tasks were undone, then it is refused', async () => {
    const { world, run } = await driven(
      'version: 1.0\ntasks:\n  a: { needs: [], action: do.a, compensate: undo.a }\n  b: { needs: [a], action: do.b }\n',
      { b: failed() },
    );
    expect(await world.ask({ op: 'rerun', run })).toMatchObject({ ok: false, reason: 'rerun_not_possible' });
  });

  it('when a run that stopped runs again, then what had not begun begins', async () => {
    const world = new World({ script: { b: [failed(), succeeded()] } });
    const run = await world.start(`
version: 1.0
concurrency: 1
tasks:
  b: { needs: [], action: do.b }
  e: { needs: [], action: do.e }
  f: { needs: [e], action: do.f }
`);
    expect(world.began).toEqual(['b']);
    await world.ask({ op: 'rerun', run });
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(world.began).toEqual(['b', 'b', 'e', 'f']);
  });
});
