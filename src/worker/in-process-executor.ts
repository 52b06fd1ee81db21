/**
 * Carries out attempts in this process: so many at once, each with a time limit and an `AbortSignal`.
 *
 * W1. An attempt answers once: with its handler's outcome, or when its time is up, whichever is first.
 * W2. A handler that goes on after its abort keeps its slot until it returns; what it returns is dropped.
 * W3. An attempt that is still under way when the grace of `close` is over is asked to stop and never answers: it counts
 *     as lost, and the next engine repeats it.
 * W4. Input is checked before the handler sees it, output before anyone else does.
 */

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type Clock, type Instant, type Json, jsonFault, type Timers } from '../base/index.ts';
import type { AttemptLog, AttemptOrder, Executor, Outcome } from '../kernel/index.ts';
import { ActionError, type ActionContext, type AnyAction } from './action.ts';

export interface InProcessOptions {
  readonly actions: Iterable<AnyAction>;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Attempts at once; default 100. */
  readonly concurrency?: number;
}

const concurrencyDefault = 100;

interface Running {
  readonly controller: AbortController;
  readonly cancelTimeout: (() => void) | undefined;
}

export class InProcessExecutor implements Executor {
  readonly #actions: ReadonlyMap<string, AnyAction>;
  readonly #options: InProcessOptions;
  readonly #running = new Map<string, Running>();
  readonly #onFree: (() => void)[] = [];
  /** Slots taken, by handlers that have not returned. */
  #taken = 0;
  #stopped = false;

  constructor(options: InProcessOptions) {
    this.#options = options;
    this.#actions = new Map([...options.actions].map((action) => [action.name, action]));
  }

  has(action: string): boolean {
    return this.#actions.has(action);
  }

  free(): number {
    return (this.#options.concurrency ?? concurrencyDefault) - this.#taken;
  }

  onFree(callback: () => void): void {
    this.#onFree.push(callback);
  }

  start(order: AttemptOrder, done: (outcome: Outcome) => void, log: (log: AttemptLog) => void): void {
    this.#taken += 1;
    const key = keyOf(order);
    const controller = new AbortController();
    let open = true;
    const answer = (outcome: Outcome): void => {
      if (!open || this.#stopped) return;
      open = false;
      cancelTimeout?.();
      if (this.#running.get(key)?.controller === controller) this.#running.delete(key);
      done(outcome);
    };
    const cancelTimeout = this.#limit(order, controller, answer);
    this.#running.set(key, { controller, cancelTimeout });
    void this.#carryOut(order, controller.signal, log)
      .then((outcome) => answer(controller.signal.aborted && outcome.status !== 'succeeded' ? canceled : outcome))
      .finally(() => {
        this.#taken -= 1;
        for (const callback of this.#onFree) callback();
      });
  }

  abort(order: Pick<AttemptOrder, 'run' | 'task' | 'item'>): void {
    this.#running.get(keyOf(order))?.controller.abort(new ActionError('the run was canceled', { kind: 'canceled' }));
  }

  async close(graceMs: number): Promise<void> {
    const { clock, timers } = this.#options;
    if (this.#taken > 0 && graceMs > 0) await this.#whenFree(timers, (clock.now() + graceMs) as Instant);
    this.#stopped = true;
    for (const { controller, cancelTimeout } of this.#running.values()) {
      cancelTimeout?.();
      controller.abort(new ActionError('the process is stopping', { kind: 'stopped' }));
    }
  }

  #whenFree(timers: Timers, until: Instant): Promise<void> {
    return new Promise((resolve) => {
      const cancel = timers.at(until, resolve);
      this.#onFree.push(() => {
        if (this.#taken > 0) return;
        cancel();
        resolve();
      });
    });
  }

  #limit(order: AttemptOrder, controller: AbortController, answer: (outcome: Outcome) => void): (() => void) | undefined {
    if (order.timeoutMs === undefined) return undefined;
    const { clock, timers } = this.#options;
    const message = `the attempt took longer than its limit of ${order.timeoutMs / 1000} s`;
    return timers.at((clock.now() + order.timeoutMs) as Instant, () => {
      answer({ status: 'failed', output: null, failure: { kind: 'timeout', message } });
      controller.abort(new ActionError(message, { kind: 'timeout' }));
    });
  }

  async #carryOut(order: AttemptOrder, signal: AbortSignal, log: (log: AttemptLog) => void): Promise<Outcome> {
    const action = this.#actions.get(order.action);
    if (action === undefined) return failed('unknown_action', `the action "${order.action}" is not known here`, null, false);
    const context: ActionContext = {
      run: order.run,
      task: order.name,
      item: order.item,
      attempt: order.attempt,
      idempotencyKey: `${order.run}/${order.task}${order.item === undefined ? '' : `.${order.item}`}`,
      signal,
      log: (text) => log({ stream: 'log', text: text.endsWith('\n') ? text : `${text}\n` }),
    };
    try {
      const input = await checked(action.input, order.input ?? {}, 'input', action.name);
      const output = await action.handler(input as never, context);
      return succeeded((await checked(action.output, output, 'output', action.name)) ?? null, action.name);
    } catch (error) {
      if (error instanceof ActionError) return failed(error.kind, error.message, error.result, error.retryable);
      return failed('failed', messageOf(error), null, true);
    }
  }
}

const canceled: Outcome = { status: 'canceled', output: null };

function succeeded(output: unknown, action: string): Outcome {
  const fault = jsonFault(output);
  if (fault === undefined) return { status: 'succeeded', output: output as Json };
  return failed('invalid_output', `the action "${action}" gave something that is not JSON: ${fault}`, null, false);
}

function failed(kind: string, message: string, output: Json, retryable: boolean): Outcome {
  return { status: 'failed', output, failure: { kind, message, ...(retryable ? {} : { retryable }) } };
}

/** The value as its schema lets it through. */
async function checked(
  schema: StandardSchemaV1 | undefined,
  value: unknown,
  what: 'input' | 'output',
  action: string,
): Promise<unknown> {
  if (schema === undefined) return value;
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(({ message, path }) => {
    const place = (path ?? []).map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
    return place === '' ? message : `${place}: ${message}`;
  });
  throw new ActionError(`the ${what} of action "${action}" is not as its schema says: ${issues.join('; ')}`, {
    kind: `invalid_${what}`,
    retryable: false,
  });
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  return typeof error === 'string' ? error : 'the action threw something that is not an error';
}

function keyOf(order: Pick<AttemptOrder, 'run' | 'task' | 'item'>): string {
  return `${order.run} ${order.task}.${order.item ?? ''}`;
}
