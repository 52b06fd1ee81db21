/**
 * The program of a durable function: it keeps count of the calls, and what the function came to. What comes next is proposed by the
 * host that runs the function (`Advance`); every call is a task, numbered in the order the function made them.
 *
 * The results of calls are in the history and not in the state: a function that wakes is run again over its history.
 */

import type { Json } from '../../base/index.ts';
import type { Recorded } from '../events.ts';
import type { Program } from '../program.ts';
import type { RunState } from '../run.ts';

/** What the host records beside tasks. Stored for ever: a form never changes its meaning. */
export type FunctionNote =
  /** The function returned; what it gave is the payload. */
  | readonly ['returned']
  /** The function threw. */
  | readonly ['threw']
  /** It asked which way of a change to take, after so many calls. True: the new one. */
  | readonly ['patched', string, number, boolean]
  /** It said something for people or for readers of its stream; what is the payload. */
  | readonly ['said', string];

export interface FunctionState {
  /** Calls made so far: the number of the next. */
  calls: number;
  ended: boolean;
  output: Json;
}

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
    return { calls: 0, ended: false, output: null };
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
    if (event.type === 'TaskScheduled') state.calls = (event.spec.route ?? 0) + 1;
    if (event.type !== 'ProgramNoted') return;
    const [kind] = event.note as unknown as FunctionNote;
    if (kind === 'returned') Object.assign(state, { ended: true, output: event.values ?? null });
    if (kind === 'threw') state.ended = true;
  }

  describe(run: RunState): Json {
    const { calls, ended } = run.program as FunctionState;
    return { calls, ended };
  }

  freeze(run: RunState): Json {
    const { calls, ended, output } = run.program as FunctionState;
    return { calls, ended, output };
  }

  thaw(state: Json): FunctionState {
    return { ...(state as unknown as FunctionState) };
  }
}
