/** Large runs: the same answer after the state was written down and read again, and little kept of what is over. */

import { describe, expect, it } from 'vitest';
import type { Instant, RunId } from '../../src/base/index.ts';
import { workflowVersion } from '../../src/base/index.ts';
import type { DagDefinition, DagTask } from '../../src/definition/index.ts';
import {
  begin,
  dagProgram,
  decide,
  freezeRun,
  isFinal,
  newRun,
  type Program,
  type RunState,
  thawRun,
} from '../../src/kernel/index.ts';
import { succeeded } from './world.ts';

const options = { lossesMax: 5, stepsMax: 1_000 };
const constant = (source: string) => ({ source, constant: true, compute: () => source }) as never;

function grid(count: number, width: number): DagDefinition {
  const tasks = new Map<string, DagTask>();
  for (let index = 0; index < count; index += 1) {
    const row = Math.floor(index / width);
    const needs = row === 0 ? [] : [index - width, (row - 1) * width + ((index + 7) % width)];
    tasks.set(`t${index}`, {
      name: `t${index}`,
      action: constant('do.it'),
      needs: [...new Set(needs)].map((need) => ({ task: `t${need}`, kind: 'blocking' as const })),
      trigger: 'all_succeeded',
    });
  }
  return { style: 'dag', tags: [], input: [], vars: [], limits: {}, failure: 'stop', tasks, hasEntryPoint: true };
}

function begun(program: Program): RunState {
  const run = newRun('r' as RunId);
  const started = {
    type: 'RunStarted',
    workflow: 'w',
    version: workflowVersion('v'),
    style: 'dag',
    input: {},
    seed: 1,
    iterationsMax: 10,
  } as const;
  begin(run, started, 1_000 as Instant, program, options);
  return run;
}

/** Ends one task after the other; `each` may put another state in the place of the run. */
function driven(program: Program, each: (run: RunState, done: number) => RunState): { run: RunState; order: string[] } {
  let run = begun(program);
  const order: string[] = [];
  const at = 2_000 as Instant;
  for (let done = 0; !isFinal(run.status); done += 1) {
    const [number] = run.ready;
    const task = run.open.get(number!)!;
    order.push(task.spec.name);
    decide(run, { type: 'StartAttempt', task: task.task, item: undefined }, at, program, options);
    const outcome = succeeded({ of: task.spec.name });
    decide(
      run,
      { type: 'CompleteAttempt', task: task.task, item: undefined, attempt: 1, outcome },
      at,
      program,
      options,
    );
    run = each(run, done);
  }
  return { run, order };
}

describe('given a graph of 20,000 tasks', () => {
  const program = dagProgram(grid(20_000, 100));

  it('when the run is written down and read again in the middle, then it goes on in the same order to the same answer', () => {
    const straight = driven(program, (run) => run);
    const read = driven(program, (run, done) =>
      done % 4_999 === 0 ? thawRun(run.id, freezeRun(run, program), program) : run,
    );
    expect(read.order).toEqual(straight.order);
    expect(read.run.output).toEqual(straight.run.output);
    expect(Object.keys(read.run.output as object)).toHaveLength(100);
    expect(read.order).toHaveLength(20_000);
    expect(new Set(read.order).size).toBe(20_000);
  });

  it('when most of it is over, then a task that is over costs a few bytes', () => {
    const sizes: number[] = [];
    driven(program, (run, done) => {
      if (done === 5_000 || done === 19_000) sizes.push(freezeRun(run, program).length);
      return run;
    });
    expect(Math.abs(sizes[1]! - sizes[0]!)).toBeLessThan(4_000);
    expect(sizes[1]! / 20_000).toBeLessThan(5);
  });
});

describe('given 5,000 tasks that were added in a chain', () => {
  // Results of added tasks that others needed are never dropped (src/kernel/dag/fold.ts, isKept: users is 0 by then).
  it('when they are over, then their results are not kept, but for the last', () => {
    const added = Array.from({ length: 5_000 }, (_, index) => ({
      name: `x${index}`,
      action: 'do.it',
      needs: index === 0 ? [] : [`x${index - 1}`],
    }));
    const base = grid(1, 1);
    const one = base.tasks.get('t0')!;
    const tasks = new Map([
      ['t0', { ...one, expand: { compute: () => added, source: null, constant: false as const } }],
    ]);
    const grown = dagProgram({ ...base, tasks });
    let results = 0;
    driven(grown, (run, done) => {
      if (done === 4_900) results = (run.program as { results: Map<number, unknown> }).results.size;
      return run;
    });
    expect(results).toBeLessThan(10);
  });
});
