import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPawl } from 'pawl';
import { charge, order, refund } from './order.ts';

test('an order that is packed gets a receipt and a label', async () => {
  const pawl = await createPawl({ path: ':memory:', actions: [charge, refund], workflows: [order] });
  try {
    const run = await pawl.start(order, { id: '7', euros: 30 });
    await run.signal('packed', { by: 'Ada' });
    const { status, output } = await run.result();
    assert.equal(status, 'succeeded');
    assert.deepEqual(output, { receipt: 'receipt-7', label: 'order 7, packed by Ada' });
  } finally {
    await pawl.close();
  }
});

test('an order that is canceled is paid back', async () => {
  const pawl = await createPawl({ path: ':memory:', actions: [charge, refund], workflows: [order] });
  const charged = Promise.withResolvers<void>();
  const undone: string[] = [];
  pawl.subscribe((_run, events) => {
    for (const event of events) {
      if (event.type === 'WaitStarted') charged.resolve();
      if (event.type === 'TaskScheduled') undone.push(event.spec.name);
    }
  });
  try {
    const run = await pawl.start(order, { id: '8', euros: 30 });
    await charged.promise;
    await run.cancel('the customer called');
    assert.equal((await run.result()).status, 'canceled');
    assert.equal(undone.at(-1), 'shop.refund');
  } finally {
    await pawl.close();
  }
});
