/** An engine with time that a test moves, over one store that outlives it, and words for what tests of graph runs ask. */

import type { Json, JsonObject, RunId } from '../../src/base/index.ts';
import type { Reply, Request } from '../../src/client/index.ts';
import {
  checkpointsOf,
  connectionTo,
  type EngineLimits,
  type RunResult,
  storedHistory,
} from '../../src/engine/index.ts';
import type { AttemptOrder, Outcome, Recorded, RunState } from '../../src/kernel/index.ts';
import { MemoryStore, type Store } from '../../src/store/index.ts';
import { SimulatedClock } from '../../src/testing/simulation.ts';
import { Harness } from '../engine/harness.ts';

export const succeeded = (output: Json = null): Outcome => ({ status: 'succeeded', output });
export const failed = (message = 'no'): Outcome => ({
  status: 'failed',
  output: null,
  failure: { kind: 'failed', message },
});

/** What the tasks of that name do: one answer for good, or one for each attempt, the last of them again and again. */
export type Script = { readonly [task: string]: Outcome | readonly Outcome[] | 'hold' };

export class World {
  readonly store: Store;
  readonly clock: SimulatedClock;
  readonly limits: Partial<EngineLimits> | undefined;
  /** Attempts in the order they began, by the names of their tasks. */
  readonly began: string[] = [];
  readonly orders: AttemptOrder[] = [];
  script: Script = {};
  /** Answers those that the script does not name; undefined: hold them all. */
  others: ((order: AttemptOrder) => Outcome | undefined) | undefined = () => succeeded();
  harness: Harness;
  #lives = 0;

  constructor({
    store = new MemoryStore(),
    script = {},
    limits,
  }: { store?: Store; script?: Script; limits?: Partial<EngineLimits> } = {}) {
    this.store = store;
    this.clock = new SimulatedClock();
    this.limits = limits;
    this.script = script;
    this.harness = this.#open();
  }

  #open(): Harness {
    this.#lives += 1;
    const options = {
      clock: this.clock,
      ids: this.#lives,
      ...(this.limits === undefined ? {} : { limits: this.limits }),
    };
    const harness = new Harness(this.store, options);
    harness.executor.answers = (order) => this.#answer(order);
    return harness;
  }

  #answer(order: AttemptOrder): Outcome | undefined {
    const before = this.began.filter((name) => name === order.name).length;
    this.began.push(order.name);
    this.orders.push(order);
    const told = this.script[order.name];
    if (told === 'hold') return undefined;
    if (told === undefined) return this.others?.(order);
    if (!Array.isArray(told)) return told as Outcome;
    return told[Math.min(before, told.length - 1)] as Outcome;
  }

  async start(text: string, options: { input?: JsonObject; id?: string; children?: { [name: string]: string } } = {}) {
    const run = await this.harness.start(text, options);
    await this.harness.settle();
    return run;
  }

  settle(): Promise<void> {
    return this.harness.settle();
  }

  advance(ms: number): Promise<void> {
    return this.harness.advance(ms);
  }

  /** The process dies and another takes the store up. */
  async reload(): Promise<void> {
    await this.harness.engine.close();
    this.harness = this.#open();
    await this.harness.engine.recover('all');
    await this.harness.settle();
  }

  async complete(task: string, output: Json = null): Promise<void> {
    this.harness.executor.complete(task, output);
    await this.settle();
  }

  async fail(task: string): Promise<void> {
    this.harness.executor.fail(task);
    await this.settle();
  }

  get running(): string[] {
    return this.harness.executor.names;
  }

  async ask(request: Request): Promise<Reply> {
    const reply = await connectionTo(this.harness.engine).ask(request);
    await this.settle();
    return reply;
  }

  decide(run: RunId, task: string, choice: 'retry' | 'skip' | 'fail', output?: Json): Promise<Reply> {
    return this.ask({ op: 'decide', run, task, choice, ...(output === undefined ? {} : { output }) });
  }

  async fork(run: RunId, at: number): Promise<RunId> {
    const reply = await this.ask({ op: 'fork', run, at });
    if (!reply.ok) throw new Error(reply.message);
    return reply.forked!.run as RunId;
  }

  async state(run: RunId): Promise<RunState> {
    const state = await this.harness.engine.state(run);
    if (state === undefined) throw new Error(`there is no run ${run}`);
    return state;
  }

  async status(run: RunId): Promise<string> {
    return (await this.state(run)).status;
  }

  /** How the run ended; throws where it has not. */
  async ended(run: RunId): Promise<RunResult> {
    const state = await this.state(run);
    if (state.endedAt === undefined) throw new Error(`the run is ${state.status}; running: ${this.running.join(', ')}`);
    return this.harness.result(run);
  }

  async errors(run: RunId): Promise<string[]> {
    return (await this.state(run)).errors.list.map(({ kind }) => kind);
  }

  history(run: RunId): Promise<readonly Recorded[]> {
    return storedHistory(run, this.store);
  }

  async checkpoints(run: RunId) {
    return checkpointsOf(run, this.store);
  }

  /** How each task that was scheduled has ended, by name. */
  async outcomes(run: RunId): Promise<{ [name: string]: string }> {
    const names = new Map<number, string>();
    const found: { [name: string]: string } = {};
    for (const event of await this.history(run)) {
      if (event.type === 'TaskScheduled') names.set(event.task, event.spec.name);
      if (event.type === 'TaskEnded')
        found[names.get(event.task)!] = event.dropped === true ? 'dropped' : event.outcome.status;
    }
    return found;
  }
}

/** Drives one document to its end where nothing holds it. */
export async function driven(text: string, script: Script = {}, input: JsonObject = {}) {
  const world = new World({ script });
  const run = await world.start(text, { input });
  return { world, run, result: await world.ended(run), outcomes: await world.outcomes(run) };
}
