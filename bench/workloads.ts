/** The workloads W1 to W8, each with its figures. `BENCHMARKS.md` says what each measures and how. */

import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { Pawl } from '../src/create-pawl.ts';
import type { JsonObject, Workflow } from '../src/index.ts';
import { Floor } from './floor.ts';
import { closedLoop, type Figure, inFolder, type Loop, median, quantile, residentBytes, round } from './measure.ts';
import { cycle, fanOut, listener, oneTask, open, payload, sleeper, threeTasks } from './workflows.ts';

const input: JsonObject = { data: payload };

/** Commits of a store: each is one flush, which a count of the syscalls confirms. */
function countCommits(pawl: Pawl): { readonly commits: number } {
  const counter = { commits: 0 };
  const commit = pawl.store.commit.bind(pawl.store);
  pawl.store.commit = (bundles) => {
    counter.commits += 1;
    return commit(bundles);
  };
  return counter;
}

/** Three tasks in sequence: of a flow, or of what `make` makes. */
export async function w1(seconds = 2, repeats = 3, workload = 'W1', make = threeTasks): Promise<Figure[]> {
  const figures: Figure[] = [];
  await inFolder(async (folder) => {
    const pawl = await open(join(folder, 'engine.db'));
    const floor = new Floor(join(folder, 'floor.db'));
    const workflow = make(pawl);
    const counter = countCommits(pawl);
    await closedLoop(16, 1.2, () => pawl.run(workflow, input));
    await closedLoop(16, 0.5, () => floor.run());
    for (const clients of [1, 16, 256]) {
      const engine: (Loop & { flushes: number })[] = [];
      const beside: (Loop & { flushes: number })[] = [];
      for (let repeat = 0; repeat < repeats; repeat += 1) {
        const before = counter.commits;
        const loop = await closedLoop(clients, seconds, () => pawl.run(workflow, input));
        engine.push({ ...loop, flushes: (counter.commits - before) / loop.done });
        const flushed = floor.flushes;
        const base = await closedLoop(clients, seconds, () => floor.run());
        beside.push({ ...base, flushes: (floor.flushes - flushed) / base.done });
      }
      const of = (metric: string, unit: string, read: (loop: (typeof engine)[number]) => number, digits = 3): void => {
        figures.push({
          workload,
          variant: `${clients} clients`,
          metric,
          unit,
          value: round(median(engine.map(read)), digits),
          floor: round(median(beside.map(read)), digits),
        });
      };
      of('tasks', '1/s', (loop) => (3 * loop.done) / loop.seconds, 0);
      figures.push({
        workload,
        variant: `${clients} clients`,
        metric: 'tasks, of the floor',
        unit: 'ratio',
        value: round(
          median(
            engine.map((loop, index) => loop.done / loop.seconds / (beside[index]!.done / beside[index]!.seconds)),
          ),
        ),
        floor: 1,
      });
      of('flushes a run', 'count', (loop) => loop.flushes);
      of('CPU a run', 'ms', (loop) => loop.cpuMs / loop.done, 4);
      of('run p50', 'ms', (loop) => quantile(loop.latencies, 0.5));
      of('run p99', 'ms', (loop) => quantile(loop.latencies, 0.99));
    }
    await pawl.close();
    floor.close();
  });
  return figures;
}

export async function w2(tasks = 10_000): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const pawl = await open(join(folder, 'engine.db'));
    const workflow = cycle(pawl);
    await pawl.run(workflow, { ...input, rounds: 2_000 });
    const ends: number[] = [];
    pawl.subscribe((_run, events) => {
      for (const event of events) if (event.type === 'TaskEnded') ends.push(performance.now());
    });
    const start = performance.now();
    const { output } = await pawl.run(workflow, { ...input, rounds: tasks });
    const total = performance.now() - start;
    if ((output as JsonObject).n !== tasks) throw new Error(`the cycle counted ${JSON.stringify(output)}`);
    await pawl.close();
    const first = (ends[100]! - ends[0]!) / 100;
    const last = (ends[ends.length - 1]! - ends[ends.length - 101]!) / 100;

    const floor = new Floor(join(folder, 'floor.db'));
    const before = performance.now();
    for (let run = 0; run < tasks / 4; run += 1) await floor.run();
    const beside = (performance.now() - before) / tasks;
    floor.close();
    const variant = `${tasks} tasks`;
    return [
      { workload: 'W2', variant, metric: 'a task', unit: 'ms', value: round(total / tasks), floor: round(beside) },
      { workload: 'W2', variant, metric: 'a task, first 100', unit: 'ms', value: round(first), floor: null },
      { workload: 'W2', variant, metric: 'a task, last 100', unit: 'ms', value: round(last), floor: null },
      {
        workload: 'W2',
        variant,
        metric: 'last 100 over first 100',
        unit: 'ratio',
        value: round(last / first),
        floor: null,
      },
    ];
  });
}

