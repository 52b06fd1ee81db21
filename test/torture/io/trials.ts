/**
 * Trials of a failing disk, one after the other in a process that has the shim preloaded.
 *
 * A trial: an engine on a new file drives some runs; some call on the file fails, once or for a while. The engine may refuse,
 * reopen its store or stop; it must not acknowledge what is not there. Then either the disk is well again and the engine
 * must heal where it is, or the process's engine is closed and another takes up the file. In the end every acknowledgement
 * is there, the file is whole, and every run has the right answer.
 *
 *     node trials.ts CONTROL SEED COUNT       one JSON line a trial
 */

import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunId } from '../../../src/base/index.ts';
import { createPawl, isPawlError, type Pawl } from '../../../src/index.ts';
import { openSqlite } from '../../../src/store/index.ts';
import { acksMissing, executionsWrong, unfinished } from '../checks.ts';
import { inFolder } from '../folders.ts';
import { type Chance, chanceOf } from '../random.ts';
import { readStored } from '../stored.ts';
import { AckFile, readAcks, wholeLines } from '../workload/acks.ts';
import { countingActions } from '../workload/actions.ts';
import { Driver, type DriverOptions } from '../workload/driver.ts';
import { FaultControl, type FaultKind, faultKinds } from './control.ts';

/** What came of a trial. */
export interface IoTrial {
  readonly seed: number;
  readonly kind: FaultKind;
  /** Calls that failed. */
  readonly failed: number;
  /** Codes of errors that clients saw. */
  readonly refusals: readonly string[];
  readonly end: 'unharmed' | 'healed' | 'restarted' | 'not opened' | 'stopped';
  readonly faults: readonly string[];
}

/** An engine on a well disk ends all runs in a fraction of this. */
const patienceMs = 8_000;

async function trial(folder: string, control: FaultControl, seed: number): Promise<IoTrial> {
  const chance = chanceOf(seed);
  logged = [];
  const kind = chance.pick(Object.keys(faultKinds) as FaultKind[]);
  const files: Files = { path: join(folder, 'pawl.db'), acks: join(folder, 'acks'), marks: join(folder, 'marks') };
  const refusals = new Set<string>();
  const options: DriverOptions = {
    seed,
    padBytes: chance.pick([0, 200, 20_000]),
    inFlight: chance.pick([4, 12]),
    runs: 12,
    onRefusal: (code) => refusals.add(code),
  };
  control.arm(
    kind,
    chance.below(kind === 'sync EIO' || kind === 'any EIO' ? 60 : 150),
    chance.pick([1, 1, 1, 2, 5, 40]),
  );
  const end = await underFault(files, options, control, chance);
  control.disarm();
  const { failed } = end;
  const told = { seed, kind, failed, refusals: [...refusals], end: failed === 0 ? 'unharmed' : end.end } as const;
  const faults = end.fault === undefined ? await faultsAfter(files, options) : [end.fault];
  // A run that an engine stops by itself is a bug, whatever the disk does.
  faults.push(...logged.filter((message) => message.includes('is stopped')));
  return {
    ...told,
    faults: faults.length === 0 ? [] : [...faults, `the engines said: ${logged.slice(-20).join('; ')}`],
  };
}

interface Files {
  readonly path: string;
  readonly acks: string;
  readonly marks: string;
}

function open({ path, marks }: Files): Promise<Pawl> {
  const actions = countingActions({ marks, actionMsMax: 1 });
  return createPawl({ path, actions, listen: false, logger: { log: (_level, message) => void logged.push(message) } });
}

/** What engines of the trial had to say: shown with its faults. */
let logged: string[] = [];

type End = { readonly end: Exclude<IoTrial['end'], 'unharmed'>; readonly failed: number; readonly fault?: string };

