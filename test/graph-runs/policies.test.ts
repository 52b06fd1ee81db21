/** Deadlines, fallbacks and decisions of people, in flows and graphs. */

import { describe, expect, it } from 'vitest';
import type { RunId } from '../../src/base/index.ts';
import { driven, failed, succeeded, World } from './world.ts';

const styles: readonly [string, (body: string, more?: string) => string][] = [
  ['graph', (body, more = '') => `version: 1.0\ntasks:\n  a: { needs: [], ${body} }\n${more}`],
  ['flow', (body, more = '') => `version: 1.0\ntasks:\n  a: { ${body} }\n${more}`],
];

const kinds = async (world: World, run: RunId) => (await world.errors(run)).join();

describe.each(styles)('given a task of a %s with a deadline', (_style, document) => {
  it('when an attempt runs past it, then that is stopped, the task fails, and the answer that comes later counts for nothing', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document('action: do.a, deadline: 10s, retry: { count: 5 }'));
    await world.advance(9_999);
    expect(await world.status(run)).toBe('running');
    await world.advance(1);
    expect(world.harness.executor.aborted).toEqual(['0']);
    expect((await world.ended(run)).status).toBe('failed');
    expect(await kinds(world, run)).toBe('deadline');
    await world.complete('a', 5);
    expect((await world.ended(run)).status).toBe('failed');
  });

  it('when it passes in the pause before a retry, then the task fails and is not tried again', async () => {
    const world = new World({ script: { a: failed() } });
    const run = await world.start(document('action: do.a, deadline: 10s, retry: { count: 5, delay: 60 }'));
    await world.advance(10_000);
    expect((await world.ended(run)).status).toBe('failed');
    await world.advance(600_000);
    expect(world.began).toEqual(['a']);
  });

  it('when it passes in the delay before the first attempt, then the task never runs', async () => {
    const world = new World();
    const run = await world.start(document('action: do.a, deadline: 10s, delay: 60'));
    await world.advance(60_000);
    expect((await world.ended(run)).status).toBe('failed');
    expect(world.began).toEqual([]);
  });

  it.each([
    ['a sleep', 'action: core.sleep, input: { seconds: 60 }'],
    ['a signal', 'action: core.receive, input: { signal: go }'],
    ['an answer', 'action: core.ask, input: { question: "?" }'],
  ])('when it passes while it waits for %s, then it fails', async (_what, body) => {
    const world = new World();
    const run = await world.start(document(`${body}, deadline: 10s`));
    await world.advance(10_000);
    expect((await world.ended(run)).status).toBe('failed');
    expect(await kinds(world, run)).toBe('deadline');
  });

  it('when it passes while a sub-workflow runs, then that is canceled', async () => {
    const world = new World({ script: { work: 'hold' } });
    const run = await world.start(document('action: core.workflow, input: { workflow: child }, deadline: 10s'), {
      children: { child: 'version: 1.0\ntasks:\n  work: { action: do.work }\n' },
    });
    await world.advance(10_000);
    expect((await world.ended(run)).status).toBe('failed');
    await world.complete('work');
    expect(await world.status(`${run}/0` as RunId)).toBe('canceled');
  });

  it('when it passes while the run is paused, then the task fails then and there', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document('action: core.sleep, input: { seconds: 60 }, deadline: 10s'));
    await world.ask({ op: 'pause', run });
    await world.advance(10_000);
    expect(await kinds(world, run)).toBe('deadline');
    await world.ask({ op: 'resume', run });
    expect((await world.ended(run)).status).toBe('failed');
  });

  it('when it passes while no process drives the run, then the next one sees it', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document('action: do.a, deadline: 10s'));
    await world.harness.engine.close();
    world.clock.advance(60_000);
    await world.reload();
    await world.advance(0);
    expect((await world.ended(run)).status).toBe('failed');
    expect(await kinds(world, run)).toBe('deadline');
  });

  it('when the person who is asked takes longer than it, then the question stands', async () => {
    const world = new World({ script: { a: [failed(), succeeded(1)] } });
    const run = await world.start(document('action: do.a, deadline: 10s, intervention: true'));
    await world.advance(3_600_000);
    expect(await world.status(run)).toBe('running');
    expect(await world.decide(run, 'a', 'retry')).toMatchObject({ ok: true });
    expect((await world.ended(run)).status).toBe('succeeded');
  });

  it('when it is over in time, then nothing comes of it', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document('action: do.a, deadline: 10s'));
    await world.advance(9_000);
    await world.complete('a');
    await world.advance(60_000);
    expect((await world.ended(run)).status).toBe('succeeded');
  });

  it('when it is a time of day, then it counts to that', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document('action: do.a, deadline: "2030-01-01T00:01:00Z"'));
    await world.advance(59_999);
    expect(await world.status(run)).toBe('running');
    await world.advance(1);
    expect((await world.ended(run)).status).toBe('failed');
  });

  it('when it is no time, then the run fails and says what to write', async () => {
    const { result } = await driven(document('action: do.a, deadline: whenever'));
    expect(result).toMatchObject({ status: 'failed', errors: [{ kind: 'type' }] });
    expect(result.errors[0]?.message).toContain('ISO 8601');
  });

  it('when items run past it, then all of them are stopped', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document('action: do.a, with: { items: "<% range(3) %>" }, deadline: 10s'));
    await world.complete('a');
    await world.advance(10_000);
    expect(world.harness.executor.aborted).toEqual(['0.1', '0.2']);
    expect((await world.ended(run)).status).toBe('failed');
    expect((await world.state(run)).busy).toBe(0);
  });
});

