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
import { outlives } from '../task.ts';

/** What the host records beside tasks. Stored for ever: a form never changes its meaning. */
export type FunctionNote =
  /** The function returned; what it gave is the payload. */
  | readonly ['returned']
  /** The function threw. */
  | readonly ['threw']
  /** It asked which way of a change to take, after so many calls. True: the new one. */
  | readonly ['patched', string, number, boolean]
  /** It said something for people; what is the payload. */
  | readonly ['said', string]
  /** A piece of a stream, which is the payload; by a step it names the call. */
  | readonly ['emitted', string, number?]
  /** It was asked to change something: an id, a name, and the input as payload. */
  | readonly ['update', string, string]
  /** It answered; what is the payload. */
  | readonly ['answered', string]
  /** It is run again from that call on. */
  | readonly ['rerun', number]
  /** It threw instead of an answer. */
  | readonly ['update_failed', string, string];

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
  /** The first call that the end of the run, or what asked for it, cut off: what came after it has no other reason. */
  cutOff: number | undefined;
  /** The lowest of the calls that were left just now, one after the other, and the revision after the last of them. */
  left: { readonly call: number; readonly revision: number } | undefined;
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
    const none = { failed: undefined, cutOff: undefined, left: undefined };
    return { calls: 0, ended: false, output: null, ...none, asked: 0, updates: new Map() };
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
    if (event.type === 'RunRenewed')
      Object.assign(state, { ...this.initial(), asked: state.asked, updates: state.updates });
    this.#foldCutOff(run, state, event);
    if (event.type !== 'ProgramNoted') return;
    const note = event.note as unknown as FunctionNote;
    switch (note[0]) {
      case 'returned':
        state.ended = true;
        state.output = event.values ?? null;
        return;
      case 'threw':
        state.ended = true;
        return;
      case 'rerun':
        Object.assign(state, {
          calls: note[1],
          ended: false,
          output: null,
          failed: undefined,
          cutOff: undefined,
          left: undefined,
        });
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

  /** Calls that were under way when the run was canceled, failed, terminated, or when the function ended beside them. */
  #foldCutOff(run: RunState, state: FunctionState, event: Recorded): void {
    const cutOff = (call: number): void => {
      state.cutOff = Math.min(state.cutOff ?? call, call);
    };
    if (event.type === 'CancelRequested') {
      cutOff(state.calls);
      for (const { spec } of run.open.values()) if (!outlives(spec)) cutOff(spec.route ?? 0);
    } else if (event.type === 'RunEnded' && event.status === 'terminated') {
      if (state.left?.revision === run.revision) cutOff(state.left.call);
    } else if (event.type === 'TaskEnded' && event.dropped === true) {
      const call = run.open.get(event.task)?.spec.route ?? 0;
      if (state.ended || run.status === 'failing') cutOff(call);
      const before = state.left?.revision === run.revision ? state.left.call : call;
      state.left = { call: Math.min(before, call), revision: run.revision + 1 };
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

  /**
   * From the call that is named, or from the last one that failed; where none did, the code runs on after all of them. Never from a
   * later one than the first that was cut off: it has come to nothing, and the function would wait for it for ever.
   */
  rerun(run: RunState, [request]: readonly RerunRequest[], desk: Desk): void {
    const { calls, failed, cutOff } = run.program as FunctionState;
    const meant = request === undefined ? (failed ?? calls) : Number(request.name);
    desk.tell({ type: 'note', note: ['rerun', Math.min(meant, cutOff ?? meant)] });
  }

  describe(run: RunState): Json {
    const { calls, ended, updates } = run.program as FunctionState;
    return { calls, ended, updates: updates.size };
  }

  freeze(run: RunState): Json {
    const { updates, failed, cutOff, left, ...plain } = run.program as FunctionState;
    return {
      ...plain,
      updates: [...updates],
      ...(failed === undefined ? {} : { failed }),
      ...(cutOff === undefined ? {} : { cutOff }),
      ...(left === undefined ? {} : { left }),
    };
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
