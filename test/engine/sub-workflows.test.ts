import { describe, expect, it } from 'vitest';
import type { RunId } from '../../src/base/index.ts';
import { MemoryStore } from '../../src/store/index.ts';
import { Harness } from './harness.ts';

const parent = `
version: 1.0
input: [n]
tasks:
  call:
    action: core.workflow
    input: { workflow: child.yaml, input: { n: <% ctx(n) %> } }
    next:
      - when: <% succeeded() %>
        publish: [{ got: <% result() %> }]
output: [{ got: <% ctx(got) %> }]
`;

const child = `
version: 1.0
input: [n]
tasks:
  work: { action: do.work, input: { n: <% ctx(n) %> }, next: [{ when: <% succeeded() %>, publish: [{ sum: <% result() %> }] }] }
output: [{ sum: <% ctx(sum) %> }]
`;

const fan = `
version: 1.0
tasks:
  calls:
    with: { items: "n in <% range(4) %>", concurrency: 2 }
    action: core.workflow
    input: { workflow: child.yaml, input: { n: <% item(n) %> } }
    next:
      - when: <% succeeded() %>
        publish: [{ all: <% result().select($.sum) %> }]
output: [{ all: <% ctx(all) %> }]
`;

const childOf = (run: RunId, task = 0, item?: number): RunId =>
  `${run}/${task}${item === undefined ? '' : `.${item}`}` as RunId;

async function started(text = parent, children: { [name: string]: string } = { 'child.yaml': child }) {
  const one = new Harness(new MemoryStore());
  const run = await one.start(text, { input: text === fan ? {} : { n: 3 }, children });
  await one.settle();
  return { one, run };
}

describe('given a task that runs another workflow', () => {
  it('when the child succeeds, then its output is the task’s result', async () => {
    const { one, run } = await started();
    expect(one.executor.running[0]?.order).toMatchObject({ run: childOf(run), input: { n: 3 } });
    expect(await one.store.list()).toHaveLength(2);
    one.executor.complete('work', 9);
    expect(await one.result(run)).toMatchObject({ status: 'succeeded', output: { got: { sum: 9 } } });
  });

  it('when the child fails, then the task fails and names it', async () => {
    const { one, run } = await started();
    one.executor.fail('work', 'broken pipe');
    const { status, errors } = await one.result(run);
    expect(status).toBe('failed');
    expect(errors[0]).toMatchObject({ kind: 'child_failed', task: 'call' });
    expect(errors[0]?.message).toContain(childOf(run));
    expect(errors[0]?.message).toContain('broken pipe');
  });

  it('when the parent is canceled, paused and resumed, then the child is too', async () => {
    const { one, run } = await started();
    await one.engine.command(run, { type: 'Pause' });
    expect(await one.status(childOf(run))).toBe('pausing');
    await one.engine.command(run, { type: 'Resume' });
    expect(await one.status(childOf(run))).toBe('running');
    await one.engine.command(run, { type: 'Cancel' });
    expect(one.executor.aborted).toEqual(['0']);
    expect(await one.status(run)).toBe('canceling');
    one.executor.end('work', { status: 'canceled', output: null });
    expect(await one.result(run)).toMatchObject({ status: 'canceled' });
    expect(await one.status(childOf(run))).toBe('canceled');
  });

  it('when the parent is terminated, then so is the child', async () => {
    const { one, run } = await started();
    await one.engine.command(run, { type: 'Terminate' });
    await one.settle();
    expect(await one.status(childOf(run))).toBe('terminated');
    expect(await one.status(run)).toBe('terminated');
  });

  it('when the workflow was not known at the start, then the task fails and says what to do', async () => {
    const { one, run } = await started(parent, {});
    const { status, errors } = await one.result(run);
    expect(status).toBe('failed');
    expect(errors[0]?.message).toContain('child.yaml');
  });

  it('when workflows call themselves without end, then a limit stops them', async () => {
    const endless = 'version: 1.0\ntasks:\n  call: { action: core.workflow, input: { workflow: self.yaml } }\n';
    const { one, run } = await started(endless.replace('self.yaml', 'self.yaml'), { 'self.yaml': endless });
    const { status, errors } = await one.result(run);
    expect(status).toBe('failed');
    expect(errors[0]?.kind).toBe('child_failed');
    expect((await one.store.list({ limit: 100 })).length).toBe(33);
  });

  it('when it is called for each item, then so many run at once as the width says, and the results are in order', async () => {
    const { one, run } = await started(fan);
    expect(one.executor.running.map(({ order }) => order.run)).toEqual([childOf(run, 0, 0), childOf(run, 0, 1)]);
    for (let n = 0; n < 4; n += 1) {
      one.executor.complete('work', n * 10);
      await one.settle();
    }
    expect(await one.result(run)).toMatchObject({ status: 'succeeded', output: { all: [0, 10, 20, 30] } });
  });

  it('when the process dies while the child works, then both go on with the next engine', async () => {
    const { one, run } = await started();
    const next = new Harness(one.store, { clock: one.clock, ids: 7 });
    await next.engine.recover('all');
    await next.settle();
    expect(next.executor.running[0]?.order).toMatchObject({ run: childOf(run), attempt: 2 });
    next.executor.complete('work', 1);
    expect(await next.result(run)).toMatchObject({ status: 'succeeded', output: { got: { sum: 1 } } });
  });

  it('when the child waits for a signal and both have left memory, then the signal reaches it and the parent ends', async () => {
    const waiting = child.replace(
      'action: do.work, input: { n: <% ctx(n) %> }',
      'action: core.receive, input: { signal: go }',
    );
    const one = new Harness(new MemoryStore(), { limits: { waitingKept: 0 } });
    const run = await one.start(parent, { input: { n: 1 }, children: { 'child.yaml': waiting } });
    await one.settle();
    await one.engine.command(childOf(run), { type: 'Signal', name: 'go', payload: 5 });
    expect(await one.result(run)).toMatchObject({ status: 'succeeded', output: { got: { sum: 5 } } });
  });
});
