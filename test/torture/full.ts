/**
 * A full disk, in four scenarios over a small file system of its own:
 *
 * 1. `refused`: the disk fills up under a workload. Starts are refused with `store_full`, what was acknowledged stays and can
 *    be read; with room again everything ends, without a restart.
 * 2. `kept`: without a ballast, attempts end while there is no room at all. Their results are kept and recorded once there is.
 * 3. `ballast`: attempts end while the disk is full, and are recorded in the ballast, before there is room; a start is
 *    refused meanwhile; an engine that is started on the full disk takes up its runs; the ballast comes back with the room.
 * 4. `tide`: the disk fills up and empties again and again under a workload, which ends with the right answers.
 */

import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunId } from '../../src/base/index.ts';
import { createPawl, defineAction, isPawlError, type Json, type Pawl } from '../../src/index.ts';
import { openSqlite } from '../../src/store/index.ts';
import { CannotTorture } from './cannot.ts';
import { acksMissing, executionsWrong, unfinished } from './checks.ts';
import { inFolder } from './folders.ts';
import { type Chance, chanceOf } from './random.ts';
import { Counts, type Tally, type TortureOptions, type Violation } from './report.ts';
import { readStored } from './stored.ts';
import { AckFile, readAcks, wholeLines } from './workload/acks.ts';
import { countingActions } from './workload/actions.ts';
import { Driver, type DriverOptions } from './workload/driver.ts';

const patienceMs = 20_000;

type Scenario = (disk: SmallDisk, chance: Chance, counts: Counts) => Promise<string[]>;

const scenarios: Readonly<Record<string, Scenario>> = { refused, kept, ballast, tide };

export async function torture({ count, seed, progress }: TortureOptions): Promise<Tally> {
  const counts = new Counts();
  const violations: Violation[] = [];
  const names = Object.keys(scenarios);
  for (let index = 0; index < count; index += 1) {
    const name = names[(seed + index) % names.length]!;
    const chance = chanceOf(seed + index);
    const faults = await inFolder(async (beside) => {
      const disk = new SmallDisk(beside, 8 + chance.below(8));
      try {
        return [...(await scenarios[name]!(disk, chance, counts)), ...(await faultsOfFile(disk.database))];
      } finally {
        disk.unmount();
      }
    });
    for (const fault of faults) violations.push({ seed: seed + index, fault: `${name}: ${fault}` });
    counts.add(`scenario ${name}`);
    progress(`${index + 1} trials, ${violations.length} violations`);
  }
  return { trials: count, violations, counts: counts.all() };
}

/** A file system of a few megabytes, mounted for a trial. */
class SmallDisk {
  /** On the machine's own disk: for what the client writes down. */
  readonly beside: string;
  readonly folder: string;
  readonly database: string;
  readonly #filler: string;

  /** @throws CannotTorture This process may not mount. */
  constructor(beside: string, megabytes: number) {
    this.beside = beside;
    this.folder = join(beside, 'disk');
    this.database = join(this.folder, 'pawl.db');
    this.#filler = join(this.folder, 'filler');
    const made = spawnSync('sh', [
      '-c',
      `mkdir '${this.folder}' && mount -t tmpfs -o size=${megabytes}m tmpfs '${this.folder}'`,
    ]);
    if (made.status !== 0) {
      throw new CannotTorture(`This torture mounts a small file system, which needs Linux and root: ${made.stderr}`);
    }
  }

