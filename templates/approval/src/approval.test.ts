import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestPawl } from 'pawl/testing';
import { approval } from './approval.ts';

const workflows = [approval];
const request = { what: 'we ship', of: ['ada', 'grace'], within: '2d' };

test('the first who is asked decides', async () => {
  const pawl = await createTestPawl({ workflows });
  const run = await pawl.start(approval, request);
  await pawl.quiet();
  await run.answer('ada', { approved: true, comment: 'well done' });
  assert.deepEqual((await run.result()).output, { approved: true, by: 'ada', comment: 'well done' });
});

test('the next is asked when the first does not answer in time', async () => {
  const pawl = await createTestPawl({ workflows });
  const run = await pawl.start(approval, request);
  await pawl.advance('2d');
  await run.answer('grace', { approved: false });
  assert.deepEqual((await run.result()).output, { approved: false, by: 'grace', comment: '' });
});

test('who answers too late is told so', async () => {
  const pawl = await createTestPawl({ workflows });
  const run = await pawl.start(approval, request);
  await pawl.advance('2d');
  await assert.rejects(run.answer('ada', { approved: true }), /no task "ada" that asks/);
});

test('nobody answers, and nothing is approved', async () => {
  const pawl = await createTestPawl({ workflows });
  const { output } = await pawl.run(approval, request);
  assert.deepEqual(output, { approved: false, comment: 'nobody answered in time' });
});
