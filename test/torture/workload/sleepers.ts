/**
 * A process full of timers, for torture by the clock: starts runs that sleep, some in memory and some as rows, takes up
 * those of a process before it, and tells what happens by the monotonic clock of the machine, which no jump moves.
 *
 *     node sleepers.ts '{"folder": …, "name": …, "runs": …}'
 *
 * Lines: `start RUN SLEEP_MS MONO_MS` once a start is acknowledged, and `woke RUN MONO_MS WALL_MS` when the task after the
 * sleep runs. The times of starts are taken before they are asked for: the latest moment at which no sleep has begun.
 */

import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createPawl, defineAction } from '../../../src/index.ts';

export interface SleepersOptions {
  readonly folder: string;
  /** Begins the ids of this process's runs. */
  readonly name: string;
  readonly runs: number;
  readonly sleepMsMax: number;
}

const { folder, name, runs, sleepMsMax } = JSON.parse(process.argv[2] ?? '{}') as SleepersOptions;
const told = openSync(join(folder, 'told'), 'a');
const tell = (...words: readonly (string | number)[]) => writeSync(told, `${words.join(' ')}\n`);
/** The machine's, not the process's: processes of one machine can be compared. */
const monotonicMs = () => Number(process.hrtime.bigint() / 1_000n) / 1_000;

const pawl = await createPawl({
  path: join(folder, 'pawl.db'),
  listen: false,
  // Most runs that wait are rows, and some are in memory: both must wake.
  limits: { waitingKept: 8 },
  actions: [
    defineAction({
      name: 't.woke',
      async handler(_input, { run }) {
        tell('woke', run, monotonicMs(), Date.now());
        return null;
      },
    }),
  ],
});
const workflow = pawl.workflow(`version: 1.0
input: [ms]
tasks:
  nap: { action: core.sleep, input: { duration: <% ctx(ms) %> }, next: [do: wake] }
  wake: { action: t.woke }
`);
await pawl.resume();
writeSync(1, 'ready\n');
for (let index = 0; index < runs; index += 1) {
  const ms = 50 + ((index * 7919) % sleepMsMax);
  const before = monotonicMs();
  const { id } = await pawl.start(workflow, { ms: `${ms}ms` }, { id: `${name}-${index}` });
  tell('start', id, ms, before);
  await delay(10);
}
await pawl.engine.quiet();
await pawl.close();
writeSync(1, 'done\n');
