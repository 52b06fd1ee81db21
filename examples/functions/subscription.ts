/**
 * A subscription that bills on the first of each month, for years: a function that sleeps, and begins anew each year so that its
 * history stays short. A customer changes the plan or cancels by signals and updates that come at any time.
 *
 * Shows: `run.sleepUntil`, `continueAsNew`, a race between time and a signal, a query, `retry` over days.
 *
 * Its test (`test/functions/examples.test.ts`) bills ten years in skipped time.
 */

import { defineAction, workflow } from '../../src/index.ts';

export const bill = defineAction<{ customer: string; month: string; cents: number }, { invoice: string }>({
  name: 'billing.bill',
  handler: ({ customer, month }) => ({ invoice: `${customer}/${month}` }),
});

interface Subscription {
  readonly customer: string;
  readonly cents: number;
  /** Months billed so far. */
  readonly billed?: number;
}

const monthsInHistory = 12;

export const subscription = workflow('subscription', async (run, { customer, cents, billed = 0 }: Subscription) => {
  let price = cents;
  let months = billed;
  run.query('billed', () => months);
  run.update('price', {
    validate: (next: unknown) => {
      if (typeof next !== 'number' || next < 0) throw new Error(`a price is a number of cents, not ${String(next)}`);
    },
    handle: (next: unknown) => {
      price = next as number;
      return price;
    },
  });

  for (let here = 0; here < monthsInHistory; here += 1) {
    const due = firstOfNextMonth(run.now);
    const canceled = await run.race([
      () => run.sleepUntil(due).then(() => false),
      () => run.signal('cancel').then(() => true),
    ]);
    if (canceled) return { customer, months };
    const month = due.toISOString().slice(0, 7);
    // A card that is declined is tried for a week; then the subscription ends.
    await run.task(bill, { customer, month, cents: price }, { retry: { count: 7, delay: '1d' } });
    months += 1;
  }
  return run.continueAsNew({ customer, cents: price, billed: months });
});

function firstOfNextMonth(now: number): Date {
  // Made of the run's own time, so it is the same whenever the function is run again.
  const date = new Date(now);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1, 9));
}
