/**
 * Random graphs with random outcomes: what becomes of each task is as an oracle says, whatever the order in which tasks end,
 * whether the process dies after every command or never; and each task runs at most once.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instant, Json, RunId } from '../../src/base/index.ts';
import { workflowVersion } from '../../src/base/index.ts';
import { inspectFlow } from '../../src/definition/index.ts';
import {
  assertConsistent,
  begin,
  type Command,
  dagProgram,
  decide,
  freezeRun,
  isFinal,
  type KernelOptions,
  newRun,
  type Outcome,
  type Program,
  type RunState,
  thawRun,
} from '../../src/kernel/index.ts';
import { MemoryStore } from '../../src/store/index.ts';
import { SimulatedClock } from '../../src/testing/simulation.ts';
import { Harness } from '../engine/harness.ts';
import { failed, succeeded } from './world.ts';

const triggers = ['all_succeeded', 'all_done', 'any_succeeded', 'none_failed'] as const;

interface RandomTask {
  /** Distances back to the tasks it needs. */
  readonly needs: readonly number[];
  readonly preferred: number;
  readonly trigger: number;
  /** 0 to 5 succeeds, 6 fails, 7 skipped by its condition, 8 fails and has a fallback, 9 fails once and is tried again. */
  readonly end: number;
  readonly work: number;
}

const randomTask: fc.Arbitrary<RandomTask> = fc.record({
  needs: fc.uniqueArray(fc.nat({ max: 7 }), { maxLength: 3 }),
  preferred: fc.nat({ max: 20 }),
  trigger: fc.nat({ max: 7 }),
  end: fc.nat({ max: 9 }),
  work: fc.nat({ max: 5 }),
});

interface Shape {
  readonly tasks: readonly RandomTask[];
  readonly partial: boolean;
  readonly concurrency: number;
}

const needsOf = (task: RandomTask, at: number): number[] =>
  task.needs.map((back) => at - 1 - back).filter((need) => need >= 0);
const triggerOf = (task: RandomTask) => triggers[task.trigger] ?? 'all_succeeded';
const isNoop = (task: RandomTask) => task.work === 0 && task.end < 6;

function documentOf({ tasks, partial, concurrency }: Shape): string {
  const body: { [name: string]: Json } = {};
  tasks.forEach((task, at) => {
    const needs: Json[] = needsOf(task, at).map((need) => `t${need}`);
    const first = at - 1 - task.preferred;
    if (first >= 0 && !needs.includes(`t${first}`)) needs.push({ task: `t${first}`, kind: 'preferred' });
    body[`t${at}`] = {
      needs,
      trigger: triggerOf(task),
      ...(isNoop(task) ? {} : { action: 'do.it' }),
      ...(task.work === 1 && task.end < 6 ? { with: { items: '<% range(2) %>' } } : {}),
      ...(task.end === 7 ? { when: '<% false %>' } : {}),
      ...(task.end === 8 ? { fallback: 'do.other' } : {}),
      ...(task.end === 9 ? { retry: { count: 1 } } : {}),
    };
  });
  return JSON.stringify({
    version: '1.0',
    failure: partial ? 'partial' : 'skip',
    ...(concurrency === 0 ? {} : { concurrency }),
    tasks: body,
  });
}

type End = 'succeeded' | 'failed' | 'skipped' | 'cut off';

/** What must become of each task; says nothing of order, since there is none to say it by. */
function oracle({ tasks }: Shape): End[] {
  const ends: End[] = [];
  tasks.forEach((task, at) => {
    const needs = needsOf(task, at).map((need) => ends[need]!);
    const bad = needs.some((end) => end === 'failed' || end === 'cut off');
    const good = needs.includes('succeeded');
    const skipped = needs.includes('skipped');
    const trigger = triggerOf(task);
    let follows: End = 'succeeded';
    if (trigger === 'all_succeeded') follows = bad ? 'cut off' : skipped ? 'skipped' : 'succeeded';
    if (trigger === 'none_failed' && bad) follows = 'cut off';
    if (trigger === 'any_succeeded' && needs.length > 0 && !good) follows = bad ? 'cut off' : 'skipped';
    if (follows !== 'succeeded') ends.push(follows);
    else ends.push(task.end === 7 ? 'skipped' : task.end === 6 ? 'failed' : 'succeeded');
  });
  return ends;
}

