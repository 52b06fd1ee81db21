/** Programs of other styles, as small as they can be: the kernel runs them without knowing them. */

import { describe, expect, it } from 'vitest';
import { type Instant, type Json, type RunId, workflowVersion } from '../base/index.ts';
import { type Accepted, begin, type Decision, decide } from './decide.ts';
import type { KernelOptions } from './deciding.ts';
import type { Recorded } from './events.ts';
import { evolve } from './evolve.ts';
import type { Desk, Directive, EndedTask, Program } from './program.ts';
import { newRun, type RunState } from './run.ts';
import { freezeRun, thawRun } from './snapshot.ts';

const options: KernelOptions = { lossesMax: 5, stepsMax: 1_000 };
const at = 1_000 as Instant;

interface DagState {
  done: { [name: string]: Json };
  scheduled: string[];
}

/** A dependency graph: a task is ready once all it needs has succeeded; a failure fails the run. */
function dagProgram(needs: { readonly [task: string]: readonly string[] }): Program {
  const stateOf = (run: RunState) => run.program as DagState;
  return {
    style: 'dag',
    initial: (): DagState => ({ done: {}, scheduled: [] }),
    start() {},
    next(run, desk) {
      const { done, scheduled } = stateOf(run);
      if (run.status !== 'running') return false;
      const ready = Object.keys(needs).filter(
        (name) => !scheduled.includes(name) && needs[name]!.every((need) => need in done),
      );
      for (const name of ready) {
        const input = Object.fromEntries(needs[name]!.map((need) => [need, done[need]!]));
        desk.tell({ type: 'task', spec: { name, kind: 'action', action: name, input } });
      }
      if (ready.length === 0 && Object.keys(done).length === Object.keys(needs).length) desk.tell({ type: 'succeed' });
      return ready.length > 0;
    },
    taskEnded(_run: RunState, ended: EndedTask, desk: Desk) {
      if (ended.outcome.status !== 'succeeded') desk.tell({ type: 'fail' });
    },
    output: (run) => stateOf(run).done,
    evolve(run, event) {
      const state = stateOf(run);
      if (event.type === 'TaskScheduled') state.scheduled.push(event.spec.name);
      if (event.type === 'TaskEnded' && event.outcome.status === 'succeeded') {
        state.done[run.open.get(event.task)!.spec.name] = event.outcome.output;
      }
    },
    freeze: (run) => stateOf(run) as unknown as Json,
    thaw: (state) => state,
  };
}

interface Recording {
  results: { [call: string]: Json };
}

/** A durable function: its host runs the code over recorded results and proposes what it asked for. */
const functionProgram: Program = {
  style: 'function',
  initial: (): Recording => ({ results: {} }),
  start() {},
  taskEnded() {},
  output: (run) => (run.program as Recording).results.return ?? null,
  evolve(run, event) {
    const { results } = run.program as Recording;
    if (event.type === 'TaskEnded') results[run.open.get(event.task)!.spec.name] = event.outcome.output;
    if (event.type === 'ProgramNoted') results.return = event.values ?? null;
  },
  freeze: (run) => run.program as Json,
  thaw: (state) => state,
};

/** The host of a function: runs it until it asks for a result that is not there. */
async function propose(
  run: RunState,
  code: (call: (name: string, input: Json) => Promise<Json>) => Promise<Json>,
): Promise<Directive[]> {
  const { results } = run.program as Recording;
  const directives: Directive[] = [];
  const pending = new Promise<never>(() => {});
  const open = new Set([...run.open.values()].map((task) => task.spec.name));
  const returned = code((name, input) => {
    if (name in results) return Promise.resolve(results[name]!);
    if (!open.has(name)) directives.push({ type: 'task', spec: { name, kind: 'action', action: name, input } });
    return pending;
  });
  const stopped = Promise.resolve().then(() => new Promise((resolve) => setImmediate(resolve)));
  await Promise.race([
    returned.then((values) => directives.push({ type: 'note', note: 'return', values }, { type: 'succeed' })),
    stopped,
  ]);
  return directives;
}

