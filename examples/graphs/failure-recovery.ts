/**
 * An order that half succeeds: what was done is undone, unless a person mends what failed.
 *
 * The price list is read from a file that is not there, and a fallback reads another. Stock is reserved and the card charged, each
 * with what undoes it. Delivering fails for good while the folder of the outbox is not there; then the run waits for a decision.
 *
 * Shows: `fallback`, `compensate`, `retry`, `intervention`, a `deadline`, and checkpoints to fork from.
 *
 *   pawl run examples/graphs/failure-recovery.ts --id order --input outbox=examples/out/graph-outbox   # waits (exit code 4)
 *   mkdir -p examples/out/graph-outbox                                                                 # mend it …
 *   pawl decide order deliver retry                                                                    # … and say so
 *   pawl resume --workflows examples/graphs/failure-recovery.ts                                        # drive it to the end
 *
 * `pawl decide order deliver fail` undoes the charge and the reservation instead, in that order.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
// In a project of your own: from 'pawl'.
import { dag } from '../../src/index.ts';
import { deliver, readPrices, total } from '../failure-recovery/tasks.ts';

/** A ledger in a file: one line for each key, so that doing a thing twice is doing it once. */
function note(key: string, what: string): string {
  const file = 'examples/out/graph-ledger.txt';
  mkdirSync('examples/out', { recursive: true });
  let lines: string[] = [];
  try {
    lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    // The first line makes the file.
  }
  const line = `${key}: ${what}`;
  if (!lines.includes(line)) writeFileSync(file, `${[...lines, line].join('\n')}\n`);
  return line;
}

export const order = dag('order', {
  description: 'Reserve, charge, deliver; or undo it',
  input: z.object({
    prices: z.string().default('examples/failure-recovery/prices-today.json'), // not there
    fallback: z.string().default('examples/failure-recovery/prices.json'),
    outbox: z.string().default('examples/out/graph-outbox'),
  }),
})
  .task('prices', {
    run: ({ input }) => readPrices({ file: input.prices }).map((price) => ({ ...price })),
    fallback: { run: ({ input }) => readPrices({ file: input.fallback }).map((price) => ({ ...price })) },
  })
  .task('sum', { needs: ['prices'], run: ({ prices }) => total({ prices }) })
  .task('reserve', {
    needs: ['prices'],
    run: ({ prices }, { run }) => note(run, `reserved ${prices.length} articles`),
    compensate: { run: (_, { run }) => note(run, 'reservation undone') },
  })
  .task('charge', {
    needs: ['sum', 'reserve'],
    run: ({ sum }, { run }) => note(run, `charged ${sum.toFixed(2)}`),
    compensate: {
      run: ({ sum }, { run }) => note(run, `refunded ${sum.toFixed(2)}`),
      retry: { count: 3, delay: '1s' },
    },
  })
  .task('deliver', {
    needs: ['sum', 'charge'],
    run: ({ sum, input }) => deliver({ outbox: input.outbox, total: sum }),
    retry: { count: 2 },
    deadline: '1h',
    intervention: true,
  })
  .output(['sum', 'deliver'], ({ sum, deliver }) => ({ total: sum, delivered: deliver }));
