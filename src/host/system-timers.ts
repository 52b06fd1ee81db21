/**
 * Real timers, by a clock.
 *
 * T1. A callback never runs before its instant. Node's timers may fire a millisecond early and know nothing of our
 *     clock, so each looks at the clock when it fires and goes back to sleep if it is too soon.
 * T2. A long wait is a chain of waits of at most a minute: Node's own limit is 2^31 − 1 ms, beyond which it would fire at
 *     once, and its timers stand still while the machine is suspended. After a suspension a timer is therefore at most a
 *     minute late. That is the one thing here that wakes an idle process.
 * T3. One that was cancelled never runs. A callback never runs inside `at`.
 */

import type { Clock, Timers } from '../base/index.ts';

/** A handle of `setTimeout`. */
interface Sleeping {
  unref(): unknown;
}

/** How the timers sleep; tests bring their own. */
export interface Sleeper<Handle extends Sleeping = Sleeping> {
  sleep(callback: () => void, delayMs: number): Handle;
  cancel(handle: Handle): void;
}

const node: Sleeper<NodeJS.Timeout> = {
  sleep: (callback, delayMs) => setTimeout(callback, delayMs),
  cancel: (handle) => clearTimeout(handle),
};

export interface SystemTimersOptions {
  /** True: pending timers alone do not keep the process alive. Default false. */
  readonly unref?: boolean;
}

const chunkMs = 60_000;

export function systemTimers(clock: Clock, options: SystemTimersOptions = {}): Timers {
  return timersOver(node, clock, options);
}

/** `systemTimers` over any way to sleep. */
export function timersOver<Handle extends Sleeping>(
  sleeper: Sleeper<Handle>,
  clock: Clock,
  { unref = false }: SystemTimersOptions = {},
): Timers {
  return {
    at(at, callback) {
      let handle: Handle;
      const sleepOn = () => {
        const delayMs = Math.min(Math.max(at - clock.now(), 1), chunkMs);
        handle = sleeper.sleep(wake, delayMs);
        if (unref) handle.unref();
      };
      const wake = () => {
        if (clock.now() < at) sleepOn();
        else callback();
      };
      sleepOn();
      return () => sleeper.cancel(handle);
    },
  };
}
