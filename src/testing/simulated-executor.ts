/**
 * A worker under a simulation's hand: it answers after simulated time, and sometimes late, twice, or not until it is let.
 *
 * It keeps to the port (X1–X3 of the kernel's `executor.ts`) but for `doubled` and `late` answers, which an engine must
 * bear all the same.
 */

import type { AttemptOrder, Executor, LogSink, Outcome } from '../kernel/index.ts';
import type { Scheduler } from './scheduler.ts';

/** How one attempt goes. Times are in milliseconds. */
export interface AttemptConduct {
  readonly outcome: Outcome;
  /** Undefined: not before `release`. */
  readonly afterMs: number | undefined;
  /** A second, other answer so long after the first. */
  readonly again: { readonly afterMs: number; readonly outcome: Outcome } | undefined;
  /** Asked to stop, it answers canceled after so long; undefined: it goes on as if nobody had asked. */
  readonly stopsAfterMs: number | undefined;
  readonly logs: readonly string[];
}

export interface SimulatedExecutorOptions {
  readonly scheduler: Scheduler;
  readonly slots: number;
  conduct(order: AttemptOrder): AttemptConduct;
  has(action: string): boolean;
  /** False once the process is dead: nothing of it acts any more. */
  isAlive(): boolean;
  onStart?(order: AttemptOrder): void;
  /** Called before the engine hears it. `counts` is false for an answer after the first. */
  onAnswer?(order: AttemptOrder, outcome: Outcome, counts: boolean): void;
}

interface Running {
  readonly order: AttemptOrder;
  readonly stop: () => void;
  readonly release: () => void;
}

export class SimulatedExecutor implements Executor {
  readonly #options: SimulatedExecutorOptions;
  readonly #running = new Set<Running>();
  readonly #onFree: (() => void)[] = [];
  #stopped = false;

  constructor(options: SimulatedExecutorOptions) {
    this.#options = options;
  }

  has(action: string): boolean {
    return this.#options.has(action);
  }

  free(): number {
    return this.#options.slots - this.#running.size;
  }

  onFree(callback: () => void): void {
    this.#onFree.push(callback);
  }

  /** Lets every attempt answer that would never do so by itself. */
  release(): void {
    for (const running of [...this.#running]) running.release();
  }

  start(order: AttemptOrder, done: (outcome: Outcome) => void, log: LogSink): void {
    const { scheduler, isAlive, onStart, onAnswer } = this.#options;
    if (!isAlive()) return;
    onStart?.(order);
    const conduct = this.#options.conduct(order);
    let answers = 0;
    let returned = false;
    const answer = (outcome: Outcome): void => {
      if (!isAlive() || this.#stopped) return;
      answers += 1;
      onAnswer?.(order, outcome, answers === 1);
      done(outcome);
    };
    const handlerReturns = (outcome: Outcome): void => {
      if (returned || !isAlive() || this.#stopped) return;
      returned = true;
      if (answers === 0 || conduct.again !== undefined) answer(outcome);
      this.#running.delete(running);
      const { again } = conduct;
      if (again !== undefined) scheduler.after(again.afterMs, () => answer(again.outcome));
      for (const callback of this.#onFree) callback();
    };
    const running: Running = {
      order,
      stop: () => {
        if (conduct.stopsAfterMs === undefined) return;
        scheduler.after(conduct.stopsAfterMs, () => handlerReturns({ status: 'canceled', output: null }));
      },
      release: () => {
        scheduler.after(1, () => handlerReturns(conduct.outcome));
      },
    };
    this.#running.add(running);
    for (const text of conduct.logs) void log({ stream: 'stdout', text });
    if (conduct.afterMs !== undefined) scheduler.after(conduct.afterMs, () => handlerReturns(conduct.outcome));
    if (order.timeoutMs === undefined) return;
    scheduler.after(order.timeoutMs, () => {
      if (answers > 0 || returned) return;
      const failure = { kind: 'timeout', message: 'the attempt took longer than its limit' };
      answer({ status: 'failed', output: null, failure });
    });
  }

  abort(order: Pick<AttemptOrder, 'run' | 'task' | 'item'>): void {
    for (const running of this.#running) {
      const { run, task, item } = running.order;
      if (run === order.run && task === order.task && item === order.item) running.stop();
    }
  }

  async close(graceMs: number): Promise<void> {
    const { scheduler } = this.#options;
    if (this.#running.size > 0 && graceMs > 0) await scheduler.pause(graceMs);
    this.#stopped = true;
    this.#running.clear();
  }
}
