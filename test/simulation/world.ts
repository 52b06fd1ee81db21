/**
 * One seed: a disk, processes that run the engine on it and die, workers, clients, and whoever breaks things; all in
 * simulated time and in one order.
 *
 * The engine, the kernel, the clock, the timers and the source of ids are those of production. Simulated are what they stand
 * on: time, the end of a turn, the disk, the workers. A process that died is an engine whose ports do nothing any more.
 *
 * Phase 1 breaks things, phase 2 heals them: then every run must end, or wait for what it declared, and is given that.
 */

import { isPawlError, type Json, type JsonObject, type RunId } from '../../src/base/index.ts';
import { Engine, type EngineLimits, stepAction } from '../../src/engine/index.ts';
import { systemClock, systemIds } from '../../src/host/index.ts';
import { timersOver } from '../../src/host/system-timers.ts';
import { type AttemptOrder, encodeEvents, type Outcome, type Refusal, type RunState } from '../../src/kernel/index.ts';
import { MemoryStore, openSqlite, type Store } from '../../src/store/index.ts';
import {
  type AttemptConduct,
  Scheduler,
  SeededRandom,
  SimulatedDisk,
  SimulatedExecutor,
  type StoreConduct,
} from '../../src/testing/simulation.ts';
import { type FaultChoice, type FaultKind, Faults } from './faults.ts';
import { isFinalStatus, Oracle } from './oracle.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { Shadow } from './shadow.ts';
import { allPrograms, functionAt, type KnownWorkflow, simulatedHasher, workflowAt, workflowOf } from './workflows.ts';

export interface SeedOptions extends FaultChoice {
  readonly bug?: PlantedBug | undefined;
  /** At most so many runs are started. */
  readonly runsMax?: number | undefined;
  /** False: no run is one of a durable function. */
  readonly functions?: boolean | undefined;
  /** At most so many requests of each client. */
  readonly requestsMax?: number | undefined;
  /** Hears what happens. */
  readonly trace?: ((line: string) => void) | undefined;
}

export interface SeedReport {
  readonly seed: number;
  /** What was broken; empty where all is well. */
  readonly faults: readonly string[];
  readonly hash: number;
  readonly steps: number;
  readonly events: number;
  readonly bundles: number;
  readonly runs: number;
  readonly simulatedMs: number;
  readonly latenessMaxMs: number;
  /** The faults that struck, as `kind#number`. */
  readonly struck: readonly string[];
  readonly marks: ReadonlyMap<string, number>;
}

/** A process: alive, or dead with all its ports. */
interface Process {
  readonly number: number;
  alive: boolean;
  engine: Engine;
  executor: SimulatedExecutor;
  store: Store;
  readonly anchorMs: number;
  readonly bootedMs: number;
  readonly missing: ReadonlySet<string>;
  /** Called when it dies. */
  readonly onDeath: Set<() => void>;
}

interface PlannedRun {
  readonly id: RunId;
  readonly known: KnownWorkflow;
  readonly pinned: ReadonlyMap<string, KnownWorkflow>;
  readonly input: JsonObject;
  asked: boolean;
}

/** An update that a client asks for; without an id it is another each time. */
interface PlannedUpdate {
  readonly run: RunId;
  readonly id: string | undefined;
  readonly input: JsonObject;
}

type Reply<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'lost' };

const startMs = 1_893_456_000_000;
/** In the healthy phase a timer is never later than this; commits and loads take a part of it. */
const latenessBoundMs = 1_500;
const livenessMs = 4 * 3_600_000;
const stepsBound = 60_000;

export async function simulateSeed(seed: number, options: SeedOptions = {}): Promise<SeedReport> {
  const undo = options.bug?.patch?.();
  try {
    return await new World(seed, options).run();
  } finally {
    undo?.();
  }
}

class World {
  readonly #seed: number;
  readonly #options: SeedOptions;
  readonly #scheduler = new Scheduler();
  readonly #random: SeededRandom;
  readonly #world: SeededRandom;
  readonly #workers: SeededRandom;
  readonly #faults: Faults;
  readonly #oracle: Oracle;
  readonly #shadow: Shadow;
  readonly #marks = new Map<string, number>();
  readonly #limits: Partial<EngineLimits>;
  readonly #slots: number;
  readonly #attemptMs: number;
  readonly #failing: number;
  readonly #fat: boolean;
  readonly #textsFromStore: boolean;
  readonly #runs: PlannedRun[] = [];
  #disk!: SimulatedDisk;
  #process: Process | undefined;
  #processes = 0;
  #diedInARow = 0;
  #wallOffsetMs = 0;
  #restarting = false;
  #healthy = false;
  #requests = 0;
  #pending = new Map<number, string>();
  #over = false;

