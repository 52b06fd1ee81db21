/**
 * What comes next: the only thing in which the styles differ.
 *
 * A program reads a workflow of its style. The kernel calls `start`, `taskEnded` and `next` while it decides a command;
 * the program answers by telling directives, and each becomes an event, folded at once, before the program goes on. So a
 * program always asks a state that holds everything it has said. A program whose directives come from elsewhere (a
 * durable function run by its host) has no `next`: its host proposes them with the command `Advance`.
 *
 * P1. Expressions and user code run here, never in `evolve`; what they gave is in the events.
 * P2. A program says what should happen; attempts, retries, timeouts, pause and cancel are the kernel's.
 * P3. Its state is plain data that `freeze` can write down; only its `evolve` changes it.
 */

import type { AttributeChanges, Instant, Json, JsonObject, TaskNumber, WorkflowVersion } from '../base/index.ts';
import type { Recorded } from './events.ts';
import type { Refusal } from './refusal.ts';
import type { RunState } from './run.ts';
import type { OpenTask, Outcome, RunError, TaskSpec } from './task.ts';

export type Directive =
  /** Schedule a task. */
  | { readonly type: 'task'; readonly spec: TaskSpec }
  /** Record something only this program reads. */
  | { readonly type: 'note'; readonly note: Json; readonly values?: Json }
  | { readonly type: 'error'; readonly error: RunError }
  /** By what the run can be found. */
  | { readonly type: 'attributes'; readonly changes: AttributeChanges }
  /** The run is to fail: what runs may finish. */
  | { readonly type: 'fail' }
  /** Leave an open task: what runs is told to stop, and is not waited for. */
  | { readonly type: 'drop'; readonly task: TaskNumber }
  /** A canceled task takes the run with it. */
  | { readonly type: 'cancel' }
  /** All is done. */
  | { readonly type: 'succeed' }
  /** The run begins anew with another input, as this version of its workflow. */
  | { readonly type: 'renew'; readonly version: WorkflowVersion; readonly input: JsonObject; readonly seed: number };

/** What the kernel lends a program for the time of one call. */
export interface Desk {
  /** The instant of the command. */
  readonly at: Instant;
  /** Makes the directive an event and folds it. Answers the number of the task it scheduled, or −1. */
  tell(directive: Directive): TaskNumber;
  /** Pseudo-random number in [0, 1), from the run's seed and revision. */
  random(): number;
}

/** A task that has just ended, as its program hears of it. */
export interface EndedTask {
  readonly task: TaskNumber;
  readonly spec: TaskSpec;
  readonly outcome: Outcome;
}

/** Which tasks of an ended run are to run again. */
export interface RerunRequest {
  readonly name: string;
  readonly route?: number | undefined;
  /** Run all items again, not only those that did not succeed. */
  readonly resetItems?: boolean | undefined;
}

export interface Program {
  readonly style: string;
  /** The state before the first event. */
  initial(): unknown;
  /** Begins the run. */
  start(run: RunState, desk: Desk): void;
  /** Hears that a task ended; its outcome is already folded. */
  taskEnded(run: RunState, ended: EndedTask, desk: Desk): void;
  /** Tells the next tasks, if any; false where there are none. Called until it says so. */
  next?(run: RunState, desk: Desk): boolean;
  /** For a task whose retry is conditional: whether this outcome is tried again. */
  retries?(run: RunState, task: OpenTask, outcome: Outcome, desk: Desk): boolean;
  /** What would undo a task that has just succeeded; asked where its spec says `compensates`. @throws RenderError */
  compensation?(run: RunState, task: OpenTask, outcome: Outcome, desk: Desk): TaskSpec | undefined;
  /** True while a run that is being canceled waits for the program itself, which may have cleaning up to do. */
  isOpen?(run: RunState): boolean;
  /** Why it can tell nothing here, such as code that is missing; undefined where it can. */
  readonly lacks?: string | undefined;
  /** True: a task of a name runs once, so that the kernel need not count. */
  readonly runsOnce?: boolean | undefined;
  /** Hears that a paused run goes on, or that nothing is open any more which its tasks did not leave. */
  resumed?(run: RunState, desk: Desk): void;
  /** Says why these tasks of an ended run cannot run again; undefined where they can. */
  refuseRerun?(run: RunState, requests: readonly RerunRequest[]): Refusal | undefined;
  /** Runs tasks of a reopened run again. */
  rerun?(run: RunState, requests: readonly RerunRequest[], desk: Desk): void;
  /** What the run gives when it ends. Errors it meets are told; they fail a run that was about to succeed. */
  output(run: RunState, desk: Desk): Json;
  /** Folds an event into the program's own state; called for every event, after the kernel's own fold. */
  evolve(run: RunState, event: Recorded): void;
  /** What of its state people want to see. */
  describe?(run: RunState): Json;
  freeze(run: RunState): Json;
  thaw(state: Json): unknown;
}