/** By task and action, so that it does not matter how often a process died under it. */
function outcomeOf(task: RandomTask, action: string, failures: number): Outcome {
  if (task.end === 6) return failed();
  if (task.end === 8) return action === 'do.other' ? succeeded(8) : failed();
  if (task.end === 9) return failures > 0 ? succeeded(9) : failed();
  return succeeded(task.end);
}

async function driven(shape: Shape, choices: readonly number[], dies: boolean) {
  const store = new MemoryStore();
  const clock = new SimulatedClock();
  let lives = 1;
  let harness = new Harness(store, { clock, ids: lives });
  const quiet = async () => {
    for (let round = 0; round < 2; round += 1) {
      await harness.engine.settled();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await harness.engine.settled();
  };
  const run = await harness.start(documentOf(shape));
  await quiet();
  const lost = new Map<string, number>();
  const failures = new Map<string, number>();
  for (let step = 0; ; step += 1) {
    const { running } = harness.executor;
    if (running.length === 0) break;
    expect(step).toBeLessThan(1_000);
    const { order } = running[choices[step % choices.length]! % running.length]!;
    const task = shape.tasks[Number(order.name.slice(1))]!;
    const outcome = outcomeOf(task, order.action, failures.get(order.name) ?? 0);
    if (outcome.status === 'failed') failures.set(order.name, (failures.get(order.name) ?? 0) + 1);
    harness.executor.end(order.name, outcome);
    await quiet();
    const mayDie = running.every(({ order: one }) => (lost.get(one.name) ?? 0) < 4);
    if (!dies || !mayDie) continue;
    for (const { order: one } of running) lost.set(one.name, (lost.get(one.name) ?? 0) + 1);
    await harness.engine.close();
    lives += 1;
    harness = new Harness(store, { clock, ids: lives });
    await harness.engine.recover('all');
    await quiet();
  }
  const state = (await harness.engine.state(run))!;
  const { storedHistory } = await import('../../src/engine/index.ts');
  const history = await storedHistory(run, store);
  const ends = new Map<string, string[]>();
  const names = new Map<number, string>();
  for (const event of history) {
    if (event.type === 'TaskScheduled') names.set(event.task, event.spec.name);
    if (event.type !== 'TaskEnded') continue;
    const name = names.get(event.task)!;
    ends.set(name, [...(ends.get(name) ?? []), event.outcome.status]);
  }
  return { status: state.status, output: state.output, ends, scheduled: names.size };
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  tasks: fc.array(randomTask, { minLength: 1, maxLength: 9 }),
  partial: fc.boolean(),
  concurrency: fc.nat({ max: 3 }),
});
const someChoices = fc.array(fc.nat({ max: 50 }), { minLength: 3, maxLength: 12 });

describe('given a random graph with random outcomes', () => {
  it('when it runs straight, or the process dies after every command, then each task comes out as the oracle says, once', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, someChoices, someChoices, async (shape, one, other) => {
        const expected = oracle(shape);
        const straight = await driven(shape, one, false);
        const broken = await driven(shape, other, true);
        for (const result of [straight, broken]) {
          expected.forEach((end, at) => {
            const ran = end === 'succeeded' || end === 'failed';
            expect([at, result.ends.get(`t${at}`)]).toEqual([at, ran ? [end] : undefined]);
          });
          expect(result.scheduled).toBe(result.ends.size);
          expect(result.status).toBe(expected.includes('failed') && !shape.partial ? 'failed' : 'succeeded');
        }
        expect(broken.output).toEqual(straight.output);
      }),
      { numRuns: 320 },
    );
  }, 20_000);
});

const options: KernelOptions = { lossesMax: 9, stepsMax: 4 };

/** A run that is frozen and thawed after every command beside one that is not: both must say the same. */
class Pair {
  readonly program: Program;
  readonly live: RunState = newRun('r' as RunId);
  thawed: RunState = newRun('r' as RunId);
  now = 1_000;

  constructor(program: Program) {
    this.program = program;
    const started = {
      type: 'RunStarted',
      workflow: 'w',
      version: workflowVersion('v'),
      style: 'dag',
      input: {},
      seed: 7,
      iterationsMax: 6,
    } as const;
    begin(this.live, { ...started }, this.now as Instant, program, options);
    begin(this.thawed, { ...started }, this.now as Instant, program, options);
    this.#same();
  }

