/** Runs that leave memory while they wait, and what they are asked there. */

import { describe, expect, it } from 'vitest';
import { failed, succeeded, World } from './world.ts';

const one = (body: string) => `version: 1.0\ntasks:\n  a: { needs: [], ${body} }\n`;

describe('given an engine that keeps no waiting run in memory', () => {
  it('when the deadline of a task of a paused run passes, then it fails', async () => {
    const world = new World({ limits: { waitingKept: 0 } });
    const run = await world.start(one('action: core.receive, input: { signal: go }, deadline: 10s'));
    await world.ask({ op: 'pause', run });
    await world.advance(10_000);
    expect((await world.ended(run)).status).toBe('failed');
  });

  it('when a person decides long after the deadline, then the task is tried again', async () => {
    const world = new World({ limits: { waitingKept: 0 }, script: { a: [failed(), succeeded(3)] } });
    const run = await world.start(one('action: do.a, intervention: true, deadline: 10s'));
    await world.advance(100_000);
    await world.decide(run, 'a', 'retry');
    expect((await world.ended(run)).output).toEqual({ a: 3 });
  });

  it('when undoing waits before it is tried again, then it is tried in time', async () => {
    const world = new World({ limits: { waitingKept: 0 }, script: { b: failed(), 'undo a': [failed(), succeeded()] } });
    const run = await world.start(
      `${one('action: do.a, compensate: { action: undo.a, retry: { count: 1, delay: 60 } }')}  b: { needs: [a], action: do.b }\n`,
    );
    await world.advance(60_000);
    expect((await world.ended(run)).status).toBe('failed');
    expect(world.began).toEqual(['a', 'b', 'undo a', 'undo a']);
  });

  it('when a sub-workflow missed the deadline and is tried again, then that is another run', async () => {
    const world = new World({ limits: { waitingKept: 0 }, script: { work: 'hold' } });
    const run = await world.start(
      one('action: core.workflow, input: { workflow: child }, deadline: 10s, intervention: true'),
      { children: { child: 'version: 1.0\ntasks:\n  work: { action: do.work }\noutput: [{ x: 1 }]\n' } },
    );
    await world.advance(10_000);
    await world.decide(run, 'a', 'retry');
    expect(world.running).toEqual(['work', 'work']);
    await world.complete('work');
    await world.complete('work');
    expect((await world.ended(run)).status).toBe('succeeded');
  });
});

describe('given a process that lacks the action which undoes a task', () => {
  it('when the run fails, then it is blocked, and undone by the next process that has it', async () => {
    const world = new World({ script: { b: failed() } });
    world.harness.executor.actions = (name) => !name.startsWith('undo');
    const run = await world.start(`${one('action: do.a, compensate: undo.a')}  b: { needs: [a], action: do.b }\n`);
    expect((await world.state(run)).blocked).toContain('undo.a');
    await world.reload();
    expect((await world.ended(run)).status).toBe('failed');
    expect(world.began).toEqual(['a', 'b', 'undo a']);
  });
});

describe('given a run that is shown', () => {
  it('when a task asks for a decision and another is being undone, then both can be seen', async () => {
    const world = new World({ script: { a: failed(), b: failed(), 'undo x': 'hold' } });
    const asking = await world.start(one('action: do.a, intervention: true'));
    expect(await world.ask({ op: 'show', run: asking })).toMatchObject({
      view: { status: 'waiting', tasks: [{ name: 'a', asksForDecision: true }] },
    });
    const undoing = await world.start(
      'version: 1.0\ntasks:\n  x: { needs: [], action: do.x, compensate: undo.x }\n  b: { needs: [x], action: do.b }\n',
    );
    expect(await world.ask({ op: 'show', run: undoing })).toMatchObject({
      view: { status: 'failing', tasks: [{ name: 'x' }, { name: 'b' }, { name: 'undo x', undoes: 0 }] },
    });
  });
});
