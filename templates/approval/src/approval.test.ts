import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPawl, type Pawl } from 'pawl';
import { approval } from './approval.ts';

/** Resolves once the run asks that person. */
function asks(pawl: Pawl, person: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = pawl.subscribe((_run, events) => {
      if (!events.some((event) => event.type === 'TaskScheduled' && event.spec.name === person)) return;
      stop();
      resolve();
    });
  });
}

async function inMemory(work: (pawl: Pawl) => Promise<void>): Promise<void> {
  const pawl = await createPawl({ path: ':memory:', workflows: [approval] });
  try {
    await work(pawl);
  } finally {
    await pawl.close();
  }
}

test('the first who is asked decides', () =>
  inMemory(async (pawl) => {
    const asked = asks(pawl, 'ada');
    const run = await pawl.start(approval, { what: 'we ship', of: ['ada', 'grace'], within: '1d' });
    await asked;
    await run.answer('ada', { approved: true, comment: 'well done' });
    assert.deepEqual((await run.result()).output, { approved: true, by: 'ada', comment: 'well done' });
  }));

test('the next is asked when the first does not answer in time', () =>
  inMemory(async (pawl) => {
    const asked = asks(pawl, 'grace');
    const run = await pawl.start(approval, { what: 'we ship', of: ['ada', 'grace'], within: '0.3s' });
    await asked;
    await run.answer('grace', { approved: false });
    assert.deepEqual((await run.result()).output, { approved: false, by: 'grace', comment: '' });
  }));

test('nobody answers, and nothing is approved', () =>
  inMemory(async (pawl) => {
    const run = await pawl.start(approval, { what: 'we ship', of: ['ada', 'grace'], within: '0.01s' });
    assert.deepEqual((await run.result()).output, { approved: false, comment: 'nobody answered in time' });
  }));
