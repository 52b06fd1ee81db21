/**
 * Removes runs that ended long enough ago, and results that ran out.
 *
 * Life: `begin` → one timer for the soonest thing that may go → a pass → the next timer. Where nothing has ended there is no timer.
 *
 * T1. A pass works in small commits, between turns of the engine, and is idle for as long as each of them took: at most half of
 *     the time is spent here, however much there is to remove.
 * T2. Passes keep a distance: a twentieth of the shortest period, at least a second, at most an hour. A run is removed so much later
 *     at the latest.
 * T3. What fails is tried again with the next pass, which comes soon; nothing that stands in the way of one family holds up another.
 */

import type { Clock, Instant, RunId, Timers, Turn } from '../base/index.ts';
import type { FinalStatus } from '../kernel/index.ts';
import type { Store, Swept } from '../store/index.ts';

/** How long ended runs stay, in milliseconds, by how they ended; one that is not named stays for good. */
export type RetentionPeriods = { readonly [status in FinalStatus]?: number };

export interface RetentionPorts {
  readonly store: Store;
  readonly clock: Clock;
  /** They need not keep a process alive. */
  readonly timers: Timers;
  readonly turn: Turn;
  /** Does work between two turns of the engine. */
  aside<T>(work: () => Promise<T>): Promise<T>;
  /** Runs that are in memory, or on their way. */
  held(): readonly RunId[];
  removed(swept: Pick<Swept, 'runs' | 'documents'>): void;
  failed(error: unknown): Promise<void>;
}

/** Time after the start of a process before it looks for what may go. */
const settleMs = 1_000;
const atOnce = 100;
const restMostMs = 1_000;
const gapMs = { least: 1_000, most: 3_600_000 } as const;

export class Retention {
  readonly #periods: readonly (readonly [status: string, periodMs: number])[];
  readonly #ports: RetentionPorts;
  readonly #gapMs: number;
  #dueAt: Instant | undefined;
  #cancel: (() => void) | undefined;
  #lastPass: Instant | undefined;
  #isPassing = false;
  /** From the first look at what is in the store already: before it, what ends is among that. */
  #hasLooked = false;
  #closed = false;

  constructor(periods: RetentionPeriods, ports: RetentionPorts) {
    this.#periods = Object.entries(periods);
    this.#ports = ports;
    const shortest = this.#periods.reduce((least, [, periodMs]) => Math.min(least, periodMs), Number.POSITIVE_INFINITY);
    this.#gapMs = Math.min(Math.max(shortest / 20, gapMs.least), gapMs.most);
  }

  /** Looks, in a moment, for what is in the store already. */
  begin(): void {
    const { clock } = this.#ports;
    this.#cancel = this.#ports.timers.at((clock.now() + settleMs) as Instant, () => void this.#plan());
  }

  /** A run ended: it may be the next that goes. */
  ended(status: string, at: Instant): void {
    const period = this.#periods.find(([name]) => name === status)?.[1];
    if (period !== undefined) this.#due((at + period) as Instant);
  }

  /** A result is kept until then. */
  expires(at: Instant): void {
    this.#due(at);
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  /** Sets the timer, unless it is set to a sooner time. A pass that is under way looks for itself. */
  #due(due: Instant): void {
    if (this.#closed || this.#isPassing || !this.#hasLooked || (this.#dueAt !== undefined && this.#dueAt <= due))
      return;
    const earliest = this.#lastPass === undefined ? due : this.#lastPass + this.#gapMs;
    const at = Math.max(due, earliest) as Instant;
    if (this.#dueAt !== undefined && this.#dueAt <= at) return;
    this.#cancel?.();
    this.#dueAt = at;
    this.#cancel = this.#ports.timers.at(at, () => void this.#pass());
  }

  async #pass(): Promise<void> {
    const { clock, store } = this.#ports;
    this.#isPassing = true;
    this.#dueAt = undefined;
    const now = clock.now();
    let passed: Instant | undefined = now;
    try {
      for (const [status, periodMs] of this.#periods) {
        const endedBy = (now - periodMs) as Instant;
        let after: string | undefined;
        do {
          after = await this.#batch(() => this.#sweep(status, endedBy, after));
          if (this.#closed) return;
        } while (after !== undefined);
      }
      const drop = async (): Promise<number> => (this.#closed ? 0 : store.dropResults(now, atOnce));
      while ((await this.#batch(drop)) === atOnce);
    } catch (error) {
      passed = undefined;
      await this.#ports.failed(error);
    } finally {
      this.#lastPass = now;
      this.#isPassing = false;
    }
    await this.#plan(passed);
  }

  async #sweep(status: string, endedBy: Instant, after: string | undefined): Promise<string | undefined> {
    const { store, held, removed } = this.#ports;
    const place = after === undefined ? {} : { after };
    if (this.#closed) return undefined;
    const swept = await store.sweep({ status, endedBy, limit: atOnce, spare: held(), ...place });
    if (swept.runs.length > 0) removed(swept);
    return swept.next;
  }

  async #batch<T>(work: () => Promise<T>): Promise<T> {
    const { clock, timers, turn, aside } = this.#ports;
    const began = clock.now();
    const done = await aside(work);
    // A clock that jumped, or a machine that slept, took no time of ours.
    const took = Math.min(clock.now() - began, restMostMs);
    await new Promise<void>((resolve) => {
      if (took <= 0) turn.end(resolve);
      else timers.at((clock.now() + took) as Instant, resolve);
    });
    return done;
  }

  /** Sets the timer to what may go next. What stood in the way of a pass at `passed` waits for the one after. */
  async #plan(passed?: Instant): Promise<void> {
    if (this.#closed) return;
    this.#hasLooked = true;
    const { clock, store } = this.#ports;
    try {
      for (const [status, periodMs] of this.#periods) {
        const at = await store.nextEnded(status, passed === undefined ? undefined : ((passed - periodMs) as Instant));
        if (at !== undefined) this.#due((at + periodMs) as Instant);
      }
      const expiry = await store.nextExpiry();
      if (expiry !== undefined) this.#due(expiry);
    } catch (error) {
      await this.#ports.failed(error);
      this.#due((clock.now() + gapMs.most) as Instant);
    }
  }
}
