/** Forks: a new run with the history of another up to a checkpoint, which then goes on by itself. */

import { describe, expect, it } from 'vitest';
import type { RunId } from '../../src/base/index.ts';
import { failed, succeeded, World } from './world.ts';

const child = `
version: 1.0
input: [n]
tasks:
  work: { action: do.work, input: { n: "<% ctx(n) %>" }, next: [{ publish: [r: "<% result() %>"], do: nap }] }
  nap: { action: core.sleep, input: { seconds: 5 } }
output: [{ r: "<% ctx(r) %>" }]
`;
const graph = `
version: 1.0
tasks:
  first: { needs: [], action: do.first, retry: { count: 2, delay: 3 } }
  each: { needs: [first], action: do.each, with: { items: "<% range(3) %>", concurrency: 2 }, input: { i: "<% item() %>" } }
  nap: { needs: [first], action: core.sleep, input: { seconds: 10 } }
  sig: { needs: [nap], action: core.receive, input: { signal: go } }
  sub: { needs: [nap], action: core.workflow, input: { workflow: child, input: { n: "<% ctx(nap) %>" } } }
  grow: { needs: [each], action: do.grow, expand: "<% list(dict(name => 'more', action => 'do.more', before => list('last'))) %>" }
  unused: { needs: [each], action: do.off, when: "<% false %>" }
  last: { needs: [each, sig, sub], action: do.last, input: { e: "<% ctx(each) %>", g: "<% ctx(sig) %>", s: "<% ctx(sub) %>" } }
output: [{ last: "<% ctx(last) %>" }, { s: "<% ctx(sub) %>" }, { g: "<% ctx(sig) %>" }, { e: "<% ctx(each) %>" }]
`;
const flow = `
version: 1.0
vars: [{ e: null }, { g: null }, { s: null }]
tasks:
  first: { action: do.first, retry: { count: 2, delay: 3 }, next: [{ do: [each, nap] }] }
  each: { action: do.each, with: { items: "<% range(3) %>", concurrency: 2 }, input: { i: "<% item() %>" }, next: [{ publish: [e: "<% result() %>"], do: last }] }
  nap: { action: core.sleep, input: { seconds: 10 }, next: [{ do: [sig, sub] }] }
  sig: { action: core.receive, input: { signal: go }, next: [{ publish: [g: "<% result() %>"], do: last }] }
  sub: { action: core.workflow, input: { workflow: child, input: { n: 1 } }, next: [{ publish: [s: "<% result() %>"], do: last }] }
  last: { join: all, action: do.last, input: { e: "<% ctx(e) %>" } }
output: [{ e: "<% ctx(e) %>" }, { g: "<% ctx(g) %>" }, { s: "<% ctx(s) %>" }]
`;

async function toTheEnd(world: World, run: RunId): Promise<void> {
  const seen = await world.history(run);
  if (!seen.some(({ type }) => type === 'SignalReceived'))
    await world.ask({ op: 'signal', run, name: 'go', payload: 42 });
  for (let steps = 0; steps < 30 && (await world.state(run)).endedAt === undefined; steps += 1)
    await world.advance(1_000);
}

describe.each([
  ['graph', graph],
  ['flow', flow],
])('given a %s run with retries, items, waits, a signal and a sub-workflow', (_style, document) => {
  async function source() {
    const world = new World();
    let tries = 0;
    world.others = ({ name, input }) => {
      if (name === 'first') {
        tries += 1;
        return tries % 3 === 1 ? failed() : succeeded(tries > 0);
      }
      if (name === 'each') return succeeded((input as { i: number }).i * 10);
      return succeeded(name);
    };
    const run = await world.start(document, { children: { child } });
    await toTheEnd(world, run);
    return { world, run };
  }

  it('when it is forked at any of its checkpoints, then the fork ends with the same output and the source is untouched', async () => {
    const { world, run } = await source();
    const before = await world.history(run);
    const { output, status } = await world.ended(run);
    expect(status).toBe('succeeded');
    const points = (await world.checkpoints(run)).filter(({ final }) => !final);
    expect(points.length).toBeGreaterThan(8);
    for (const { revision } of points) {
      const fork = await world.fork(run, revision);
      await toTheEnd(world, fork);
      const ended = await world.ended(fork);
      expect([revision, ended.status, ended.output]).toEqual([revision, status, output]);
    }
    expect(await world.history(run)).toEqual(before);
  });

  it('when the process dies right after a fork, then the fork goes on', async () => {
    const { world, run } = await source();
    const { output } = await world.ended(run);
    for (const { revision, final } of await world.checkpoints(run)) {
      if (final) continue;
      const fork = await world.fork(run, revision);
      await world.reload();
      await toTheEnd(world, fork);
      expect([revision, (await world.ended(fork)).output]).toEqual([revision, output]);
    }
  });

  it('when a fork is forked, then that ends with the same output', async () => {
    const { world, run } = await source();
    const { output } = await world.ended(run);
    const points = (await world.checkpoints(run)).filter(({ final }) => !final);
    const fork = await world.fork(run, points[3]!.revision);
    await toTheEnd(world, fork);
    const later = (await world.checkpoints(fork)).filter(({ final }) => !final);
    for (const { revision } of later) {
      const second = await world.fork(fork, revision);
      await toTheEnd(world, second);
      expect([revision, (await world.ended(second)).output]).toEqual([revision, output]);
    }
  });

  it('when it is forked at its end, then that is refused and says where it may be', async () => {
    const { world, run } = await source();
    const { revision } = await world.state(run);
    const reply = await world.ask({ op: 'fork', run, at: revision });
    expect(reply).toMatchObject({ ok: false, code: 'bad_input' });
    expect(!reply.ok && reply.message).toMatch(/it can be forked from event \d+ to \d+/);
  });

  it('when it is forked before its first commit, then that is refused', async () => {
    const { world, run } = await source();
    expect(await world.ask({ op: 'fork', run, at: 0 })).toMatchObject({ ok: false, code: 'bad_input' });
  });
});

