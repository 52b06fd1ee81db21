/**
 * Power cuts: a recorded workload, cut at many moments, each with many possible disks.
 *
 * A trace is a workload of real processes under the recorder, killed and started again on the way. An image is what a
 * disk could hold if the power went at some moment of it. Each image is opened by the store as after any crash, verified as
 * a whole, and compared with what had been acknowledged by then; of some every history is folded, and of a few an engine
 * finishes all runs.
 */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunId } from '../../../src/base/index.ts';
import { foldStored, Programs } from '../../../src/engine/index.ts';
import { systemHasher } from '../../../src/host/index.ts';
import { createPawl } from '../../../src/index.ts';
import { openSqlite } from '../../../src/store/index.ts';
import { acksMissing, attemptsOf, unfinished } from '../checks.ts';
import { inFolder } from '../folders.ts';
import { type Chance, chanceOf } from '../random.ts';
import { Counts, type Tally, type TortureOptions, type Violation } from '../report.ts';
import { compiledShim } from '../shims/compile.ts';
import { type Decoded, readStored } from '../stored.ts';
import type { Ack } from '../workload/acks.ts';
import { countingActions } from '../workload/actions.ts';
import { Driver } from '../workload/driver.ts';
import type { WorkloadOptions } from '../workload/main.ts';
import { startWorkload } from '../workload/process.ts';
import { Disk } from './disk.ts';
import { type Operation, readTrace } from './trace.ts';

const imagesPerTrace = 1_000;
/** Of so many images, one has all its histories folded, and one its runs finished. */
const foldOneOf = 5;
const finishOneOf = 100;

type Sync = WorkloadOptions['synchronous'];

export async function torture({ count, seed, progress, normal = false }: TortureOptions): Promise<Tally> {
  const counts = new Counts();
  const violations: Violation[] = [];
  for (let done = 0, traceSeed = seed; done < count; done += imagesPerTrace, traceSeed += 1) {
    const images = Math.min(imagesPerTrace, count - done);
    await inFolder(
      async (folder) => {
        const trace = await recorded(folder, traceSeed, normal ? 'normal' : 'full');
        counts.add('traces');
        counts.add('operations', trace.operations.length);
        counts.add('syncs', trace.operations.filter(({ op }) => op === 'sync').length);
        for await (const fault of imagesOf(trace, images, folder, counts)) {
          violations.push({ seed: traceSeed, fault });
          if (violations.length > 1_000) break;
        }
        progress(`${counts.of('images')} images of ${counts.of('traces')} traces, ${violations.length} violations`);
      },
      { memory: true },
    );
  }
  return { trials: counts.of('images'), violations, counts: counts.all() };
}

interface Trace {
  readonly seed: number;
  readonly options: WorkloadOptions;
  readonly operations: readonly Operation[];
}

/** Records a workload: most are small; some write so much that the log is brought into the database on the way. */
async function recorded(folder: string, seed: number, synchronous: Sync): Promise<Trace> {
  const chance = chanceOf(seed);
  const large = seed % 8 === 7;
  const options: WorkloadOptions = {
    folder: join(folder, 'files'),
    seed,
    padBytes: large ? 60_000 : chance.pick([0, 300, 3_000]),
    inFlight: chance.pick([3, 12, 30]),
    runs: large ? 130 : 20 + chance.below(40),
    actionMsMax: chance.pick([0, 4]),
    synchronous,
  };
  mkdirSync(options.folder);
  const journal = join(folder, 'journal');
  const env = { LD_PRELOAD: compiledShim('record'), RECORD_FOLDER: options.folder, RECORD_JOURNAL: journal };
  for (let kills = chance.below(3); kills > 0; kills -= 1) {
    const workload = startWorkload(options, env);
    await workload.ready;
    await delay(chance.next() * 60);
    workload.child.kill('SIGKILL');
    await workload.ended;
  }
  const { done, errors } = await startWorkload(options, env).ended;
  if (!done) throw new Error(`the workload could not be recorded: ${errors}`);
  return { seed, options, operations: readTrace(journal) };
}

