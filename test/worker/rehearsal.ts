/** An executor on simulated time, for tests: attempts are started by hand, time moves when it is told to. */

import {
  type Clock,
  type Instant,
  instantOf,
  type Json,
  parseRunId,
  secretNamesIn,
  type Timers,
} from '../../src/base/index.ts';
import type { AttemptLog, AttemptOrder, LogSink, Outcome } from '../../src/kernel/index.ts';
import type { AnyAction } from '../../src/worker/action.ts';
import { afterBy, type Machine } from '../../src/worker/built-in/machine.ts';
import { InProcessExecutor, type InProcessOptions } from '../../src/worker/in-process-executor.ts';

/** A clock that stands until `advance`, and its timers. */
export class SimulatedTime implements Clock, Timers {
  #now = 0;
  #timers: { readonly at: Instant; readonly callback: () => void }[] = [];

  now(): Instant {
    return instantOf(this.#now);
  }

  at(at: Instant, callback: () => void): () => void {
    const timer = { at, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.length;
  }

  advance(byMs: number): void {
    this.#now += byMs;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { callback } of due.sort((a, b) => a.at - b.at)) callback();
  }
}

/** This machine on simulated time, with an environment of its own. */
export function simulatedMachine(time: SimulatedTime, changes: Partial<Machine> = {}): Machine {
  const environment = { PATH: process.env.PATH };
  return {
    after: afterBy(time, time),
    environment,
    platform: process.platform,
    workingDirectory: process.cwd(),
    ...changes,
  };
}

export interface Started {
  readonly outcome: Promise<Outcome>;
  /** Everything written so far. */
  readonly logs: readonly AttemptLog[];
  /** What its heartbeats said that is to be kept. */
  readonly progress: readonly Json[];
  /** How often it has answered. */
  answers(): number;
  text(stream?: AttemptLog['stream']): string;
}

export class Rehearsal {
  readonly time = new SimulatedTime();
  readonly executor: InProcessExecutor;

  constructor(actions: Iterable<AnyAction>, options: Partial<InProcessOptions> = {}) {
    this.executor = new InProcessExecutor({ actions, clock: this.time, timers: this.time, ...options });
  }

  /** Starts an attempt. `sink` hears what it writes, beside `logs`. */
  start(action: string, input: Json = {}, changes: Partial<AttemptOrder> = {}, sink?: LogSink): Started {
    const logs: AttemptLog[] = [];
    const progress: Json[] = [];
    let answers = 0;
    const outcome = new Promise<Outcome>((resolve) => {
      this.executor.start(
        orderOf(action, input, changes),
        (given) => {
          answers += 1;
          if (given.status !== 'handed_over') resolve(given);
        },
        (log) => {
          logs.push(log);
          return sink?.(log);
        },
        (details) => progress.push(details),
      );
    });
    const text = (stream?: AttemptLog['stream']): string =>
      logs
        .filter((log) => stream === undefined || log.stream === stream)
        .map((log) => log.text)
        .join('');
    return { outcome, logs, progress, answers: () => answers, text };
  }

  /** The outcome of one attempt. */
  outcome(action: string, input: Json = {}, changes: Partial<AttemptOrder> = {}): Promise<Outcome> {
    return this.start(action, input, changes).outcome;
  }

  /** Resolves when a slot has become free. */
  freed(): Promise<void> {
    return new Promise((resolve) => this.executor.onFree(resolve));
  }
}

function orderOf(action: string, input: Json, changes: Partial<AttemptOrder>): AttemptOrder {
  return {
    run: parseRunId('r')!,
    task: 0,
    item: undefined,
    attempt: 1,
    name: 'a',
    timeoutMs: undefined,
    token: 'r~t0~1~0',
    secrets: secretNamesIn(JSON.stringify(input).replaceAll('\\"', '"')),
    action,
    input,
    ...changes,
  };
}
