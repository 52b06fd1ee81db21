/** What the compiler knows of durable functions: from schemas, or from the function itself, to the handle. */

import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { createPawl, defineAction, type Json, workflow } from '../../src/index.ts';

const shop = workflow(
  'shop',
  {
    version: '2',
    input: z.object({ id: z.string(), cents: z.coerce.number(), note: z.string().default('') }),
    output: z.object({ receipt: z.string() }),
    signals: { paid: z.object({ by: z.string() }), dated: z.coerce.date() },
    queries: { total: { output: z.number() }, by: { input: z.string(), output: z.boolean() } },
    updates: { street: { input: z.string(), output: z.object({ ok: z.boolean() }) } },
  },
  async (run, order) => {
    expectTypeOf(order).toEqualTypeOf<{ id: string; cents: number; note: string }>();
    expectTypeOf(run.signal('paid')).resolves.toEqualTypeOf<{ by: string }>();
    expectTypeOf(run.signal('dated')).resolves.toEqualTypeOf<Date>();
    expectTypeOf(run.signal('paid', { timeout: '1d' })).resolves.toEqualTypeOf<{ by: string } | undefined>();
    // @ts-expect-error no such signal
    run.signal('payed');
    run.update('street', (street) => {
      expectTypeOf(street).toEqualTypeOf<string>();
      return { ok: true };
    });
    // @ts-expect-error another answer than declared
    run.update('street', () => 7);
    return { receipt: 'r' };
  },
);

const plain = workflow('plain', async (run, { n }: { n: number }) => {
  expectTypeOf(run.signal('any')).resolves.toEqualTypeOf<Json>();
  expectTypeOf(run.signal<string>('any', { timeout: 5 })).resolves.toEqualTypeOf<string | undefined>();
  expectTypeOf(run.step('s', () => new Map([[1, 'x']]))).resolves.toEqualTypeOf<Map<number, string>>();
  expectTypeOf(run.child(shop, { id: '1', cents: 1 })).resolves.toEqualTypeOf<{ receipt: string }>();
  // @ts-expect-error another input than it takes
  run.child(shop, { id: 1 });
  return n * 2;
});

describe('given durable functions', () => {
  it('when they are started, then input, output, signals, queries and updates are typed', () => {
    const started = async () => {
      const pawl = await createPawl({ path: ':memory:' });
      const handle = await pawl.start(shop, { id: '1', cents: '30' });
      expectTypeOf((await handle.result()).output).toEqualTypeOf<{ receipt: string } | null>();
      await handle.signal('paid', { by: 'Ada' });
      // @ts-expect-error another payload
      await handle.signal('paid', { by: 7 });
      // @ts-expect-error no such signal
      await handle.signal('payed', { by: 'Ada' });
      expectTypeOf(handle.query('total')).resolves.toEqualTypeOf<number>();
      expectTypeOf(handle.query('by', 'Ada')).resolves.toEqualTypeOf<boolean>();
      expectTypeOf(handle.update('street', 'Elm 5')).resolves.toEqualTypeOf<{ ok: boolean }>();
      // @ts-expect-error another input
      await handle.update('street', 5);
      // @ts-expect-error an input is missing
      await pawl.start(shop, { id: '1' });

      const other = await pawl.start(plain, { n: 1 });
      expectTypeOf((await other.result()).output).toEqualTypeOf<number | null>();
      await other.signal('anything', { goes: true });
      // @ts-expect-error another input
      await pawl.start(plain, { n: 'one' });
      const byName = await pawl.start('plain', { n: 1 });
      expectTypeOf((await byName.result()).output).toEqualTypeOf<Json>();
    };
    expectTypeOf(started).returns.resolves.toBeVoid();
  });

  it('when a task is an action, then its types reach the call', () => {
    const charge = defineAction({
      name: 'charge',
      input: z.object({ cents: z.number() }),
      handler: ({ cents }) => ({ receipt: `${cents}` }),
    });
    workflow('pays', async (run) => {
      expectTypeOf(run.task(charge, { cents: 5 })).resolves.toEqualTypeOf<{ receipt: string }>();
      // @ts-expect-error another input
      run.task(charge, { cents: 'five' });
      const both = run.all([() => run.task(charge, { cents: 5 }), async () => 7]);
      expectTypeOf(both).resolves.toEqualTypeOf<[{ receipt: string }, number]>();
    });
  });
});
