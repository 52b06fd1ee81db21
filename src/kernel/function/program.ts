/**
 * The program of a durable function: it keeps count of the calls, and what the function came to. What comes next is proposed by the
 * host that runs the function (`Advance`); every call is a task, numbered in the order the function made them.
 *
 * The results of calls are in the history and not in the state: a function that wakes is run again over its history.
 */

import type { Json } from '../../base/index.ts';
import type { Recorded } from '../events.ts';
import type { Desk, Program, RerunRequest } from '../program.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { RunState } from '../run.ts';
import { functionNote } from './note.ts';

/** What became of an update. */
export type UpdateState =
  | { readonly status: 'asked' }
  | { readonly status: 'answered'; readonly output: Json }
  | { readonly status: 'failed'; readonly message: string };

export interface FunctionState {
  /** Calls made so far: the number of the next. */
  calls: number;
  ended: boolean;
  output: Json;
  /** The last call that failed. */
  failed: number | undefined;
  /** Updates asked so far. */
  asked: number;
  /** By id: those not answered, and the answers to those whose sender named them. */
  readonly updates: Map<string, UpdateState>;
}

type FrozenState = Partial<Omit<FunctionState, 'updates'>> & { readonly updates?: [string, UpdateState][] };

/** Begins the ids of updates that their senders did not name: nobody asks for their answer again. */
export const unnamedUpdate = '#';

export interface FunctionOptions {
  /** Why it cannot go on here: its code is missing. */
  readonly lacks?: string | undefined;
}

/** The program of durable functions. It holds no state of a run, and no code of the function: the host does. */
export function functionProgram(options: FunctionOptions = {}): Program {
  return new FunctionProgram(options.lacks);
}

class FunctionProgram implements Program {
  readonly style = 'function';
  readonly runsOnce = true;
  readonly lacks: string | undefined;

  constructor(lacks: string | undefined) {
    this.lacks = lacks;
  }

  initial(): FunctionState {
    return { calls: 0, ended: false, output: null, failed: undefined, asked: 0, updates: new Map() };
  }

  /** The host begins it. */
  start(): void {}

  /** The host hears of it by its event. */
  taskEnded(): void {}

  isOpen(run: RunState): boolean {
    return !(run.program as FunctionState).ended;
  }

  output(run: RunState): Json {
    return (run.program as FunctionState).output;
  }

  evolve(run: RunState, event: Recorded): void {
    const state = run.program as FunctionState;
    if (event.type === 'TaskEnded' && event.outcome.status === 'failed')
      state.failed = run.open.get(event.task)?.spec.route;
    if (event.type === 'TaskScheduled') state.calls = (event.spec.route ?? 0) + 1;
    if (event.type === 'RunRenewed') Object.assign(state, { calls: 0, ended: false, output: null, failed: undefined });
    const note = functionNote(event);
    if (note === undefined || event.type !== 'ProgramNoted') return;
    switch (note[0]) {
      case 'returned':
        state.ended = true;
        state.output = event.values ?? null;
        return;
      case 'threw':
        state.ended = true;
        return;
      case 'rerun':
        Object.assign(state, { calls: note[1], ended: false, output: null, failed: undefined });
        // What it threw it may not throw again.
        run.errors.clear();
        return;
      case 'update':
        state.asked += 1;
        state.updates.set(note[1], { status: 'asked' });
        return;
      case 'answered':
        settleUpdate(state, note[1], { status: 'answered', output: event.values ?? null });
        return;
      case 'update_failed':
        settleUpdate(state, note[1], { status: 'failed', message: note[2] });
        return;
      default:
        return;
    }
  }

  refuseRerun(run: RunState, requests: readonly RerunRequest[]): Refusal | undefined {
    const { calls } = run.program as FunctionState;
    const odd = requests.find(({ name }) => !/^\d{1,9}$/.test(name) || Number(name) >= calls);
    if (odd === undefined && requests.length < 2) return undefined;
    const message =
      odd === undefined
        ? 'a function runs again from one call on; name the first of them'
        : `"${odd.name}" is no call of this function; name one by its number, 0 to ${calls - 1}`;
    return refuse('unknown_task', message);
  }

  /** From the call that is named, or from the last one that failed; where none did, the code runs on after all of them. */
  rerun(run: RunState, [request]: readonly RerunRequest[], desk: Desk): void {
    desk.tell({ type: 'note', note: ['rerun', callToRerun(run, request)] });
  }

  describe(run: RunState): Json {
    const { calls, ended, updates } = run.program as FunctionState;
    return { calls, ended, updates: updates.size };
  }

  freeze(run: RunState): Json {
    const { updates, failed, ...plain } = run.program as FunctionState;
    return { ...plain, updates: [...updates], ...(failed === undefined ? {} : { failed }) };
  }

  thaw(state: Json): FunctionState {
    const { updates = [], ...plain } = state as unknown as FrozenState;
    return { ...this.initial(), ...plain, updates: new Map(updates) };
  }
}

function settleUpdate(state: FunctionState, id: string, answer: UpdateState): void {
  if (id.startsWith(unnamedUpdate)) state.updates.delete(id);
  else state.updates.set(id, answer);
}

/** The call from which a function of that state is run again. */
export function callToRerun(run: RunState, request: RerunRequest | undefined): number {
  const { calls, failed } = run.program as FunctionState;
  return request === undefined ? (failed ?? calls) : Number(request.name);
}
