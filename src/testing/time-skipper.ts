/**
 * Moves simulated time when a test waits for what only time can bring.
 *
 * T1. Time moves while somebody waits, and only when nothing else can happen: nothing to decide or to commit, and no attempt under
 *     way. It moves to the next thing due, no further.
 * T2. An attempt that does not end in so much patience (real time) is taken for one that waits for time itself, such as for its timeout.
 * T3. Where nothing is due and nothing happens for as long as patience lasts, those who wait are told what their run waits for.
 */

import { type Instant, PawlError, type RunId } from '../base/index.ts';
import type { Engine } from '../engine/index.ts';
import { type RunState, shownStatus } from '../kernel/index.ts';
import type { CallLog } from './call-log.ts';
import type { MortalProcess } from './mortal-process.ts';
import { happensWithin, nextTurn } from './real-turns.ts';
import type { SimulatedClock } from './simulated-clock.ts';

export interface TimeSkipperOptions {
  readonly clock: SimulatedClock;
  readonly process: MortalProcess;
  readonly calls: CallLog;
  readonly patienceMs: number;
  /** False: time moves only where a test moves it. */
  readonly isAutomatic: boolean;
  readonly engine: () => Engine;
}

interface Waiter {
  readonly run: RunId;
  readonly reject: (error: PawlError) => void;
}

/** A workflow that sleeps for ever while a test waits for its end comes to more than this. */
const skipsMost = 20_000;

export class TimeSkipper {
  readonly #options: TimeSkipperOptions;
  readonly #waiters = new Set<Waiter>();
  /** Others who move time; while there are any, it does not move by itself. */
  #hands: Promise<void> = Promise.resolve();
  #isDriving = false;

  constructor(options: TimeSkipperOptions) {
    this.#options = options;
  }

  /** Waits for what a run comes to, and lets time pass for it. */
  async awaiting<T>(run: RunId, comes: () => Promise<T>): Promise<T> {
    const { promise: stuck, reject } = Promise.withResolvers<never>();
    const waiter: Waiter = { run, reject };
    const coming = comes();
    this.#waiters.add(waiter);
    void this.#drive();
    try {
      return await Promise.race([coming, stuck]);
    } finally {
      this.#waiters.delete(waiter);
    }
  }

  /** The process died under those who wait. */
  abandon(): void {
    for (const { run, reject } of [...this.#waiters])
      reject(new PawlError('closed', `the process that drove run "${run}" died; ask the one that took over`));
  }

  /** Moves time to `until`, and lets happen what falls due on the way, each at its own instant. */
  async advanceTo(until: Instant): Promise<void> {
    const before = this.#hands;
    const moved = before.then(() => this.#advanceTo(until));
    this.#hands = moved.catch(() => {});
    await moved;
  }

  async #advanceTo(until: Instant): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      await this.quiet();
      const next = clock.nextTimer();
      if (next === undefined || next > until) break;
      clock.advance(Math.max(0, next - clock.now()));
    }
    clock.advance(Math.max(0, until - clock.now()));
    await this.quiet();
  }

  /** Resolves once nothing can happen any more without time (T1, T2). */
  async quiet(): Promise<void> {
    const { process, calls, engine, patienceMs } = this.#options;
    while (process.isAlive) {
      // An engine that died is never settled.
      await Promise.race([engine().settled(), process.death]);
      const { turns } = process;
      // What a test does next may need a turn or two, such as for the answer to what it asked.
      for (let turn = 0; turn < 3; turn += 1) await nextTurn();
      if (process.turns !== turns) continue;
      if (calls.busy === 0) return;
      if (!(await happensWithin(calls.change(), patienceMs))) return;
    }
  }

  async #drive(): Promise<void> {
    if (this.#isDriving || !this.#options.isAutomatic) return;
    this.#isDriving = true;
    const { clock, process, calls, patienceMs } = this.#options;
    try {
      for (let skips = 0; this.#waiters.size > 0 && process.isAlive; ) {
        await this.#hands;
        await this.quiet();
        if (this.#waiters.size === 0) return;
        const next = clock.nextTimer();
        if (next !== undefined) {
          skips += 1;
          if (skips > skipsMost) return await this.#giveUp(`time moved ${skipsMost} times, and it has not ended`);
          clock.advance(Math.max(0, next - clock.now()));
        } else if (!(await happensWithin(Promise.race([process.stir(), calls.change()]), patienceMs))) {
          return await this.#giveUp('nothing is under way and no time is set');
        }
      }
    } finally {
      this.#isDriving = false;
    }
  }

  async #giveUp(why: string): Promise<void> {
    for (const { run, reject } of [...this.#waiters]) {
      const state = await this.#options.engine().state(run);
      const what = state === undefined ? 'is not there' : standing(state);
      reject(
        new PawlError('timeout', `run "${run}" does not come to an end: ${why}. It ${what}`, { details: { run } }),
      );
    }
  }
}

/** What a run waits for, in words. */
function standing(state: RunState): string {
  if (state.blocked !== undefined) return `is blocked: ${state.blocked}`;
  const open = [...state.open.values()].map(({ spec, asked }) => {
    if (asked !== undefined) return `"${spec.name}" waits for a decision: handle.decide('${spec.name}', …)`;
    if (spec.kind === 'receive') return `waits for the signal "${spec.name}": handle.signal('${spec.name}', …)`;
    if (spec.kind === 'ask') return `"${spec.name}" waits for an answer: handle.answer('${spec.name}', …)`;
    if (spec.kind === 'workflow') return `waits for its sub-workflow "${spec.name}"`;
    return `"${spec.name}" is open`;
  });
  if (open.length > 0) return `is ${shownStatus(state)}: ${open.join('; ')}`;
  return state.style === 'function'
    ? `is ${shownStatus(state)} in a \`waitUntil\` that does not come to hold`
    : `is ${shownStatus(state)}`;
}
