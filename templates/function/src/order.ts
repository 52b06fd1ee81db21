/** An order: paid at once, packed within three days, or undone. Kill the process at any point; the next one goes on. */

import { defineAction, workflow } from 'pawl';

export interface Order {
  id: string;
  euros: number;
}

/** An action is code that tasks call: here is where the payment service would be asked. */
export const charge = defineAction<Order, { receipt: string }>({
  name: 'shop.charge',
  handler: async ({ id, euros }, { idempotencyKey, log }) => {
    if (euros <= 0) throw new Error(`${euros} euros cannot be charged`);
    log(`charging ${euros} euros under ${idempotencyKey}`);
    return { receipt: `receipt-${id}` };
  },
});

export const refund = defineAction<{ receipt: string }, null>({
  name: 'shop.refund',
  handler: async ({ receipt }, { log }) => {
    log(`${receipt} is paid back`);
    return null;
  },
});

export const order = workflow('order', async (run, order: Order) => {
  // Tried again after 1 s, 2 s and 4 s; what it gives is recorded, and not asked for again.
  const { receipt } = await run.task(charge, order, { retry: { count: 3, delay: '1s', factor: 2 } });
  // From here on, a failure or a cancel pays the money back.
  run.compensate(() => run.task(refund, { receipt }));

  const packed = await run.signal<{ by: string }>('packed', { timeout: '3d' });
  if (packed === undefined) throw new Error('nobody packed it in three days');

  const label = await run.step('print the label', () => `order ${order.id}, packed by ${packed.by}`);
  return { receipt, label };
});
