/**
 * Runs the code of a durable function over a recorded history, to say whether runs that stand there could go on with it. Nothing is
 * executed but the function itself: no step, no task, no child; nothing is written.
 */

import { PawlError, parseRunId, type RunId, type Turn } from '../../base/index.ts';
import type { FunctionWorkflow } from '../../definition/index.ts';
import { evolve, functionProgram, newRun, type Recorded, type RunState } from '../../kernel/index.ts';
import { FunctionHost } from './host.ts';

/** A call as a history or the code has it. */
export interface SeenCall {
  readonly kind: 'step' | 'transaction' | 'task' | 'sleep' | 'signal' | 'question' | 'child';
  readonly name: string;
}

export type ReplayVerdict =
  /** The code makes all calls of the history, in its order. */
  | { readonly ok: true; readonly calls: number }
  | {
      readonly ok: false;
      /** The number of the first call that differs, from 0. */
      readonly at: number;
      /** What the history has there; undefined where the code waited for something else than calls of `run`. */
      readonly recorded: SeenCall | undefined;
      /** What the code has there; undefined where it makes no call. */
      readonly called: SeenCall | undefined;
      /** `file:line` of the call in the code. */
      readonly place: string | undefined;
      readonly message: string;
    };

export interface ReplayOptions {
  readonly turn: Turn;
  /** The id of the run, which a history does not tell, and the code may ask for. Default `replayed`. */
  readonly run?: RunId | undefined;
}

/** @throws PawlError `bad_input`: the history is not one of this function, or cannot have happened; `details.event` says where. */
export async function replayFunction(
  workflow: FunctionWorkflow,
  history: readonly Recorded[],
  { turn, run = parseRunId('replayed')! }: ReplayOptions,
): Promise<ReplayVerdict> {
  const state = folded(run, workflow, history);
  const host = new FunctionHost(turn, () => {});
  const { fault, divergence } = await host.replay(state, workflow, history.slice(state.begunAt));
  if (fault === undefined || divergence === undefined) return { ok: true, calls: calledIn(history) };
  const { call, recorded, called, place } = divergence;
  return {
    ok: false,
    at: call,
    recorded: recorded && seen(recorded),
    called: called && seen(called),
    place: place?.replace(/:\d+$/, ''),
    message: fault,
  };
}

function calledIn(history: readonly Recorded[]): number {
  // What came before it was begun anew is over.
  const begun = history.slice(history.findLastIndex(({ type }) => type === 'RunStarted' || type === 'RunRenewed'));
  return begun.filter((event) => event.type === 'TaskScheduled' && event.spec.undoes === undefined).length;
}

const kinds: { readonly [kind: string]: SeenCall['kind'] } = {
  step: 'step',
  transaction: 'transaction',
  sleep: 'sleep',
  receive: 'signal',
  ask: 'question',
  workflow: 'child',
};

function seen({ kind, name }: { readonly kind: string; readonly name: string }): SeenCall {
  return { kind: kinds[kind] ?? 'task', name };
}

function folded(run: RunId, workflow: FunctionWorkflow, history: readonly Recorded[]): RunState {
  const [started] = history;
  if (started?.type !== 'RunStarted')
    throw new PawlError('bad_input', 'a history begins with the event RunStarted; this one does not', {
      details: { event: 1 },
    });
  if (started.style !== 'function')
    throw new PawlError(
      'bad_input',
      `the history is one of a ${started.style}, and only durable functions are replayed`,
    );
  if (started.workflow !== workflow.name)
    throw new PawlError(
      'bad_input',
      `the history is one of "${started.workflow}", and the code is that of "${workflow.name}"`,
    );
  const program = functionProgram();
  const state = newRun(run);
  history.forEach((event, index) => {
    try {
      evolve(state, event, program);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `event ${index + 1} (${event.type}) cannot follow what stands before it: ${reason}`;
      throw new PawlError('bad_input', message, { cause: error, details: { event: index + 1 } });
    }
  });
  return state;
}