describe.each(styles)('given a task of a %s with a fallback', (_style, document) => {
  it('when its retries are used up, then the fallback runs once, with the input of the task', async () => {
    const { world, result } = await driven(
      document('action: do.a, input: { x: 1 }, retry: { count: 2 }, fallback: do.b'),
      {
        a: [failed(), failed(), failed(), succeeded(9)],
      },
    );
    expect(world.orders.map(({ action, attempt }) => [action, attempt])).toEqual([
      ['do.a', 1],
      ['do.a', 2],
      ['do.a', 3],
      ['do.b', 4],
    ]);
    expect(world.orders[3]?.input).toEqual({ x: 1 });
    expect(result.status).toBe('succeeded');
  });

  it('when it fails as well, then the task fails, and it is not tried again', async () => {
    const { world, result } = await driven(document('action: do.a, retry: { count: 1 }, fallback: do.b'), {
      a: failed(),
    });
    expect(result.status).toBe('failed');
    expect(world.orders.map(({ action }) => action)).toEqual(['do.a', 'do.a', 'do.b']);
  });

  it('when it is a wait, then the task waits', async () => {
    const world = new World({ script: { a: failed() } });
    const run = await world.start(
      document('action: do.a, fallback: { action: core.receive, input: { signal: rescue } }'),
    );
    expect(await world.status(run)).toBe('running');
    await world.reload();
    await world.ask({ op: 'signal', run, name: 'rescue', payload: 3 });
    expect((await world.ended(run)).status).toBe('succeeded');
  });

  it('when one of the items fails, then it is done once, for the whole list', async () => {
    const { world, result } = await driven(
      document('action: do.a, with: { items: "<% range(2) %>" }, fallback: { action: do.b, input: { all: true } }'),
      { a: [failed(), succeeded(), succeeded(7)] },
    );
    expect(result.status).toBe('succeeded');
    expect(world.orders.map(({ action, item }) => [action, item])).toEqual([
      ['do.a', 0],
      ['do.a', 1],
      ['do.b', undefined],
    ]);
  });

  it('when the task fails while the run is pausing, then the fallback begins once it goes on', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document('action: do.a, fallback: do.b'));
    await world.ask({ op: 'pause', run });
    await world.fail('a');
    expect(await world.status(run)).toBe('paused');
    await world.reload();
    expect(world.running).toEqual([]);
    await world.ask({ op: 'resume', run });
    await world.complete('a');
    expect(world.orders.at(-1)?.action).toBe('do.b');
    expect((await world.ended(run)).status).toBe('succeeded');
  });

  it('when the process dies while the fallback runs, then the fallback runs again', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document('action: do.a, fallback: do.b'));
    await world.fail('a');
    await world.reload();
    expect(world.orders.map(({ action }) => action)).toEqual(['do.a', 'do.b', 'do.b']);
    await world.complete('a');
    expect((await world.ended(run)).status).toBe('succeeded');
  });

  it('when the deadline passes, then there is no time for it', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document('action: do.a, deadline: 10s, fallback: do.b'));
    await world.advance(10_000);
    expect((await world.ended(run)).status).toBe('failed');
    expect(world.began).toEqual(['a']);
  });

  // A graph that is being canceled turns to failing where a task then fails (src/kernel/dag/program.ts, taskEnded).
  it('when the run is being canceled, then it is not begun', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document('action: do.a, fallback: do.b'));
    await world.ask({ op: 'cancel', run });
    await world.fail('a');
    expect((await world.ended(run)).status).toBe('canceled');
    expect(world.began).toEqual(['a']);
  });
});

