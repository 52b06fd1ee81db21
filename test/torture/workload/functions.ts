/**
 * Durable functions of the workload, each with what must come out of it: replay, signals, updates, transactions, once-only steps,
 * children, sagas, runs that begin anew, and runs that are canceled.
 */

import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { type AnyWorkflowInCode, type Json, workflow } from '../../../src/index.ts';
import { lengthOf } from './actions.ts';
import type { PlannedRun } from './plan.ts';

export const functionNames = [
  'steps',
  'talks',
  'books',
  'pays',
  'renews',
  'calls',
  'undoes',
  'cleans',
  'races',
  'pays',
  'books',
] as const;

export type FunctionName = (typeof functionNames)[number];

/** Notes of once-only steps: what happened is in the file before anybody can say so. */
function ledgerAt(path: string) {
  const descriptor = openSync(path, 'a');
  return {
    note: (key: string) => writeSync(descriptor, `${key}\n`),
    has: (key: string) => existsSync(path) && readFileSync(path, 'utf8').includes(`${key}\n`),
  };
}

/** @param charges The file in which once-only steps leave what they did. */
export function workloadFunctions(charges: string): readonly AnyWorkflowInCode[] {
  const ledger = ledgerAt(charges);
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const mark = (run: { task(name: string, input: unknown): Promise<Json> }, value: number) =>
    run.task('t.mark', { value }) as Promise<number>;

  const calls = workflow('calls', async (run, { base }: { base: number }) => {
    const [steps, renewed] = await run.all([
      () => run.child('steps', { rounds: 3, base }),
      () => run.child('renews', { left: 2, sum: base }),
    ]);
    return { steps, renewed };
  });

  return [
    calls,
    workflow('steps', async (run, { rounds, base }: { rounds: number; base: number }) => {
      let sum = base;
      for (let round = 0; round < rounds; round += 1) sum += await mark(run, round);
      const squares = await run.map([1, 2, 3, 4, 5], (n) => run.step(`square ${n}`, () => n * n), { width: 2 });
      const [a, b] = await run.all([() => mark(run, 10), () => run.sleep('5ms').then(() => mark(run, 20))]);
      return { sum: sum + squares.reduce((all, one) => all + one, 0) + a + b };
    }),
    workflow('talks', async (run) => {
      const asked: number[] = [];
      run.update('add', {
        validate: (n: unknown) => {
          if (typeof n !== 'number') throw new Error('no number');
        },
        handle: async (n: unknown) => {
          const given = await mark(run, n as number);
          asked.push(given);
          return given * 2;
        },
      });
      const heard = [await run.signal('news'), await run.signal('news')];
      await run.waitUntil(() => asked.length >= 2);
      return { heard, asked: [...asked].sort((a, b) => a - b) };
    }),
    workflow('books', async (run, { count }: { count: number }) => {
      let rows = 0;
      for (let n = 0; n < count; n += 1) {
        rows = await run.transaction('book', (sql) => {
          sql.run('INSERT INTO ledger (run, n) VALUES (?, ?)', run.id, n);
          return Number(sql.get('SELECT count(*) AS n FROM ledger WHERE run = ?', run.id)?.n);
        });
        if (n % 2 === 0) await mark(run, n);
      }
      return { rows };
    }),
    workflow('pays', async (run, { euros }: { euros: number }) => {
      const receipt = await run.step(
        'charge',
        async ({ idempotencyKey, attempt }) => {
          ledger.note(idempotencyKey);
          await pause(lengthOf(idempotencyKey, attempt) % 60);
          return `paid ${euros}`;
        },
        {
          effect: 'once',
          verify: ({ idempotencyKey }) =>
            ledger.has(idempotencyKey) ? { happened: true, output: `paid ${euros}` } : { happened: false },
        },
      );
      return { receipt, after: await mark(run, euros) };
    }),
    workflow('renews', async (run, { left, sum }: { left: number; sum: number }) => {
      const more = await mark(run, left);
      if (left > 0) return run.continueAsNew({ left: left - 1, sum: sum + more });
      return { sum };
    }),
    workflow('undoes', async (run, { base }: { base: number }) => {
      for (const n of [1, 2, 3]) {
        await mark(run, base + n);
        run.compensate(() => run.step(`undo ${n}`, () => n));
      }
      await run.task('t.flaky', { succeedsAt: 1_000 }, { retry: { count: 1 } });
    }),
    workflow('cleans', async (run) => {
      try {
        await mark(run, 1);
        await run.signal('never');
      } finally {
        await run.shield(async () => {
          await mark(run, 2);
          await run.sleep('5ms');
          await run.step('clean', () => 'clean');
        });
      }
    }),
    workflow('races', async (run, { base }: { base: number }) => {
      const first = await run.race([() => run.sleep('1d').then(() => -1), () => mark(run, base)]);
      const any = await run.any([
        () => run.task('t.flaky', { succeedsAt: 1_000 }),
        () => run.sleep('3ms').then(() => mark(run, base + 1)),
      ]);
      const patched = run.patched('new way') ? await mark(run, 1) : 0;
      return { first, any, patched };
    }),
  ];
}

/** The tables that functions write. */
export const workloadTables = 'CREATE TABLE IF NOT EXISTS ledger (run TEXT, n INTEGER)';

export function plannedFunction(flow: FunctionName, number: number, base: number): PlannedRun {
  const id = `${flow}-${number}`;
  const plan = { id, flow, signals: [], cancel: false, status: 'succeeded' } as const;
  switch (flow) {
    case 'steps': {
      const rounds = 1 + (base % 6);
      return { ...plan, input: { rounds, base }, output: { sum: base + (rounds * (rounds - 1)) / 2 + 55 + 30 } };
    }
    case 'talks': {
      const signals = [1, 2].map((one) => ({ id: `${id}/${one}`, name: 'news', payload: { number, one } }));
      const updates = [1, 2].map((n) => ({ id: `${id}/${n}`, name: 'add', input: n, answer: n * 2 }));
      return {
        ...plan,
        input: {},
        signals,
        updates,
        output: { heard: signals.map(({ payload }) => payload), asked: [1, 2] },
      };
    }
    case 'books': {
      const count = 1 + (base % 5);
      return { ...plan, input: { count }, output: { rows: count } };
    }
    case 'pays':
      return { ...plan, input: { euros: base }, output: { receipt: `paid ${base}`, after: base } };
    case 'renews': {
      const left = 1 + (base % 4);
      return { ...plan, input: { left, sum: base }, output: { sum: base + (left * (left + 1)) / 2 } };
    }
    case 'calls':
      return { ...plan, input: { base }, output: { steps: { sum: base + 3 + 55 + 30 }, renewed: { sum: base + 3 } } };
    case 'undoes':
      return { ...plan, input: { base }, status: 'failed', output: undefined };
    case 'cleans':
      return { ...plan, input: {}, cancel: true, status: 'canceled', output: undefined };
    case 'races':
      return { ...plan, input: { base }, output: { first: base, any: base + 1, patched: 1 } };
  }
}
