/**
 * A checkout as a saga: stock is reserved, the card is charged once, the order is booked, the parcel leaves; what fails undoes what came
 * before it, latest first.
 *
 * The card is charged by a once-only task: where the process dies while the payment is under way, it is not repeated; its `verify` asks
 * the bank first. The booking is a transaction: its row and the fact that it was written are one commit, so there is one row.
 *
 * Shows: input and update schemas, `run.compensate`, `effect: 'once'` with `verify`, `run.transaction`, an update that customers send
 * while the order is packed.
 *
 *   pawl run examples/functions/checkout.ts --id order-1 item=lamp cents=4900    # waits to be packed (exit code 4)
 *   pawl signal order-1 packed && pawl resume --workflows examples/functions/checkout.ts
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
// In a project of your own: from 'pawl'.
import { ActionError, defineAction, workflow } from '../../src/index.ts';

/** A bank in a file: one charge for each key, whoever asks, and however often. */
class Bank {
  readonly #file = 'examples/out/bank.json';

  charges(): Record<string, number> {
    return existsSync(this.#file) ? JSON.parse(readFileSync(this.#file, 'utf8')) : {};
  }

  charge(key: string, cents: number): void {
    mkdirSync('examples/out', { recursive: true });
    writeFileSync(this.#file, JSON.stringify({ ...this.charges(), [key]: cents }));
  }

  refund(key: string): void {
    const { [key]: _refunded, ...others } = this.charges();
    writeFileSync(this.#file, JSON.stringify(others));
  }
}

const bank = new Bank();

/** Charges a card. Declined above 1,000 euros, and no retry changes that. */
export const charge = defineAction({
  name: 'bank.charge',
  input: z.object({ cents: z.number().int().positive() }),
  handler: ({ cents }, { idempotencyKey }) => {
    if (cents > 100_000) throw new ActionError('the card was declined', { kind: 'declined', retryable: false });
    bank.charge(idempotencyKey, cents);
    return { receipt: idempotencyKey };
  },
  // Asked where a process died in the middle: did the money leave, or not?
  verify: (_input, { idempotencyKey }) =>
    idempotencyKey in bank.charges() ? { happened: true, output: { receipt: idempotencyKey } } : { happened: false },
});

const Order = z.object({
  item: z.string(),
  cents: z.coerce.number().int().positive(),
  street: z.string().default('Main Street 1'),
});

export const checkout = workflow(
  'checkout',
  {
    input: Order,
    signals: { packed: z.unknown() },
    updates: { street: { input: z.string().min(3), output: z.string() } },
  },
  async (run, order) => {
    let street = order.street;
    let hasLeft = false;
    run.update('street', {
      validate: () => {
        if (hasLeft) throw new Error('the parcel has left');
      },
      handle: (given) => {
        street = given;
        return `it goes to ${street}`;
      },
    });

    const place = await run.step('reserve', () => `shelf ${order.item.length}`);
    run.compensate(() => run.step('release', () => `${place} is free again`));

    const { receipt } = await run.task(charge, { cents: order.cents }, { effect: 'once', timeout: '1m' });
    run.compensate(() => run.step('refund', () => bank.refund(receipt)));

    await run.transaction('book', (sql) => {
      sql.exec('CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, item TEXT, cents INTEGER)');
      sql.run('INSERT INTO orders VALUES (?, ?, ?)', run.id, order.item, order.cents);
    });

    if ((await run.signal('packed', { timeout: '3d' })) === undefined)
      throw new Error('nobody packed it in three days');
    hasLeft = true;
    await run.step('send', () => `${order.item} leaves for ${street}`);
    return { receipt, street };
  },
);