describe.each(styles)('given a task of a %s that asks a person when it has failed', (_style, document) => {
  const asking = document('action: do.a, retry: { count: 1 }, intervention: true');

  it('when it has failed for good, then it waits and the run is shown as waiting', async () => {
    const { world, run } = await open();
    expect(world.began).toEqual(['a', 'a']);
    expect((await world.ask({ op: 'show', run })).ok).toBe(true);
    expect(await world.status(run)).toBe('running');
  });

  async function open() {
    const world = new World({ script: { a: [failed(), failed(), succeeded(5)] } });
    const run = await world.start(asking);
    return { world, run };
  }

  it('when it is to be tried again, then it is, once', async () => {
    const { world, run } = await open();
    await world.decide(run, 'a', 'retry');
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(world.began).toEqual(['a', 'a', 'a']);
  });

  it('when it fails again, then the person is asked again', async () => {
    const world = new World({ script: { a: failed() } });
    const run = await world.start(asking);
    await world.decide(run, 'a', 'retry');
    expect(await world.status(run)).toBe('running');
    await world.decide(run, 'a', 'fail');
    expect((await world.ended(run)).status).toBe('failed');
  });

  it('when it is skipped with a result, then the run goes on with that', async () => {
    const { world, run } = await open();
    await world.decide(run, 'a', 'skip', 'made up');
    expect((await world.ended(run)).status).toBe('succeeded');
    const event = (await world.history(run)).find(({ type }) => type === 'TaskEnded');
    expect(event).toMatchObject({ outcome: { status: 'succeeded', output: 'made up' } });
  });

  it('when it is to fail, then the run fails with its error, once', async () => {
    const { world, run } = await open();
    await world.decide(run, 'a', 'fail');
    expect((await world.ended(run)).status).toBe('failed');
    expect((await world.errors(run)).filter((kind) => kind === 'task_failed').length).toBeLessThanOrEqual(2);
  });

  for (const choice of ['retry', 'skip', 'fail'] as const) {
    it(`when ${choice} is decided after the process died, then it is done`, async () => {
      const { world, run } = await open();
      await world.reload();
      expect(await world.decide(run, 'a', choice)).toMatchObject({ ok: true });
      expect((await world.ended(run)).status).toBe(choice === 'fail' ? 'failed' : 'succeeded');
    });

    it(`when ${choice} is decided while the run is paused, then what follows begins once it goes on`, async () => {
      const { world, run } = await open();
      await world.ask({ op: 'pause', run });
      expect(await world.status(run)).toBe('paused');
      expect(await world.decide(run, 'a', choice)).toMatchObject({ ok: true });
      expect(world.began).toEqual(['a', 'a']);
      await world.reload();
      await world.ask({ op: 'resume', run });
      expect((await world.ended(run)).status).toBe(choice === 'fail' ? 'failed' : 'succeeded');
    });
  }

  it('when it is decided twice, then the second is refused', async () => {
    const world = new World({ script: { a: failed() } });
    const run = await world.start(document('action: do.a, intervention: true'));
    world.script = { a: 'hold' };
    await world.decide(run, 'a', 'retry');
    expect(await world.decide(run, 'a', 'skip')).toMatchObject({ ok: false });
  });

  it('when a task is named that asks nothing, then it is refused and says which do', async () => {
    const { world, run } = await open();
    const reply = await world.decide(run, 'b', 'skip');
    expect(reply).toMatchObject({ ok: false, code: 'bad_input' });
    expect(!reply.ok && reply.message).toContain('a (0)');
  });

  it('when the run is canceled meanwhile, then the question is left', async () => {
    const { world, run } = await open();
    await world.ask({ op: 'cancel', run });
    expect((await world.ended(run)).status).toBe('canceled');
  });

  it('when a fallback failed too, then the person is asked after that', async () => {
    const world = new World({ script: { a: failed() } });
    const run = await world.start(document('action: do.a, fallback: do.b, intervention: true'));
    expect(world.orders.map(({ action }) => action)).toEqual(['do.a', 'do.b']);
    expect((await world.state(run)).open.get(0)?.asked).toBeDefined();
  });

  it('when its items failed, then a retry runs the list again', async () => {
    const world = new World({ script: { a: [failed(), succeeded(1), succeeded(2), succeeded(3)] } });
    const run = await world.start(document('action: do.a, with: { items: "<% range(2) %>" }, intervention: true'));
    await world.decide(run, 'a', 'retry');
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(world.began).toHaveLength(4);
  });
});
