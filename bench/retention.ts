/** R1: a million short runs in one process that forgets them a second after they ended: memory and file level, and what removing costs. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { type Json, workflow } from '../src/index.ts';
import { type Figure, inFolder, residentBytes, round } from './measure.ts';
import { echo, oneTask, open, payload } from './workflows.ts';

const oneCall = workflow('one-call', (run, given: { data: string }) => run.task(echo, given) as Promise<Json>);
const phases = 10;

/** Half of the runs are a flow of one task, half a function of one call. `PAWL_BENCH_RUNS` says how many; default 1,000,000. */
export async function r1(runs = Number(process.env.PAWL_BENCH_RUNS ?? 1_000_000), clients = 256): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const path = join(folder, 'engine.db');
    const pawl = await open(path, { retention: { after: 1 } });
    const flow = oneTask(pawl);
    const levels: { memory: number; heap: number; file: number; log: number }[] = [];
    const sweep = pawl.store.sweep.bind(pawl.store);
    let removed = 0;
    let sweepMs = 0;
    let longest = 0;
    pawl.store.sweep = async (asked) => {
      const start = performance.now();
      const swept = await sweep(asked);
      const took = performance.now() - start;
      removed += swept.runs.length;
      sweepMs += took;
      longest = Math.max(longest, took);
      return swept;
    };
    const begun = performance.now();
    let working = 0;
    for (let phase = 0; phase < phases; phase += 1) {
      const start = performance.now();
      let started = 0;
      await Promise.all(
        Array.from({ length: clients }, async (_, client) => {
          while (started < runs / phases) {
            started += 1;
            if (client % 2 === 0) await pawl.run(flow, { data: payload });
            else await pawl.run(oneCall, { data: payload });
          }
        }),
      );
      working += performance.now() - start;
      const memory = await residentBytes();
      const log = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
      levels.push({ memory, heap: process.memoryUsage().heapUsed, file: statSync(path).size, log });
    }
    while (removed < runs && performance.now() - begun < 3_600_000) await delay(100);
    await pawl.close();
    const file = new DatabaseSync(path, { readOnly: true });
    const left = Number(file.prepare('SELECT count(*) AS n FROM runs').get()?.n);
    file.close();
    const variant = `${runs} short runs, kept for 1 s`;
    const figure = (metric: string, unit: string, value: number): Figure => {
      return { workload: 'R1', variant, metric, unit, value: round(value, 1), floor: null };
    };
    const megabytes = (of: keyof (typeof levels)[number], name: string): Figure[] => [
      figure(`${name} after a fifth`, 'MB', levels[1]![of] / 1e6),
      figure(`${name} at the end`, 'MB', levels.at(-1)![of] / 1e6),
    ];
    return [
      ...megabytes('memory', 'memory'),
      ...megabytes('heap', 'JS heap'),
      ...megabytes('file', 'file'),
      ...megabytes('log', 'log'),
      figure('runs left', 'runs', left),
      figure('runs a second', '1/s', runs / (working / 1_000)),
      figure('removing a run', 'µs', (sweepMs * 1_000) / removed),
      figure('longest commit that removes', 'ms', longest),
    ];
  });
}
