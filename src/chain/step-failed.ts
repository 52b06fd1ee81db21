/** The error of a step, with the way to it. */

import { type ErrorCode, isPawlError, PawlError } from '../base/index.ts';
import { canRetry } from './retries.ts';

/**
 * A step threw, or its time was up. `cause` is what it threw; `details.step` says which step it was, with the names of what
 * is around it (`outer/inner/step`), `details.attempts` how often it was tried. The code is the cause's where that is a
 * `PawlError`, and `failed` otherwise.
 */
export class StepFailed extends PawlError {
  override readonly name = 'StepFailed';
  readonly step: string;

  constructor(step: string, attempts: number, cause: unknown) {
    super(codeOf(cause), `step "${step}" failed: ${textOf(cause)}`, {
      cause,
      details: { ...(isPawlError(cause) ? cause.details : {}), step, attempts },
    });
    this.step = step;
  }

  /** False where the cause says that no retry can help. */
  override get retryable(): boolean {
    return canRetry(this.cause);
  }
}

/** The failure of `step`. One that comes from a step within it keeps its cause and gets a longer name. */
export function stepFailed(step: string, attempts: number, error: unknown): StepFailed {
  if (!(error instanceof StepFailed)) return new StepFailed(step, attempts, error);
  return new StepFailed(`${step}/${error.step}`, Number(error.details.attempts), error.cause);
}

function codeOf(cause: unknown): ErrorCode {
  return isPawlError(cause) ? cause.code : 'failed';
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** The time of `what` was up. */
export function timedOut(what: string, timeoutMs: number): PawlError {
  return new PawlError('timeout', `${what} took longer than ${timeoutMs} ms`, { details: { timeoutMs } });
}
