/**
 * An engine for tests: in memory, on a clock that stands until it is moved, with mocks in place of what reaches outside. Everything
 * else is that of production: a run that passes here went through the same engine.
 *
 * Time moves by itself while a test awaits what a run comes to, so that a year of sleeping takes milliseconds; `advance` moves it by
 * hand, for looking in between.
 */

import {
  type Instant,
  instantOf,
  type Json,
  type Logger,
  PawlError,
  parseDuration,
  type RunId,
} from '../base/index.ts';
import { type AnyWorkflowInCode, Pawl, type World } from '../create-pawl.ts';
import { Engine, type EngineLimits, type EngineOptions, type RunResult } from '../engine/index.ts';
import type { RetentionOption } from '../retention-option.ts';
import { MemoryStore, type Store } from '../store/index.ts';
import type { AnyAction, InProcessExecutor, SecretSource } from '../worker/index.ts';
import { Awaited } from './awaited.ts';
import { type Call, CallLog } from './call-log.ts';
import { type Mock, Mocks } from './mock.ts';
import { MortalProcess } from './mortal-process.ts';
import { handlerUnder, missingAction, observed } from './observed-workers.ts';
import { realTurn } from './real-turns.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { TimeSkipper } from './time-skipper.ts';

export interface TestPawlOptions {
  readonly workflows?: Iterable<AnyWorkflowInCode>;
  readonly actions?: Iterable<AnyAction>;
  /** What stands in for steps, tasks and actions, by their names. An action that only has a mock need not be there. */
  readonly mocks?: Readonly<Record<string, Mock>>;
  /** When it begins: a date, its ISO text, or milliseconds since the epoch. Default 2030-01-01T00:00:00Z. */
  readonly now?: Date | string | number;
  /** What ids, seeds and jitter are drawn from: the same seed gives the same. Default 0. */
  readonly seed?: number;
  /** False: time moves only by `advance`. Default true. */
  readonly skipTime?: boolean;
  /**
   * Milliseconds of real time after which a run that nothing moves is given up, and an attempt that does not end is taken for one that
   * waits for its timeout. Default 1,000.
   */
  readonly patienceMs?: number;
  readonly secrets?: SecretSource;
  /** How long ended runs stay. Default `forever`: a test that skips a year looks at them afterwards. */
  readonly retention?: RetentionOption;
  readonly limits?: Partial<EngineLimits>;
  /** Attempts at once; default 100. */
  readonly concurrency?: number;
  readonly logger?: Logger;
}

/** What outlives a crash of the process: the disk, the clock, and what the test has put around it. */
export interface Surroundings {
  readonly store: Store;
  readonly clock: SimulatedClock;
  readonly random: SeededRandom;
  readonly mocks: Mocks;
  readonly calls: CallLog;
}

/** Opens an engine in memory on a clock of its own. */
export async function createTestPawl(options: TestPawlOptions = {}): Promise<TestPawl> {
  return new TestPawl(options, surroundingsOf(options));
}

/** @throws PawlError `bad_input`: `now` is no time. */
export function surroundingsOf({ now, seed = 0, mocks = {} }: TestPawlOptions): Surroundings {
  return {
    store: new MemoryStore(),
    clock: now === undefined ? new SimulatedClock() : new SimulatedClock(instantFrom(now)),
    random: new SeededRandom(seed),
    mocks: new Mocks(mocks),
    calls: new CallLog(),
  };
}

class TestEngine extends Engine {
  readonly #skipper: TimeSkipper;

  constructor(options: EngineOptions, skipper: TimeSkipper) {
    super(options);
    this.#skipper = skipper;
  }

