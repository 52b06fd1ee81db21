/**
 * A step from its input to its output: attempts, their timeouts, and the pauses between them.
 *
 * R1. When the call around it was stopped, the call's reason is thrown as it is and nothing is tried again.
 * R2. Whatever else goes wrong is thrown as `StepFailed`.
 * R3. A step without timeout and retries that gives no promise is run without one.
 */

import { Attempt } from './attempt.ts';
import type { Call } from './call.ts';
import { isStream, isThenable, left, pulled, whole } from './chunks.ts';
import { canRetry, pauseMs } from './retries.ts';
import type { Scope } from './scope.ts';
import type { Step } from './step.ts';
import { stepFailed, timedOut } from './step-failed.ts';

/** The step's output, or a promise of it. `item` is the position within `map`. */
export function runStep(step: Step, input: unknown, call: Call, item?: number): unknown {
  call.scope.check();
  if (step.timeoutMs !== undefined || step.retry !== undefined) return runAttempts(step, input, call, item);
  let given: unknown;
  try {
    given = step.start(input, new Attempt(step.name, 1, item, call, call.scope));
  } catch (error) {
    throw faultOf(step, 1, error, call, call.scope);
  }
  return isThenable(given) || isStream(given) ? runOnce(step, given, call) : given;
}

async function runOnce(step: Step, given: unknown, call: Call): Promise<unknown> {
  try {
    return await settled(step, given, call.scope);
  } catch (error) {
    throw faultOf(step, 1, error, call, call.scope);
  }
}

async function runAttempts(step: Step, input: unknown, call: Call, item: number | undefined): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    const scope = call.innerScope();
    limit(step, call, scope);
    try {
      return await settled(step, step.start(input, new Attempt(step.name, attempt, item, call, scope)), scope);
    } catch (error) {
      const fault = faultOf(step, attempt, error, call, scope);
      if (!isRetried(step, attempt, fault, call)) throw fault;
    } finally {
      scope.close();
    }
    await pauseBefore(step, attempt, call);
  }
}

/** What a step's start comes to, streams collected. */
export async function settled(step: Step, given: unknown, scope: Scope): Promise<unknown> {
  const value = isThenable(given) ? await scope.race(given) : given;
  return isStream(value) ? whole(value, scope, step.collect) : value;
}

/**
 * The step's chunks; one, where it does not stream. It is tried again only as long as no chunk was handed over. Its timeout
 * counts while the producer works, not while the consumer does.
 */
export async function* streamStep(step: Step, input: unknown, call: Call): AsyncGenerator<unknown, void> {
  for (let attempt = 1; ; attempt += 1) {
    call.scope.check();
    const scope = call.innerScope();
    let isHandedOver = false;
    try {
      for await (const chunk of attemptedChunks(step, input, attempt, call, scope)) {
        isHandedOver = true;
        yield chunk;
      }
      return;
    } catch (error) {
      const fault = faultOf(step, attempt, error, call, scope);
      if (isHandedOver || !isRetried(step, attempt, fault, call)) throw fault;
    } finally {
      scope.close();
    }
    await pauseBefore(step, attempt, call);
  }
}

async function* attemptedChunks(
  step: Step,
  input: unknown,
  attempt: number,
  call: Call,
  scope: Scope,
): AsyncGenerator<unknown, unknown> {
  limit(step, call, scope);
  const started = step.stream(input, new Attempt(step.name, attempt, undefined, call, scope));
  const given = isThenable(started) ? await scope.race(started) : started;
  scope.clearLimit();
  if (isStream(given)) return yield* pulled(given, scope, () => limit(step, call, scope));
  yield given;
  return undefined;
}

function limit(step: Step, call: Call, scope: Scope): void {
  const { timeoutMs } = step;
  if (timeoutMs === undefined) return;
  scope.limit(timeoutMs, call.ports, () => timedOut(`step "${step.name}" of ${call.owner}`, timeoutMs));
}

/** What is thrown: the reason of the stopped call as it is, and else the step's failure. */
function faultOf(step: Step, attempt: number, error: unknown, call: Call, scope: Scope): unknown {
  if (call.scope.isStopped) return call.scope.reason;
  return stepFailed(step.name, attempt, scope.isStopped && scope.reason !== left ? scope.reason : error);
}

function isRetried({ retry }: Step, attempt: number, fault: unknown, call: Call): boolean {
  return retry !== undefined && attempt <= retry.count && !call.scope.isStopped && canRetry(fault);
}

function pauseBefore({ retry }: Step, attempt: number, call: Call): Promise<void> | undefined {
  const delayMs = retry === undefined ? 0 : pauseMs(retry, attempt - 1, call.ports.random);
  return delayMs > 0 ? call.scope.pause(delayMs, call.ports) : undefined;
}