describe('given a run under way', () => {
  const document = `
version: 1.0
tasks:
  a: { needs: [], action: do.a, compensate: undo.a }
  b: { needs: [a], action: do.b }
`;

  it('when it is forked while an attempt runs, then both run it, each by itself', async () => {
    const world = new World({ script: { b: 'hold' } });
    const run = await world.start(document);
    const fork = await world.fork(run, (await world.state(run)).revision);
    expect(world.running).toEqual(['b', 'b']);
    await world.complete('b', 1);
    expect((await world.ended(run)).status).toBe('succeeded');
    expect(await world.status(fork)).toBe('running');
    await world.fail('b');
    expect((await world.ended(fork)).status).toBe('failed');
    expect(world.began.at(-1)).toBe('undo a');
  });

  it('when it is forked under an id that is taken, then that is refused and nothing changes', async () => {
    const world = new World({ script: { b: 'hold' } });
    const other = await world.start(document, { id: 'taken' });
    const run = await world.start(document);
    const { revision } = await world.state(other);
    expect(await world.ask({ op: 'fork', run, at: 99, id: 'taken' })).toMatchObject({ ok: false, code: 'conflict' });
    expect((await world.state(other)).revision).toBe(revision);
  });

  it('when the id is that of a run which has ended and left memory, then that is refused', async () => {
    const world = new World({ script: { b: 'hold' } });
    const other = await world.start('version: 1.0\ntasks:\n  q: { needs: [], action: do.q }\n', { id: 'taken' });
    await world.ended(other);
    await world.reload();
    const run = await world.start(document);
    expect(await world.ask({ op: 'fork', run, at: 99, id: 'taken' })).toMatchObject({ ok: false, code: 'conflict' });
    expect((await world.ended(other)).status).toBe('succeeded');
  });

  it('when it is forked while a person is asked, then both ask', async () => {
    const world = new World({ script: { a: [failed(), succeeded()] } });
    const run = await world.start('version: 1.0\ntasks:\n  a: { needs: [], action: do.a, intervention: true }\n');
    const fork = await world.fork(run, 99);
    await world.decide(fork, 'a', 'skip');
    expect((await world.ended(fork)).status).toBe('succeeded');
    await world.decide(run, 'a', 'retry');
    expect((await world.ended(run)).status).toBe('succeeded');
  });

  it('when it is forked in the middle of undoing, then both undo the rest', async () => {
    const world = new World({ script: { b: failed(), 'undo a': 'hold' } });
    const run = await world.start(document);
    const fork = await world.fork(run, 99);
    expect(world.running).toEqual(['undo a', 'undo a']);
    await world.complete('undo a');
    await world.complete('undo a');
    expect((await world.ended(run)).status).toBe('failed');
    expect((await world.ended(fork)).status).toBe('failed');
  });

  it('when a paused run is forked, then the fork is paused', async () => {
    const world = new World({ script: { a: 'hold' } });
    const run = await world.start(document);
    await world.ask({ op: 'pause', run });
    await world.complete('a');
    const fork = await world.fork(run, 99);
    expect(await world.status(fork)).toBe('paused');
    await world.ask({ op: 'resume', run: fork });
    expect((await world.ended(fork)).status).toBe('succeeded');
    expect(await world.status(run)).toBe('paused');
  });
});
