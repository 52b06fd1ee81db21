/** What a handler threw, as the outcome of its attempt. Whatever it was, it becomes a short sentence without secrets. */

import { type Json, parseDuration } from '../base/index.ts';
import type { Outcome } from '../kernel/index.ts';
import { ActionError } from './action.ts';
import { type OutputRules, takeOutput } from './json-copy.ts';
import { secretLengthMax } from './secrets.ts';

export const messageLengthMax = 8 * 1024;

const kindPattern = /^[a-z][a-z0-9_]{0,63}$/;

/** A failed attempt. Retries are allowed unless `retryable` is false. */
export function failed(
  kind: string,
  message: string,
  output: Json,
  retryable: boolean,
  retryAfter?: number | string,
): Outcome {
  const ms = retryAfter === undefined ? undefined : parseDuration(retryAfter);
  const later = ms === undefined ? {} : { retryAfterMs: ms };
  return { status: 'failed', output, failure: { kind, message, ...(retryable ? {} : { retryable }), ...later } };
}

/** The outcome of an attempt whose handler threw `thrown`: an `ActionError`, any other error, or something else. */
export function failedBy(thrown: unknown, rules: OutputRules): Outcome {
  const message = shortened(messageOf(thrown), rules);
  if (!isActionError(thrown)) return failed('failed', message, null, true);
  const kind = kindPattern.test(thrown.kind) && rules.redact(thrown.kind) === thrown.kind ? thrown.kind : 'failed';
  const result = takeOutput(thrown.result ?? null, rules);
  const retryable = thrown.retryable !== false;
  if (result.taken) return failed(kind, message, result.value, retryable, thrown.retryAfter);
  return failed(kind, `${message} (its result was dropped: ${result.why})`, null, retryable, thrown.retryAfter);
}

/** An `ActionError` of this or any other copy of the package. */
function isActionError(thrown: unknown): thrown is ActionError {
  if (thrown instanceof ActionError) return true;
  return (
    thrown instanceof Error && thrown.name === 'ActionError' && 'kind' in thrown && typeof thrown.kind === 'string'
  );
}

function messageOf(thrown: unknown): string {
  try {
    if (typeof thrown === 'string') return thrown;
    if (thrown instanceof Error) return String(thrown.message) || String(thrown.name);
    return `the action threw ${thrown === null ? 'null' : `a value of type ${typeof thrown}`}, not an error`;
  } catch {
    return 'the action threw something whose message cannot be read';
  }
}

/** Cut after redaction: a secret that lies across the cut must not leave half of itself. */
function shortened(message: string, { redact }: OutputRules): string {
  const redacted = redact(message.slice(0, messageLengthMax + secretLengthMax));
  const length = Math.max(redacted.length, message.length);
  if (length <= messageLengthMax) return redacted;
  return `${redacted.slice(0, messageLengthMax)}… (cut: it was ${length} characters long)`;
}
