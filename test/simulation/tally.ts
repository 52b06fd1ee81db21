/** Many seeds in a row, and what they come to. */

import type { PlantedBug } from './planted-bugs.ts';
import { simulateSeed } from './world.ts';

/** Sums over seeds; plain data, so that processes can send it. */
export interface Tally {
  seeds: number;
  steps: number;
  events: number;
  commits: number;
  runs: number;
  simulatedMs: number;
  cpuSeconds: number;
  /** The latest that a timer fired while all was well. */
  latenessMaxMs: number;
  /** Faults that struck, by kind. */
  struck: Record<string, number>;
  /** Seeds in which something rare happened, by its name. */
  marks: Record<string, number>;
  failed: number[];
  /** Seeds that gave two histories when they ran twice. */
  differing: number[];
}

export function emptyTally(): Tally {
  return {
    seeds: 0,
    steps: 0,
    events: 0,
    commits: 0,
    runs: 0,
    simulatedMs: 0,
    cpuSeconds: 0,
    latenessMaxMs: 0,
    struck: {},
    marks: {},
    failed: [],
    differing: [],
  };
}

export function addTo(tally: Tally, other: Tally): void {
  for (const sum of ['seeds', 'steps', 'events', 'commits', 'runs', 'simulatedMs', 'cpuSeconds'] as const)
    tally[sum] += other[sum];
  tally.latenessMaxMs = Math.max(tally.latenessMaxMs, other.latenessMaxMs);
  for (const table of ['struck', 'marks'] as const) {
    for (const [name, count] of Object.entries(other[table])) tally[table][name] = (tally[table][name] ?? 0) + count;
  }
  tally.failed.push(...other.failed);
  tally.differing.push(...other.differing);
}

/** One seed of so many runs twice and must give the same history. */
const twiceEvery = 200;

export interface SeedRange {
  readonly first: number;
  /** Not run itself. */
  readonly end: number;
  readonly step: number;
  readonly bug?: PlantedBug | undefined;
  onFailure?(seed: number, faults: readonly string[]): void;
}

export async function runSeeds({ first, end, step, bug, onFailure }: SeedRange): Promise<Tally> {
  const tally = emptyTally();
  const before = process.cpuUsage();
  for (let seed = first; seed < end; seed += step) {
    const report = await simulateSeed(seed, { bug });
    tally.seeds += 1;
    tally.steps += report.steps;
    tally.events += report.events;
    tally.commits += report.bundles;
    tally.runs += report.runs;
    tally.simulatedMs += report.simulatedMs;
    tally.latenessMaxMs = Math.max(tally.latenessMaxMs, report.latenessMaxMs);
    for (const name of report.struck) {
      const kind = name.slice(0, name.indexOf('#'));
      tally.struck[kind] = (tally.struck[kind] ?? 0) + 1;
    }
    for (const name of report.marks.keys()) tally.marks[name] = (tally.marks[name] ?? 0) + 1;
    if (report.faults.length > 0) {
      tally.failed.push(seed);
      onFailure?.(seed, report.faults);
    }
    if (Math.floor(seed / step) % twiceEvery !== 0) continue;
    const again = await simulateSeed(seed, { bug });
    if (again.hash === report.hash && again.steps === report.steps) continue;
    tally.differing.push(seed);
    onFailure?.(seed, ['the seed gave another history when it ran again']);
  }
  const { user, system } = process.cpuUsage(before);
  tally.cpuSeconds = Number(((user + system) / 1e6).toFixed(1));
  return tally;
}
