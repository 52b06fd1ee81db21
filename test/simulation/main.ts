/**
 * `npm run simulate -- [seeds] [--from N] [--workers N] [--bug NAME]`: runs seeds on two processes and prints one line of JSON.
 * `npm run simulate -- --seed N [--trace] [--shrink] [--keep] [--bug NAME]`: runs one seed, tells what happened, makes it smaller.
 *
 * Exit code 1: a seed failed, gave two histories, or something that should happen now and then did not.
 */

import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { faultKinds } from './faults.ts';
import { rareMarks } from './marks.ts';
import { plantedBugs } from './planted-bugs.ts';
import { shrink } from './shrink.ts';
import { addTo, emptyTally, runSeeds, type Tally } from './tally.ts';
import { simulateSeed } from './world.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    bug: { type: 'string' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    part: { type: 'string' },
  },
});
const bug = values.bug === undefined ? undefined : plantedBugs.find(({ name }) => name === values.bug);
if (values.bug !== undefined && bug === undefined)
  throw new Error(
    `there is no planted bug "${values.bug}"; there are ${plantedBugs.map(({ name }) => name).join(', ')}`,
  );

if (values.part !== undefined) await runPart(values.part);
else if (values.seed !== undefined) await runOne(Number(values.seed));
else await runMany(Number(positionals[0] ?? 20_000), Number(values.from), Number(values.workers));

/** A worker process: every `step`-th seed of a range; the tally goes to the parent. */
async function runPart(part: string): Promise<void> {
  const [first = 1, end = 1, step = 1] = part.split(',').map(Number);
  const tally = await runSeeds({ first, end, step, bug, onFailure: tellFailure });
  process.send?.(tally);
}

function tellFailure(seed: number, faults: readonly string[]): void {
  const how = bug === undefined ? '' : ` --bug ${bug.name}`;
  process.stderr.write(`seed ${seed}: ${faults[0]}\n  repeat: npm run simulate -- --seed ${seed} --shrink${how}\n`);
}

async function runMany(seeds: number, from: number, workers: number): Promise<void> {
  const startedAt = performance.now();
  const tally = emptyTally();
  const parts = Array.from({ length: workers }, (_, worker) => {
    const more = bug === undefined ? [] : ['--bug', bug.name];
    const child = fork(import.meta.filename, ['--part', `${from + worker},${from + seeds},${workers}`, ...more]);
    return new Promise<void>((resolve, reject) => {
      let answered = false;
      child.on('message', (message) => {
        answered = true;
        addTo(tally, message as Tally);
      });
      child.on('exit', (code) =>
        answered ? resolve() : reject(new Error(`a worker process ended with code ${code}`)),
      );
    });
  });
  await Promise.all(parts);
  const seconds = (performance.now() - startedAt) / 1000;
  const wanted = seeds >= 2_000 && bug === undefined;
  const never = !wanted
    ? []
    : [
        ...faultKinds.filter((kind) => tally.struck[kind] === undefined),
        ...rareMarks.filter((mark) => tally.marks[mark] === undefined),
      ];
  const { marks, struck, failed, differing, ...sums } = tally;
  process.stderr.write(`${tableOf(marks, seeds)}\n`);
  const report = {
    ...sums,
    seconds: Number(seconds.toFixed(1)),
    seedsPerSecond: Number((seeds / seconds).toFixed(1)),
    seedsPerCpuSecond: Number((seeds / sums.cpuSeconds).toFixed(1)),
    simulatedDays: Number((sums.simulatedMs / 86_400_000).toFixed(1)),
    faults: struck,
    marks,
    neverHit: never,
    failed: failed.toSorted((a, b) => a - b),
    differing,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  if (failed.length > 0 || differing.length > 0 || never.length > 0) process.exitCode = 1;
}

/** How many seeds hit each mark, the rarest first. */
function tableOf(marks: Readonly<Record<string, number>>, seeds: number): string {
  const rows = Object.entries(marks).sort(([, a], [, b]) => a - b);
  return rows
    .map(
      ([mark, count]) => `${String(count).padStart(8)}  ${((100 * count) / seeds).toFixed(2).padStart(6)} %  ${mark}`,
    )
    .join('\n');
}

async function runOne(seed: number): Promise<void> {
  const trace = (line: string): void => void process.stdout.write(`${line}\n`);
  if (!values.shrink) {
    const report = await simulateSeed(seed, { bug, ...(values.trace ? { trace } : {}) });
    tell(report.faults);
    process.stdout.write(`${JSON.stringify({ ...report, marks: Object.fromEntries(report.marks) })}\n`);
    return;
  }
  const smallest = await shrink(seed, bug, (line) => void process.stderr.write(`${line}\n`));
  if (smallest === undefined) {
    process.stdout.write(`seed ${seed} does not fail\n`);
    return;
  }
  const report = await simulateSeed(seed, { ...smallest, bug, trace });
  tell(report.faults);
  process.stdout.write(`${JSON.stringify({ seed, ...smallest })}\n`);
  if (!values.keep) return;
  const folder = join(import.meta.dirname, 'regressions');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, `${seed}.json`),
    `${JSON.stringify({ seed, was: report.faults[0], ...smallest }, undefined, 2)}\n`,
  );
}

function tell(faults: readonly string[]): void {
  for (const fault of faults) process.stdout.write(`FAULT ${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
}
