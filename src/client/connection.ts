/**
 * What a client asks of the engine that owns a store, wherever that engine runs: in this process, or behind a socket.
 *
 * A request is answered once what it did is durable. The same requests travel over every connection, so they are Json.
 */

import type { ErrorCode, Json } from '../base/index.ts';

export type Request =
  | { readonly op: 'signal'; readonly run: string; readonly name: string; readonly payload: Json; readonly id?: string }
  /** `task` is a task's name, or its number; an item is named with `NAME[ITEM]`. */
  | { readonly op: 'answer'; readonly run: string; readonly task: string; readonly answer: Json }
  | { readonly op: 'pause'; readonly run: string }
  /** Without a run: every open run of the store is driven. */
  | { readonly op: 'resume'; readonly run?: string }
  | { readonly op: 'cancel'; readonly run: string; readonly reason?: string }
  | { readonly op: 'terminate'; readonly run: string; readonly reason?: string }
  | { readonly op: 'rerun'; readonly run: string; readonly tasks?: readonly string[] };

export type Reply =
  | { readonly ok: true; readonly status: string }
  | { readonly ok: false; readonly code: ErrorCode; readonly reason?: string; readonly message: string };

export interface Connection {
  /** Answers every request; rejects only where the connection itself fails, with `closed`. */
  ask(request: Request): Promise<Reply>;
  close(): Promise<void>;
}
