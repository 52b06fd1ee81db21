/** What built-in actions need of the machine they run on; tests bring their own. */

import type { Clock, Instant, Timers } from '../../base/index.ts';
import { systemClock, systemTimers } from '../../host/index.ts';

export interface Machine {
  /** Calls back once, after a time. Returns the function that cancels it. */
  after(delayMs: number, callback: () => void): () => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly workingDirectory: string;
}

export function thisMachine(): Machine {
  const clock = systemClock();
  return {
    // What they end keeps the process alive by itself: a command, a connection.
    after: afterBy(clock, systemTimers(clock, { unref: true })),
    environment: process.env,
    platform: process.platform,
    get workingDirectory() {
      return process.cwd();
    },
  };
}

export function afterBy(clock: Clock, timers: Timers): Machine['after'] {
  return (delayMs, callback) => timers.at((clock.now() + delayMs) as Instant, callback);
}
