/**
 * What a client asks of the engine that owns a store, wherever that engine runs: in this process, or behind a socket.
 *
 * A request is answered once what it did is durable. The same requests travel over every connection, so they are Json.
 */

import type { ErrorCode, Json } from '../base/index.ts';

export type Request =
  /** How the run stands: what the owner has in memory. Without a view in the reply the run is too long for that: read the file. */
  | { readonly op: 'show'; readonly run: string }
  /** What has happened to it; likewise. */
  | { readonly op: 'history'; readonly run: string }
  | { readonly op: 'signal'; readonly run: string; readonly name: string; readonly payload: Json; readonly id?: string }
  /** `task` is a task's name, or its number; an item is named with `NAME[ITEM]`. */
  | { readonly op: 'answer'; readonly run: string; readonly task: string; readonly answer: Json }
  /** What becomes of a task that failed for good and waits for a person; `task` is its name or number. `output` is what a skipped task gives. */
  | {
      readonly op: 'decide';
      readonly run: string;
      readonly task: string;
      readonly choice: 'retry' | 'skip' | 'fail';
      readonly output?: Json;
      readonly reason?: string;
    }
  /** A new run with the history of this one up to event `at`; `id` names it. */
  | { readonly op: 'fork'; readonly run: string; readonly at: number; readonly id?: string }
  /** By what the open run can be found; null takes one away. */
  | { readonly op: 'attributes'; readonly run: string; readonly changes: { readonly [name: string]: Json } }
  | { readonly op: 'pause'; readonly run: string }
  /** Without a run: every open run of the store is driven. */
  | { readonly op: 'resume'; readonly run?: string }
  | { readonly op: 'cancel'; readonly run: string; readonly reason?: string }
  | { readonly op: 'terminate'; readonly run: string; readonly reason?: string }
  | { readonly op: 'rerun'; readonly run: string; readonly tasks?: readonly string[] }
  /**
   * Starts a run of a workflow that the owner knows by that name, or attaches to the one of that id. With a version, only where the owner
   * has that version of it. `input` is a map of inputs, or the one value it takes.
   */
  | {
      readonly op: 'start';
      readonly workflow: string;
      readonly version?: string;
      readonly input: Json;
      readonly id?: string;
      readonly from?: readonly string[];
      /** By what it can be found. */
      readonly attributes?: { readonly [name: string]: Json };
    }
  /** Asks a durable function; nothing changes. Answered with `answer`. */
  | { readonly op: 'query'; readonly run: string; readonly name: string; readonly args: readonly Json[] }
  /** Asks a durable function to change something; answered with its `answer`, once that is durable. */
  | { readonly op: 'update'; readonly run: string; readonly name: string; readonly input: Json; readonly id?: string }
  /** The holder of a token says what an attempt or a callback came to: its output, or why it failed. */
  | { readonly op: 'complete'; readonly token: string; readonly output: Json }
  | { readonly op: 'fail'; readonly token: string; readonly message: string; readonly retryable?: boolean }
  /** A new run with the history of this one up to a call of its function, which is made again or has come to `output`. */
  | {
      readonly op: 'fork_call';
      readonly run: string;
      readonly call: number | string;
      readonly output?: Json;
      readonly id?: string;
    }
  /** Answered once the run has ended, or stands still until someone does something. */
  | { readonly op: 'await'; readonly run: string };

export type Reply =
  /**
   * `view` is a `RunView`, in answer to `show`; `events` its `Recorded` events, in answer to `history`; `forked` the new run; `started`
   * the run that was started or attached to; `stand` a `RunStand`, in answer to `await`; `answer` what a function answered.
   */
  | {
      readonly ok: true;
      readonly status: string;
      readonly view?: Json;
      readonly events?: Json;
      readonly forked?: { readonly run: string; readonly at: number };
      readonly started?: { readonly run: string };
      readonly stand?: Json;
      readonly answer?: Json;
    }
  | { readonly ok: false; readonly code: ErrorCode; readonly reason?: string; readonly message: string };

export interface Connection {
  /** Answers every request; rejects only where the connection itself fails, with `closed`. */
  ask(request: Request): Promise<Reply>;
  close(): Promise<void>;
}