  constructor(seed: number, options: SeedOptions) {
    this.#seed = seed;
    this.#options = options;
    this.#random = new SeededRandom(seed);
    this.#world = this.#random.stream('world');
    this.#workers = this.#random.stream('workers');
    this.#faults = new Faults(this.#random.stream('faults'), options);
    this.#oracle = new Oracle({
      latestInstant: () => this.#latestInstant(),
      process: () => (this.#process?.alive === true ? this.#process.number : -1),
      mark: (name) => this.mark(name),
      factsOf: (version) => workflowOf(version)?.facts,
    });
    this.#shadow = new Shadow(this.#oracle, allPrograms());
    const draw = this.#random.stream('shape');
    this.#limits = {
      iterations: draw.between(4, 12),
      ...(draw.chance(0.5) ? { waitingKept: draw.below(4) } : {}),
      ...(draw.chance(0.4) ? { inboxMax: draw.between(3, 12) } : {}),
      ...(draw.chance(0.5) ? { stepsMax: draw.between(1, 4) } : {}),
      ...(draw.chance(0.15) ? { durationMs: draw.between(5_000, 60_000) } : {}),
    };
    this.#slots = draw.chance(0.5) ? draw.between(1, 4) : 50;
    this.#attemptMs = draw.pick([5, 50, 400, 1_500]);
    this.#failing = draw.chance(0.5) ? draw.float() * 0.4 : 0.05;
    this.#fat = draw.chance(0.06);
    this.#textsFromStore = draw.chance(0.1);
    const runs = Math.min(draw.between(2, 6), options.runsMax ?? 100);
    for (let index = 0; index < runs; index += 1) this.#planRun(index, draw);
  }

  #planRun(index: number, draw: SeededRandom): void {
    const functions = this.#random.stream(`functions${index}`);
    const isFunction = (chance: number): boolean =>
      functions.chance(chance) && this.#options.functions !== false && this.#options.bug?.functions !== false;
    const depth = draw.pick([0, 0, 1, 1, 2]);
    const pinned = new Map<string, KnownWorkflow>();
    for (let level = 1; level <= depth; level += 1) {
      const place = draw.uint32();
      const child = isFunction(0.3) ? functionAt(level - 1, place) : workflowAt(level - 1, place, true);
      pinned.set(`child${level}.yaml`, child);
    }
    const place = draw.uint32();
    this.#runs.push({
      id: `r${index}` as RunId,
      known: isFunction(0.4) ? functionAt(depth, place) : workflowAt(depth, place, false),
      pinned,
      input: { k: index },
      asked: false,
    });
  }

  mark(name: string): void {
    this.#marks.set(name, (this.#marks.get(name) ?? 0) + 1);
  }

  #trace(line: string): void {
    this.#options.trace?.(`${this.#scheduler.nowMs.toFixed(1).padStart(10)}  ${line}`);
  }

  async run(): Promise<SeedReport> {
    const useSqlite = this.#random.stream('store').chance(0.02);
    if (useSqlite) this.mark('sqlite');
    const made: Store[] = [];
    const make = async (): Promise<Store> => {
      const store = useSqlite ? await openSqlite({ path: ':memory:' }) : new MemoryStore();
      made.push(store);
      return store;
    };
    this.#disk = await SimulatedDisk.create(make, (bundle) => {
      this.#oracle.durable(bundle);
      this.#shadow.durable(bundle);
      if (this.#options.trace !== undefined)
        for (const { run, expected, events, row } of bundle.appends)
          this.#trace(`durable ${run}@${expected} ${events} ${JSON.stringify(row ?? {})}`);
    });
    await this.#boot();
    const clients = this.#world.between(1, 3);
    let working = 0;
    for (let client = 0; client < clients; client += 1) {
      working += 1;
      void this.#client(client).finally(() => {
        working -= 1;
      });
    }
    const faultyMs = this.#world.between(8_000, 40_000);
    this.#nemesis();
    await this.#scheduler.run(faultyMs, () => this.#isStuck());
    this.#heal();
    void this.#tend();
    const endMs = this.#scheduler.nowMs + livenessMs;
    await this.#scheduler.run(endMs, () => this.#isStuck() || (working === 0 && this.#isDone()));
    const doneMs = this.#scheduler.nowMs;
    if (this.#scheduler.steps >= stepsBound) this.#oracle.fault('I10', `nothing came to rest in ${stepsBound} events`);
    this.#over = true;
    await this.#scheduler.run(this.#scheduler.nowMs + 5_000, () => this.#scheduler.steps >= stepsBound + 5_000);
    this.#oracle.assertKept();
    if (this.#oracle.faults.length === 0) this.#oracle.assertEnded();
    if (this.#oracle.faults.length === 0)
      for (const what of this.#pending.values()) this.#oracle.fault('I10', `${what} was never answered`);
    if (this.#oracle.latenessMaxMs > latenessBoundMs)
      this.#oracle.fault('I7', `a timer fired ${this.#oracle.latenessMaxMs} ms late while all was well`);
    await this.#shadow.compareWith(this.#disk.contents);
    if (this.#shadow.snapshots > 0) this.mark('snapshot');
    for (const store of made) await store.close();
    return {
      seed: this.#seed,
      faults: this.#oracle.faults,
      hash: this.#oracle.hash,
      steps: this.#scheduler.steps,
      events: this.#oracle.events,
      bundles: this.#oracle.bundles,
      runs: this.#oracle.runs.size,
      simulatedMs: doneMs,
      latenessMaxMs: this.#oracle.latenessMaxMs,
      struck: this.#faults.happened,
      marks: this.#marks,
    };
  }

  #isStuck(): boolean {
    return this.#scheduler.steps >= stepsBound || this.#oracle.faults.length > 0;
  }

  #isDone(): boolean {
    for (const run of this.#oracle.runs.values()) if (!isFinalStatus(run.status)) return false;
    return this.#pending.size === 0 && this.#disk.unsynced === 0;
  }

  // ---- processes -----------------------------------------------------------------------------------------------

  #latestInstant(): number {
    const process = this.#process;
    if (process === undefined) return startMs;
    return Math.floor(process.anchorMs + this.#scheduler.nowMs - process.bootedMs);
  }

  async #boot(): Promise<void> {
    const { bug } = this.#options;
    this.#processes += 1;
    const number = this.#processes;
    const wallMs = (): number => startMs + this.#scheduler.nowMs + this.#wallOffsetMs;
    const notBefore = await this.#disk.contents.lastInstant();
    const missing = new Set(this.#faults.strikes('action_missing') ? ['work.other'] : []);
    const process: Process = {
      number,
      alive: true,
      engine: undefined as unknown as Engine,
      executor: undefined as unknown as SimulatedExecutor,
      store: undefined as unknown as Store,
      anchorMs: Math.max(wallMs(), notBefore ?? 0),
      bootedMs: this.#scheduler.nowMs,
      missing,
      onDeath: new Set(),
    };
    this.#process = process;
    this.#trace(`process ${number} starts`);
    const sources = { wallMs, monotonicMs: () => this.#scheduler.nowMs, uptimeMs: () => this.#scheduler.nowMs };
    const honest = systemClock({ notBefore, sources });
    const clock = bug?.clock?.({ honest, notBefore, sources }) ?? honest;
    const random = this.#random.stream(`process${number}`);
    const store = this.#disk.open(this.#conductOf(process));
    const { due } = store;
    store.due = async (at, limit) => {
      const rows = await due(at, limit);
      if (rows.length > 0) this.mark('row woken');
      this.#trace(`due: ${rows.map(({ run, dueAt }) => `${run} ${dueAt}`).join(', ')}`);
      return rows;
    };
    process.store = bug?.store?.(store) ?? store;
    const executor = new SimulatedExecutor({
      scheduler: this.#scheduler,
      slots: this.#slots,
      conduct: (order) => {
        if (order.action === stepAction) this.#runStep(process, order);
        return this.#conductAttempt(order);
      },
      has: (action) => action === stepAction || (action.startsWith('work.') && !missing.has(action)),
      isAlive: () => process.alive,
      onStart: (order) => {
        this.#trace(`execute ${order.run} ${order.task}.${order.item ?? ''}@${order.attempt}`);
        this.#oracle.executed(order);
        if (this.#faults.strikes('crash_at_port')) this.#kill(process, 'while dispatching');
      },
      onAnswer: (order, outcome, counts) => {
        this.#trace(
          `answer ${order.run} ${order.task}.${order.item ?? ''}@${order.attempt} ${JSON.stringify(outcome).slice(0, 80)}`,
        );
        this.#oracle.answered(order, outcome);
        if (!counts) this.mark('answered twice');
      },
    });
    process.executor = executor;
    const turns = random.stream('turns');
    const ids = systemIds({ clock, random, generation: process.store.generation });
    process.engine = new Engine({
      store: process.store,
      executor: bug?.executor?.(executor) ?? executor,
      clock,
      timers: timersOver(
        {
          sleep: (callback, delayMs) => {
            const early = turns.chance(0.2) ? 1 : 0;
            const cancel = this.#scheduler.after(delayMs - early + turns.float(), () =>
              this.#inProcess(process, callback),
            );
            return { unref: () => undefined, cancel };
          },
          cancel: (handle) => handle.cancel(),
        },
        clock,
      ),
      turn: {
        end: (callback) => void this.#scheduler.after(turns.float() * 0.4, () => this.#inProcess(process, callback)),
        settled: (callback) => void this.#scheduler.after(0, () => this.#inProcess(process, callback)),
      },
      random,
      ids: {
        runId: () => ids.runId(),
        appendId: () => {
          if (this.#faults.strikes('crash_at_port')) this.#kill(process, 'before a commit');
          return ids.appendId();
        },
      },
      hasher: bug?.hasher?.(simulatedHasher) ?? simulatedHasher,
      logger: { log: (level, message, fields) => this.#logged(process, level, message, fields) },
      limits: this.#limits,
    });
    for (const { known, pinned } of this.#runs)
      for (const { code, workflow } of [known, ...pinned.values()]) {
        if (code !== undefined) process.engine.programs.ofCode(code);
        else if (!this.#textsFromStore) process.engine.programs.keep(workflow);
      }
    bug?.engine?.(process.engine);
    if (this.#faults.strikes('crash_in_recovery'))
      this.#scheduler.after(this.#faults.details('crash_in_recovery').float() * 12, () =>
        this.#kill(process, 'while recovering'),
      );
    process.engine.recover('all').then(
      () => {
        this.#diedInARow = 0;
      },
      (error: unknown) => {
        if (!process.alive) return;
        this.mark('recovery failed');
        this.#trace(`recovery failed: ${String(error)}`);
        this.#kill(process, 'could not recover');
      },
    );
  }

  #inProcess(process: Process, callback: () => void): void {
    if (!process.alive) return;
    if (this.#faults.strikes('crash_at_port')) {
      this.#kill(process, 'before a turn');
      return;
    }
    callback();
  }

  #logged(
    process: Process,
    level: string,
    message: string,
    fields: Readonly<Record<string, unknown>> | undefined,
  ): void {
    if (!process.alive) return;
    this.#trace(`${level}: ${message} ${JSON.stringify(fields ?? {})}`);
    if (message.includes('unknown outcome')) this.mark('unknown outcome');
    else if (message.includes('could not be opened again')) {
      this.mark('engine stopped itself');
      this.#scheduler.after(50, () => this.#kill(process, 'stopped itself'));
    } else if (message.includes('it is asked again')) this.mark('read asked again');
    else if (level === 'error') this.#oracle.fault('N5', `${message} ${JSON.stringify(fields ?? {})}`);
  }

  #kill(process: Process, why: string): void {
    if (!process.alive) return;
    this.#trace(`process ${process.number} dies ${why}`);
    process.alive = false;
    this.#diedInARow += 1;
    this.mark('process died');
    if (this.#diedInARow >= 2) this.mark('died twice in a row');
    for (const listener of process.onDeath) listener();
    process.onDeath.clear();
    this.#scheduleRestart(true);
  }

  #scheduleRestart(cut: boolean): void {
    if (this.#restarting) return;
    this.#restarting = true;
    const delayMs = this.#world.between(5, this.#healthy ? 200 : 3_000);
    this.#scheduler.after(0, () => {
      void (async () => {
        if (cut) {
          const { unsynced } = this.#disk;
          const kept = this.#world.below(unsynced + 1);
          if (kept < unsynced) this.mark('unsynced tail lost');
          if (kept > 0) this.mark('unsynced tail kept');
          if (kept > 0 && kept < unsynced) this.mark('call torn between bundles');
          await this.#disk.cut(kept);
        }
        this.#oracle.assertKept();
        await this.#scheduler.pause(delayMs);
        this.#restarting = false;
        await this.#boot();
      })();
    });
  }

  #conductOf(process: Process): StoreConduct {
    const faults = this.#faults;
    const random = this.#random.stream(`disk${process.number}`);
    return {
      pause: (ms) => new Promise((resolve) => this.#scheduler.after(ms, () => process.alive && resolve())),
      commitDelayMs: () =>
        faults.strikes('slow_commit') ? faults.details('slow_commit').exponential(400) : random.float() * 0.5,
      syncDelayMs: () =>
        faults.strikes('slow_commit') ? faults.details('slow_commit').exponential(400) : random.float() * 2,
      readDelayMs: () => (faults.strikes('slow_read') ? faults.details('slow_read').exponential(30) : 0),
      writeFault: () => {
        if (faults.strikes('store_full')) return 'store_full';
        if (faults.strikes('busy')) return 'busy';
        return faults.strikes('store_failed') ? 'store_failed' : undefined;
      },
      appliedOf: (bundles) => {
        const applied = faults.details('store_failed').below(bundles + 1);
        this.mark(
          applied === bundles ? 'unknown and applied' : applied === 0 ? 'unknown and not applied' : 'unknown and torn',
        );
        return applied;
      },
      readFault: () => (faults.strikes('read_failed') ? 'busy' : undefined),
      reopenFails: () => faults.strikes('reopen_failed'),
      mayDie: (place) => {
        if (!faults.strikes('crash_in_commit')) return false;
        this.mark(`died ${place}`);
        this.#kill(process, place);
        return true;
      },
    };
  }

  /** The closure of a step is found by its call, and says whose it is. */
  #runStep(process: Process, { run, probe, input, ...order }: AttemptOrder): void {
    try {
      const said = process.engine.runStep(run, (input as { call: number }).call, undefined, probe === true);
      this.#oracle.stepRan({ run, probe, input, ...order }, said as Json);
    } catch (error) {
      this.#oracle.fault('F1', `attempt ${order.attempt} of ${order.name} (${run}): ${String(error)}`);
    }
  }

  #conductAttempt({ run, task, item, attempt, probe }: AttemptOrder): AttemptConduct {
    const random = this.#workers;
    const faults = this.#faults;
    const name = `${run} ${task}.${item ?? ''}@${attempt}`;
    const outcome = probe === true ? this.#probeOutcome(name) : this.#outcome(name);
    const slow = faults.strikes('answer_slow') ? faults.details('answer_slow').exponential(4_000) : 0;
    const lost = faults.strikes('answer_lost');
    const doubled = faults.strikes('answer_doubled');
    const ignores = faults.strikes('abort_ignored');
    return {
      outcome,
      afterMs: lost ? undefined : random.exponential(this.#attemptMs) + slow,
      again: doubled
        ? {
            afterMs: faults
              .details('answer_doubled')
              .exponential(faults.details('answer_doubled').pick([20, 500, 3_000])),
            outcome: probe === true ? this.#probeOutcome(`${name} again`) : this.#outcome(`${name} again`),
          }
        : undefined,
      stopsAfterMs: ignores ? undefined : random.float() * 20,
      logs: random.chance(0.05) ? ['a line\n'] : [],
    };
  }

  /** What a probe says of an attempt of which nobody knows. */
  #probeOutcome(name: string): Outcome {
    const random = this.#workers;
    const found = this.#outcome(name);
    if (found.status !== 'succeeded' || random.chance(0.1)) return found;
    if (random.chance(0.4)) return { status: 'succeeded', output: { happened: false } };
    return { status: 'succeeded', output: { happened: true, output: found.output } };
  }

  #outcome(name: string): Outcome {
    const random = this.#workers;
    if (random.chance(this.#failing)) {
      const retryable = random.chance(0.15) ? { retryable: false } : {};
      return { status: 'failed', output: { bad: name }, failure: { kind: 'failed', message: name, ...retryable } };
    }
    if (random.chance(0.25)) return { status: 'succeeded', output: 1 };
    return { status: 'succeeded', output: { by: name, ...(this.#fat ? { fat: 'x'.repeat(9_000) } : {}) } };
  }

  // ---- what breaks ---------------------------------------------------------------------------------------------

  #nemesis(): void {
    if (this.#healthy) return;
    const { strikes } = { strikes: (kind: FaultKind) => this.#faults.strikes(kind) };
    const process = this.#process;
    if (strikes('crash') && process?.alive === true) this.#kill(process, 'just so');
    if (strikes('clock_forward')) this.#jump('clock_forward', 1);
    if (strikes('clock_back')) this.#jump('clock_back', -1);
    if (strikes('foreign_writer')) void this.#foreignWriter();
    if (strikes('burst')) this.#burst();
    if (this.#scheduler.nowMs % 5_000 < 100 && strikes('graceful_restart')) void this.#restartGracefully();
    this.#scheduler.after(100, () => this.#nemesis());
  }

  #jump(kind: 'clock_forward' | 'clock_back', sign: number): void {
    const details = this.#faults.details(kind);
    const ms = details.pick([1_000, 60_000, 3_600_000, 86_400_000]) * details.float();
    this.#wallOffsetMs += sign * Math.floor(ms);
    this.#trace(`the wall clock jumps by ${sign * Math.floor(ms)} ms`);
  }

  /** Somebody else writes to the file: a signal nobody waits for, at the revision the file has. */
  async #foreignWriter(): Promise<void> {
    const details = this.#faults.details('foreign_writer');
    const open = [...this.#oracle.runs.values()].filter(({ status }) => !isFinalStatus(status));
    if (open.length === 0 || this.#process?.alive !== true) return;
    const { id } = details.pick(open);
    const stored = await this.#disk.contents.history(id);
    if (stored === undefined || 'corrupt' in stored || this.#disk.unsynced > 0) return;
    const expected = stored[stored.length - 1]!.to;
    if (expected !== this.#oracle.runs.get(id)!.revision) return;
    const at = (await this.#disk.contents.lastInstant())!;
    const payload = { foreign: true };
    const encoded = encodeEvents([{ type: 'SignalReceived', at, name: 'foreign', payload }], at);
    this.mark('foreign write');
    await this.#disk.apply({
      appendId: `f${this.#scheduler.steps}`,
      appends: [
        {
          run: id,
          expected,
          count: 1,
          at,
          events: encoded.events,
          ...(encoded.payloads === undefined ? {} : { payloads: encoded.payloads }),
        },
      ],
    });
    this.#disk.sync();
  }

  /** Many requests in one instant: no more are taken in than the inbox holds. */
  #burst(): void {
    const process = this.#process;
    if (process?.alive !== true) return;
    const max = this.#limits.inboxMax;
    const run = this.#runs[0]!.id;
    let admitted = 0;
    for (let count = 0; count < 40; count += 1) {
      try {
        // A command of a run that may not be there, which changes nothing.
        process.engine.command(run, { type: 'Advance', revision: -1, directives: [] }).catch(() => undefined);
        admitted += 1;
      } catch (error) {
        if (isPawlError(error) && error.code === 'busy') this.mark('inbox full');
      }
    }
    if (max !== undefined) this.#oracle.burst(admitted, max);
  }

  async #restartGracefully(): Promise<void> {
    const process = this.#process;
    if (process?.alive !== true) return;
    this.#trace('closing');
    const id = this.#ask('a close');
    process.onDeath.add(() => this.#pending.delete(id));
    await process.engine.close(this.#faults.details('graceful_restart').pick([0, 50, 2_000]));
    if (!process.alive) return;
    await process.store.close();
    if (!process.alive) return;
    this.mark('closed gracefully');
    this.#kill(process, 'having been closed');
  }

  #heal(): void {
    this.#trace('---- all is well from here on');
    this.#healthy = true;
    this.#faults.on = false;
    const process = this.#process;
    const needsRestart = process !== undefined && (process.missing.size > 0 || this.#world.chance(0.3));
    if (process?.alive === true) {
      if (needsRestart) this.#kill(process, 'to be healed');
      else process.executor.release();
    }
    this.#scheduler.after(5_000, () => {
      this.#oracle.timelySince = this.#latestInstant();
      this.#process?.executor.release();
    });
  }

  // ---- clients -------------------------------------------------------------------------------------------------

  #ask(what: string): number {
    const id = this.#requests;
    this.#requests += 1;
    this.#pending.set(id, what);
    return id;
  }

  /** Asks the living process, if there is one; a process that dies takes the reply with it. */
  #request<T>(what: string, ask: (engine: Engine) => Promise<T>): Promise<Reply<T>> {
    const process = this.#process;
    if (process?.alive !== true) return Promise.resolve({ kind: 'lost' });
    const id = this.#ask(what);
    return new Promise((resolve) => {
      const finish = (reply: Reply<T>): void => {
        if (!this.#pending.delete(id)) return;
        process.onDeath.delete(died);
        this.#trace(`${what}: ${reply.kind === 'ok' ? 'ok' : reply.kind === 'lost' ? 'lost' : reply.code}`);
        resolve(reply);
      };
      const died = (): void => finish({ kind: 'lost' });
      process.onDeath.add(died);
      const failed = (error: unknown): void => {
        const code = isPawlError(error) ? error.code : 'internal';
        if (process.alive && (code === 'internal' || code === 'store_corrupt'))
          this.#oracle.fault('N5', `${what}: ${String(error)}`);
        this.mark(`refused: ${code}`);
        finish({ kind: 'error', code });
      };
      try {
        ask(process.engine).then((value) => finish({ kind: 'ok', value }), failed);
      } catch (error) {
        failed(error);
      }
    });
  }

  /** Asks until there is an answer that stays one. */
  async #insist<T>(what: string, random: SeededRandom, ask: (engine: Engine) => Promise<T>): Promise<Reply<T>> {
    for (;;) {
      const reply = await this.#request(what, ask);
      if (this.#over) return { kind: 'lost' };
      const again =
        reply.kind === 'lost' ||
        (reply.kind === 'error' && ['busy', 'store_full', 'store_failed', 'closed'].includes(reply.code));
      if (!again) return reply;
      this.mark('asked again');
      await this.#scheduler.pause(random.between(20, 400));
    }
  }

  async #client(client: number): Promise<void> {
    const random = this.#random.stream(`client${client}`);
    const signals = new Map<RunId, number>();
    const acked: { id: string; run: RunId; name: string }[] = [];
    const updates: PlannedUpdate[] = [];
    const requests = Math.min(random.between(5, 40), this.#options.requestsMax ?? 1_000);
    for (let count = 0; count < requests && !this.#healthy && !this.#over; count += 1) {
      await this.#scheduler.pause(random.exponential(random.chance(0.3) ? 20 : 700));
      const planned = this.#runs[Math.min(random.below(this.#runs.length), random.below(this.#runs.length))]!;
      if (!planned.asked || random.chance(0.12)) {
        await this.#start(planned, random);
        continue;
      }
      const run = this.#target(planned.id, random);
      if (this.#oracle.runs.get(run)?.facts?.plan !== undefined && random.chance(0.35)) {
        if (random.chance(0.4)) await this.#query(run, random);
        else void this.#update(client, run, random, updates);
        continue;
      }
      const roll = random.below(100);
      if (roll < 40) await this.#signal(client, run, random, signals, acked);
      else if (roll < 50) await this.#answer(run, random);
      else if (roll < 55) await this.#decide(run, random);
      else if (roll < 63) await this.#command(run, random, 'Pause');
      else if (roll < 72) await this.#command(run, random, 'Resume');
      else if (roll < 77) await this.#command(run, random, 'Cancel');
      else if (roll < 79) await this.#command(run, random, 'Terminate');
      else if (roll < 86) await this.#command(planned.id, random, 'Rerun');
      else if (roll < 95) await this.#look(run, random);
      else this.#watch(run);
    }
  }

  /** The run itself, or one below it. */
  #target(run: RunId, random: SeededRandom): RunId {
    const children = this.#oracle.runs.get(run)?.children ?? [];
    if (children.length === 0 || random.chance(0.6)) return run;
    return this.#target(random.pick(children), random);
  }

  async #start(planned: PlannedRun, random: SeededRandom): Promise<void> {
    const { id, known, pinned } = planned;
    const input = planned.asked && random.chance(0.4) ? { k: -1 } : planned.input;
    if (input === planned.input) planned.asked = true;
    const { version } = known.workflow;
    this.#oracle.startAsked(id, version, input);
    const from = known.facts.from;
    const children = new Map([...pinned].map(([name, { workflow }]) => [name, workflow] as const));
    const request = {
      workflow: known.workflow,
      id,
      input,
      pinned: children,
      ...(from === undefined ? {} : { from }),
    };
    const reply = await this.#insist(`a start of ${id}`, random, (engine) => engine.start(request));
    if (reply.kind === 'ok') {
      this.mark(reply.value.attached ? 'start attached' : 'start');
      this.#oracle.startAnswered(id, version, input);
    } else if (reply.kind === 'error' && reply.code === 'conflict') {
      this.mark('start conflicts');
      this.#oracle.startRefused(id, version, input);
    }
  }

  async #signal(
    client: number,
    run: RunId,
    random: SeededRandom,
    signals: Map<RunId, number>,
    acked: { id: string; run: RunId; name: string }[],
  ): Promise<void> {
    const awaited = this.#oracle.runs.get(run)?.facts?.plan?.signals ?? [];
    let signal = { id: '', run, name: random.pick(['go', 'stop', ...awaited]) };
    if (acked.length > 0 && random.chance(0.2)) {
      signal = random.pick(acked);
      this.mark('signal repeated');
    } else {
      const count = (signals.get(run) ?? 0) + 1;
      signals.set(run, count);
      signal.id = `c${client}:${run}#${count}`;
    }
    const { id, name } = signal;
    const payload = { signal: id };
    this.#oracle.signalSent(id, signal.run, payload);
    const reply = await this.#insist(`signal ${id}`, random, (engine) =>
      engine.command(signal.run, { type: 'Signal', name, payload, id }),
    );
    if (reply.kind !== 'ok') return;
    this.#replied('signal', reply.value);
    this.#oracle.signalAnswered(id, signal.run, reply.value);
    if (reply.value === undefined) acked.push(signal);
  }

  async #command(
    run: RunId,
    random: SeededRandom,
    type: 'Pause' | 'Resume' | 'Cancel' | 'Terminate' | 'Rerun',
  ): Promise<void> {
    const isFunction = this.#oracle.runs.get(run)?.facts?.plan !== undefined;
    const named =
      type === 'Rerun' && isFunction && random.chance(0.5) ? [{ name: String(random.below(8)) }] : undefined;
    const command = type === 'Rerun' ? { type, ...(named === undefined ? {} : { tasks: named }) } : { type };
    const reply = await this.#insist(`${type} of ${run}`, random, (engine) => engine.command(run, command));
    if (reply.kind !== 'ok') return;
    if (isFunction && type === 'Rerun' && reply.value === undefined) this.mark('function run again');
    this.#replied(type, reply.value);
    if (type === 'Cancel' || type === 'Terminate') this.#oracle.cancelAnswered(run, type, reply.value);
  }

  /** Asks for an update, also one that was asked for before. */
  async #update(client: number, run: RunId, random: SeededRandom, asked: PlannedUpdate[]): Promise<void> {
    const again = asked.length > 0 && random.chance(0.25) ? random.pick(asked) : undefined;
    const u = `c${client}u${asked.length}`;
    const update = again ?? {
      run,
      id: random.chance(0.75) ? u : undefined,
      input: { u, ...(random.chance(0.1) ? { odd: true } : {}) },
    };
    if (again !== undefined) this.mark('update repeated');
    else asked.push(update);
    const { id, input } = update;
    const what = `update ${id ?? 'without id'} of ${update.run}`;
    const ask = (engine: Engine): Promise<Json> => engine.update(update.run, 'set', input, id);
    // Without an id it would be handled twice, and that is what somebody who asks twice must expect.
    if (id === undefined && again !== undefined) return;
    const reply = id === undefined ? await this.#request(what, ask) : await this.#insist(what, random, ask);
    if (reply.kind === 'lost') return;
    this.mark(reply.kind === 'ok' ? 'update answered' : `update: ${reply.code}`);
    if (reply.kind === 'ok') this.#oracle.updateAnswered(update.run, id, reply.value);
    else if (reply.code === 'failed') this.#oracle.updateAnswered(update.run, id, undefined);
    else this.#oracle.updateRefused(update.run, id, reply.code);
  }

  async #query(run: RunId, random: SeededRandom): Promise<void> {
    const reply = await this.#insist(`a query of ${run}`, random, (engine) => engine.query(run, 'heard', []));
    if (reply.kind !== 'ok') return;
    this.mark('query answered');
    this.#oracle.queryAnswered(run, reply.value);
  }

  #replied(what: string, refusal: Refusal | undefined): void {
    this.mark(refusal === undefined ? `${what} taken` : `${what} refused: ${refusal.reason}`);
  }

  async #answer(run: RunId, random: SeededRandom): Promise<void> {
    const state = await this.#look(run, random);
    for (const { task, item } of questions(state)) {
      const answer: Json = { answer: `${run} ${task}.${item ?? ''} ${this.#requests}` };
      this.#oracle.answerSent(answer);
      const reply = await this.#request(`an answer to ${run}`, (engine) =>
        engine.command(run, { type: 'Answer', task, item, answer }),
      );
      if (reply.kind !== 'ok') return;
      this.#replied('answer', reply.value);
      if (reply.value === undefined) this.#oracle.answerTaken(run, answer);
      return;
    }
  }

  /** Decides for the tasks of a run that failed for good. */
  async #decide(run: RunId, random: SeededRandom): Promise<void> {
    const state = await this.#look(run, random);
    for (const task of state?.open.values() ?? []) {
      if (task.asked === undefined) continue;
      const choice = random.pick(['retry', 'skip', 'fail'] as const);
      const reply = await this.#request(`a decision for ${run}`, (engine) =>
        engine.command(run, { type: 'Decide', task: task.task, choice }),
      );
      if (reply.kind !== 'ok') return;
      this.#replied(`decision ${choice}`, reply.value);
    }
  }

  async #look(run: RunId, random: SeededRandom): Promise<RunState | undefined> {
    const reply = await this.#insist(`a look at ${run}`, random, async (engine) => {
      const state = await engine.state(run);
      if (state !== undefined) {
        this.#oracle.shown(run, state.revision, state.status);
        this.#shadow.shown(state);
      }
      return state;
    });
    return reply.kind === 'ok' ? reply.value : undefined;
  }

  #watch(run: RunId): void {
    void this.#request(`the result of ${run}`, (engine) => engine.result(run)).then((reply) => {
      if (reply.kind === 'ok') {
        this.mark('result told');
        this.#oracle.resultShown(run, reply.value.status, reply.value.output);
      }
    });
  }

  /** In the healthy phase, gives open runs what they wait for, and lets paused ones go on. */
  async #tend(): Promise<void> {
    const random = this.#random.stream('tend');
    await this.#scheduler.pause(6_000);
    for (let round = 0; !this.#over; round += 1) {
      for (const model of [...this.#oracle.runs.values()]) {
        if (isFinalStatus(model.status) || this.#over) continue;
        if (model.status === 'paused') await this.#command(model.id, random, 'Resume');
        for (const task of [...model.open.values()]) {
          const wait = task.units.find(
            ({ state, wait: one }) => state === 'waiting' && one?.signal !== undefined,
          )?.wait;
          if (wait?.signal === undefined) continue;
          const id = `tend:${model.id}#${round}`;
          const payload = { signal: id };
          const { signal: name } = wait;
          this.#oracle.signalSent(id, model.id, payload);
          const reply = await this.#insist(`signal ${id}`, random, (engine) =>
            engine.command(model.id, { type: 'Signal', name, payload, id }),
          );
          if (reply.kind === 'ok') this.#oracle.signalAnswered(id, model.id, reply.value);
          break;
        }
        if ([...model.open.values()].some(({ asked }) => asked !== undefined)) await this.#decide(model.id, random);
        if ([...model.open.values()].some(({ spec }) => spec.kind === 'ask' || spec.each === 'ask'))
          await this.#answer(model.id, random);
      }
      await this.#scheduler.pause(1_000);
    }
  }
}

/** The tasks of a run that wait for an answer. */
function questions(state: RunState | undefined): { task: number; item: number | undefined }[] {
  const found: { task: number; item: number | undefined }[] = [];
  for (const task of state?.open.values() ?? []) {
    if (task.spec.kind !== 'ask' && task.spec.each !== 'ask') continue;
    for (const item of task.waits?.keys() ?? []) found.push({ task: task.task, item: item < 0 ? undefined : item });
  }
  return found;
}
