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
  | { readonly op: 'rerun'; readonly run: string; readonly tasks?: readonly string[] };

export type Reply =
  /** `view` is a `RunView`, in answer to `show`; `events` its `Recorded` events, in answer to `history`; `forked` the new run. */
  | {
      readonly ok: true;
      readonly status: string;
      readonly view?: Json;
      readonly events?: Json;
      readonly forked?: { readonly run: string; readonly at: number };
    }
  | { readonly ok: false; readonly code: ErrorCode; readonly reason?: string; readonly message: string };

export interface Connection {
  /** Answers every request; rejects only where the connection itself fails, with `closed`. */
  ask(request: Request): Promise<Reply>;
  close(): Promise<void>;
}
