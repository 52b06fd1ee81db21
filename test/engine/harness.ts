/** An engine over any store, with time that a test moves, and actions that a test answers by hand. */

import type { Json, JsonObject, RunId } from '../../src/base/index.ts';
import { Engine, type EngineLimits, type RetentionPeriods, type RunResult } from '../../src/engine/index.ts';
import { systemHasher, systemIds, systemRandom, systemTurn } from '../../src/host/index.ts';
import type { AttemptOrder, Executor, Outcome } from '../../src/kernel/index.ts';
import type { Store } from '../../src/store/index.ts';
import { SimulatedClock } from '../../src/testing/simulation.ts';

/** Holds every attempt until the test answers it. */
export class ManualExecutor implements Executor {
  readonly running: { order: AttemptOrder; done: (outcome: Outcome) => void }[] = [];
  readonly aborted: string[] = [];
  /** Answers an attempt at once, if it gives an outcome. */
  answers: ((order: AttemptOrder) => Outcome | undefined) | undefined;
  slots = 1_000;
  actions: (action: string) => boolean = () => true;
  readonly #onFree: (() => void)[] = [];

  has(action: string): boolean {
    return this.actions(action);
  }

  free(): number {
    return this.slots - this.running.length;
  }

  start(order: AttemptOrder, done: (outcome: Outcome) => void): void {
    const outcome = this.answers?.(order);
    if (outcome === undefined) this.running.push({ order, done });
    else void Promise.resolve().then(() => done(outcome));
  }

  abort({ task, item }: { task: number; item: number | undefined }): void {
    this.aborted.push(item === undefined ? String(task) : `${task}.${item}`);
  }

  onFree(callback: () => void): void {
    this.#onFree.push(callback);
  }

  async close(): Promise<void> {}

  /** The handlers of all attempts return, and nobody hears of it: their slots are free. */
  letGo(): void {
    this.running.length = 0;
    for (const callback of this.#onFree) callback();
  }

  /** Ends the oldest running attempt of a task. */
  complete(name: string, output: Json = null): void {
    this.end(name, { status: 'succeeded', output });
  }

  fail(name: string, message = 'no'): void {
    this.end(name, { status: 'failed', output: null, failure: { kind: 'failed', message } });
  }

  end(name: string, outcome: Outcome): void {
    const index = this.running.findIndex(({ order }) => order.name === name);
    if (index === -1)
      throw new Error(`no attempt of ${name} runs; running: ${this.running.map(({ order }) => order.name).join(', ')}`);
    const [{ done }] = this.running.splice(index, 1) as [(typeof this.running)[number]];
    done(outcome);
    for (const callback of this.#onFree) callback();
  }

  get names(): string[] {
    return this.running.map(({ order }) => order.name);
  }
}

export class Harness {
  readonly store: Store;
  readonly clock: SimulatedClock;
  readonly executor = new ManualExecutor();
  readonly engine: Engine;
  readonly logs: string[] = [];

  constructor(
    store: Store,
    options: {
      clock?: SimulatedClock;
      limits?: Partial<EngineLimits>;
      ids?: number;
      retention?: RetentionPeriods;
    } = {},
  ) {
    this.store = store;
    this.clock = options.clock ?? new SimulatedClock();
    const random = systemRandom();
    this.engine = new Engine({
      store,
      executor: this.executor,
      clock: this.clock,
      timers: this.clock,
      turn: systemTurn(),
      random,
      ids: systemIds({ clock: this.clock, random, generation: options.ids ?? store.generation }),
      hasher: systemHasher(),
      logger: { log: (level, message) => void this.logs.push(`${level}: ${message}`) },
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      ...(options.retention === undefined ? {} : { retention: options.retention }),
    });
  }

  async start(
    text: string,
    { input, id, children }: { input?: JsonObject; id?: string; children?: { [name: string]: string } } = {},
  ): Promise<RunId> {
    const workflow = this.engine.programs.ofText(text, 'workflow');
    const pinned = new Map(
      Object.entries(children ?? {}).map(([name, child]) => [name, this.engine.programs.ofText(child, name)]),
    );
    const { run } = await this.engine.start({
      workflow,
      pinned,
      ...(input === undefined ? {} : { input }),
      ...(id === undefined ? {} : { id: id as RunId }),
    });
    return run;
  }

  /** Lets everything happen that can happen without time passing. */
  async settle(): Promise<void> {
    for (let rounds = 0; rounds < 20; rounds += 1) {
      await this.engine.settled();
      this.clock.advance(0);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.settle();
  }

  async status(run: RunId): Promise<string | undefined> {
    return (await this.engine.state(run))?.status;
  }

  result(run: RunId): Promise<RunResult> {
    return this.engine.result(run);
  }
}
