/**
 * A stretch of work that can be stopped: a call, or one attempt of a step within it.
 *
 * It stops when the signal around it does, when its time is up, or when `abort` is called, and its reason says which.
 *
 * S1. After `close` no timer of it is set and no listener of it is on the signal around it.
 * S2. `race` settles with the work or when the scope stops, whichever is first; what the work does afterwards is dropped, and
 *     is no unhandled rejection.
 * S3. Without a signal around it, a limit or `stoppable`, it makes no controller, no timer and no listener; a controller is
 *     made when a step asks for the signal.
 */

import { type Instant, plus } from '../base/index.ts';
import type { ChainPorts } from './chain-ports.ts';

export interface ScopeOptions {
  readonly around?: AbortSignal | undefined;
  /** True where `abort` may be called. */
  readonly stoppable?: boolean;
}

export class Scope {
  readonly #around: AbortSignal | undefined;
  #controller: AbortController | undefined;
  /** The signal that can really stop it. */
  #effective: AbortSignal | undefined;
  #clearTimer: (() => void) | undefined;
  #unlisten: (() => void) | undefined;

  constructor({ around, stoppable = false }: ScopeOptions) {
    this.#around = around;
    this.#effective = around;
    if (stoppable) this.#ownController();
  }

  /** For the steps. Stays unaborted when the scope closes after its work is done. */
  get signal(): AbortSignal {
    if (this.#effective !== undefined) return this.#effective;
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** The signal, where something can stop the scope. */
  get effectiveSignal(): AbortSignal | undefined {
    return this.#effective;
  }

  get isStopped(): boolean {
    return this.#effective?.aborted === true;
  }

  /** Why it was stopped. */
  get reason(): unknown {
    return this.#effective?.reason;
  }

  /** Throws the reason if it was stopped. */
  check(): void {
    if (this.#effective?.aborted === true) throw this.#effective.reason;
  }

  /** Stops it with `error()` in `limitMs`, unless `clearLimit` or `close` comes first. One limit at a time. */
  limit(limitMs: number, { clock, timers }: ChainPorts, error: () => Error): void {
    this.limitUntil(plus(clock.now(), limitMs), timers, error);
  }

  limitUntil(at: Instant, timers: ChainPorts['timers'], error: () => Error): void {
    const controller = this.#ownController();
    this.#clearTimer?.();
    this.#clearTimer = timers.at(at, () => {
      this.#clearTimer = undefined;
      controller.abort(error());
    });
  }

  clearLimit(): void {
    this.#clearTimer?.();
    this.#clearTimer = undefined;
  }

  abort(reason: unknown): void {
    this.#ownController().abort(reason);
  }

  /** The work's outcome, or the scope's reason if it stops first. */
  race<T>(work: PromiseLike<T>): PromiseLike<T> {
    const signal = this.#effective;
    if (signal === undefined) return work;
    return new Promise<T>((resolve, reject) => {
      const settled = (): void => signal.removeEventListener('abort', stop);
      const stop = (): void => {
        settled();
        reject(signal.reason);
      };
      work.then(
        (value) => {
          settled();
          resolve(value);
        },
        (error: unknown) => {
          settled();
          reject(error);
        },
      );
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop);
    });
  }

  /** Resolves after `delayMs`; rejects with the reason if the scope stops first. */
  async pause(delayMs: number, { clock, timers }: ChainPorts): Promise<void> {
    let clear: (() => void) | undefined;
    const over = new Promise<void>((resolve) => {
      clear = timers.at(plus(clock.now(), delayMs), resolve);
    });
    try {
      await this.race(over);
    } finally {
      clear?.();
    }
  }

  close(): void {
    this.clearLimit();
    this.#unlisten?.();
    this.#unlisten = undefined;
  }

  #ownController(): AbortController {
    const around = this.#around;
    this.#controller ??= new AbortController();
    const controller = this.#controller;
    if (this.#effective === controller.signal) return controller;
    this.#effective = controller.signal;
    if (around === undefined) return controller;
    if (around.aborted) {
      controller.abort(around.reason);
      return controller;
    }
    const follow = (): void => controller.abort(around.reason);
    around.addEventListener('abort', follow);
    this.#unlisten = () => around.removeEventListener('abort', follow);
    return controller;
  }
}