  send(command: Command): boolean {
    const one = decide(this.live, command, this.now as Instant, this.program, options);
    const two = decide(this.thawed, command, this.now as Instant, this.program, options);
    expect(two.accepted && two.events).toEqual(one.accepted && one.events);
    assertConsistent(this.live, this.program);
    this.#same();
    return one.accepted;
  }

  #same(): void {
    const frozen = freezeRun(this.thawed, this.program);
    expect(sorted(frozen)).toEqual(sorted(freezeRun(this.live, this.program)));
    this.thawed = thawRun(this.live.id, frozen, this.program);
  }
}

/** The order in which results and edges stand says nothing. */
function sorted(frozen: string): Json {
  const state = JSON.parse(frozen);
  state.program.results.sort();
  state.program.edges.sort();
  return state;
}

const grows = fc.array(
  fc.record({
    by: fc.nat({ max: 8 }),
    before: fc.nat({ max: 8 }),
    needs: fc.nat({ max: 8 }),
    trigger: fc.nat({ max: 3 }),
  }),
  { maxLength: 4 },
);

describe('given a random graph that grows, is paused, canceled and run again', () => {
  it('when it is frozen and thawed after every command, then it decides as the one that never was', () => {
    let ended = 0;
    fc.assert(
      fc.property(
        shapes,
        grows,
        fc.array(fc.nat({ max: 99 }), { minLength: 10, maxLength: 60 }),
        (shape, added, choices) => {
          const { definition } = inspectFlow(documentOf(shape));
          if (definition?.style !== 'dag') throw new Error('the document is a graph');
          const tasks = new Map(definition.tasks);
          added.forEach(({ by, before, needs, trigger }, index) => {
            const name = `t${by % shape.tasks.length}`;
            const one = tasks.get(name)!;
            const given = [
              {
                name: `x${index}`,
                action: 'do.it',
                needs: [`t${needs % shape.tasks.length}`],
                before: [`t${before % shape.tasks.length}`],
                trigger: triggers[trigger]!,
              },
            ];
            tasks.set(name, { ...one, expand: { compute: () => given, source: null, constant: false } });
          });
          const pair = new Pair(dagProgram({ ...definition, tasks }));
          for (let step = 0; step < 150; step += 1) {
            const choice = choices[step % choices.length]! + step;
            const { live } = pair;
            if (isFinal(live.status)) {
              ended += 1;
              if (step > 100 || !pair.send({ type: 'Rerun' })) break;
              continue;
            }
            const running = [...live.open.values()].filter(
              ({ status, items }) => status === 'running' && items === undefined,
            );
            const ready = [...live.ready];
            if (choice % 13 === 0) pair.send({ type: 'LoseAttempts', alive: [] });
            else if (choice % 17 === 0) pair.send({ type: 'Pause' });
            else if (choice % 5 === 0 && (live.status === 'paused' || live.status === 'pausing'))
              pair.send({ type: 'Resume' });
            else if (choice % 41 === 0) pair.send({ type: 'Cancel' });
            else if (ready.length > 0 && choice % 2 === 0) {
              const task = live.open.get(ready[choice % ready.length]!)!;
              const item = task.items?.status.indexOf('ready');
              pair.send({ type: 'StartAttempt', task: task.task, item });
            } else if (running.length > 0) {
              const { task, attempt } = running[choice % running.length]!;
              pair.send({
                type: 'CompleteAttempt',
                task,
                item: undefined,
                attempt,
                outcome: choice % 7 === 0 ? failed() : succeeded(choice),
              });
            } else {
              const list = [...live.open.values()].find(({ items }) => items?.status.includes('running'));
              const item = list?.items?.status.indexOf('running');
              if (list !== undefined && item !== undefined)
                pair.send({
                  type: 'CompleteAttempt',
                  task: list.task,
                  item,
                  attempt: list.items!.attempt[item]!,
                  outcome: succeeded(1),
                });
              else pair.send({ type: 'Continue' });
            }
          }
        },
      ),
      { numRuns: Number(globalThis.process?.env?.PAWL_RUNS ?? 300) },
    );
    expect(ended).toBeGreaterThan(100);
  });
});