  /** Takes every block that is left. */
  fill(): void {
    const descriptor = openSync(this.#filler, 'a');
    try {
      for (const bytes of [256 * 1024, 4096, 512]) {
        try {
          while (writeSync(descriptor, Buffer.alloc(bytes, 1)) === bytes);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
      }
    } finally {
      closeSync(descriptor);
    }
  }

  empty(): void {
    rmSync(this.#filler, { force: true });
  }

  unmount(): void {
    spawnSync('umount', ['-l', this.folder]);
  }
}

async function refused(disk: SmallDisk, chance: Chance, counts: Counts): Promise<string[]> {
  const faults: string[] = [];
  const work = await workloadOn(disk, chance, counts);
  await delay(20 + chance.below(200));
  disk.fill();
  const workflow = work.pawl.workflow('version: 1.0\ntasks: { a: { action: core.noop } }');
  let refusal: unknown;
  // A log that has room in it takes some starts yet.
  for (let start = 0; refusal === undefined && start < 2_000; start += 1) {
    await work.pawl.start(workflow, {}).catch((error: unknown) => {
      refusal = error;
    });
  }
  if (!isPawlError(refusal) || refusal.code !== 'store_full' || !/room/.test(refusal.message)) {
    faults.push(`a start on a full disk is not refused readably: ${refusal}`);
  }
  for (const ack of readAcks(work.acks)) {
    const state = await work.pawl
      .handle(ack.run)
      .state()
      .catch((error: unknown) => String(error));
    if (typeof state === 'string')
      faults.push(`${ack.run} was acknowledged and cannot be read on a full disk: ${state}`);
  }
  disk.empty();
  return [...faults, ...(await work.ended())];
}

async function kept(disk: SmallDisk, _chance: Chance, counts: Counts): Promise<string[]> {
  const held = await heldRuns(disk, 0);
  disk.fill();
  await fillLog(held.pawl);
  held.letGo();
  await delay(300);
  const faults: string[] = [];
  const before = endedRuns(disk);
  if (before > 0) faults.push(`${before} runs ended on a disk without room`);
  disk.empty();
  faults.push(...(await held.ended()));
  counts.add('results kept until there was room', held.runs.length);
  await held.pawl.close();
  return faults;
}

async function ballast(disk: SmallDisk, _chance: Chance, counts: Counts): Promise<string[]> {
  const held = await heldRuns(disk, 1024 * 1024);
  if (!existsSync(`${disk.database}.ballast`)) return ['there is no ballast'];
  disk.fill();
  await fillLog(held.pawl);
  held.letGo();
  const faults = await held.ended();
  counts.add('runs that ended on a full disk', endedRuns(disk));
  if (existsSync(`${disk.database}.ballast`)) faults.push('the ballast was not given back');
  const workflow = held.pawl.workflow('version: 1.0\ntasks: { a: { action: core.noop } }');
  const start = () =>
    held.pawl.start(workflow).then(
      () => 'taken',
      (error: { code?: string }) => error.code,
    );
  if ((await start()) !== 'store_full') faults.push('a start was taken while the ballast is gone');
  // Forgetting runs works on a full disk.
  if (!(await held.pawl.store.remove(held.runs[0]! as RunId))) faults.push('a run could not be removed on a full disk');
  await held.pawl.close();

  const second = await createPawl({ path: disk.database, listen: false, actions: held.actions });
  await second.resume();
  for (const run of held.runs.slice(1)) {
    const { status } = await second.handle(run).result();
    if (status !== 'succeeded') faults.push(`${run} is ${status} for the engine started on the full disk`);
  }
  disk.empty();
  const { status } = await second.run(second.workflow('version: 1.0\ntasks: { a: { action: core.noop } }'));
  if (status !== 'succeeded') faults.push(`with room again a run ends ${status}`);
  if (!existsSync(`${disk.database}.ballast`)) faults.push('the ballast did not come back with the room');
  await second.close();
  return faults;
}

async function tide(disk: SmallDisk, chance: Chance, counts: Counts): Promise<string[]> {
  const work = await workloadOn(disk, chance, counts);
  for (let turn = 0; turn < 4; turn += 1) {
    await delay(chance.below(150));
    disk.fill();
    await delay(chance.below(400));
    disk.empty();
  }
  return work.ended();
}

/** Drives a workload whose file is on the small disk, and what is acknowledged is written down beside it. */
async function workloadOn(disk: SmallDisk, chance: Chance, counts: Counts) {
  const acks = join(disk.beside, 'acks');
  const marks = join(disk.beside, 'marks');
  const options: DriverOptions = {
    seed: chance.below(1_000),
    padBytes: chance.pick([0, 500]),
    inFlight: 12,
    runs: 120,
    onRefusal: (code) => counts.add(`clients saw ${code}`),
  };
  const pawl = await createPawl({
    path: disk.database,
    actions: countingActions({ marks, actionMsMax: 8 }),
    listen: false,
    ballastBytes: chance.pick([0, 512 * 1024]),
  });
  await pawl.resume();
  const driver = new Driver(pawl, new AckFile(acks), [], options);
  const driven = driver.driveAll();
  driven.catch(() => {});
  const ended = async (): Promise<string[]> => {
    const all = await Promise.race([driven.then(() => true), delay(patienceMs, false)]);
    driver.stop();
    await pawl.close();
    const file = readStored(disk.database);
    const planned = new Map([...file.histories].filter(([run]) => /^[a-z]+-\d+/.test(run)));
    const faults = all ? [] : ['with room again the workload does not end'];
    faults.push(...acksMissing(file, readAcks(acks), options), ...executionsWrong(file, wholeLines(marks)));
    faults.push(...unfinished({ ...file, histories: planned }, options.runs, options));
    counts.add('acks', readAcks(acks).length);
    return faults;
  };
  return { pawl, acks, ended };
}

/** Runs whose one attempt is under way until it is let go. */
async function heldRuns(disk: SmallDisk, ballastBytes: number) {
  const gate = Promise.withResolvers<void>();
  let executions = 0;
  const actions = [
    defineAction<Json, Json>({
      name: 't.hold',
      async handler() {
        executions += 1;
        await gate.promise;
        return 'precious';
      },
    }),
  ];
  const pawl = await createPawl({ path: disk.database, listen: false, actions, ballastBytes });
  const text = `version: 1.0
tasks: { hold: { action: t.hold, next: [publish: [answer: <% result() %>]] } }
output: [answer: <% ctx(answer) %>]
`;
  const workflow = pawl.workflow(text);
  const handles = await Promise.all(
    Array.from({ length: 20 }, (_, index) => pawl.start(workflow, {}, { id: `held-${index}` })),
  );
  await pawl.engine.settled();
  const ended = async (): Promise<string[]> => {
    const results = Promise.all(handles.map((handle) => handle.result()));
    const all = await Promise.race([results, delay(patienceMs)]);
    if (all === undefined) return ['the results of attempts were not recorded'];
    const wrong = all.filter(({ output }) => JSON.stringify(output) !== '{"answer":"precious"}');
    const faults = wrong.map(({ run, status }) => `${run} ended ${status} with another result than its attempt gave`);
    if (executions !== handles.length) faults.push(`${handles.length} attempts were executed ${executions} times`);
    return faults;
  };
  return { pawl, actions, runs: handles.map(({ id }): string => id), letGo: () => gate.resolve(), ended };
}

/** Begins runs until there is no room for one more, also not in a log that was longer once. */
async function fillLog(pawl: Pawl): Promise<void> {
  const workflow = pawl.workflow(
    'version: 1.0\ninput: [pad]\ntasks: { a: { action: core.sleep, input: { duration: 24h } } }',
  );
  for (const bytes of [20_000, 1]) {
    for (let room = true; room; ) {
      await pawl.start(workflow, { pad: 'x'.repeat(bytes) }).catch((error: { code?: string }) => {
        if (error.code !== 'store_full') throw error;
        room = false;
      });
    }
  }
}

function endedRuns({ database }: SmallDisk): number {
  const held = [...readStored(database).histories.values()].filter(({ run }) => run.startsWith('held-'));
  return held.filter(({ events }) => events.at(-1)?.type === 'RunEnded').length;
}

async function faultsOfFile(path: string): Promise<readonly string[]> {
  const store = await openSqlite({ path });
  const faults = await store.verify();
  await store.close();
  return faults;
}
