import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestPawl } from 'pawl/testing';
import { charge, order, refund } from './order.ts';

const workflows = [order];
const actions = [charge, refund];

test('an order that is packed gets a receipt and a label', async () => {
  const pawl = await createTestPawl({ workflows, actions });
  const run = await pawl.start(order, { id: 'A7', euros: 30 });
  await run.signal('packed', { by: 'Ada' });
  const { status, output } = await run.result();
  assert.equal(status, 'succeeded');
  assert.deepEqual(output, { receipt: 'receipt-A7', label: 'order A7, packed by Ada' });
});

test('an order that nobody packs is paid back after three days', async () => {
  const pawl = await createTestPawl({ workflows, actions });
  const began = pawl.now;
  // Three days pass in no time: nothing else can happen.
  const { status } = await pawl.run(order, { id: 'A8', euros: 30 });
  assert.equal(status, 'failed');
  assert.equal(pawl.now - began, 3 * 24 * 3_600_000);
  assert.deepEqual(pawl.inputs('shop.refund'), [{ receipt: 'receipt-A8' }]);
});

test('a payment service that is down for a moment is asked again', async () => {
  let asked = 0;
  const pawl = await createTestPawl({
    workflows,
    actions,
    mocks: {
      'shop.charge': () => {
        asked += 1;
        if (asked < 3) throw new Error('the service is down');
        return { receipt: 'late' };
      },
    },
  });
  const run = await pawl.start(order, { id: 'A9', euros: 30 });
  await run.signal('packed', { by: 'Ada' });
  assert.equal((await run.result()).output?.receipt, 'late');
  assert.equal(asked, 3);
});

test('a crash charges nobody twice', async () => {
  const before = await createTestPawl({ workflows, actions });
  await before.start(order, { id: 'A10', euros: 30 }, { id: 'order-10' });
  await before.quiet();
  const after = await before.crash();
  await after.handle('order-10').signal('packed', { by: 'Ada' });
  assert.equal((await after.handle('order-10').result()).status, 'succeeded');
  assert.equal(after.calls('shop.charge').length, 1);
});