export async function w3(items = 5_000, repeats = 5): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const pawl = await open(join(folder, 'engine.db'));
    const workflow = fanOut(pawl);
    const list = Array.from({ length: items }, (_, index) => index);
    const took: number[] = [];
    for (let repeat = 0; repeat <= repeats; repeat += 1) {
      const start = performance.now();
      const { output } = await pawl.run(workflow, { ...input, items: list });
      if ((output as JsonObject).count !== items) throw new Error(`the join saw ${JSON.stringify(output)}`);
      if (repeat > 0) took.push((performance.now() - start) / 1_000);
    }
    await pawl.close();
    return [
      {
        workload: 'W3',
        variant: `${items} items`,
        metric: 'fan-out and join',
        unit: 's',
        value: round(median(took)),
        floor: null,
      },
    ];
  });
}

export async function w4(runs = 20_000, clients = 64): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const path = join(folder, 'engine.db');
    const pawl = await open(path);
    const workflow = sleeper(pawl);
    // The same load first: what the heap grows to under it is no part of what a sleeping run costs.
    for (let phase = 0; phase < 2; phase += 1) await startAll(pawl, workflow, runs, clients);
    const before = await residentBytes();
    const bytesBefore = checkpointed(path);
    const start = performance.now();
    await startAll(pawl, workflow, runs, clients);
    const seconds = (performance.now() - start) / 1_000;
    const after = await residentBytes();
    const bytes = checkpointed(path) - bytesBefore;
    await pawl.close();
    const variant = `${runs} runs`;
    return [
      { workload: 'W4', variant, metric: 'starts', unit: '1/s', value: round(runs / seconds, 0), floor: null },
      {
        workload: 'W4',
        variant,
        metric: 'memory a sleeping run',
        unit: 'B',
        value: round((after - before) / runs, 0),
        floor: null,
      },
      { workload: 'W4', variant, metric: 'disk a sleeping run', unit: 'B', value: round(bytes / runs, 0), floor: null },
    ];
  });
}

async function startAll(pawl: Pawl, workflow: Workflow, runs: number, clients: number): Promise<void> {
  let started = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (started < runs) {
        started += 1;
        await pawl.start(workflow, input);
      }
    }),
  );
}

/** The size of the database once its log is folded in. */
function checkpointed(path: string): number {
  const db = new DatabaseSync(path);
  db.exec('PRAGMA busy_timeout = 5000; PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  return statSync(path).size;
}

export async function w5(runs = 500): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const pawl = await open(join(folder, 'engine.db'));
    const workflow = listener(pawl);
    const handles = [];
    for (let run = 0; run < runs + 100; run += 1) handles.push(await pawl.start(workflow));
    const took: number[] = [];
    for (const [index, handle] of handles.entries()) {
      const start = performance.now();
      const ended = handle.result();
      await handle.signal('go', payload);
      await ended;
      if (index >= 100) took.push(performance.now() - start);
    }
    await pawl.close();
    took.sort((a, b) => a - b);
    const variant = `${runs} signals`;
    return [
      {
        workload: 'W5',
        variant,
        metric: 'signal to completion p50',
        unit: 'ms',
        value: round(quantile(took, 0.5)),
        floor: null,
      },
      {
        workload: 'W5',
        variant,
        metric: 'signal to completion p99',
        unit: 'ms',
        value: round(quantile(took, 0.99)),
        floor: null,
      },
    ];
  });
}

/** Short runs by the hundred thousand in one process: memory stays level, and the file grows by so many bytes a run. */
export async function m1(runs = 500_000, clients = 256): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const path = join(folder, 'engine.db');
    const pawl = await open(path);
    const workflow = oneTask(pawl);
    const levels: number[] = [];
    const heaps: number[] = [];
    const phases = 10;
    let bytesBefore = 0;
    for (let phase = 0; phase < phases; phase += 1) {
      let started = 0;
      await Promise.all(
        Array.from({ length: clients }, async () => {
          while (started < runs / phases) {
            started += 1;
            await pawl.run(workflow, input);
          }
        }),
      );
      levels.push(await residentBytes());
      heaps.push(process.memoryUsage().heapUsed);
      if (phase === 0) bytesBefore = checkpointed(path);
    }
    const bytes = checkpointed(path) - bytesBefore;
    await pawl.close();
    const variant = `${runs} runs of one task`;
    const counted = (runs / phases) * (phases - 1);
    const level = (metric: string, bytes: number): Figure => {
      return { workload: 'M1', variant, metric, unit: 'MB', value: round(bytes / 1e6, 1), floor: null };
    };
    const figures: Figure[] = [
      level('memory after a fifth', levels[1]!),
      level('memory at the end', levels.at(-1)!),
      level('JS heap after a fifth', heaps[1]!),
      level('JS heap at the end', heaps.at(-1)!),
      { workload: 'M1', variant, metric: 'file a run', unit: 'B', value: round(bytes / counted, 1), floor: null },
    ];
    const tables = new DatabaseSync(path, { readOnly: true });
    for (const { name, bytes: size } of tables
      .prepare('SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name')
      .all()) {
      const each = Number(size) / runs;
      if (each > 0.5)
        figures.push({
          workload: 'M1',
          variant,
          metric: `of that, ${name}`,
          unit: 'B',
          value: round(each, 1),
          floor: null,
        });
    }
    tables.close();
    return figures;
  });
}

