/** The one timer of an engine: for the soonest thing due, in memory or in rows. */

import type { Clock, Instant, RunId, Timers } from '../base/index.ts';
import type { Store } from '../store/index.ts';
import type { HotRuns } from './hot-runs.ts';

const rowsAtOnce = 500;
const againAfterMs = 1_000;

export interface WakerPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly hot: HotRuns;
  /** Tells a run that time has passed. */
  wake(run: RunId): void;
  /** True where this engine drives the run of a row. */
  drives(run: RunId): boolean;
  /** True where it drives every run of the store. */
  drivesAll(): boolean;
  settled(): Promise<void>;
  failed(error: unknown): void;
}

export class Waker {
  readonly #ports: WakerPorts;
  /** When the next run out of memory is due, as far as is known. */
  #nextRow: Instant | undefined;
  #at: Instant | undefined;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(ports: WakerPorts) {
    this.#ports = ports;
  }

  /** True where a run out of memory falls due. */
  get awaitsRow(): boolean {
    return this.#nextRow !== undefined;
  }

  /** A run left memory that is due then. */
  noteRow(at: Instant | undefined): void {
    if (at !== undefined && (this.#nextRow === undefined || at < this.#nextRow)) this.#nextRow = at;
  }

  /** Asks the store what is due first. */
  async look(): Promise<void> {
    this.#nextRow = await this.#ports.store.nextDue();
    this.set();
  }

  /** Sets the timer to the soonest of all. */
  set(): void {
    if (this.#closed) return;
    const inMemory = this.#ports.hot.nextDue();
    const inRows = this.#nextRow;
    const soonest = inMemory === undefined || (inRows !== undefined && inRows < inMemory) ? inRows : inMemory;
    if (soonest === this.#at) return;
    this.#cancel?.();
    this.#at = soonest;
    this.#cancel = soonest === undefined ? undefined : this.#ports.timers.at(soonest, () => this.#ring());
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #ring(): void {
    this.#at = undefined;
    this.#cancel = undefined;
    const now = this.#ports.clock.now();
    for (const hot of this.#ports.hot.takeDue(now)) this.#ports.wake(hot.state.id);
    if (this.#nextRow !== undefined && this.#nextRow <= now) void this.#wakeRows(now);
    else this.set();
  }

  /** Runs out of memory whose time has come. */
  async #wakeRows(now: Instant): Promise<void> {
    const { store, clock, wake, drives, drivesAll, settled, failed } = this.#ports;
    this.#nextRow = undefined;
    try {
      const rows = await store.due(now, rowsAtOnce);
      for (const { run } of rows) if (drives(run)) wake(run);
      await settled();
      this.#nextRow = drivesAll() || rows.length > 0 ? await store.nextDue() : undefined;
    } catch (error) {
      failed(error);
      this.#nextRow = (clock.now() + againAfterMs) as Instant;
    }
    this.set();
  }
}
