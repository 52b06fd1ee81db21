/** The workers of a test engine: each attempt is written down, and mocks stand in for handlers. */

import { ownAction } from '../definition/index.ts';
import { stepAction } from '../engine/index.ts';
import type { Executor, HandedOver, Outcome } from '../kernel/index.ts';
import { type ActionContext, ActionError, type AnyAction } from '../worker/index.ts';
import type { CallLog } from './call-log.ts';
import { hangs, type Mocks } from './mock.ts';

/** Writes down what the workers are asked to do, and what comes of it. */
export function observed(workers: Executor, calls: CallLog): Executor {
  return {
    has: (action) => workers.has(action),
    free: () => workers.free(),
    abort: (order) => workers.abort(order),
    onFree: (callback) => workers.onFree(callback),
    close: (graceMs) => workers.close(graceMs),
    start: (order, done, log, progress) => {
      const call = calls.begin(order, isOwnCode(order.action));
      const ended = (outcome: Outcome | HandedOver): void => {
        if (outcome.status === 'handed_over') calls.handOver(call);
        else calls.end(call, outcome);
        done(outcome);
      };
      workers.start(order, ended, log, progress);
    },
  };
}

/** True for steps, and for tasks whose code belongs to their workflow. */
function isOwnCode(action: string): boolean {
  return action === stepAction || action.includes(ownAction);
}

/** What is called in place of a handler: its mock where there is one; the handler's own look at its key is noted. */
export function handlerUnder(
  mocks: Mocks,
  calls: CallLog,
): (handler: AnyAction['handler'], action: string) => AnyAction['handler'] {
  return (handler, action) => async (input: never, context: ActionContext) => {
    const watched = action.startsWith('core.') ? context : watching(context, calls);
    const attempt = { task: context.task, action, idempotencyKey: context.idempotencyKey };
    // What a mock has done, and only that, has happened.
    if (context.probe && mocks.has(attempt)) return calls.whatHappened(context.idempotencyKey);
    const mocked = mocks.answerTo(attempt);
    if (mocked === undefined) return handler(input, watched);
    const { answer } = mocked;
    if (answer === hangs) return hanging(context, calls);
    if (answer instanceof Error) throw answer;
    if (typeof answer !== 'function') return answer;
    return action === stepAction ? answer(watched) : answer(input, watched);
  };
}

/** Stops with the attempt's signal, and not before. */
function hanging(context: ActionContext, calls: CallLog): Promise<never> {
  calls.hang(context.idempotencyKey);
  return new Promise((_, reject) => {
    const stop = (): void => reject(context.signal.reason);
    if (context.signal.aborted) stop();
    else context.signal.addEventListener('abort', stop, { once: true });
  });
}

/** The same context; whether the handler took its key is written down. */
function watching(context: ActionContext, calls: CallLog): ActionContext {
  const call = calls.open(context.idempotencyKey);
  return new Proxy(context, {
    get: (target, name) => {
      if (name === 'idempotencyKey' && call !== undefined) call.readsKey = true;
      return Reflect.get(target, name, target);
    },
  });
}

/** What a mock of an action that is not there stands in for. */
export function missingAction(name: string): AnyAction['handler'] {
  return () => {
    throw new ActionError(`the action "${name}" has a mock and no code of its own`, { retryable: false });
  };
}