/** Drives the runs while the disk fails; in some trials until the engine has healed, in the others until it is closed. */
async function underFault(files: Files, options: DriverOptions, control: FaultControl, chance: Chance): Promise<End> {
  const heals = chance.next() < 0.4;
  let pawl: Pawl;
  try {
    pawl = await open(files);
  } catch {
    return { end: 'not opened', failed: control.failed };
  }
  const driver = new Driver(pawl, new AckFile(files.acks), readAcks(files.acks), options);
  const driven = Promise.all([pawl.resume(), driver.driveAll()]).then(
    () => 'all' as const,
    (error: unknown) => `stopped: ${error}`,
  );
  let outcome: string | undefined;
  void driven.then((reached) => {
    outcome = reached;
  });
  for (let waited = 0; outcome === undefined && control.failed === 0 && waited < patienceMs; waited += 2)
    await delay(2);
  if (heals && outcome === undefined) {
    // Some of a longer failure may still be to come.
    await delay(chance.below(30));
    const failed = control.disarm();
    let stopped = false;
    for (let waited = 0; outcome === undefined && !stopped && waited < patienceMs; waited += 500) {
      await Promise.race([driven, delay(500)]);
      stopped = outcome === undefined && (await hasStopped(pawl));
    }
    driver.stop();
    if (outcome === undefined && !stopped) return { end: 'healed', failed, fault: await stuck(pawl, files) };
    await closed(pawl);
    return { end: outcome === 'all' ? 'healed' : 'stopped', failed };
  }
  driver.stop();
  await closed(pawl);
  const { failed } = control;
  return { end: outcome === undefined ? 'restarted' : outcome === 'all' ? 'healed' : 'stopped', failed };
}

/** An engine whose store could not be opened again stops, and says so to whoever asks for something. */
async function hasStopped(pawl: Pawl): Promise<boolean> {
  try {
    // Nobody has that run: an engine that goes on says so.
    await pawl.engine.command('nobody' as RunId, { type: 'PassTime' });
    return false;
  } catch (error) {
    return isPawlError(error) && error.code === 'closed';
  }
}

async function stuck(pawl: Pawl, { path }: Files): Promise<string> {
  const open = [...readStored(path).histories.values()].filter(({ events }) => events.at(-1)?.type !== 'RunEnded');
  await closed(pawl);
  return `the disk is well, and ${open.map(({ run, events }) => `${run} stays at ${events.at(-1)?.type}`).join(', ')} (I10)`;
}

async function closed(pawl: Pawl): Promise<void> {
  const late = delay(patienceMs).then(() => {
    throw new Error('the engine does not close');
  });
  late.catch(() => {});
  await Promise.race([pawl.close().catch(() => {}), late]);
}

/** The disk is well: what was acknowledged is there, and another engine ends every run. */
async function faultsAfter(files: Files, options: DriverOptions): Promise<string[]> {
  const store = await openSqlite({ path: files.path });
  const faults = [...(await store.verify())];
  await store.close();
  const file = readStored(files.path);
  faults.push(...file.faults, ...acksMissing(file, readAcks(files.acks), options));
  faults.push(...executionsWrong(file, wholeLines(files.marks)));
  if (faults.length > 0) return faults;

  const pawl = await open(files);
  const driver = new Driver(pawl, new AckFile(files.acks), readAcks(files.acks), options);
  await pawl.resume();
  const driven = await Promise.race([driver.driveAll().then(() => true), delay(patienceMs, false)]);
  driver.stop();
  await closed(pawl);
  const end = readStored(files.path);
  if (!driven) faults.push('an engine on a well disk does not end the runs');
  faults.push(...end.faults, ...acksMissing(end, readAcks(files.acks), options));
  faults.push(...executionsWrong(end, wholeLines(files.marks)), ...unfinished(end, options.runs, options));
  return faults;
}

const [controlPath = '', firstSeed, count] = process.argv.slice(2);
const control = new FaultControl(controlPath);
const unexpected: string[] = [];
process.on('unhandledRejection', (error) => unexpected.push(`nobody handled a rejection: ${(error as Error).stack}`));
for (let index = 0; index < Number(count); index += 1) {
  const seed = Number(firstSeed) + index;
  const told = await inFolder((folder) => trial(folder, control, seed), { memory: true }).catch(
    (error: unknown): IoTrial => {
      control.disarm();
      const faults = [`the trial failed: ${error instanceof Error ? error.stack : error}`];
      return { seed, kind: 'any EIO', failed: 0, refusals: [], end: 'stopped', faults };
    },
  );
  writeSync(1, `${JSON.stringify({ ...told, faults: [...told.faults, ...unexpected.splice(0)] })}\n`);
}
// An engine of a trial that failed may be left open.
process.exit(0);
