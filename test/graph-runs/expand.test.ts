/** Tasks that are added while the run is under way. */

import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/base/index.ts';
import { driven, failed, succeeded, World } from './world.ts';

const growing = (more = '') => `
version: 1.0
failure: skip
tasks:
  a: { needs: [], action: do.a, expand: "<% result() %>" }
  c: { needs: [a], action: do.c }
${more}`;
const adding = (...tasks: Json[]) => ({ a: succeeded(tasks) });

describe('given a task that adds others', () => {
  it('when it has succeeded, then they run after it, in the order of their needs', async () => {
    const { world, result } = await driven(
      growing(),
      adding({ name: 'y', action: 'do.y', needs: ['x'] }, { name: 'x', action: 'do.x', input: { n: 1 } }),
    );
    expect(result.status).toBe('succeeded');
    expect(world.began).toEqual(['a', 'c', 'x', 'y']);
    expect(world.orders[2]).toMatchObject({ action: 'do.x', input: { n: 1 } });
  });

  it('when one is to come before a task that has not begun, then that waits for it', async () => {
    const { world } = await driven(growing(), adding({ name: 'x', action: 'do.x', before: ['c'] }));
    expect(world.began).toEqual(['a', 'x', 'c']);
  });

  it('when that one fails, then what waits for it is cut off', async () => {
    const { world, result } = await driven(growing(), {
      ...adding({ name: 'x', action: 'do.x', before: ['c'] }),
      x: failed(),
    });
    expect(world.began).toEqual(['a', 'x']);
    expect(result.status).toBe('failed');
  });

  it('when it needs a task that failed, then it is cut off', async () => {
    const { world } = await driven(
      growing('  bad: { needs: [], action: do.bad }\n  gate: { needs: [bad], action: do.it }\n'),
      {
        ...adding({ name: 'x', action: 'do.x', needs: ['bad'] }),
        bad: failed(),
      },
    );
    expect(world.began).not.toContain('x');
  });

  it('when it gives null or nothing, then nothing is added', async () => {
    expect((await driven(growing(), { a: succeeded(null) })).result.status).toBe('succeeded');
    expect((await driven(growing(), adding())).result.status).toBe('succeeded');
  });

  it('when it fails, then nothing is added', async () => {
    const { world } = await driven(growing(), { a: failed() });
    expect(world.began).toEqual(['a']);
  });

  it.each<[string, Json, RegExp]>([
    ['is no list', { name: 'x' }, /must give a list/],
    ['has an entry that is no map', ['x'], /task 0 of the list is no map/],
    ['has an entry without a name', [{ action: 'do.x' }], /has no name/],
    ['has an empty name', [{ name: '' }], /has no name/],
    ['has a name that exists', [{ name: 'c' }], /there is a task "c" already/],
    ['has a name twice', [{ name: 'x' }, { name: 'x' }], /there is a task "x" already/],
    ['has a key that no task has', [{ name: 'x', wait: 1 }], /has "wait"; it may have/],
    ['needs what is not there', [{ name: 'x', needs: ['q'] }], /"x" needs "q", and there is no such task/],
    ['needs itself', [{ name: 'x', needs: ['x'] }], /needs itself/],
    [
      'needs each other',
      [
        { name: 'x', needs: ['y'] },
        { name: 'y', needs: ['x'] },
      ],
      /would wait for each other: .*x.*->/,
    ],
    [
      'closes a circle over tasks that were there',
      [{ name: 'x', needs: ['c'], before: ['c'] }],
      /would wait for each other/,
    ],
    ['is to come before the task that adds it', [{ name: 'x', before: ['a'] }], /which has begun already/],
    ['is to come before nothing that exists', [{ name: 'x', before: ['q'] }], /there is no such task/],
    ['is to come before another new one', [{ name: 'x', before: ['y'] }, { name: 'y' }], /there is no such task/],
    ['has an action that is no name', [{ name: 'x', action: 7 }], /action that is no name/],
    ['has needs that are no names', [{ name: 'x', needs: 'c' }], /"needs" that are no list/],
    ['has an unknown trigger', [{ name: 'x', trigger: 'sometimes' }], /has the trigger "sometimes"/],
  ])('when what it gives %s, then the run fails, says so, and nothing is added', async (_what, given, message) => {
    const { result, world } = await driven(growing(), { a: succeeded(given) });
    expect(result.status).toBe('failed');
    expect(result.errors.find(({ kind }) => kind === 'expand')?.message).toMatch(message);
    expect(world.began).toEqual(['a']);
  });

  it('when one is to come before a task that runs, then the run fails and what runs may finish', async () => {
    const world = new World({ script: { a: 'hold', other: 'hold' } });
    const run = await world.start(growing('  other: { needs: [], action: do.other }\n'));
    await world.complete('a', [{ name: 'x', before: ['other'] }]);
    expect(await world.status(run)).toBe('failing');
    await world.complete('other');
    expect((await world.ended(run)).errors[0]?.message).toMatch(/which has begun already/);
  });

  it('when two tasks add some, then those of the second may need those of the first', async () => {
    const { world, result } = await driven(growing('  a2: { needs: [a], action: do.a, expand: "<% result() %>" }\n'), {
      ...adding({ name: 'x', action: 'do.x' }),
      a2: succeeded([{ name: 'y', action: 'do.y', needs: ['x'] }]),
    });
    expect(result.status).toBe('succeeded');
    expect(world.began).toEqual(['a', 'c', 'a2', 'x', 'y']);
  });

  it('when the second adds a name of the first, then the run fails', async () => {
    const { result } = await driven(growing('  a2: { needs: [a], action: do.a, expand: "<% result() %>" }\n'), {
      ...adding({ name: 'x', action: 'do.x' }),
      a2: succeeded([{ name: 'x' }]),
    });
    expect(result.errors.map(({ kind }) => kind)).toContain('expand');
  });

  it('when the process dies after they were added, then they run all the same', async () => {
    const world = new World({
      script: {
        ...adding({ name: 'x', action: 'do.x' }, { name: 'y', action: 'do.y', needs: ['x'], before: ['c'] }),
        x: 'hold',
      },
    });
    const run = await world.start(growing());
    await world.reload();
    await world.complete('x');
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(world.began.at(-1)).toBe('c');
  });

  it('when an added one fails and the run is to run again, then it runs again', async () => {
    const world = new World({
      script: {
        ...adding({ name: 'x', action: 'do.x' }, { name: 'y', action: 'do.y', needs: ['x'] }),
        x: [failed(), succeeded()],
      },
    });
    const run = await world.start(growing());
    expect((await world.ended(run)).status).toBe('failed');
    await world.ask({ op: 'rerun', run });
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(world.began.slice(-2)).toEqual(['x', 'y']);
  });

  it('when 10,000 are added in a chain, then all run, each once', async () => {
    const tasks = Array.from({ length: 10_000 }, (_, index) => ({
      name: `x${index}`,
      needs: index === 0 ? [] : [`x${index - 1}`],
    }));
    const world = new World({ script: { a: succeeded(tasks) } });
    const run = await world.start(growing());
    for (let turns = 0; turns < 50 && (await world.status(run)) === 'running'; turns += 1) await world.settle();
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(Object.keys(await world.outcomes(run))).toHaveLength(10_002);
  });

  it('when 10,000 are added side by side and the process dies, then all run, each once', async () => {
    const tasks = Array.from({ length: 10_000 }, (_, index) => ({ name: `x${index}`, needs: ['a'], before: ['c'] }));
    const world = new World({ script: { a: succeeded(tasks) } });
    const run = await world.start(growing());
    await world.reload();
    for (let turns = 0; turns < 50 && (await world.status(run)) === 'running'; turns += 1) await world.settle();
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(world.began.at(-1)).toBe('c');
  });
});