function accept(decision: Decision): Accepted {
  expect(decision).toMatchObject({ accepted: true });
  return decision as Accepted;
}

/** Starts every attempt that may start and answers it with what `work` gives. */
function drive(run: RunState, program: Program, history: Recorded[], work: (name: string, input: Json) => Json): void {
  for (const number of [...run.ready]) {
    const { name, input } = run.open.get(number)!.spec;
    history.push(...accept(decide(run, { type: 'StartAttempt', task: number }, at, program, options)).events);
    const outcome = { status: 'succeeded', output: work(name, input) } as const;
    history.push(
      ...accept(decide(run, { type: 'CompleteAttempt', task: number, attempt: 1, outcome }, at, program, options))
        .events,
    );
  }
}

function started(program: Program): { run: RunState; history: Recorded[] } {
  const run = newRun('r' as RunId);
  const start = {
    type: 'RunStarted',
    workflow: 'w',
    version: workflowVersion('v'),
    style: program.style,
    input: {},
    seed: 1,
    iterationsMax: 10,
  } as const;
  return { run, history: [...begin(run, start, at, program, options).events] };
}

describe('given a toy program of a dependency graph', () => {
  const program = dagProgram({ a: [], b: ['a'], c: ['a'], d: ['b', 'c'] });

  it('when its tasks complete, then each runs after what it needs and gets its results', () => {
    const { run, history } = started(program);
    const order: string[] = [];
    while (run.status === 'running') {
      drive(run, program, history, (name, input) => {
        order.push(name);
        return `${name}(${Object.values(input as object).join()})`;
      });
    }
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    expect(run.output).toMatchObject({ d: 'd(b(a()),c(a()))' });

    const again = newRun(run.id);
    for (const event of history) evolve(again, event, program);
    expect(freezeRun(again, program)).toBe(freezeRun(run, program));
    expect(thawRun(run.id, freezeRun(run, program), program).output).toEqual(run.output);
  });

  it('when a task fails, then the run fails and nothing new starts', () => {
    const { run } = started(program);
    accept(decide(run, { type: 'StartAttempt', task: 0 }, at, program, options));
    const outcome = { status: 'failed', output: null, failure: { kind: 'failed', message: 'no' } } as const;
    accept(decide(run, { type: 'CompleteAttempt', task: 0, attempt: 1, outcome }, at, program, options));
    expect(run.status).toBe('failed');
    expect(run.errors.list).toMatchObject([{ task: 'a', message: 'no' }]);
  });
});

describe('given a toy program of a durable function', () => {
  const code = async (call: (name: string, input: Json) => Promise<Json>): Promise<Json> => {
    const [left, right] = await Promise.all([call('left', 1), call('right', 2)]);
    return await call('sum', [left, right]);
  };

  it('when its host advances it between results, then it runs on over what was recorded', async () => {
    const { run, history } = started(functionProgram);
    while (run.status === 'running') {
      const directives = await propose(run, code);
      history.push(
        ...accept(decide(run, { type: 'Advance', revision: run.revision, directives }, at, functionProgram, options))
          .events,
      );
      drive(run, functionProgram, history, (name, input) =>
        name === 'sum' ? (input as number[])[0]! + (input as number[])[1]! : (input as number) * 10,
      );
    }
    expect(run).toMatchObject({ status: 'succeeded', output: 30 });
    expect(history.filter((event) => event.type === 'TaskScheduled')).toHaveLength(3);
  });

  it('when its host advances it on an old revision, then that is refused and nothing changes', () => {
    const { run } = started({
      ...functionProgram,
      start: (_run, desk) =>
        void desk.tell({ type: 'task', spec: { name: 'x', kind: 'sleep', input: { seconds: 1 } } }),
    });
    const before = freezeRun(run, functionProgram);
    const decision = decide(
      run,
      { type: 'Advance', revision: 0, directives: [{ type: 'fail' }] },
      at,
      functionProgram,
      options,
    );
    expect(decision).toMatchObject({ accepted: false, reason: 'stale_revision' });
    expect(freezeRun(run, functionProgram)).toBe(before);
  });
});