  override result(run: RunId): Promise<RunResult> {
    const result = super.result(run);
    return new Awaited(() => this.#skipper.awaiting(run, () => result));
  }

  /** What is asked is asked now; time passes for the answer once somebody waits for it. */
  override update(run: RunId, name: string, input: Json, id?: string): Promise<Json> {
    const answer = super.update(run, name, input, id);
    answer.catch(() => {});
    return new Awaited(() => this.#skipper.awaiting(run, () => answer));
  }
}

export class TestPawl extends Pawl {
  readonly #options: TestPawlOptions;
  readonly #surroundings: Surroundings;
  readonly #process: MortalProcess;
  readonly #skipper: TimeSkipper;

  constructor(options: TestPawlOptions, surroundings: Surroundings, process = new MortalProcess()) {
    const { clock, calls } = surroundings;
    const { patienceMs = 1_000, skipTime: isAutomatic = true } = options;
    let engine: Engine | undefined;
    const skipper = new TimeSkipper({ clock, process, calls, patienceMs, isAutomatic, engine: () => engine! });
    super(options, {
      ...worldOf(surroundings, process),
      engineOf: ({ retention, idleTimers: _, ...given }) => {
        // Removing runs that ended is for idle moments of real time; here it has moments of simulated time, if any.
        const removal = options.retention === undefined || retention === undefined ? {} : { retention };
        engine = new TestEngine({ ...given, ...removal }, skipper);
        return engine;
      },
    });
    this.#options = options;
    this.#surroundings = surroundings;
    this.#process = process;
    this.#skipper = skipper;
  }

  /** The time it is for the workflows, in milliseconds since the epoch. */
  get now(): Instant {
    return this.#surroundings.clock.now();
  }

  /**
   * Moves time: seconds, or text such as `30d`. What falls due on the way happens at its own instant, and what follows from it.
   *
   * @throws PawlError `bad_input`: it is no duration.
   */
  async advance(duration: number | string): Promise<void> {
    const ms = parseDuration(duration);
    if (ms === undefined)
      throw new PawlError(
        'bad_input',
        `time cannot move by ${JSON.stringify(duration)}; write seconds, or text such as 30s, 5m, 2h, 30d`,
      );
    await this.#skipper.advanceTo(instantOf(this.now + ms));
  }

  /** Moves time to a date. @throws PawlError `bad_input`: it is none, or it is past. */
  async advanceTo(when: Date | string | number): Promise<void> {
    const until = instantFrom(when);
    if (until < this.now)
      throw new PawlError(
        'bad_input',
        `time cannot move back to ${new Date(until).toISOString()}; it is ${new Date(this.now).toISOString()}`,
      );
    await this.#skipper.advanceTo(until);
  }

  /** Resolves once everything has happened that can without time. */
  quiet(): Promise<void> {
    return this.#skipper.quiet();
  }

  /** What steps, tasks and actions of that name, or all, were asked to do, mocked or not, in the order they began. */
  calls(name?: string): readonly Call[] {
    const { calls } = this.#surroundings;
    return name === undefined ? calls.all : calls.of(name);
  }

  /** What they were given. */
  inputs(name: string): readonly Json[] {
    return this.calls(name).map(({ input }) => input);
  }

  /**
   * The process dies: what was not committed is lost. Another takes up all open runs from the same store, at the same time of day,
   * with the same mocks, and, if given, with other code.
   */
  async crash(changes: Pick<TestPawlOptions, 'workflows' | 'actions'> = {}): Promise<TestPawl> {
    this.#process.kill();
    this.#surroundings.calls.cutOff();
    this.#skipper.abandon();
    // A new opening: what it appends must not pass for what the dead one did.
    await this.#surroundings.store.reopen();
    const next = new TestPawl({ ...this.#options, ...changes }, this.#surroundings);
    await next.resume();
    return next;
  }

  override async close(graceMs = 0): Promise<void> {
    if (this.#process.isAlive) await super.close(graceMs);
  }
}

function worldOf({ store, clock, random, mocks, calls }: Surroundings, process: MortalProcess): World {
  return {
    store: process.store(store),
    clock,
    timers: process.timers(clock),
    turn: process.turn(realTurn),
    random,
    executorOver: (workers: InProcessExecutor) => {
      const missing = mocks.names.filter((name) => !workers.has(name));
      workers.provide(new Map(missing.map((name) => [name, missingAction(name)])));
      return process.workers(observed(workers, calls));
    },
    handlerOver: handlerUnder(mocks, calls),
  };
}

function instantFrom(when: Date | string | number): Instant {
  const ms = new Date(when).getTime();
  if (Number.isFinite(ms)) return instantOf(ms);
  throw new PawlError(
    'bad_input',
    `${JSON.stringify(when)} is no time; write a date, or text such as 2030-01-31T12:00:00Z`,
  );
}
