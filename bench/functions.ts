/** F1 to F5: the workloads W1 to W5 as durable functions. */

import { join } from 'node:path';
import type { Pawl } from '../src/create-pawl.ts';
import { type Json, workflow } from '../src/index.ts';
import { type Figure, inFolder, median, quantile, residentBytes, round } from './measure.ts';
import { echo, open, payload } from './workflows.ts';
import { w1 } from './workloads.ts';

const threeCalls = workflow('three-calls', async (run, { data }: { data: string }) => {
  let given: Json = data;
  for (let call = 0; call < 3; call += 1)
    ({ data: given } = (await run.task(echo, { data: given as string })) as { data: Json });
  return { data: given };
});

/** `threeTasks` as a function: the same actions with the same payloads. */
export const f1 = (): Promise<Figure[]> => w1(2, 3, 'F1', (pawl: Pawl) => pawl.workflow(threeCalls) as never);

const steps = 10_000;

const longRun = workflow('long', async (run) => {
  let sum = 0;
  for (let step = 0; step < steps; step += 1) sum += await run.step('one', () => 1);
  await run.signal('end');
  return sum;
});

/** One run of many steps: does a late step cost more than an early one, and what does waking the run cost? */
export async function f2(): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const path = join(folder, 'engine.db');
    const pawl = await open(path);
    const ends: number[] = [];
    pawl.workflow(longRun);
    await endOfSteps(pawl, 'warm-up', () => {});
    const start = performance.now();
    await endOfSteps(pawl, 'long', () => ends.push(performance.now()));
    const total = performance.now() - start;
    await pawl.close();
    const wakes: number[] = [];
    for (let repeat = 0; repeat < 15; repeat += 1) {
      const again = await open(path);
      again.workflow(longRun);
      const before = performance.now();
      await again.resume(['long']);
      await again.handle('long').state();
      wakes.push(performance.now() - before);
      await again.close();
    }
    const first = ends[100]! - ends[0]!;
    const last = ends[ends.length - 1]! - ends[ends.length - 101]!;
    const common = { workload: 'F2', variant: `${steps} steps`, floor: null };
    return [
      { ...common, metric: 'a step', unit: 'ms', value: round(total / steps) },
      { ...common, metric: 'last 100 over first 100', unit: 'ratio', value: round(last / first) },
      { ...common, metric: 'waking it', unit: 'ms', value: round(median(wakes), 1) },
      { ...common, metric: 'waking it, first in its process', unit: 'ms', value: round(wakes[0]!, 1) },
    ];
  });
}

async function endOfSteps(pawl: Pawl, id: string, step: () => void): Promise<void> {
  let ended = 0;
  await new Promise<void>((resolve) => {
    pawl.subscribe((run, events) => {
      if (run !== id) return;
      for (const event of events) {
        if (event.type !== 'TaskEnded') continue;
        step();
        ended += 1;
        if (ended === steps) resolve();
      }
    });
    void pawl.start(longRun, {}, { id });
  });
}

const items = 5_000;

/** `run.map` over a list, each item a task. */
export async function f3(repeats = 5): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const pawl = await open(join(folder, 'engine.db'));
    const maps = workflow('maps', async (run) => {
      const given = await run.map(
        Array.from({ length: items }, (_, index) => index),
        () => run.task(echo, { data: payload }),
      );
      return given.length;
    });
    const took: number[] = [];
    for (let repeat = 0; repeat <= repeats; repeat += 1) {
      const start = performance.now();
      const { output } = await pawl.run(maps);
      if (output !== items) throw new Error(`${output} items came back`);
      if (repeat > 0) took.push((performance.now() - start) / 1_000);
    }
    await pawl.close();
    return [
      {
        workload: 'F3',
        variant: `${items} items`,
        metric: 'run.map',
        unit: 's',
        value: round(median(took)),
        floor: null,
      },
    ];
  });
}

/** A signal to a function that waits, until its run has ended. */
export async function f5(signals = 500): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const pawl = await open(join(folder, 'engine.db'));
    const waits = workflow('waits', (run) => run.signal('go'));
    const latencies: number[] = [];
    for (let index = 0; index < signals + 50; index += 1) {
      const handle = await pawl.start(waits);
      const result = handle.result();
      const before = performance.now();
      void handle.signal('go', { data: payload });
      await result;
      if (index >= 50) latencies.push(performance.now() - before);
    }
    await pawl.close();
    latencies.sort((a, b) => a - b);
    const common = { workload: 'F5', variant: `${signals} signals`, unit: 'ms', floor: null };
    return [
      { ...common, metric: 'signal to completion p50', value: round(quantile(latencies, 0.5)) },
      { ...common, metric: 'signal to completion p99', value: round(quantile(latencies, 0.99)) },
    ];
  });
}

/**
 * Functions that sleep: what one costs in memory, and how late they wake when their times are spread over a minute.
 * `PAWL_BENCH_SLEEPERS` says how many; default 100,000.
 */
export async function f4(sleepers = Number(process.env.PAWL_BENCH_SLEEPERS ?? 100_000)): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const pawl = await open(join(folder, 'engine.db'));
    const late: number[] = [];
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const sleeps = workflow('sleeps', async (run, { until }: { until: number }) => {
      await run.sleepUntil(until);
      // How late it is, by a clock that the function must not go by.
      late.push(Date.now() - until);
      if (late.length === sleepers) resolve();
    });
    pawl.workflow(sleeps);
    const start = async (count: number, dueAt: (index: number) => number): Promise<void> => {
      let next = 0;
      const client = async (): Promise<void> => {
        while (next < count) {
          next += 1;
          await pawl.start(sleeps, { until: dueAt(next - 1) });
        }
      };
      await Promise.all(Array.from({ length: 64 }, client));
    };
    // The same load first: what the heap grows to under it is no part of what a sleeping function costs.
    const never = Date.now() + 86_400_000;
    await start(20_000, () => never);
    const before = await residentBytes();
    // Long enough for all to be asleep, and for the memory to be read, before the first is due.
    const began = performance.now();
    const first = Date.now() + 5_000 + sleepers / 4;
    await start(sleepers, (index) => Math.round(first + (index * 60_000) / sleepers));
    const seconds = (performance.now() - began) / 1_000;
    const after = await residentBytes();
    const headStart = first - Date.now();
    await done;
    await pawl.close();
    if (headStart < 0) throw new Error(`starting them took ${seconds} s, and the first was due before all slept`);
    late.sort((a, b) => a - b);
    const common = { workload: 'F4', variant: `${sleepers} sleeping`, floor: null };
    return [
      { ...common, metric: 'starts', unit: '1/s', value: round(sleepers / seconds, 0) },
      { ...common, metric: 'memory each', unit: 'B', value: round((after - before) / sleepers, 0) },
      { ...common, metric: 'woken late by, p50', unit: 'ms', value: round(quantile(late, 0.5), 1) },
      { ...common, metric: 'woken late by, p99', unit: 'ms', value: round(quantile(late, 0.99), 1) },
      { ...common, metric: 'woken late by, worst', unit: 'ms', value: round(late.at(-1)!, 1) },
    ];
  });
}
