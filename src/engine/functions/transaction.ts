/** Transactions of durable functions: a user's SQL that is committed together with its recorded result. */

import { type Json, jsonFault, parseDuration } from '../../base/index.ts';
import type { Outcome } from '../../kernel/index.ts';
import type { Worked } from '../../store/index.ts';
import { thrownText } from './thrown.ts';

/** The action that carries out transactions of functions; the engine does, with the store, and no worker. */
export const transactionAction = '$transaction';

/** What the task comes to whose work went so. */
export function outcomeOfWork(worked: Worked<unknown>): Outcome {
  if (!worked.ok) return failedWork(worked.error);
  const value = worked.value ?? null;
  const fault = jsonFault(value);
  // What was written is undone only by an error of the work itself: say so before it is too late.
  return fault === undefined
    ? { status: 'succeeded', output: structuredClone(value) as Json }
    : failedWork(new TypeError(fault));
}

/** Checks within the transaction that its result can be kept, so that one that cannot undoes what was written. */
export function keepable<T>(value: T): T {
  if (typeof value === 'object' && value !== null && 'then' in value) return value;
  const fault = value === undefined ? undefined : jsonFault(value);
  if (fault !== undefined) throw new TypeError(`what the transaction returned is not JSON: ${fault}`);
  return value;
}

/** As of an action that fails. */
const kindPattern = /^[a-z][a-z0-9_]{0,63}$/;

function failedWork(error: unknown): Outcome {
  const { kind, retryable, result, retryAfter } = (error ?? {}) as {
    kind?: unknown;
    retryable?: unknown;
    result?: unknown;
    retryAfter?: unknown;
  };
  const message = thrownText(error);
  const afterMs =
    typeof retryAfter === 'string' || typeof retryAfter === 'number' ? parseDuration(retryAfter) : undefined;
  return {
    status: 'failed',
    output: jsonFault(result ?? null) === undefined ? ((result ?? null) as Json) : null,
    failure: {
      kind: typeof kind === 'string' && kindPattern.test(kind) ? kind : 'failed',
      message,
      ...(retryable === false ? { retryable } : {}),
      ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }),
    },
  };
}
