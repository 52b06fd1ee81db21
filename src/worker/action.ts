/** Actions: named code that tasks call. */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Json, RunId } from '../base/index.ts';
import type { HandedOver } from '../kernel/index.ts';

/** What a handler knows of the attempt it carries out. */
export interface ActionContext {
  readonly run: RunId;
  /** The task's name in its workflow. */
  readonly task: string;
  /** The item of a with-items task, from 0. */
  readonly item: number | undefined;
  /** From 1. A crash repeats an attempt under the next number. */
  readonly attempt: number;
  /** The same for every attempt of this task (and item): give it to services that take one. */
  readonly idempotencyKey: string;
  /**
   * Aborted when the attempt is to stop. After its time was up, nothing the handler returns counts any more; after its run was
   * canceled, a result still does, and an error counts as canceled.
   */
  readonly signal: AbortSignal;
  /** Keeps a line of output with the attempt; `pawl logs` shows it. */
  log(text: string): void;
  /**
   * A sign of life, for tasks whose silence is limited (`heartbeat`). What it says is kept, at least once a second, and given to the
   * next attempt as `progress`.
   */
  heartbeat(details?: unknown): void;
  /** What an earlier attempt of this task said last; undefined where none did. */
  readonly progress: Json | undefined;
  /** True in `verify`: it is to find out what an earlier attempt came to, and to do nothing else. */
  readonly probe: boolean;
  /** Names this attempt to the outside: who holds it may complete the task with `pawl.complete(token, …)` after `handOver`. */
  readonly token: string;
  /** Return what it gives: the attempt is not over, and holds no slot, until the holder of its token says what it came to. */
  handOver(): Promise<never>;
}

/** What a handler returns of an attempt that it handed over. */
export const handedOver: HandedOver = Object.freeze({ status: 'handed_over' });

/**
 * An action of a user's own.
 *
 * `handler` may throw: the task fails with the error's message, and is tried again where its workflow says so. Throw
 * `ActionError` to say more: a result beside the message, or that no retry can help. What it returns must be JSON, at
 * most 64 levels deep and 16 MiB long; undefined counts as null. Where the input names a secret, `secret(NAME)`, the
 * handler gets its value; nothing it returns, throws or logs shows it.
 */
export interface Action<Input = unknown, Output = unknown> {
  /** As tasks name it: letters, digits, `_`, `-` and dots between them, up to 200. `core.` is reserved. */
  readonly name: string;
  /** Checks and converts the input (any Standard Schema: zod, valibot, arktype). A task whose input fails it fails without a retry. */
  readonly input?: StandardSchemaV1<unknown, Input>;
  /** Checks the output, after the handler. */
  readonly output?: StandardSchemaV1<unknown, Output>;
  readonly handler: (input: Input, context: ActionContext) => Output | Promise<Output>;
  /**
   * For once-only tasks: finds out what an attempt came to of which nobody knows, such as one whose process died. It answers
   * `{ happened: true, output }` or `{ happened: false }`, and does nothing else.
   */
  readonly verify?: (input: Input, context: ActionContext) => unknown;
}

/** Says what an action is called, takes, gives and does; the types of `input` reach the handler. */
export function defineAction<Input = Json, Output = unknown>(action: Action<Input, Output>): Action<Input, Output> {
  return action;
}

/** What a handler throws to fail its attempt with more than a message. */
export class ActionError extends Error {
  override readonly name = 'ActionError';
  /** What `result()` shows; default null. */
  readonly result: Json;
  /** False: no retry can help. Default true. */
  readonly retryable: boolean;
  /** A stable code; default `failed`. */
  readonly kind: string;
  /** The least pause before the next attempt: seconds, or text such as `30s`. What a service says in `Retry-After` belongs here. */
  readonly retryAfter: number | string | undefined;

  constructor(
    message: string,
    options: {
      result?: Json;
      retryable?: boolean;
      kind?: string;
      retryAfter?: number | string;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.result = options.result ?? null;
    this.retryable = options.retryable ?? true;
    this.kind = options.kind ?? 'failed';
    this.retryAfter = options.retryAfter;
  }
}

/** Any action, whatever it takes and gives: its schema stands between. */
export interface AnyAction {
  readonly name: string;
  readonly input?: StandardSchemaV1;
  readonly output?: StandardSchemaV1;
  readonly handler: (input: never, context: ActionContext) => unknown;
  readonly verify?: (input: never, context: ActionContext) => unknown;
}
