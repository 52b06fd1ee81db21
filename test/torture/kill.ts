/**
 * `kill -9`, again and again, of a process full of runs.
 *
 * A lane is one file: a workload process is started, killed at a random moment (while it starts, or while it serves),
 * and started again; each time the file is copied as the dead process left it and compared with what was acknowledged and
 * with the copy before. In the end the workload may finish, and every run must have the right answer.
 */

import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  acksMissing,
  attemptsOf,
  effectsWrong,
  executedAgain,
  executionsWrong,
  rowsChanged,
  undoneWrong,
  unfinished,
} from './checks.ts';
import { inFolder } from './folders.ts';
import { chanceOf } from './random.ts';
import { Counts, onLanes, type Tally, type TortureOptions, type Violation } from './report.ts';
import { readStored, type StoredFile } from './stored.ts';
import { readAcks, wholeLines } from './workload/acks.ts';
import type { WorkloadOptions } from './workload/main.ts';
import { startWorkload } from './workload/process.ts';

const killsPerLane = 12;
const lanesAtOnce = 2;
/** A process that starts is killed within this; one that serves, within the other. */
const startingMs = 400;
const servingMs = 150;
const finishMs = 60_000;

/** The same with durable functions. */
export function tortureFunctions(options: TortureOptions): Promise<Tally> {
  return torture(options, 'functions');
}

export async function torture(
  { count, seed, progress }: TortureOptions,
  style: WorkloadOptions['style'] = 'flows',
): Promise<Tally> {
  const counts = new Counts();
  const violations: Violation[] = [];
  const lanes = Math.ceil(count / killsPerLane);
  await onLanes(lanesAtOnce, lanes, async (index) => {
    const laneSeed = seed + index;
    const kills = Math.min(killsPerLane, count - index * killsPerLane);
    const faults = await inFolder((folder) => lane({ folder, kills, seed: laneSeed, style }, counts));
    for (const fault of faults) violations.push({ seed: laneSeed, fault });
    progress(`${counts.of('kills')} kills, ${counts.of('acks')} acknowledgements, ${violations.length} violations`);
  });
  return { trials: counts.of('kills'), violations, counts: counts.all() };
}

interface Lane {
  readonly folder: string;
  readonly kills: number;
  readonly seed: number;
  readonly style: NonNullable<WorkloadOptions['style']>;
}

async function lane({ folder, kills, seed, style }: Lane, counts: Counts): Promise<string[]> {
  const chance = chanceOf(seed);
  const planned = { seed, style, padBytes: chance.pick([0, 100, 2_000]) };
  const options: WorkloadOptions = {
    folder,
    ...planned,
    inFlight: chance.pick([4, 16, 40]),
    runs: 1_000_000,
    actionMsMax: chance.pick([0, 3, 12]),
    synchronous: chance.pick(['full', 'normal']),
  };
  const faults: string[] = [];
  let before: { file: StoredFile; marks: number } | undefined;
  for (let kill = 0; kill < kills; kill += 1) {
    const workload = startWorkload(options);
    if (chance.next() < 0.75) {
      await workload.ready;
      await delay(chance.next() * servingMs);
    } else {
      await delay(chance.next() * startingMs);
    }
    workload.child.kill('SIGKILL');
    const { code, errors } = await workload.ended;
    if (code !== null) faults.push(`the workload ended by itself with ${code}: ${errors}`);
    counts.add('kills');
    const file = copyOf(folder);
    const marks = wholeLines(join(folder, 'marks'));
    faults.push(...file.faults, ...acksMissing(file, readAcks(join(folder, 'acks')), planned));
    faults.push(
      ...executionsWrong(file, marks),
      ...effectsWrong(file, file.ledger, wholeLines(join(folder, 'charges'))),
    );
    if (before !== undefined) {
      faults.push(...rowsChanged(before.file, file), ...executedAgain(before.file, marks, before.marks));
    }
    counts.add('runs open at a kill', [...file.histories.values()].filter(isOpen).length);
    before = { file, marks: marks.length };
    if (faults.length > 0) return faults;
  }
  faults.push(...(await finish(options, before, counts)));
  return faults;
}

/** Lets the workload end the runs it has begun, and checks all there is. */
async function finish(
  options: WorkloadOptions,
  before: { file: StoredFile; marks: number } | undefined,
  counts: Counts,
): Promise<string[]> {
  const { folder } = options;
  const acked = readAcks(join(folder, 'acks'));
  const runs = Math.max(0, ...[...(before?.file.histories.keys() ?? [])].map(numberOf)) + 1;
  const workload = startWorkload({ ...options, runs });
  const timeout = setTimeout(() => workload.child.kill('SIGKILL'), finishMs);
  const { code, done, errors } = await workload.ended;
  clearTimeout(timeout);
  const faults = done ? [] : [`the workload could not be finished (${code}): ${errors}`];
  const file = copyOf(folder);
  const acks = readAcks(join(folder, 'acks'));
  const marks = wholeLines(join(folder, 'marks'));
  const charges = wholeLines(join(folder, 'charges'));
  faults.push(...file.faults, ...acksMissing(file, acks, options), ...executionsWrong(file, marks));
  faults.push(...effectsWrong(file, file.ledger, charges));
  faults.push(...unfinished(file, runs, options), ...undoneWrong(file));
  if (before !== undefined) {
    faults.push(...rowsChanged(before.file, file), ...executedAgain(before.file, marks, before.marks));
  }
  const events = [...file.histories.values()].flatMap((history) => history.events);
  for (const type of ['CompensationArmed', 'DecisionTaken', 'ResultReused'] as const)
    counts.add(type, events.filter((event) => event.type === type).length);
  counts.add(
    'tasks undone',
    events.filter((event) => event.type === 'TaskScheduled' && event.spec.undoes !== undefined).length,
  );
  for (const type of ['OutcomeLost', 'OutcomeRuledOut', 'RunRenewed'] as const)
    counts.add(type, events.filter((event) => event.type === type).length);
  counts.add('rows written in transactions', file.ledger.length);
  counts.add('once-only steps done', charges.length);
  counts.add('updates answered', acks.filter(({ ack }) => ack === 'update').length);
  counts.add('acks', acks.length);
  counts.add('acks before the last kill', acked.length);
  counts.add('runs', file.histories.size);
  counts.add('executions', marks.length);
  counts.add('attempts started', attemptsOf(file).started.size);
  counts.add(
    'attempts lost',
    [...file.histories.values()].flatMap(({ events }) => events.filter(({ type }) => type === 'AttemptLost')).length,
  );
  return faults;
}

function isOpen({ events }: { events: readonly { type: string }[] }): boolean {
  return events.at(-1)?.type !== 'RunEnded';
}

/** The number of a run of the plan; a sub-workflow belongs to its parent's. */
function numberOf(run: string): number {
  return Number(/-(\d+)/.exec(run)?.[1]);
}

/** Reads a copy: SQLite would recover, and so change, the file that the next process is to find. */
function copyOf(folder: string): StoredFile {
  const copy = join(folder, 'copy');
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy);
  for (const end of ['', '-wal', '-journal']) {
    const name = join(folder, `pawl.db${end}`);
    if (existsSync(name)) copyFileSync(name, join(copy, `pawl.db${end}`));
  }
  return readStored(join(copy, 'pawl.db'));
}
