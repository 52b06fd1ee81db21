/** What chains need of the world, and where it comes from when nobody says. */

import type { Clock, Random, Timers } from '../base/index.ts';
import { systemClock, systemRandom, systemTimers } from '../host/index.ts';

export interface ChainPorts {
  readonly clock: Clock;
  /** Timeouts and the pauses before retries. None is left set when a call is over. */
  readonly timers: Timers;
  /** For jitter, and for the id of a call when an action asks for it. */
  readonly random: Random;
}

let ofThisMachine: ChainPorts | undefined;

/** This machine's; made when first asked for. */
export function systemPorts(): ChainPorts {
  if (ofThisMachine === undefined) {
    const clock = systemClock();
    ofThisMachine = { clock, timers: systemTimers(clock), random: systemRandom() };
  }
  return ofThisMachine;
}
