/**
 * The signs of life of one attempt: each puts off the moment at which its silence counts as death, and what it says of its progress
 * is handed on to be kept for the next attempt.
 *
 * H1. What is handed on is at most `keepEveryMs` old when the attempt ends well or badly; a process that dies may lose as much.
 */

import { type Clock, type Instant, type Json, jsonFault, type Timers } from '../base/index.ts';
import type { ProgressSink } from '../kernel/index.ts';

/** A commit for each sign of life would cost more than the work: in between, the last word waits. */
const keepEveryMs = 1_000;

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly sink: ProgressSink;
  /** Longest silence; undefined: any. */
  readonly silenceMaxMs: number | undefined;
  readonly onSilence: () => void;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #lastAt: Instant;
  #keptAt: Instant | undefined;
  #unkept: { readonly details: Json } | undefined;
  #cancelCheck: (() => void) | undefined;
  #cancelKeep: (() => void) | undefined;
  #over = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#lastAt = options.clock.now();
    this.#check();
  }

  /** @throws TypeError `details` is not JSON. */
  beat(details: unknown): void {
    if (this.#over) return;
    const { clock } = this.#options;
    this.#lastAt = clock.now();
    if (details === undefined) return;
    const fault = jsonFault(details);
    if (fault !== undefined) throw new TypeError(`what a heartbeat says is not JSON: ${fault}`);
    // A copy: what the handler does to it later is not what it said.
    this.#unkept = { details: structuredClone(details) as Json };
    if (this.#keptAt === undefined || this.#lastAt - this.#keptAt >= keepEveryMs) this.#keep();
    else
      this.#cancelKeep ??= this.#options.timers.at((this.#keptAt + keepEveryMs) as Instant, () => {
        this.#cancelKeep = undefined;
        this.#keep();
      });
  }

  /** The attempt is over: what it said last is handed on. */
  end(): void {
    if (this.#over) return;
    this.#keep();
    this.#over = true;
    this.#cancelCheck?.();
    this.#cancelKeep?.();
  }

  #keep(): void {
    if (this.#unkept === undefined || this.#over) return;
    const { details } = this.#unkept;
    this.#unkept = undefined;
    this.#keptAt = this.#options.clock.now();
    this.#options.sink(details);
  }

  #check(): void {
    const { clock, timers, silenceMaxMs, onSilence } = this.#options;
    if (silenceMaxMs === undefined) return;
    const until = (this.#lastAt + silenceMaxMs) as Instant;
    this.#cancelCheck = timers.at(until, () => {
      if (clock.now() >= this.#lastAt + silenceMaxMs) onSilence();
      else this.#check();
    });
  }
}
