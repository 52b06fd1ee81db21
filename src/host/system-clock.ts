/**
 * The real clock.
 *
 * It is set once, at start, and from then on moves by elapsed time only:
 *
 *     now = anchor + elapsed since the anchor        anchor = max(wall clock at start, `notBefore`)
 *
 * K1. `now` never goes back, and never stands still while time passes.
 * K2. Moving the wall clock while the process runs moves nothing here: a jump forward fires no timer early, a jump back
 *     freezes none. The obvious `max(wall, last)` breaks both: after a jump of a day forward and back again it stands for
 *     a day. A process that should take up a corrected wall clock is started again.
 * K3. `notBefore` is the last instant that the store recorded. If the wall clock was put back while no process ran, the
 *     clock goes on from there, ahead of the wall by the difference, and so never shows a time before one in a history.
 *     Timers set for an instant are then early by the wall, and exact by the histories; durations are always exact.
 * K4. Time asleep counts. The monotonic clock of a process stands still while the machine is suspended, the machine's
 *     uptime does not: where uptime has run ahead, the clock follows. Uptime is read at most once a second, so the clock
 *     learns of a suspension within a second of the process running again.
 */

import { uptime } from 'node:os';
import { type Clock, type Instant, instantOf } from '../base/index.ts';

/** Where the clock takes time from. Each is in milliseconds. */
export interface TimeSources {
  /** Since the epoch; may jump. */
  wallMs(): number;
  /** Since some fixed point; never jumps; may stand still while the machine is suspended. */
  monotonicMs(): number;
  /** Since the machine started, time suspended included; may be coarse. */
  uptimeMs(): number;
}

const machine: TimeSources = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  uptimeMs: () => uptime() * 1000,
};

export interface SystemClockOptions {
  /** The last instant that the store recorded. */
  readonly notBefore?: Instant | undefined;
  readonly sources?: TimeSources;
}

export interface SystemClock extends Clock {
  /** By how much the wall clock is ahead of this one (negative: behind). Large values are worth a warning: see K2 and K3. */
  wallAheadMs(): number;
}

const uptimeReadEveryMs = 1_000;
/** Uptime is in whole seconds on some systems; a difference below this may be no suspension. */
const suspensionMinMs = 2_000;

/** A clock for the life of this process: make one. */
export function systemClock({ notBefore, sources = machine }: SystemClockOptions = {}): SystemClock {
  const startedAt = sources.monotonicMs();
  const startedAtUptime = sources.uptimeMs();
  const anchor = Math.max(sources.wallMs(), notBefore ?? Number.NEGATIVE_INFINITY);
  let suspendedMs = 0;
  let uptimeReadAt = 0;

  function now(): Instant {
    const elapsed = sources.monotonicMs() - startedAt;
    if (elapsed - uptimeReadAt >= uptimeReadEveryMs) {
      uptimeReadAt = elapsed;
      const missing = sources.uptimeMs() - startedAtUptime - elapsed;
      if (missing - suspendedMs >= suspensionMinMs) suspendedMs = missing;
    }
    return instantOf(anchor + elapsed + suspendedMs);
  }

  return { now, wallAheadMs: () => Math.round(sources.wallMs() - now()) };
}
