/**
 * Jumps of the wall clock, by a second to a day, forward and back, under a process full of timers.
 *
 * No timer may be early by the monotonic clock, and none may stay behind, however the wall jumps while the process runs. In
 * some trials the process is killed and another takes up the file under the moved clock. The clock is then set anew (the
 * rule of the boot): no earlier than the last instant in the file, and otherwise at the wall. So if the wall went forward, what
 * slept over the restart may be early by as much; if it went back, it may be late by no more than a moment.
 */

import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inFolder } from './folders.ts';
import { type Chance, chanceOf } from './random.ts';
import { Counts, onLanes, type Tally, type TortureOptions, type Violation } from './report.ts';
import { compiledShim } from './shims/compile.ts';
import { readStored } from './stored.ts';
import { wholeLines } from './workload/acks.ts';
import { startProgram } from './workload/process.ts';
import type { SleepersOptions } from './workload/sleepers.ts';

const program = fileURLToPath(new URL('./workload/sleepers.ts', import.meta.url));
const jumpsPerTrial = 10;
const jumps = [1_000, 60_000, 3_600_000, 86_400_000].flatMap((ms) => [ms, -ms]);
/** Timers may be late by what a busy machine takes to get round to them. */
const latenessMaxMs = 3_000;
const sleepMsMax = 1_500;
const finishMs = 60_000;

export async function torture({ count, seed, progress }: TortureOptions): Promise<Tally> {
  const counts = new Counts();
  const violations: Violation[] = [];
  await onLanes(2, Math.ceil(count / jumpsPerTrial), async (index) => {
    const trialSeed = seed + index;
    const wanted = Math.min(jumpsPerTrial, count - index * jumpsPerTrial);
    const faults = await inFolder((folder) => trial(folder, wanted, chanceOf(trialSeed), trialSeed % 2 === 1, counts));
    for (const fault of faults) violations.push({ seed: trialSeed, fault });
    progress(`${counts.of('jumps')} jumps, ${counts.of('timers')} timers, ${violations.length} violations`);
  });
  return { trials: counts.of('jumps'), violations, counts: counts.all() };
}

/** The wall clock of the processes of a trial. */
class Wall {
  readonly path: string;
  #offsetMs = 0;

  constructor(folder: string) {
    this.path = join(folder, 'offset');
    writeFileSync(this.path, Buffer.alloc(8));
  }

  jump(ms: number): void {
    this.#offsetMs += ms;
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(this.#offsetMs));
    const descriptor = openSync(this.path, 'r+');
    writeSync(descriptor, bytes, 0, 8, 0);
    closeSync(descriptor);
  }
}

async function trial(
  folder: string,
  wanted: number,
  chance: Chance,
  restarts: boolean,
  counts: Counts,
): Promise<string[]> {
  const wall = new Wall(folder);
  const faults: string[] = [];
  const options: SleepersOptions = { folder, name: 'first', runs: 60, sleepMsMax };
  let one = start(options, wall);
  await one.ready;
  let killedAt = Number.POSITIVE_INFINITY;
  let servedAt = Number.POSITIVE_INFINITY;
  for (let jump = 0; jump < wanted; jump += 1) {
    await delay(20 + chance.below(150));
    if (restarts && jump === Math.floor(wanted / 2)) {
      one.child.kill('SIGKILL');
      await one.ended;
      killedAt = monotonicMs();
      wall.jump(chance.pick(jumps));
      one = start({ ...options, name: 'second' }, wall);
      await one.ready;
      servedAt = monotonicMs();
      counts.add('restarts');
    } else wall.jump(chance.pick(jumps));
    counts.add('jumps');
  }
  const timeout = setTimeout(() => one.child.kill('SIGKILL'), finishMs);
  const { code, done, errors } = await one.ended;
  clearTimeout(timeout);
  if (!done) faults.push(`timers stay behind: the process did not end (${code}): ${errors}`);
  faults.push(...faultsOfTimers(wholeLines(join(folder, 'told')), { killedAt, servedAt }, counts));
  for (const { run, events } of readStored(join(folder, 'pawl.db')).histories.values()) {
    if (events.at(-1)?.type !== 'RunEnded') faults.push(`${run} never ended`);
    const back = events.findIndex(({ at }, index) => index > 0 && at < events[index - 1]!.at);
    if (back !== -1) faults.push(`${run}: time goes back at its event ${back}`);
  }
  return faults;
}

/** Instants are whole milliseconds. */
const resolutionMs = 1;

function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}

function faultsOfTimers(
  told: readonly string[],
  { killedAt, servedAt }: { readonly killedAt: number; readonly servedAt: number },
  counts: Counts,
): string[] {
  const faults: string[] = [];
  const woke = new Map<string, number>();
  const offsets: number[] = [];
  for (const line of told) {
    const [what, run = '', at, wall] = line.split(' ');
    if (what !== 'woke') continue;
    offsets.push(Number(wall) - Number(at));
    if (!woke.has(run)) woke.set(run, Number(at));
  }
  if (Math.max(...offsets) - Math.min(...offsets) < 900) faults.push('the shim did not move the clock');
  for (const line of told) {
    const [what, run = '', sleepMs, at] = line.split(' ');
    if (what !== 'start') continue;
    counts.add('timers');
    const due = Number(at) + Number(sleepMs);
    const wokeAt = woke.get(run);
    if (wokeAt === undefined) {
      faults.push(`${run} never woke`);
      continue;
    }
    const sleptOver = Number(at) < killedAt && wokeAt > killedAt;
    counts.add(sleptOver ? 'timers over a restart' : 'timers within a process');
    counts.most(`latest ${sleptOver ? 'over a restart' : 'within a process'} in ms`, Math.round(wokeAt - due));
    // A sleep begins a little after its run was asked for, at an instant in whole milliseconds: what is left of one is cut off.
    if (wokeAt <= due - resolutionMs && !sleptOver) faults.push(`${run} woke ${due - wokeAt} ms early`);
    const waitedFrom = sleptOver ? Math.max(due, servedAt + Number(sleepMs)) : due;
    if (wokeAt - waitedFrom > latenessMaxMs) faults.push(`${run} woke ${Math.round(wokeAt - due)} ms late`);
  }
  return faults;
}

function start(options: SleepersOptions, wall: Wall) {
  return startProgram(program, options, { LD_PRELOAD: compiledShim('clock'), CLOCK_OFFSET: wall.path });
}