/** A program beside this one: TypeScript where this is, JavaScript once it is built. */
const programBeside = (name: string): string =>
  fileURLToPath(new URL(`${name}${extname(import.meta.filename)}`, folderOfPrograms));
const folderOfPrograms = new URL(import.meta.url.includes('/chunks/') ? '../' : './', import.meta.url);

/** Runs a program in a process of its own; `line` waits for a line it prints. */
function start(
  program: 'child' | 'child-floor',
  args: readonly string[],
): {
  process: ReturnType<typeof spawn>;
  line: (prefix: string) => Promise<string>;
} {
  const spawned = spawn(process.execPath, [programBeside(program), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const waiting: { prefix: string; resolve: (line: string) => void }[] = [];
  spawned.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      const index = waiting.findIndex((one) => line.startsWith(one.prefix));
      if (index !== -1) waiting.splice(index, 1)[0]!.resolve(line);
    }
  });
  return { process: spawned, line: (prefix) => new Promise((resolve) => waiting.push({ prefix, resolve })) };
}

export async function w6(runs = 2_000): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const path = join(folder, 'engine.db');
    const first = start('child', ['w6-start', path, String(runs)]);
    await first.line('half');
    first.process.kill('SIGKILL');
    await new Promise((resolve) => first.process.once('close', resolve));
    const begun = performance.now();
    const second = start('child', ['w6-resume', path]);
    const firstTask = second.line('task').then(() => performance.now() - begun);
    const done = await second.line('done');
    const all = performance.now() - begun;
    const [, finished, tasks] = done.split(' ');
    const variant = `${runs} runs of ten 20 ms tasks`;
    return [
      {
        workload: 'W6',
        variant,
        metric: 'first task after the restart',
        unit: 's',
        value: round((await firstTask) / 1_000),
        floor: null,
      },
      {
        workload: 'W6',
        variant,
        metric: 'all done after the restart',
        unit: 's',
        value: round(all / 1_000),
        floor: null,
      },
      { workload: 'W6', variant, metric: 'runs lost', unit: 'count', value: runs - Number(finished), floor: 0 },
      { workload: 'W6', variant, metric: 'tasks lost', unit: 'count', value: runs * 10 - Number(tasks), floor: 0 },
    ];
  });
}

export async function w7(repeats = 9): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const path = join(folder, 'engine.db');
    const took: number[] = [];
    const bare: number[] = [];
    for (let repeat = 0; repeat <= repeats; repeat += 1) {
      const begun = performance.now();
      const one = start('child', ['w7', path]);
      await one.line('done');
      if (repeat > 0) took.push(performance.now() - begun);
      await new Promise((resolve) => one.process.once('close', resolve));
      const before = performance.now();
      const floor = start('child-floor', [join(folder, `floor${repeat}.db`)]);
      await floor.line('done');
      if (repeat > 0) bare.push(performance.now() - before);
      await new Promise((resolve) => floor.process.once('close', resolve));
    }
    return [
      {
        workload: 'W7',
        variant: 'process start to first finished run',
        metric: 'cold start',
        unit: 'ms',
        value: round(median(took), 1),
        floor: round(median(bare), 1),
      },
    ];
  });
}

export async function w8(seconds = 30): Promise<Figure[]> {
  return inFolder(async (folder) => {
    const one = start('child', ['w8', join(folder, 'engine.db'), String(seconds)]);
    const line = await one.line('idle');
    const [, cpu, commits] = line.split(' ');
    await new Promise((resolve) => one.process.once('close', resolve));
    const variant = `100 sleepers, ${seconds} s`;
    return [
      { workload: 'W8', variant, metric: 'CPU while idle', unit: 's', value: round(Number(cpu)), floor: 0 },
      { workload: 'W8', variant, metric: 'queries while idle', unit: 'count', value: Number(commits), floor: 0 },
    ];
  });
}

export const machine = (): string => {
  const cpu = /model name\s*:\s*(.+)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown';
  return `${cpu}, Node ${process.versions.node}, SQLite ${process.versions.sqlite ?? ''}`;
};
