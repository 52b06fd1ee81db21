/** The state of a run as text, and back: a cold start reads the snapshot and the events after it. */

import { assert, type Json, type RunId } from '../base/index.ts';
import type { Program } from './program.ts';
import { newRun, type RunState } from './run.ts';
import type { OpenTask, RunError, Wait } from './task.ts';
import { deadlineMark, startMark, startsBy, wholeTask } from './task.ts';

type Frozen = Omit<
  RunState,
  'errors' | 'open' | 'ready' | 'iterations' | 'signals' | 'signalIds' | 'failedGroups' | 'timers' | 'program' | 'id'
> & {
  errors: RunError[];
  open: (Omit<OpenTask, 'waits' | 'progress'> & {
    waits?: [number, Wait][] | undefined;
    progress?: [number, Json][] | undefined;
  })[];
  ready: number[];
  iterations: [string, number][];
  signals: [string, Json[]][];
  signalIds: string[];
  failedGroups?: string[];
  program: Json;
};

/** Everything `thawRun` needs to make the same state again. */
export function freezeRun(run: RunState, program: Program): string {
  const {
    id: _id,
    errors,
    open,
    ready,
    iterations,
    signals,
    signalIds,
    failedGroups,
    timers: _timers,
    program: _program,
    ...plain
  } = run;
  const frozen: Frozen = {
    ...plain,
    errors: [...errors.list],
    open: [...open.values()].map((task) => ({
      ...task,
      waits: task.waits && [...task.waits],
      progress: task.progress && [...task.progress],
    })),
    ready: [...ready],
    iterations: [...iterations],
    signals: [...signals],
    signalIds: [...signalIds],
    failedGroups: [...failedGroups],
    program: program.freeze(run),
  };
  return JSON.stringify(frozen);
}

/** The state that `freezeRun` wrote for the run of that id. */
export function thawRun(id: RunId, text: string, program: Program): RunState {
  const frozen = JSON.parse(text) as Frozen;
  assert(typeof frozen.revision === 'number' && Array.isArray(frozen.open), 'a snapshot holds the state of a run');
  const { errors, open, ready, iterations, signals, signalIds, failedGroups, program: programState, ...plain } = frozen;
  const run: RunState = Object.assign(newRun(id), plain);
  for (const error of errors) run.errors.add(error);
  for (const stored of open) {
    const waits = stored.waits === undefined ? undefined : new Map(stored.waits);
    const task: OpenTask = {
      ...stored,
      waits,
      notBefore: stored.notBefore,
      asked: stored.asked,
      unknown: stored.unknown ?? false,
      progress: stored.progress === undefined ? undefined : new Map(stored.progress),
      items: stored.items && { ...stored.items, lost: stored.items.lost ?? {} },
    };
    run.open.set(task.task, task);
    if (task.notBefore !== undefined) run.timers.push({ at: task.notBefore, task: task.task, item: wholeTask });
    if (task.spec.deadlineAt !== undefined)
      run.timers.push({ at: task.spec.deadlineAt, task: task.task, item: deadlineMark });
    const startBy = startsBy(task);
    if (startBy !== undefined) run.timers.push({ at: startBy, task: task.task, item: startMark });
    for (const [item, wait] of waits ?? []) {
      if (wait.dueAt !== undefined) run.timers.push({ at: wait.dueAt, task: task.task, item });
    }
  }
  for (const task of ready) run.ready.add(task);
  for (const [name, count] of iterations) run.iterations.set(name, count);
  for (const [name, queue] of signals) run.signals.set(name, queue);
  for (const signal of signalIds) run.signalIds.add(signal);
  for (const group of failedGroups ?? []) run.failedGroups.add(group);
  run.program = program.thaw(programState);
  return run;
}
