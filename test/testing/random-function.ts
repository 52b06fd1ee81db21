/** Random durable functions that keep to the rules: what they come to does not depend on where they crash. */

import { type RunContext, TaskFailed, workflow } from '../../src/index.ts';
import { SeededRandom } from '../../src/testing/index.ts';

type Piece = (run: RunContext, said: unknown[]) => Promise<unknown>;

/** What a child does: a piece of its own. */
export const child = workflow('child', async (run, { n }: { n: number }) => {
  const one = await run.step(`child ${n}`, ({ idempotencyKey: _ }) => n + 1);
  if (n % 3 === 0) await run.sleep('5m');
  if (n % 5 === 4) throw new Error(`child ${n} fails`);
  return one;
});

export interface RandomFunction {
  readonly body: (run: RunContext) => Promise<unknown>;
  readonly signals: { name: string; payload: number }[];
}

export function randomFunction(seed: number): RandomFunction {
  const random = new SeededRandom(seed);
  const signals: { name: string; payload: number }[] = [];
  let made = 0;

  /** @param isAlone False where others run at the same time: signals would go to whoever comes first. */
  const piece = (depth: number, isAlone: boolean): Piece => {
    made += 1;
    const n = made;
    const kinds = ['step', 'step', 'task', 'sleep', 'retry', 'failing', 'child', 'transaction', 'once', 'timeout'];
    if (isAlone) kinds.push('signal', 'late signal', 'random', 'patched', 'say');
    if (depth > 0) kinds.push('all', 'all', 'map', 'try', 'cancel', 'shield', 'sequence', 'compensate', 'race');
    const kind = random.pick(kinds);
    const inner = (count: number, alone: boolean): Piece[] =>
      Array.from({ length: count }, () => piece(depth - 1, alone && isAlone));
    switch (kind) {
      case 'task':
        return (run) => run.task('echo', { n });
      case 'sleep': {
        const long = random.pick(['1s', '1m', '3d']);
        return (run) => run.sleep(long);
      }
      case 'retry': {
        const failures = random.below(3);
        return (run) =>
          run.step(
            `flaky ${n}`,
            ({ attempt, idempotencyKey: _ }) => {
              if (attempt <= failures) throw new Error(`attempt of ${n}`);
              return n;
            },
            { retry: { count: 4, delay: '10s', jitter: 0.5 } },
          );
      }
      case 'failing':
        return (run) =>
          run
            .step(`fails ${n}`, ({ idempotencyKey: _ }) => {
              throw new Error(`step ${n}`);
            })
            .catch((error: unknown) => (error instanceof TaskFailed ? error.message : 'other'));
      case 'child':
        return (run) => run.child(child, { n }).catch((error: unknown) => (error as TaskFailed).kind);
      case 'transaction':
        return (run) =>
          run.transaction(`write ${n}`, (sql) => {
            sql.run('CREATE TABLE IF NOT EXISTS written (n INTEGER)');
            sql.run('INSERT INTO written VALUES (?)', n);
            return sql.get('SELECT count(*) AS times FROM written WHERE n = ?', n)?.times ?? 0;
          });
      case 'once':
        return (run) => run.step(`once ${n}`, () => n, { effect: 'once' });
      case 'timeout':
        return (run) =>
          run.step(`hangs ${n}`, () => n, { timeout: '1m' }).catch((error: unknown) => (error as TaskFailed).kind);
      case 'signal':
        signals.push({ name: `signal ${n}`, payload: n });
        return (run) => run.signal(`signal ${n}`);
      case 'late signal':
        return async (run) => (await run.signal(`never ${n}`, { timeout: '2h' })) ?? 'nobody';
      case 'random':
        // Not the time: an attempt that is made again may fail sooner, or take as long again.
        return async (run) => [run.random(), run.uuid()];
      case 'patched':
        return async (run) => run.patched(`patch ${n}`);
      case 'say':
        return async (run) => run.publish(`said ${n}`, n);
      case 'all': {
        const pieces = inner(random.between(2, 4), false);
        return (run, said) => run.all(pieces.map((one) => () => one(run, said)));
      }
      case 'map': {
        const width = random.between(1, 3);
        const count = random.between(1, 6);
        return (run) =>
          run.map(
            Array.from({ length: count }, (_, index) => index),
            (index) => run.step(`item ${n}`, ({ idempotencyKey: _ }) => index * n),
            { width },
          );
      }
      case 'race':
        // Who wins is plain: the other sleeps.
        return (run) => run.race([() => run.step(`quick ${n}`, ({ idempotencyKey: _ }) => n), () => run.sleep('1h')]);
      case 'cancel': {
        const [one] = inner(1, false) as [Piece];
        return async (run, said) => {
          const { result, cancel } = run.cancelable(() => run.sleep('9d'));
          const found = await one(run, said);
          cancel();
          return [found, await result.catch((error: Error) => error.message)];
        };
      }
      case 'shield': {
        const [one] = inner(1, true) as [Piece];
        return (run, said) => run.shield(() => one(run, said));
      }
      case 'try': {
        const [one, other] = inner(2, true) as [Piece, Piece];
        return async (run, said) => {
          try {
            await one(run, said);
            throw new Error('on purpose');
          } catch {
            return other(run, said);
          }
        };
      }
      case 'compensate':
        return async (run, said) => {
          run.compensate(async () => said.push(await run.step(`undo ${n}`, ({ idempotencyKey: _ }) => -n)));
          return n;
        };
      case 'sequence': {
        const pieces = inner(random.between(2, 4), true);
        return async (run, said) => {
          const all: unknown[] = [];
          for (const one of pieces) all.push((await one(run, said)) ?? null);
          return all;
        };
      }
      default:
        return (run) => run.step(`step ${n}`, ({ idempotencyKey: _ }) => n);
    }
  };

  const pieces = Array.from({ length: random.between(3, 8) }, () => piece(3, true));
  const fails = random.chance(0.2);
  return {
    signals,
    body: async (run) => {
      const said: unknown[] = [];
      const all: unknown[] = [];
      for (const one of pieces) all.push((await one(run, said)) ?? null);
      if (fails) throw new Error('at the end');
      return JSON.parse(JSON.stringify({ all, said }));
    },
  };
}
