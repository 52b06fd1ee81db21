/** Disks that fail: processes with the shim preloaded make the trials (`trials.ts`); this hands them out and counts. */

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inFolder } from '../folders.ts';
import { Counts, onLanes, type Tally, type TortureOptions, type Violation } from '../report.ts';
import { compiledShim } from '../shims/compile.ts';
import type { IoTrial } from './trials.ts';

const program = fileURLToPath(new URL('./trials.ts', import.meta.url));
/** Much of a trial is waiting. */
const processesAtOnce = 4;
const trialsPerProcess = 50;

export async function torture({ count, seed, progress }: TortureOptions): Promise<Tally> {
  const counts = new Counts();
  const violations: Violation[] = [];
  const told = (trial: IoTrial): void => {
    counts.add('trials');
    counts.add(`end: ${trial.end}`);
    counts.add('calls that failed', trial.failed);
    if (trial.failed > 0) counts.add(`fault: ${trial.kind}`);
    for (const code of trial.refusals) counts.add(`clients saw ${code}`);
    for (const fault of trial.faults) violations.push({ seed: trial.seed, fault: `${trial.kind}: ${fault}` });
  };
  await onLanes(processesAtOnce, Math.ceil(count / trialsPerProcess), async (index) => {
    const trials = Math.min(trialsPerProcess, count - index * trialsPerProcess);
    const firstSeed = seed + index * trialsPerProcess;
    const fault = await trialsOf(firstSeed, trials, told);
    if (fault !== undefined) violations.push({ seed: firstSeed, fault });
    progress(
      `${counts.of('trials')} trials, ${counts.of('calls that failed')} faults, ${violations.length} violations`,
    );
  });
  return { trials: counts.of('trials'), violations, counts: counts.all() };
}

/** Answers a fault where the process did not make all its trials. */
async function trialsOf(seed: number, trials: number, told: (trial: IoTrial) => void): Promise<string | undefined> {
  return inFolder(async (folder) => {
    const control = join(folder, 'control');
    writeFileSync(control, Buffer.alloc(16));
    const child = spawn(process.execPath, [program, control, String(seed), String(trials)], {
      env: { ...process.env, LD_PRELOAD: compiledShim('fault'), FAULT_CONTROL: control, FAULT_NAME: 'pawl.db' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    let made = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      told(JSON.parse(line) as IoTrial);
      made += 1;
    }
    const code = await ended;
    return made === trials ? undefined : `the process ended with ${code} after ${made} trials: ${errors.slice(-2_000)}`;
  });
}
