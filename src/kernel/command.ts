/** What can be asked of a run. Each is accepted, and becomes events, or refused with a reason. */

import type { AttributeChanges, Json, RunId, TaskNumber } from '../base/index.ts';
import type { DecisionChoice } from './events.ts';
import type { Directive, RerunRequest } from './program.ts';
import type { Outcome } from './task.ts';

export type Command =
  /** A worker's slot is reserved: the attempt begins. */
  | { readonly type: 'StartAttempt'; readonly task: TaskNumber; readonly item?: number | undefined }
  /** An attempt is over. A late or repeated answer is refused. */
  | {
      readonly type: 'CompleteAttempt';
      readonly task: TaskNumber;
      readonly item?: number | undefined;
      readonly attempt: number;
      readonly outcome: Outcome;
    }
  /** The process that ran the attempts is gone: each is made ready again, or given up after five losses in a row. */
  | {
      readonly type: 'LoseAttempts';
      /**
       * Attempts that are known to be alive: of a task (or item) it is that attempt, and no later one that was recorded by a
       * commit nobody heard the end of.
       */
      readonly alive: readonly {
        readonly task: TaskNumber;
        readonly item: number | undefined;
        readonly attempt: number;
      }[];
    }
  /** Time has passed: whatever is due happens. */
  | { readonly type: 'PassTime' }
  /** Go on where an earlier command stopped for length. */
  | { readonly type: 'Continue' }
  | { readonly type: 'Signal'; readonly name: string; readonly payload: Json; readonly id?: string | undefined }
  /** What an attempt under way has done so far. */
  | {
      readonly type: 'ReportProgress';
      readonly task: TaskNumber;
      readonly item?: number | undefined;
      readonly attempt: number;
      readonly details: Json;
    }
  /** An attempt is over for its worker; somebody who holds its token will say what it came to. */
  | {
      readonly type: 'HandOver';
      readonly task: TaskNumber;
      readonly item?: number | undefined;
      readonly attempt: number;
    }
  /** The holder of a token says what an attempt that was handed over, or a wait for somebody's answer, came to. */
  | {
      readonly type: 'CompleteLater';
      readonly task: TaskNumber;
      readonly item?: number | undefined;
      /** 0 for a wait. */
      readonly attempt: number;
      readonly outcome: Outcome;
    }
  /** A person's answer to a task that asks. */
  | { readonly type: 'Answer'; readonly task: TaskNumber; readonly item?: number | undefined; readonly answer: Json }
  /** A person decides what becomes of a task that failed for good. `output` is what a skipped task gives; default null. */
  | {
      readonly type: 'Decide';
      readonly task: TaskNumber;
      readonly choice: DecisionChoice;
      readonly output?: Json | undefined;
      readonly reason?: string | undefined;
    }
  /** A result of another run is there for a task that has not begun. */
  | {
      readonly type: 'ReuseResult';
      readonly task: TaskNumber;
      readonly output: Json;
      readonly from: { readonly run: RunId; readonly task: TaskNumber };
    }
  /** The child run of a task has ended. */
  | {
      readonly type: 'CompleteChild';
      readonly task: TaskNumber;
      readonly item?: number | undefined;
      /** Retries of the task before this child; default 0. The end of an earlier round's child is refused. */
      readonly round?: number | undefined;
      readonly outcome: Outcome;
    }
  /** By what the run can be found; null takes one away. */
  | { readonly type: 'SetAttributes'; readonly changes: AttributeChanges }
  | { readonly type: 'Pause' }
  | { readonly type: 'Resume' }
  | { readonly type: 'Cancel'; readonly reason?: string | undefined }
  | { readonly type: 'Terminate'; readonly reason?: string | undefined }
  /** Without tasks: every task that failed and ended its branch. */
  | {
      readonly type: 'Rerun';
      readonly tasks?: readonly RerunRequest[] | undefined;
      /** Signals that tasks had taken which begin again, oldest first: they are there again. */
      readonly signals?: readonly { readonly name: string; readonly payload: Json }[] | undefined;
    }
  | { readonly type: 'Block'; readonly reason: string }
  | { readonly type: 'Unblock' }
  /** A program's host proposes what comes next, decided on `revision`. */
  | { readonly type: 'Advance'; readonly revision: number; readonly directives: readonly Directive[] };
