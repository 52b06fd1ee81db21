/**
 * Carries out attempts in this process: so many at once, each with a time limit and an `AbortSignal`.
 *
 * W1. An attempt answers once: with its handler's outcome, or when its time is up, whichever is first.
 * W2. A handler that goes on after its time was up keeps its slot until it returns; what it returns is dropped. After its
 *     run was canceled a result still counts, and an error counts as canceled.
 * W3. An attempt that is still under way when the grace of `close` is over is asked to stop and never answers: it counts
 *     as lost, and the next engine repeats it.
 * W4. Input is checked before the handler sees it, output before anyone else does.
 */

import type { Clock, Instant, Timers } from '../base/index.ts';
import type { AttemptOrder, Executor, HandedOver, LogSink, Outcome, ProgressSink } from '../kernel/index.ts';
import { ActionError, type AnyAction } from './action.ts';
import { type AttemptRules, canceled, carryOut } from './attempt.ts';
import { Cancellation } from './cancellation.ts';
import { failed } from './failed-outcome.ts';
import { Heartbeat } from './heartbeat.ts';
import { knownActions } from './known-actions.ts';
import type { SecretSource } from './secrets.ts';

export interface InProcessOptions {
  readonly actions: Iterable<AnyAction>;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Attempts at once; default 100. */
  readonly concurrency?: number;
  /** What `secret(NAME)` in an input stands for; default none. */
  readonly secrets?: SecretSource;
  /** Largest result of an attempt, in bytes of JSON; beyond it the task fails with `result_too_large`. Default 16 MiB. */
  readonly resultLimitBytes?: number;
  /** Output of an attempt that is handed on to be kept; the rest is dropped. Default 16 MiB, as much as a store keeps. */
  readonly logLimitBytes?: number;
  /** Names the store among all of this machine, so that what a dead process left of an attempt can be told. Default: unknown. */
  readonly store?: string | undefined;
  /** What is called in place of a handler; default the handler. */
  readonly handlerOver?: (handler: AnyAction['handler'], action: string) => AnyAction['handler'];
}

const concurrencyDefault = 100;
const mebibyte = 1024 * 1024;

interface Running {
  readonly cancellation: Cancellation;
  readonly cancelTimeout: (() => void) | undefined;
}

export class InProcessExecutor implements Executor {
  readonly #actions: Map<string, AnyAction>;
  readonly #options: InProcessOptions;
  readonly #rules: AttemptRules;
  readonly #running = new Map<string, Running>();
  readonly #onFree: (() => void)[] = [];
  /** Slots taken, by handlers that have not returned. */
  #taken = 0;
  #stopped = false;

  /** @throws PawlError `bad_input`: an action's name is reserved, taken or none. */
  constructor(options: InProcessOptions) {
    const { secrets, store, resultLimitBytes = 16 * mebibyte, logLimitBytes = 16 * mebibyte } = options;
    this.#options = options;
    this.#rules = { secrets, store, resultLimitBytes, logLimitBytes };
    this.#actions = new Map(knownActions(options.actions));
    for (const action of options.handlerOver === undefined ? [] : [...this.#actions.values()]) this.#add(action);
  }

  /**
   * Takes in handlers that belong to one workflow, under the names it calls them by: names no action of a user can have.
   *
   * @param probing They answer probes as well: `context.probe` tells.
   */
  provide(handlers: ReadonlyMap<string, AnyAction['handler']>, { probing = false } = {}): void {
    for (const [name, handler] of handlers) {
      this.#add({ name, handler });
      const added = this.#actions.get(name);
      if (probing && added !== undefined) this.#actions.set(name, { ...added, verify: added.handler });
    }
  }

  #add(action: AnyAction): void {
    const { name, handler } = action;
    const { handlerOver } = this.#options;
    this.#actions.set(name, handlerOver === undefined ? action : { ...action, handler: handlerOver(handler, name) });
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

  start(
    order: AttemptOrder,
    done: (outcome: Outcome | HandedOver) => void,
    sink: LogSink,
    progress: ProgressSink,
  ): void {
    this.#taken += 1;
    const key = keyOf(order);
    const cancellation = new Cancellation();
    let open = true;
    const answer = (outcome: Outcome | HandedOver): void => {
      if (!open || this.#stopped) return;
      open = false;
      life.end();
      cancelTimeout?.();
      if (this.#running.get(key)?.cancellation === cancellation) this.#running.delete(key);
      done(outcome);
    };
    const life = this.#listen(order, cancellation, answer, progress);
    const cancelTimeout = this.#limit(order, cancellation, answer);
    this.#running.set(key, { cancellation, cancelTimeout });
    // It never throws.
    void this.#carryOut(order, cancellation, sink, life).then((outcome) => {
      const counts = outcome.status === 'succeeded' || outcome.status === 'handed_over';
      answer(cancellation.isAborted && !counts ? canceled : outcome);
      this.#taken -= 1;
      for (const callback of this.#onFree) callback();
    });
  }

  abort(order: Pick<AttemptOrder, 'run' | 'task' | 'item'>): void {
    this.#running.get(keyOf(order))?.cancellation.abort(new ActionError('the run was canceled', { kind: 'canceled' }));
  }

  async close(graceMs: number): Promise<void> {
    const { clock, timers } = this.#options;
    if (this.#taken > 0 && graceMs > 0) await this.#whenFree(timers, (clock.now() + graceMs) as Instant);
    this.#stopped = true;
    for (const { cancellation, cancelTimeout } of this.#running.values()) {
      cancelTimeout?.();
      cancellation.abort(new ActionError('the process is stopping', { kind: 'stopped' }));
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

  /** Takes its silence for its death, where it may not be silent for long. */
  #listen(
    order: AttemptOrder,
    cancellation: Cancellation,
    answer: (outcome: Outcome) => void,
    sink: ProgressSink,
  ): Heartbeat {
    const { clock, timers } = this.#options;
    const silenceMaxMs = order.heartbeatMs;
    return new Heartbeat({
      clock,
      timers,
      sink,
      silenceMaxMs,
      onSilence: () => {
        const message = `the attempt gave no sign of life for ${(silenceMaxMs ?? 0) / 1000} s`;
        answer({ status: 'failed', output: null, failure: { kind: 'heartbeat_timeout', message } });
        cancellation.abort(new ActionError(message, { kind: 'heartbeat_timeout' }));
      },
    });
  }

  #limit(
    order: AttemptOrder,
    cancellation: Cancellation,
    answer: (outcome: Outcome) => void,
  ): (() => void) | undefined {
    if (order.timeoutMs === undefined) return undefined;
    const { clock, timers } = this.#options;
    const message = `the attempt took longer than its limit of ${order.timeoutMs / 1000} s`;
    return timers.at((clock.now() + order.timeoutMs) as Instant, () => {
      answer({ status: 'failed', output: null, failure: { kind: 'timeout', message } });
      cancellation.abort(new ActionError(message, { kind: 'timeout' }));
    });
  }

  #carryOut(
    order: AttemptOrder,
    cancellation: Cancellation,
    sink: LogSink,
    life: Heartbeat,
  ): Promise<Outcome | HandedOver> {
    const action = this.#actions.get(order.action);
    if (action !== undefined) return carryOut(action, order, { cancellation, sink, life }, this.#rules);
    return Promise.resolve(failed('unknown_action', `the action "${order.action}" is not known here`, null, false));
  }
}

function keyOf(order: Pick<AttemptOrder, 'run' | 'task' | 'item'>): string {
  return `${order.run} ${order.task}.${order.item ?? ''}`;
}