/** Gives the faults of all images of a trace. */
async function* imagesOf(trace: Trace, images: number, folder: string, counts: Counts): AsyncGenerator<string> {
  const { seed, options, operations } = trace;
  const chance = chanceOf(seed ^ 0x5eed);
  const cuts = cutPoints(operations, images, chance);
  const disk = new Disk();
  const acks: Ack[] = [];
  const decoded: Decoded = new Map();
  const files = join(folder, 'image');
  let played = 0;
  for (const [index, cut] of cuts.entries()) {
    for (; played < cut; played += 1) {
      const operation = operations[played]!;
      if ('name' in operation && !operation.name.startsWith('pawl.db')) {
        if (operation.name === 'acks' && operation.op === 'write') acks.push(JSON.parse(String(operation.bytes)));
      } else disk.play(operation);
    }
    layOut(files, disk.cutPower(chance));
    const faults = await faultsOfImage(files, acks, options, decoded, index, counts);
    counts.add('images');
    counts.add('acks', acks.length);
    for (const fault of faults) yield `image ${index}, cut before operation ${cut}: ${fault}`;
  }
}

/** Moments all over the trace, and more of them where something has just been acknowledged. */
function cutPoints(operations: readonly Operation[], images: number, chance: Chance): number[] {
  const acked = operations.flatMap((one, index) => (one.op === 'write' && one.name === 'acks' ? [index + 1] : []));
  return Array.from({ length: images }, () =>
    acked.length > 0 && chance.next() < 0.4 ? chance.pick(acked) : 1 + chance.below(operations.length),
  ).sort((a, b) => a - b);
}

/** The lock's own files are left out: after a power cut nobody holds it. */
function layOut(files: string, found: ReadonlyMap<string, Buffer>): void {
  rmSync(files, { recursive: true, force: true });
  mkdirSync(files);
  for (const [name, bytes] of found) {
    if (/^pawl\.db(-wal|-journal)?$/.test(name)) writeFileSync(join(files, name), bytes);
  }
}

async function faultsOfImage(
  files: string,
  acks: readonly Ack[],
  options: WorkloadOptions,
  decoded: Decoded,
  index: number,
  counts: Counts,
): Promise<string[]> {
  const path = join(files, 'pawl.db');
  try {
    const store = await openSqlite({ path, synchronous: 'normal' });
    try {
      const faults = [...(await store.verify())];
      const file = readStored(path, decoded);
      faults.push(...file.faults, ...acksMissing(file, acks, options), ...attemptsOf(file).faults);
      counts.most('runs in an image at most', file.histories.size);
      if (faults.length > 0) return faults;
      if (index % foldOneOf === 0) {
        const programs = new Programs(systemHasher());
        for (const run of file.histories.keys()) {
          const stored = await store.load(run as RunId);
          if (stored === undefined) return [`${run} is listed and cannot be loaded`];
          await foldStored(run as RunId, stored, store, programs);
        }
        counts.add('images folded');
      }
    } finally {
      await store.close();
    }
    if (index % finishOneOf === 0) {
      counts.add('images finished');
      return await faultsOfFinish(files, acks, options);
    }
    return [];
  } catch (error) {
    return [`it cannot be opened and read: ${error}`];
  }
}

/** Lets an engine end every run that the client knew of. */
async function faultsOfFinish(files: string, acks: readonly Ack[], options: WorkloadOptions): Promise<string[]> {
  const path = join(files, 'pawl.db');
  const pawl = await createPawl({
    path,
    actions: countingActions({ marks: join(files, 'marks'), actionMsMax: 0 }),
    synchronous: 'normal',
    listen: false,
  });
  const stored = readStored(path).histories.keys();
  const runs = Math.max(-1, ...[...stored].map((run) => Number(/-(\d+)/.exec(run)?.[1]))) + 1;
  await pawl.resume();
  await new Driver(pawl, { write: () => {} }, acks, { ...options, inFlight: 50, runs }).driveAll();
  await pawl.close();
  return unfinished(readStored(path), runs, options);
}
